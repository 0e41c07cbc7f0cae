import { count, desc, eq, gte, sql, sum } from 'drizzle-orm';
import { db } from './database';
import { type Order, orders } from './schema';

export interface Turnover {
  month: string;
  orders: number;
  cents: number;
}

/** Orders that wait for somebody, oldest first. */
export async function openOrders(): Promise<Order[]> {
  const all = await db.select().from(orders);
  return all.filter((order) => order.status === 'pending' || order.status === 'paid').sort((a, b) => a.placedAt.getTime() - b.placedAt.getTime());
}

/** Turnover by month, latest first: PostgreSQL adds up, a dozen rows come back. */
export async function turnover(months = 12): Promise<Turnover[]> {
  const month = sql<string>`to_char(${orders.placedAt}, 'YYYY-MM')`;
  return db
    .select({ month, orders: count(), cents: sum(orders.totalCents).mapWith(Number) })
    .from(orders)
    .groupBy(month)
    .orderBy(desc(month))
    .limit(months);
}

export async function countByStatus(status: Order['status']): Promise<number> {
  const [row] = await db.select({ count: count() }).from(orders).where(eq(orders.status, status));
  return row?.count ?? 0;
}

export async function largestSince(since: Date, limit = 5): Promise<Order[]> {
  return db.query.orders.findMany({ where: gte(orders.placedAt, since), orderBy: desc(orders.totalCents), limit });
}
