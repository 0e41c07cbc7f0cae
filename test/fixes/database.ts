import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { startPostgres, type RunningPostgres } from '../postgres';

const TABLES = readFileSync(join(__dirname, 'cases/shop/tables.sql'), 'utf8');

/** The handles that the cases run on, over one real database; every statement that any of them sends is counted. */
export interface Shop {
  pg: pg.Pool;
  drizzle: unknown;
  prisma: { $disconnect(): Promise<void>; $transaction<T>(work: (tx: unknown) => Promise<T>, options: { timeout: number }): Promise<T> };
  /** Statements since the last call, without those that begin or end a transaction. */
  statements(): string[];
  /** Takes back what was inserted. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** Fills a database with the shop and opens it through all three libraries. */
export async function openShop(schema: Record<string, unknown>, PrismaClient: new (options: object) => Shop['prisma']): Promise<Shop> {
  const server: RunningPostgres = await startPostgres();
  const pool = new pg.Pool({ connectionString: server.url, max: 4 });
  const setup = new pg.Client({ connectionString: server.url });
  await setup.connect();
  await setup.query(TABLES);
  const reset = async (): Promise<void> => {
    for (const [table, rows] of [['order_items', 70], ['orders', 30], ['customers', 12]] as const) {
      await setup.query(`DELETE FROM ${table} WHERE id > ${rows}; ALTER SEQUENCE ${table}_id_seq RESTART WITH ${rows + 1}`);
    }
  };

  let sent: string[] = [];
  const query = pg.Client.prototype.query as (this: unknown, ...given: unknown[]) => unknown;
  pg.Client.prototype.query = function (this: unknown, ...given: unknown[]): unknown {
    const text = typeof given[0] === 'string' ? given[0] : (given[0] as { text?: string }).text;
    if (text && this !== setup && !/^\s*(begin|commit|rollback)\b/i.test(text)) sent.push(text);
    return query.apply(this, given);
  } as typeof pg.Client.prototype.query;

  const prismaPool = new pg.Pool({ connectionString: server.url });
  const prisma = new PrismaClient({ adapter: new PrismaPg(prismaPool) });
  return {
    pg: pool,
    drizzle: drizzle(pool, { schema }),
    prisma,
    statements: () => {
      const all = sent;
      sent = [];
      return all;
    },
    reset,
    stop: async () => {
      pg.Client.prototype.query = query as typeof pg.Client.prototype.query;
      await prisma.$disconnect();
      await endWholly(prismaPool);
      await endWholly(pool);
      await setup.end();
      await server.stop();
    },
  };
}

/** A pool's own `end` does not wait for its connections to end: a server that stops meanwhile would tell them, and nobody listens. */
async function endWholly(pool: pg.Pool): Promise<void> {
  let open = pool.totalCount;
  const ended = open === 0 ? Promise.resolve() : new Promise<void>((resolve) => pool.on('remove', () => (open -= 1) || resolve()));
  await pool.end();
  await ended;
}
