// uses group, title
import type { Database } from '../shop/types';

export async function run(db: Database, group: number) {
  const titles: string[] = [];
  for (const article of await db.query.articles.findMany({ orderBy: (article, { desc }) => desc(article.id) })) {
    if (article.group !== group) titles.push(article.title);
  }
  return titles;
}
