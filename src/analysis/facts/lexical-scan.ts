import { mayHoldSql } from '../syntax/embedded-sql';
import { mayConcernContexts } from '../syntax/react';

/** What a module says without being parsed: enough to tell whether it needs to be. Errs on the side of saying more. */
export interface LexicalFacts {
  /** What it imports or exports again, types alone left out, each once. */
  sources: string[];
  /** What it takes nothing but types from. */
  typeSources: string[];
  /** It imports what is called like a database or a library for one. */
  database?: true;
  /** Something is called on a name that handles have; or it has SQL. */
  handle?: true;
  /** Something in it is waited for, or promised. */
  waits?: true;
  /** It declares an interface or an abstract class with something that is waited for. */
  promises?: true;
  /** Handles come to it from elsewhere: it knows them by their types, or a container hands over what it needs. */
  handed?: true;
  /** `'use client'`: it runs in the browser, and reaches a database through server actions alone. */
  client?: true;
  /** `'use server'`: it has server actions. */
  actions?: true;
  /** It has what the React rules ask for. */
  contexts?: true;
  /** It exports again what others declare, or declares things that nobody has to import. */
  declares?: true;
}

/** Between `import` and `from`, in characters: a thousand names, and few enough that a text full of `import`s takes no time. */
const CLAUSE = String.raw`[^'"${'`'};()]{0,10000}?`;

/** Clauses of imports and exports with their specifier, bare imports, and imports and `require`s of one literal. */
const SOURCES = new RegExp(String.raw`\b(?:import|export)\b(${CLAUSE})\bfrom\s*['"]([^'"\n]+)['"]|\bimport\s*['"]([^'"\n]+)['"]|\b(?:import|require)\s*\(\s*['"${'`'}]([^'"${'`'}\n]+)['"${'`'}]`, 'g');

/** `type` before the names, and not the name of a default import. */
const TYPE_CLAUSE = /^\s*type\b(?!\s*(?:,|$))/;

/** Libraries for databases, and how projects call the modules around them: `@/lib/db`, `../prisma/client`, `@acme/database`. */
const DATABASE_SOURCE =
  /prisma|drizzle|kysely|knex|typeorm|sequelize|mikro|objection|bookshelf|slonik|zapatos|neon|supabase|postgres|sql|database|repositor|data-?source|(?:^|[^a-z])(?:pg|db|orm|repo|dao|entit(?:y|ies))(?![a-z])/i;

/** Handles that come without an import: from a context, a request, a base class, a parameter. */
const HANDLE = new RegExp(
  [
    String.raw`(?:\b|_)(?:db|pg|sql|tx|trx|em|conn|pool|repo|orm|knex|kysely|drizzle|prisma|sequelize|database|connection|manager)s?(?:[!?]?\.[$\w]|\(|${'`'})`,
    String.raw`(?:[Dd]b|DB|Pg|Sql|Repo|Repository|Repositories|Prisma|Knex|Kysely|Drizzle|Pool|DataSource|QueryRunner|EntityManager|Connection|Transaction|Trx|Dao)(?:[!?]?\.[$\w]|\(|${'`'})`,
    String.raw`\.(?:query|execute|queryRaw|executeRaw|findMany|findUnique|findOne|findAll|findFirst|createQueryBuilder|getRepository|selectFrom|insertInto|deleteFrom|updateTable)(?:\(|<|${'`'})`,
  ].join('|'),
);

const INTERFACE = /\b(?:interface|abstract\s+class|type\s+\w+[^=\n]{0,200}=\s*\{)/;

/** NestJS, Inversify, tsyringe, TypeDI, Awilix and the like. */
const INJECTED = /@\w*[Ii]nject\w*\b|\binject\s*[(<]|\bcontainer\.(?:get|resolve)/;

const CLIENT = /^\s*(?:\/\/[^\n]*\n\s*|\/\*(?:[^*]|\*(?!\/))*\*\/\s*)*['"]use client['"]/;
const ACTIONS = /['"]use server['"]/;

const WAITS = /\b(?:await|yield|async|Promise)\b|\.(?:then|subscribe|finally)\s*\(|\buse\s*\(/;

const DECLARES = new RegExp(String.raw`\bexport\b${CLAUSE}\bfrom\s*['"]|\bdeclare\s+(?:module|global|namespace)\b`);

/** Scans the text of a TypeScript or JavaScript module. Never throws; half-typed code, comments and strings may add to what is found. */
export function scanModule(text: string): LexicalFacts {
  const sources = new Set<string>();
  const typeSources = new Set<string>();
  for (const [, clause, from, bare, called] of text.matchAll(SOURCES)) {
    (clause !== undefined && TYPE_CLAUSE.test(clause) ? typeSources : sources).add((from ?? bare ?? called)!);
  }
  for (const source of sources) typeSources.delete(source);
  return {
    sources: [...sources],
    typeSources: [...typeSources],
    ...([...sources].some((name) => DATABASE_SOURCE.test(name)) && { database: true }),
    ...((HANDLE.test(text) || mayHoldSql(text)) && { handle: true }),
    ...(WAITS.test(text) && { waits: true }),
    ...(INTERFACE.test(text) && text.includes('Promise') && { promises: true }),
    ...((INJECTED.test(text) || [...typeSources].some((name) => DATABASE_SOURCE.test(name))) && { handed: true }),
    ...(CLIENT.test(text) && { client: true }),
    ...(ACTIONS.test(text) && { actions: true }),
    ...(mayConcernContexts(text) && { contexts: true }),
    ...(DECLARES.test(text) && { declares: true }),
  };
}
