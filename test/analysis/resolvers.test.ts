import assert from 'node:assert/strict';
import { analyze, initSql } from '../analysis-host';

const PRISMA = `import { PrismaClient } from '@prisma/client';\nconst prisma = new PrismaClient();\nconst postsOf = (id: number) => prisma.post.findMany({ where: { authorId: id }, take: 5 });\n`;

/** Each runs a query per parent row. */
const FOUND: Record<string, string> = {
  'a resolver map': `export const resolvers = { Query: { users: () => prisma.user.findMany({ take: 9 }) }, User: { posts: (user) => postsOf(user.id) } };`,
  'a resolver map with the context\'s handle': `interface Context { db: PrismaClient } export const resolvers = { Mutation: {}, User: { posts: async (parent, args, ctx: Context) => ctx.db.post.findMany({ where: { authorId: parent.id }, take: 5 }) } };`,
  'a resolve property': `export const resolvers = { Query: {}, User: { posts: { resolve: (user) => postsOf(user.id) } } };`,
  'a map of one type, typed by graphql-codegen': `import type { UserResolvers } from './generated'; export const User: UserResolvers = { posts: ({ id }) => postsOf(id) };`,
  'a whole map, typed by graphql-codegen': `import type { Resolvers } from './generated'; export const resolvers: Resolvers = { User: { posts: ({ id }) => postsOf(id) } };`,
  'NestJS': `import { Parent, ResolveField, Resolver } from '@nestjs/graphql'; import { User } from './user'; @Resolver(() => User) export class Users { @ResolveField(() => [Object]) posts(@Parent() user: User) { return postsOf(user.id); } }`,
  'TypeGraphQL': `import { FieldResolver, Resolver, Root } from 'type-graphql'; import { User } from './user'; @Resolver(User) export class Users { @FieldResolver() posts(@Root() user: User) { return postsOf(user.id); } }`,
  'Pothos': `import SchemaBuilder from '@pothos/core'; const builder = new SchemaBuilder({}); builder.objectType('User', { fields: (t) => ({ posts: t.field({ type: ['Post'], resolve: (user) => postsOf(user.id) }) }) });`,
  'a Pothos field of a Prisma object': `import SchemaBuilder from '@pothos/core'; const builder = new SchemaBuilder({}); builder.prismaObject('User', { fields: (t) => ({ posts: t.prismaField({ resolve: (query, user) => postsOf(user.id) }) }) });`,
  'Nexus': `import { objectType } from 'nexus'; export const User = objectType({ name: 'User', definition(t) { t.list.field('posts', { type: 'Post', resolve: (user) => postsOf(user.id) }); } });`,
};

/** Each runs once, or one query for all parents. */
const SILENT: Record<string, string> = {
  'roots': `export const resolvers = { Query: { posts: (_, { id }) => postsOf(id) }, Mutation: { touch: (_, { id }) => prisma.user.findFirst({ where: { id } }) } };`,
  'a payload': `export const resolvers = { Query: {}, CreateUserPayload: { posts: (payload) => postsOf(payload.id) } };`,
  'objects of functions that are no resolvers': `export const handlers = { User: { posts: (user) => postsOf(user.id) } };`,
  'a loader of the context': `import type DataLoader from 'dataloader'; interface Context { loaders: { posts: DataLoader<number, unknown> } } export const resolvers = { Query: {}, User: { posts: (user, _, ctx: Context) => ctx.loaders.posts.load(user.id) } };`,
  'Prisma\'s own batches': `export const resolvers = { Query: {}, User: { posts: (user) => prisma.user.findUnique({ where: { id: user.id } }).posts() } };`,
  'NestJS roots': `import { Query, Resolver } from '@nestjs/graphql'; import { User } from './user'; @Resolver(() => User) export class Users { @Query(() => [User]) posts(id: number) { return postsOf(id); } }`,
  'Pothos roots': `import SchemaBuilder from '@pothos/core'; const builder = new SchemaBuilder({}); builder.queryType({ fields: (t) => ({ posts: t.field({ resolve: (_, { id }) => postsOf(id) }) }) });`,
  'Nexus roots': `import { extendType } from 'nexus'; export const Posts = extendType({ type: 'Query', definition(t) { t.list.field('posts', { resolve: (_, { id }) => postsOf(id) }); } });`,
};

describe('resolvers of GraphQL fields', () => {
  before(initSql);

  for (const [name, code] of Object.entries(FOUND)) {
    it(`run a query per parent: ${name}`, () => {
      const { findings, failures, syntaxErrors } = analyze({ 'main.ts': PRISMA + code });
      assert.deepEqual([failures, syntaxErrors], [[], []]);
      assert.deepEqual(findings.map(({ rule, message }) => [rule, message.startsWith('One query per `User`: ')]), [['n-plus-one', true]]);
    });
  }

  for (const [name, code] of Object.entries(SILENT)) {
    it(`stay silent: ${name}`, () => {
      const { findings, failures, syntaxErrors } = analyze({ 'main.ts': PRISMA + code });
      assert.deepEqual([failures, syntaxErrors], [[], []]);
      assert.deepEqual(findings.map(({ message }) => message), []);
    });
  }
});
