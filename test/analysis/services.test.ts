import assert from 'node:assert/strict';
import { detect, extractFacts, Program } from '../../src/analysis';
import { analyze, initSql } from '../analysis-host';

const PRISMA = `import { PrismaClient } from '@prisma/client';\nexport const prisma = new PrismaClient();\n`;
const find = (client: string): string => `return ${client}.user.findFirst({ where: { id } });`;
const LOOP = `async f(ids: number[]) { for (const id of ids) await this.users.find(id); }`;

/** Each program asks once per element through a service; how the service comes to its caller is what differs. */
const FOUND: Record<string, Record<string, string>> = {
  'an abstract method that a subclass implements': {
    'base.ts': `export abstract class Base { abstract load(id: number): Promise<unknown>; async all(ids: number[]) { for (const id of ids) await this.load(id); } }`,
    'users.ts': `import { Base } from './base'; ${PRISMA} export class Users extends Base { load(id: number) { ${find('prisma')} } }`,
  },
  'a template method that a subclass overrides': {
    'main.ts': `${PRISMA} class Base { async load(id: number): Promise<unknown> { throw new Error("overridden below"); } async all(ids: number[]) { for (const id of ids) await this.load(id); } } export class Users extends Base { override async load(id: number) { ${find('prisma')} } }`,
  },
  'a call of the base class': {
    'main.ts': `${PRISMA} class Base { async load(id: number): Promise<unknown> { ${find('prisma')} } } export class Users extends Base { override async load(id: number) { return super.load(id + 1); } async all(ids: number[]) { for (const id of ids) await super.load(id); } }`,
  },
  'an interface with one class that implements it': {
    'port.ts': `export interface UserRepository { find(id: number): Promise<unknown> }`,
    'adapter.ts': `import type { UserRepository } from './port'; ${PRISMA} export class PrismaUsers implements UserRepository { async find(id: number) { ${find('prisma')} } }`,
    'main.ts': `import type { UserRepository } from './port'; export class Api { constructor(private readonly users: UserRepository) {} ${LOOP} }`,
  },
  'an interface with several classes that all ask': {
    'port.ts': `export interface Users { find(id: number): Promise<unknown> }`,
    'a.ts': `import type { Users } from './port'; ${PRISMA} export class A implements Users { async find(id: number) { ${find('prisma')} } }`,
    'b.ts': `import type { Users } from './port'; import { prisma } from './a'; export class B implements Users { async find(id: number) { ${find('prisma')} } }`,
    'main.ts': `import type { Users } from './port'; export class Api { constructor(private readonly users: Users) {} ${LOOP} }`,
  },
  'an abstract class as a type': {
    'port.ts': `export abstract class Users { abstract find(id: number): Promise<unknown> }`,
    'adapter.ts': `import { Users } from './port'; ${PRISMA} export class PrismaUsers extends Users { async find(id: number) { ${find('prisma')} } }`,
    'main.ts': `import { Users } from './port'; export class Api { constructor(private readonly users: Users) {} ${LOOP} }`,
  },
  'a constructor parameter that is assigned to a field': {
    'users.ts': `${PRISMA} export class Users { find(id: number) { ${find('prisma')} } }`,
    'main.ts': `import { Users } from './users'; export class Api { users; constructor(users: Users) { this.users = users; } ${LOOP} }`,
  },
  'an options object of the constructor': {
    'users.ts': `${PRISMA} export class Users { find(id: number) { ${find('prisma')} } }`,
    'main.ts': `import { Users } from './users'; interface Options { users: Users } export class Api { private readonly users: Users; constructor({ users }: Options) { this.users = users; } ${LOOP} } export class Other { constructor(private readonly options: Options) {} async f(ids: number[]) { for (const id of ids) console.log(id); } }`,
  },
  'NestJS, by class': {
    'users.ts': `import { Injectable } from '@nestjs/common'; import { PrismaService } from './prisma.service'; @Injectable() export class Users { constructor(private readonly prisma: PrismaService) {} find(id: number) { ${find('this.prisma')} } }`,
    'prisma.service.ts': `import { Injectable } from '@nestjs/common'; import { PrismaClient } from '@prisma/client'; @Injectable() export class PrismaService extends PrismaClient { async onModuleInit() { await this.$connect(); } }`,
    'main.ts': `import { Injectable } from '@nestjs/common'; import { Users } from './users'; @Injectable() export class Api { constructor(private readonly users: Users) {} ${LOOP} }`,
  },
  'NestJS, by a token with useClass': {
    'users.ts': `${PRISMA} export class PrismaUsers { find(id: number) { ${find('prisma')} } }`,
    'tokens.ts': `export const USERS = Symbol('USERS'); export type Users = any;`,
    'module.ts': `import { Module } from '@nestjs/common'; import { USERS } from './tokens'; import { PrismaUsers } from './users'; @Module({ providers: [{ provide: USERS, useClass: PrismaUsers }] }) export class UsersModule {}`,
    'main.ts': `import { Inject } from '@nestjs/common'; import { USERS, type Users } from './tokens'; export class Api { constructor(@Inject(USERS) private readonly users: Users) {} ${LOOP} }`,
  },
  'NestJS, by a string token with useFactory': {
    'db.module.ts': `import { Module } from '@nestjs/common'; import { drizzle } from 'drizzle-orm/node-postgres'; @Module({ providers: [{ provide: 'DB', useFactory: async () => { const url = 'x'; return drizzle(url); } }], exports: ['DB'] }) export class DbModule {}`,
    'main.ts': `import { Inject } from '@nestjs/common'; import { eq } from 'drizzle-orm'; import { users } from './schema'; export class Api { constructor(@Inject('DB') private db) {} async f(ids: number[]) { for (const id of ids) await this.db.select().from(users).where(eq(users.id, id)); } }`,
  },
  'NestJS, by a provider in a variable, into a property': {
    'pg.provider.ts': `import { Pool } from 'pg'; export const PG = 'PG'; export const pgProvider = { provide: PG, useValue: new Pool() };`,
    'main.ts': `import { Inject } from '@nestjs/common'; import { PG } from './pg.provider'; export class Api { @Inject(PG) private readonly pool: any; async f(ids: number[]) { for (const id of ids) await this.pool.query('SELECT 1 FROM t WHERE id = $1', [id]); } }`,
  },
  'NestJS, by useExisting': {
    'module.ts': `import { Module } from '@nestjs/common'; ${PRISMA} export class Users { find(id: number) { ${find('prisma')} } } @Module({ providers: [Users, { provide: 'USERS', useExisting: Users }] }) export class UsersModule {}`,
    'main.ts': `import { Inject } from '@nestjs/common'; export class Api { constructor(@Inject('USERS') private readonly users) {} ${LOOP} }`,
  },
  'NestJS, by the module reference': {
    'users.ts': `${PRISMA} export class Users { find(id: number) { ${find('prisma')} } }`,
    'main.ts': `import { ModuleRef } from '@nestjs/core'; import { Users } from './users'; export class Api { constructor(private ref: ModuleRef) {} async f(ids: number[]) { const users = this.ref.get(Users, { strict: false }); for (const id of ids) await users.find(id); } }`,
  },
  'Inversify': {
    'types.ts': `export const TYPES = { Users: Symbol.for('Users'), Db: Symbol.for('Db') };`,
    'port.ts': `export interface Users { find(id: number): Promise<unknown> }`,
    'users.ts': `import { injectable } from 'inversify'; ${PRISMA} @injectable() export class PrismaUsers { async find(id: number) { ${find('prisma')} } }`,
    'container.ts': `import { Container } from 'inversify'; import { TYPES } from './types'; import type { Users } from './port'; import { PrismaUsers } from './users'; const container = new Container(); container.bind<Users>(TYPES.Users).to(PrismaUsers).inSingletonScope(); export { container };`,
    'main.ts': `import { inject } from 'inversify'; import { TYPES } from './types'; import type { Users } from './port'; export class Api { constructor(@inject(TYPES.Users) private users: Users) {} ${LOOP} }`,
  },
  'Inversify, into a property and from the container': {
    'types.ts': `export const TYPES = { Pool: Symbol.for('Pool') };`,
    'container.ts': `import { Container } from 'inversify'; import { Pool } from 'pg'; import { TYPES } from './types'; export const container = new Container(); container.bind(TYPES.Pool).toConstantValue(new Pool());`,
    'main.ts': `import { inject } from 'inversify'; import { TYPES } from './types'; export class Api { @inject(TYPES.Pool) private readonly pool!: unknown; async f(ids: number[]) { for (const id of ids) await this.pool.query('SELECT 1 FROM t WHERE id = $1', [id]); } }`,
  },
  'tsyringe': {
    'users.ts': `import { singleton } from 'tsyringe'; ${PRISMA} @singleton() export class Users { find(id: number) { ${find('prisma')} } }`,
    'main.ts': `import { container } from 'tsyringe'; import { Users } from './users'; export async function f(ids: number[]) { const users = container.resolve(Users); for (const id of ids) await users.find(id); }`,
  },
  'tsyringe, by a token': {
    'users.ts': `${PRISMA} export class PrismaUsers { find(id: number) { ${find('prisma')} } }`,
    'register.ts': `import { container } from 'tsyringe'; import { PrismaUsers } from './users'; container.register('Users', { useClass: PrismaUsers });`,
    'main.ts': `import { inject } from 'tsyringe'; interface IUsers { find(id: number): Promise<unknown> } export class Api { constructor(@inject('Users') private users: IUsers) {} ${LOOP} }`,
  },
  'tsyringe, registered as a singleton and resolved by a token': {
    'users.ts': `${PRISMA} export class PrismaUsers { find(id: number) { ${find('prisma')} } }`,
    'register.ts': `import { container } from 'tsyringe'; import { PrismaUsers } from './users'; container.registerSingleton<unknown>('Users', PrismaUsers);`,
    'main.ts': `import { container } from 'tsyringe'; export async function f(ids: number[]) { const users = container.resolve<unknown>('Users'); for (const id of ids) await users.find(id); }`,
  },
  'TypeDI': {
    'users.ts': `import { Service } from 'typedi'; ${PRISMA} @Service() export class Users { find(id: number) { ${find('prisma')} } }`,
    'main.ts': `import { Container } from 'typedi'; import { Users } from './users'; export async function f(ids: number[]) { for (const id of ids) await Container.get(Users).find(id); }`,
  },
  'a hand-made container': {
    'users.ts': `import type { PrismaClient } from '@prisma/client'; export class Users { constructor(private readonly prisma: PrismaClient) {} find(id: number) { ${find('this.prisma')} } }`,
    'container.ts': `import { Users } from './users'; ${PRISMA} export function createContainer() { const users = new Users(prisma); return { users, now: () => Date.now() }; } export type Container = ReturnType<typeof createContainer>;`,
    'main.ts': `import type { Container } from './container'; export const f = ({ users }: Container) => async (ids: number[]) => { for (const id of ids) await users.find(id); };`,
  },
  'a class of getters': {
    'main.ts': `${PRISMA} class Users { find(id: number) { ${find('prisma')} } } class Services { #users?: Users; get users() { return (this.#users ??= new Users()); } } const services = new Services(); export async function f(ids: number[]) { for (const id of ids) await services.users.find(id); }`,
  },
  'a singleton with getInstance': {
    'main.ts': `${PRISMA} class Users { private static instance: Users; static getInstance(): Users { if (!Users.instance) Users.instance = new Users(); return Users.instance; } find(id: number) { ${find('prisma')} } } export async function f(ids: number[]) { for (const id of ids) await Users.getInstance().find(id); }`,
  },
  'a factory that returns an object of functions': {
    'users.ts': `import type { PrismaClient } from '@prisma/client'; export const createUsers = (prisma: PrismaClient) => ({ find: async (id: number) => { ${find('prisma')} } }); export type Users = ReturnType<typeof createUsers>;`,
    'main.ts': `import type { Users } from './users'; export async function f(users: Users, ids: number[]) { for (const id of ids) await users.find(id); }`,
  },
  'an object of functions that satisfies an interface': {
    'users.ts': `${PRISMA} interface Users { find(id: number): Promise<unknown> } export const users = { async find(id) { ${find('prisma')} } } satisfies Users;`,
    'main.ts': `import { users } from './users'; export async function f(ids: number[]) { for (const id of ids) await users.find(id); }`,
  },
  'an object of functions under an interface': {
    'users.ts': `${PRISMA} interface Users { find(id: number): Promise<unknown> } export const users: Users = { async find(id) { ${find('prisma')} } };`,
    'main.ts': `import { users } from './users'; export async function f(ids: number[]) { for (const id of ids) await users.find(id); }`,
  },
  'this of an object of functions': {
    'main.ts': `${PRISMA} export const users = { async find(id: number) { ${find('prisma')} }, async all(ids: number[]) { for (const id of ids) await this.find(id); } };`,
  },
  'spread objects of functions': {
    'users.ts': `${PRISMA} const reads = { async find(id: number) { ${find('prisma')} } }; export const users = { ...reads, now: () => 1 };`,
    'main.ts': `import { users } from './users'; export async function f(ids: number[]) { for (const id of ids) await users.find(id); }`,
  },
  'a namespace import': {
    'users.ts': `${PRISMA} export const find = (id: number) => { ${find('prisma')} };`,
    'main.ts': `import * as users from './users'; export async function f(ids: number[]) { for (const id of ids) await users.find(id); }`,
  },
  'a namespace that is exported by a barrel': {
    'users/find.ts': `${PRISMA} export default async function (id: number) { ${find('prisma')} }`,
    'users/index.ts': `export { default as find } from './find';`,
    'index.ts': `export * as users from './users'; import * as orders from './users'; export { orders };`,
    'main.ts': `import { users, orders } from './index'; export async function f(ids: number[]) { for (const id of ids) await orders.find(id); }`,
  },
  'a default export of an object': {
    'users.ts': `${PRISMA} const find = async (id: number) => { ${find('prisma')} }; export default { find };`,
    'main.ts': `import users from './users'; export async function f(ids: number[]) { for (const id of ids) await users.find(id); }`,
  },
  'a default export of an instance': {
    'users.ts': `${PRISMA} class Users { async find(id: number) { ${find('prisma')} } } export default new Users();`,
    'main.ts': `import users from './users'; export async function f(ids: number[]) { for (const id of ids) await users.find(id); }`,
  },
  'a dynamic import': {
    'users.ts': `${PRISMA} export const find = (id: number) => { ${find('prisma')} };`,
    'main.ts': `export async function f(ids: number[]) { const { find } = await import('./users'); for (const id of ids) await find(id); }`,
  },
  'a dynamic import of a default': {
    'users.ts': `${PRISMA} export default async function find(id: number) { ${find('prisma')} }`,
    'main.ts': `export async function f(ids: number[]) { const users = await import('./users'); for (const id of ids) await users.default(id); }`,
  },
  'a dynamic import with then': {
    'users.ts': `${PRISMA} export const find = (id: number) => { ${find('prisma')} };`,
    'main.ts': `export async function f(ids: number[]) { for (const id of ids) await import('./users').then(({ find }) => find(id)); }`,
  },
  'require of a module that assigns its exports': {
    'users.js': `const { Pool } = require('pg'); const pool = new Pool(); exports.find = (id) => pool.query('SELECT 1 FROM t WHERE id = $1', [id]);`,
    'main.js': `const users = require('./users.js'); exports.f = async (ids) => { for (const id of ids) await users.find(id); };`,
  },
  'require of a module that is a function': {
    'find.js': `const { Pool } = require('pg'); const pool = new Pool(); module.exports = (id) => pool.query('SELECT 1 FROM t WHERE id = $1', [id]);`,
    'main.js': `const find = require('./find.js'); module.exports = async (ids) => { for (const id of ids) await find(id); };`,
  },
  'currying': {
    'main.ts': `${PRISMA} const finder = (table: string) => async (id: number) => { ${find('prisma')} }; export async function f(ids: number[]) { for (const id of ids) await finder('users')(id); }`,
  },
  'a curried function that is kept': {
    'main.ts': `import type { PrismaClient } from '@prisma/client'; export const finder = (db: PrismaClient) => (id: number) => { ${find('db')} }; export async function f(db: PrismaClient, ids: number[]) { const find = finder(db); await Promise.all(ids.map(find)); }`,
  },
  'a bound method': {
    'main.ts': `${PRISMA} export class Users { constructor() { this.find = this.find.bind(this); } async find(id: number) { ${find('prisma')} } async all(ids: number[]) { const find = this.find.bind(this); return Promise.all(ids.map(find)); } }`,
  },
  'a method reference, bound where it is given': {
    'main.ts': `${PRISMA} export class Users { async find(id: number) { ${find('prisma')} } all(ids: number[]) { return Promise.all(ids.map(this.find.bind(this))); } }`,
  },
  'a method reference with a this argument': {
    'main.ts': `${PRISMA} export class Users { async find(id: number) { ${find('prisma')} } all(ids: number[]) { return Promise.all(ids.map(this.find, this)); } }`,
  },
  'call and apply': {
    'main.ts': `${PRISMA} async function load(id: number) { ${find('prisma')} } export async function f(ids: number[]) { for (const id of ids) await load.call(null, id); }`,
  },
  'a function that is handed to a helper with a loop': {
    'each.ts': `export async function each<T>(list: T[], run: (one: T) => Promise<unknown>) { for (const one of list) await run(one); }`,
    'main.ts': `import { each } from './each'; ${PRISMA} async function load(id: number) { ${find('prisma')} } export const f = (ids: number[]) => each(ids, load);`,
  },
  'a function that is called through a helper without a loop': {
    'retry.ts': `export async function retry<T>(run: () => Promise<T>): Promise<T> { try { return await run(); } catch { return run(); } }`,
    'main.ts': `import { retry } from './retry'; ${PRISMA} const first = (id: number) => { ${find('prisma')} }; export async function f(ids: number[]) { for (const id of ids) await retry(() => first(id)); }`,
  },
  'a helper with overloads': {
    'main.ts': `${PRISMA} export function load(id: number): Promise<unknown>; export function load(id: string): Promise<unknown>; export async function load(id: any) { ${find('prisma')} } export async function f(ids: number[]) { for (const id of ids) await load(id); }`,
  },
  'a mixin': {
    'main.ts': `${PRISMA} class Base {} const Loads = (B: typeof Base) => class extends B { find(id: number) { ${find('prisma')} } }; export class Users extends Loads(Base) { async all(ids: number[]) { for (const id of ids) await this.find(id); } }`,
  },
  'a partial of a service': {
    'main.ts': `${PRISMA} class Users { find(id: number) { ${find('prisma')} } } type Deps = Pick<{ users: Users; other: string }, 'users'>; export class Api { constructor(private deps: Deps) {} async f(ids: number[]) { for (const id of ids) await this.deps.users.find(id); } }`,
  },
  'an optional service': {
    'main.ts': `${PRISMA} class Users { find(id: number) { ${find('prisma')} } } export async function f(users: Users | undefined, ids: number[]) { for (const id of ids) await users?.find(id); }`,
  },
};

