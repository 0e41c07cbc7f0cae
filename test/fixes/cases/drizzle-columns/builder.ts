// uses id, title
import { asc, eq } from 'drizzle-orm';
import { articles } from '../shop/schema';
import type { Database } from '../shop/types';

export async function run(db: Database, group: number) {
  const rows = await db
    .select()
    .from(articles)
    .where(eq(articles.group, group ?? 2))
    .orderBy(asc(articles.body));
  return rows.map(({ id, title }) => [id, title]);
}
