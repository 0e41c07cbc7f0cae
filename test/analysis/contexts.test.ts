import assert from 'node:assert/strict';
import { analyze, initSql } from '../analysis-host';

const DB = `import { PrismaClient } from '@prisma/client'; export const db = new PrismaClient();`;
const LOOP = (handle: string): string => `for (const id of ids) await ${handle}.user.findFirst({ where: { id } });`;

const TRPC = {
  'db.ts': DB,
  'trpc.ts': `import { initTRPC } from '@trpc/server'; import { db } from './db';
    export const createContext = async (opts: { headers: Headers }) => { return { db, ...opts }; };
    const t = initTRPC.context<typeof createContext>().create();
    export const router = t.router;
    export const publicProcedure = t.procedure;
    const timed = t.middleware(async ({ next }) => next());
    export const protectedProcedure = t.procedure.use(timed).use(({ ctx, next }) => { if (!ctx.headers) throw new Error(); return next({ ctx: { session: 1 } }); });`,
};

/** Each asks once per element; where the handle comes from, or how the function is reached, is what differs. */
const FOUND: Record<string, Record<string, string>> = {
  'tRPC: the context of a procedure': {
    ...TRPC,
    'main.ts': `import { z } from 'zod'; import { publicProcedure, router } from './trpc'; export const users = router({ all: publicProcedure.input(z.array(z.number())).query(async ({ ctx, input: ids }) => { ${LOOP('ctx.db')} }) });`,
  },
  'tRPC: the context behind middleware': {
    ...TRPC,
    'main.ts': `import { protectedProcedure, router } from './trpc'; export const users = router({ all: protectedProcedure.mutation(async ({ ctx, input: ids }) => { ${LOOP('ctx.db')} }) });`,
  },
  'tRPC: the context type in a variable': {
    'db.ts': DB,
    'trpc.ts': `import { initTRPC } from '@trpc/server'; import { db } from './db'; function createInner() { return { db }; } export async function createContext() { return createInner(); } type Context = Awaited<ReturnType<typeof createContext>>; const t = initTRPC.context<Context>().meta<{}>().create({ transformer: {} }); export const procedure = t.procedure;`,
    'main.ts': `import { procedure } from './trpc'; export const all = procedure.query(async (opts) => { const { ids } = opts.input; const { db } = opts.ctx; ${LOOP('db')} });`,
  },
  'tRPC: a handle that middleware adds': {
    'db.ts': DB,
    'trpc.ts': `import { initTRPC } from '@trpc/server'; import { db } from './db'; const t = initTRPC.context<{ user: string }>().create(); export const withDb = t.procedure.use(async ({ ctx, next }) => next({ ctx: { ...ctx, db } }));`,
    'main.ts': `import { withDb } from './trpc'; export const all = withDb.input(String).query(async ({ ctx: { db }, input: ids }) => { ${LOOP('db')} });`,
  },
  'tRPC: a handle that named middleware adds': {
    'db.ts': DB,
    'trpc.ts': `import { initTRPC } from '@trpc/server'; import { db } from './db'; const t = initTRPC.create(); const withDb = t.middleware(async (opts) => { return opts.next({ ctx: { prisma: db } }); }); export const procedure = t.procedure.use(withDb);`,
    'main.ts': `import { procedure } from './trpc'; export const all = procedure.query(async ({ ctx, input: ids }) => { ${LOOP('ctx.prisma')} });`,
  },
  'Express: a request that is declared to have it': {
    'db.ts': DB,
    'types.d.ts': `import type { PrismaClient } from '@prisma/client'; declare global { namespace Express { interface Request { db: PrismaClient } } }`,
    'main.ts': `import express from 'express'; const app = express(); app.get('/', async (req, res) => { const ids = req.body; ${LOOP('req.db')} });`,
  },
  'Express: a typed request': {
    'main.ts': `import type { Request, Response } from 'express'; import type { PrismaClient } from '@prisma/client'; interface WithDb extends Request { db: PrismaClient } export async function all(req: WithDb, res: Response) { const ids = req.body; ${LOOP('req.db')} }`,
  },
  'Express: what is put into the request': {
    'main.ts': `import express from 'express'; ${DB} const app = express(); app.use((req, res, next) => { req.db = db; next(); }); app.get('/', async (req, res) => { const ids = req.body; ${LOOP('req.db')} });`,
  },
  'Express: app.locals': {
    'main.ts': `import express from 'express'; ${DB} const app = express(); app.locals.db = db; app.get('/', async (req, res) => { const ids = req.body; ${LOOP('req.app.locals.db')} });`,
  },
  'Express: res.locals, in another file': {
    'server.ts': `import express from 'express'; ${DB} import { all } from './main'; const app = express(); app.use((req, res, next) => { res.locals.db = db; next(); }); app.get('/', all);`,
    'main.ts': `import type { Request, Response } from 'express'; export async function all(req: Request, res: Response) { const ids = req.body; ${LOOP('res.locals.db')} }`,
  },
  'Express: app.set and app.get': {
    'main.ts': `import express from 'express'; ${DB} const app = express(); app.set('db', db); app.get('/', async (req, res) => { const ids = req.body; const db = req.app.get('db'); ${LOOP('db')} });`,
  },
  'Fastify: a decoration that is declared': {
    'types.d.ts': `import type { PrismaClient } from '@prisma/client'; declare module 'fastify' { interface FastifyInstance { db: PrismaClient } }`,
    'main.ts': `import type { FastifyInstance } from 'fastify'; export async function routes(app: FastifyInstance) { app.get('/', async (request) => { const ids = request.body; ${LOOP('app.db')} }); }`,
  },
  'Fastify: the server of a request': {
    'plugin.ts': `import fp from 'fastify-plugin'; ${DB} export default fp(async (fastify) => { fastify.decorate('db', db); });`,
    'main.ts': `import Fastify from 'fastify'; import plugin from './plugin'; const app = Fastify(); app.register(plugin); app.get('/', async (request) => { const ids = request.body; ${LOOP('request.server.db')} });`,
  },
  'Fastify: a decoration by another file': {
    'plugin.ts': `import type { FastifyInstance } from 'fastify'; ${DB} export async function plugin(fastify: FastifyInstance) { fastify.decorate('db', db); }`,
    'main.ts': `import type { FastifyInstance } from 'fastify'; export async function routes(fastify: FastifyInstance) { fastify.get('/', async (request) => { const ids = request.body; ${LOOP('fastify.db')} }); }`,
  },
  'Hono: c.get': {
    'main.ts': `import { Hono } from 'hono'; import type { PrismaClient } from '@prisma/client'; const app = new Hono<{ Variables: { db: PrismaClient } }>(); app.get('/', async (c) => { const ids = await c.req.json(); ${LOOP(`c.get('db')`)} });`,
  },
  'Hono: c.var': {
    'main.ts': `import { Hono } from 'hono'; import type { PrismaClient } from '@prisma/client'; type Env = { Variables: { db: PrismaClient } }; export const app = new Hono<Env>().get('/', async (c) => { const ids = await c.req.json(); ${LOOP('c.var.db')} });`,
  },
  'Hono: a typed context': {
    'env.ts': `import type { PrismaClient } from '@prisma/client'; export interface Env { Variables: { db: PrismaClient } }`,
    'main.ts': `import type { Context } from 'hono'; import type { Env } from './env'; export const all = async (c: Context<Env>) => { const ids = await c.req.json(); const db = c.get('db'); ${LOOP('db')} };`,
  },
  'Hono: what middleware sets': {
    'main.ts': `import { Hono } from 'hono'; ${DB} const app = new Hono(); app.use(async (c, next) => { c.set('db', db); await next(); }); app.get('/', async (c) => { const ids = await c.req.json(); ${LOOP('c.var.db')} });`,
  },
  'Koa: ctx.state': {
    'main.ts': `import Koa from 'koa'; ${DB} const app = new Koa(); app.use(async (ctx, next) => { ctx.state.db = db; await next(); }); app.use(async (ctx) => { const ids = ctx.request.body; ${LOOP('ctx.state.db')} });`,
  },
  'Koa: ctx itself': {
    'app.ts': `import Koa from 'koa'; ${DB} const app = new Koa(); app.context.db = db;`,
    'main.ts': `import Router from '@koa/router'; const router = new Router(); router.get('/', async (ctx) => { const ids = ctx.request.body; ${LOOP('ctx.db')} });`,
  },
  '@fastify/postgres': {
    'main.ts': `import Fastify from 'fastify'; import postgres from '@fastify/postgres'; const app = Fastify(); app.register(postgres, { connectionString: 'postgres://localhost/shop' }); app.get('/', async (request) => { const ids = request.body; for (const id of ids) await app.pg.query('SELECT 1 FROM users WHERE id = $1', [id]); });`,
  },
  '@fastify/postgres: a client, in a plugin': {
    'server.ts': `import postgres from '@fastify/postgres'; import Fastify from 'fastify'; import { routes } from './main'; const app = Fastify(); app.register(postgres); app.register(routes);`,
    'main.ts': `import type { FastifyInstance } from 'fastify'; export async function routes(app: FastifyInstance) { app.get('/', async (request) => { const client = await request.server.pg.connect(); try { for (const id of request.body) await client.query('SELECT 1 FROM users WHERE id = $1', [id]); } finally { client.release(); } }); }`,
  },
  'Hono: variables that are declared for all': {
    'types.d.ts': `import type { PrismaClient } from '@prisma/client'; declare module 'hono' { interface ContextVariableMap { db: PrismaClient } }`,
    'main.ts': `import { createMiddleware } from 'hono/factory'; import { Hono } from 'hono'; const app = new Hono(); app.get('/', async (c) => { const ids = await c.req.json(); const { db } = c.var; ${LOOP('db')} });`,
  },
  'GraphQL: a typed context': {
    'main.ts': `import type { PrismaClient } from '@prisma/client'; interface Context { db: PrismaClient } export const resolvers = { Query: { all: async (_: unknown, { ids }: { ids: number[] }, { db }: Context) => { ${LOOP('db')} } } };`,
  },
  'GraphQL: a context type from its factory': {
    'context.ts': `${DB} export const createContext = async () => ({ db }); export type Context = Awaited<ReturnType<typeof createContext>>;`,
    'main.ts': `import type { Context } from './context'; export const resolvers = { Query: { all: async (_: unknown, { ids }: { ids: number[] }, ctx: Context) => { ${LOOP('ctx.db')} } } };`,
  },
  'a generator that asks per yield': {
    'main.ts': `${DB} async function* users(ids: number[]) { for (const id of ids) yield await db.user.findFirst({ where: { id } }); } export async function f(ids: number[]) { for await (const user of users(ids)) console.log(user); }`,
  },
  'a generator that yields promises': {
    'main.ts': `${DB} export function* users(ids: number[]) { for (const id of ids) yield db.user.findFirst({ where: { id } }); }`,
  },
  'a loop over a generator': {
    'main.ts': `${DB} async function* ids() { yield* [1, 2].map(Number); } export async function f() { for await (const id of ids()) await db.user.findFirst({ where: { id } }); }`,
  },
  'a default import of an object': {
    'db.ts': `${DB} export default { db };`,
    'main.ts': `import shared from './db'; export async function f(ids: number[]) { ${LOOP('shared.db')} }`,
  },
  'a dynamic import': {
    'db.ts': DB,
    'main.ts': `export async function f(ids: number[]) { const { db } = await import('./db'); ${LOOP('db')} }`,
  },
  'a dynamic import of a function': {
    'db.ts': `${DB} export default async function load(id: number) { return db.user.findFirst({ where: { id } }); }`,
    'main.ts': `export async function f(ids: number[]) { const load = (await import('./db')).default; for (const id of ids) await load(id); }`,
  },
  'a dynamic import with then': {
    'db.ts': DB,
    'main.ts': `export async function f(ids: number[]) { for (const id of ids) await import('./db').then(({ db }) => db.user.findFirst({ where: { id } })); }`,
  },
  'a closure that is made for a handle': {
    'loader.ts': `import type { PrismaClient } from '@prisma/client'; export const makeLoader = (db: PrismaClient) => async (id: number) => db.user.findFirst({ where: { id } });`,
    'main.ts': `import { makeLoader } from './loader'; ${DB} const load = makeLoader(db); export async function f(ids: number[]) { for (const id of ids) await load(id); }`,
  },
  'an object of closures': {
    'users.ts': `import type { PrismaClient } from '@prisma/client'; export function createUsers(db: PrismaClient) { const find = (id: number) => db.user.findFirst({ where: { id } }); return { find, async rename(id: number) { return find(id); } }; }`,
    'main.ts': `import { createUsers } from './users'; ${DB} const users = createUsers(db); export async function f(ids: number[]) { for (const id of ids) await users.rename(id); }`,
  },
  'an object literal of functions': {
    'users.ts': `${DB} export const users = { find: async (id: number) => db.user.findFirst({ where: { id } }), async both(id: number) { return this.find(id); } };`,
    'main.ts': `import { users } from './users'; export async function f(ids: number[]) { for (const id of ids) await users.both(id); }`,
  },
  'a static method': {
    'users.ts': `${DB} export class Users { static async find(id: number) { return Users.one(id); } private static one(id: number) { return db.user.findFirst({ where: { id } }); } }`,
    'main.ts': `import { Users } from './users'; export async function f(ids: number[]) { for (const id of ids) await Users.find(id); }`,
  },
  'a mixin': {
    'main.ts': `${DB} type Constructor = new (...args: any[]) => object; function WithUsers<T extends Constructor>(Base: T) { return class extends Base { async find(id: number) { return db.user.findFirst({ where: { id } }); } }; } class Api extends WithUsers(Object) { async f(ids: number[]) { for (const id of ids) await this.find(id); } }`,
  },
  'Promise.allSettled': {
    'main.ts': `${DB} export const f = (ids: number[]) => Promise.allSettled(ids.map((id) => db.user.findFirst({ where: { id } })));`,
  },
  'promises that are gathered for Promise.allSettled': {
    'main.ts': `${DB} export async function f(ids: number[]) { const all: Promise<unknown>[] = []; for (const id of ids) all.push(db.user.findFirst({ where: { id } })); return Promise.allSettled(all); }`,
  },
  'recursion over a tree': {
    'main.ts': `${DB} interface Node { id: number; children: Node[] } export async function walk(nodes: Node[]) { for (const node of nodes) { await db.user.findFirst({ where: { id: node.id } }); await walk(node.children); } }`,
  },
  'a list that a function makes of its own lists': {
    'main.ts': `${DB} interface Node { id: number; left?: Node } const nodes = (node?: Node): Node[] => (node ? [...nodes(node.left), node] : []); export async function f(root: Node) { for (const node of nodes(root)) await db.user.findFirst({ where: { id: node.id } }); }`,
  },
  'a batch function of a DataLoader that loops': {
    'main.ts': `import DataLoader from 'dataloader'; ${DB} export const loader = new DataLoader(async (ids: readonly number[]) => Promise.all(ids.map((id) => db.user.findFirst({ where: { id } }))));`,
  },
};