/** Nothing here is known to ask once per element. */
const SILENT: Record<string, Record<string, string>> = {
  'an interface that a class without a database implements too': {
    'port.ts': `export interface Users { find(id: number): Promise<unknown> }`,
    'a.ts': `import type { Users } from './port'; ${PRISMA} export class A implements Users { async find(id: number) { ${find('prisma')} } }`,
    'b.ts': `import type { Users } from './port'; export class B implements Users { async find(id: number) { return new Map([[1, 1]]).get(id); } }`,
    'main.ts': `import type { Users } from './port'; export class Api { constructor(private readonly users: Users) {} ${LOOP} }`,
  },
  'an abstract method that some subclasses implement in memory': {
    'main.ts': `${PRISMA} abstract class Base { abstract load(id: number): Promise<unknown>; async all(ids: number[]) { for (const id of ids) await this.load(id); } } export class A extends Base { async load(id: number) { ${find('prisma')} } } export class B extends Base { async load(id: number) { return id; } }`,
  },
  'an interface of the same name in another file': {
    'port.ts': `export interface Users { find(id: number): Promise<unknown> }`,
    'a.ts': `import type { Users } from './port'; ${PRISMA} export class A implements Users { async find(id: number) { ${find('prisma')} } }`,
    'main.ts': `interface Users { find(id: number): unknown } export class Api { constructor(private readonly users: Users) {} ${LOOP} }`,
  },
  'a token that is bound to something in memory': {
    'tokens.ts': `export const USERS = Symbol('USERS');`,
    'module.ts': `import { USERS } from './tokens'; export class MemoryUsers { find(id: number) { return id; } } export const provider = { provide: USERS, useClass: MemoryUsers };`,
    'main.ts': `import { Inject } from '@nestjs/common'; import { USERS } from './tokens'; export class Api { constructor(@Inject(USERS) private readonly users) {} ${LOOP} }`,
  },
  'a token that is bound twice, once to something in memory': {
    'tokens.ts': `export const USERS = Symbol('USERS');`,
    'module.ts': `import { USERS } from './tokens'; ${PRISMA} export class MemoryUsers { find(id: number) { return id; } } export class Users { find(id: number) { ${find('prisma')} } } export const a = { provide: USERS, useClass: MemoryUsers }; export const b = { provide: USERS, useClass: Users };`,
    'main.ts': `import { Inject } from '@nestjs/common'; import { USERS } from './tokens'; export class Api { constructor(@Inject(USERS) private readonly users) {} ${LOOP} }`,
  },
  'a container of another kind': {
    'users.ts': `${PRISMA} export class Users { find(id: number) { ${find('prisma')} } }`,
    'main.ts': `import { container } from './dom'; import { Users } from './users'; export function f(ids: number[]) { for (const id of ids) container.resolve(Users, id); }`,
    'dom.ts': `export const container = { resolve(a: unknown, id: number) { return id; } };`,
  },
  'a bound method that asks nothing': {
    'main.ts': `export class Users { async find(id: number) { return id; } all(ids: number[]) { return Promise.all(ids.map(this.find.bind(this))); } }`,
  },
  'a function that a helper keeps for later': {
    'later.ts': `const kept: unknown[] = []; export function later(run: unknown) { kept.push(run); }`,
    'main.ts': `import { later } from './later'; ${PRISMA} export async function f(ids: number[]) { for (const id of ids) later(() => { ${find('prisma')} }); }`,
  },
};

