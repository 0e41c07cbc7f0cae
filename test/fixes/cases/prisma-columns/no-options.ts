// uses group
import type { PrismaClient } from '../../generated/prisma/client';

export async function run(prisma: PrismaClient, group: number) {
  const articles = await prisma.article.findMany();
  const counts = new Map<number, number>([[group, 0]]);
  articles.forEach((article) => counts.set(article.group, (counts.get(article.group) ?? 0) + 1));
  return [...counts].sort(([a], [b]) => a - b);
}