/** Each asks once, or of something that is no database. */
const SILENT: Record<string, Record<string, string>> = {
  'tRPC: a context without a handle': {
    'trpc.ts': `import { initTRPC } from '@trpc/server'; const t = initTRPC.context<{ cache: Map<string, string> }>().create(); export const procedure = t.procedure;`,
    'main.ts': `import { procedure } from './trpc'; export const all = procedure.query(async ({ ctx, input: ids }) => { ${LOOP('ctx.db')} });`,
  },
  'Express: another property of the request': {
    'main.ts': `import express from 'express'; ${DB} const app = express(); app.use((req, res, next) => { req.db = db; next(); }); app.get('/', async (req, res) => { const ids = req.body; ${LOOP('req.cache')} });`,
  },
  'Fastify: another decoration': {
    'plugin.ts': `import type { FastifyInstance } from 'fastify'; ${DB} export async function plugin(fastify: FastifyInstance) { fastify.decorate('db', db); fastify.decorate('cache', new Map()); }`,
    'main.ts': `import type { FastifyInstance } from 'fastify'; export async function routes(fastify: FastifyInstance) { fastify.get('/', async (request) => { const ids = request.body; ${LOOP('fastify.cache')} }); }`,
  },
  'Hono: another variable': {
    'main.ts': `import { Hono } from 'hono'; import type { PrismaClient } from '@prisma/client'; const app = new Hono<{ Variables: { db: PrismaClient; cache: Map<string, string> } }>(); app.get('/', async (c) => { const ids = await c.req.json(); ${LOOP(`c.get('cache')`)} });`,
  },
  'loads of a DataLoader in a loop': {
    'main.ts': `import DataLoader from 'dataloader'; ${DB} const loader = new DataLoader(async (ids: readonly number[]) => { const rows = await db.user.findMany({ where: { id: { in: [...ids] } } }); const byId = new Map(rows.map((row) => [row.id, row])); return ids.map((id) => byId.get(id)); }); export const f = (ids: number[]) => Promise.all(ids.map((id) => loader.load(id))); export async function g(ids: number[]) { for (const id of ids) await loader.load(id); }`,
  },
  'one query before the yields': {
    'main.ts': `${DB} export async function* users(ids: number[]) { const rows = await db.user.findMany({ where: { id: { in: ids } } }); for (const row of rows) yield row; }`,
  },
  'a function that is made in a loop and not called': {
    'main.ts': `${DB} const makeLoader = (id: number) => async () => db.user.findFirst({ where: { id } }); export const f = (ids: number[]) => ids.map((id) => makeLoader(id));`,
  },
};