describe('services', () => {
  before(initSql);

  for (const [name, files] of Object.entries(FOUND)) {
    it(`are followed through ${name}`, () => {
      const { findings, failures, syntaxErrors } = analyze(files);
      assert.deepEqual([failures, syntaxErrors], [[], []]);
      assert.deepEqual(findings.map(({ rule }) => rule), ['n-plus-one']);
    });
  }

  it('are judged anew when a file that nobody imports says what implements them', () => {
    const asks = `${PRISMA} import type { Users } from './port'; export class PrismaUsers implements Users { async find(id: number) { ${find('prisma')} } }`;
    const silent = `import type { Users } from './port'; export class PrismaUsers implements Users { async find(id: number) { return id; } }`;
    const texts: Record<string, string> = { 'port.ts': 'export interface Users { find(id: number): Promise<unknown> }', 'main.ts': `import type { Users } from './port'; export class Api { constructor(private readonly users: Users) {} ${LOOP} }` };
    const program = new Program({ resolve: (_, specifier) => (`${specifier.slice(2)}.ts` in texts ? `${specifier.slice(2)}.ts` : undefined) }, () => ({ reactCompiler: 'off' }));
    for (const [file, text] of Object.entries(texts)) program.update(extractFacts(file, text));
    const found = (): number => detect(program, 'main.ts').detections.length;
    assert.equal(found(), 0);
    for (const [text, count] of [[asks, 1], [silent, 0], [asks, 1]] as const) {
      assert.ok(program.update(extractFacts('adapter.ts', text)).includes('main.ts'));
      assert.equal(found(), count);
    }
    assert.ok(program.remove('adapter.ts').includes('main.ts'));
    assert.equal(found(), 0);
  });

  for (const [name, files] of Object.entries(SILENT)) {
    it(`stay silent: ${name}`, () => {
      const { findings, failures, syntaxErrors } = analyze(files);
      assert.deepEqual([failures, syntaxErrors], [[], []]);
      assert.deepEqual(findings.map(({ message }) => message), []);
    });
  }
});