describe('handles in contexts, and ways to functions', () => {
  before(initSql);

  for (const [name, files] of Object.entries(FOUND)) {
    it(`are followed: ${name}`, () => {
      const { findings, failures, syntaxErrors } = analyze(files);
      assert.deepEqual([failures, syntaxErrors], [[], []]);
      assert.deepEqual(findings.map(({ rule, file }) => [rule, file]), [['n-plus-one', 'main.ts']]);
    });
  }

  it('are followed to values that are written in another module', () => {
    const { findings, failures } = analyze({
      'touch.ts': `export const values = 1; export const other = 2; export const touch = { data: { seen: true } };`,
      'main.ts': `import { touch } from './touch'; ${DB} export async function f(ids: number[]) { for (const id of ids) await db.user.update({ ...touch, where: { id } }); }`,
    }, { confidence: 'low' });
    assert.deepEqual([findings.map(({ rule, confidence }) => [rule, confidence]), failures], [[['sequential-write', 'low']], []]);
  });

  for (const [name, files] of Object.entries(SILENT)) {
    it(`lead to no finding: ${name}`, () => {
      const { findings, failures, syntaxErrors } = analyze(files);
      assert.deepEqual([findings.map(({ rule }) => rule), failures, syntaxErrors], [[], [], []]);
    });
  }
});
