// safe: Select the 2 columns in use
// uses id, title
import type { PrismaClient } from '../../generated/prisma/client';

export async function run(prisma: PrismaClient, group: number) {
  const articles = await prisma.article.findMany({ where: { group }, orderBy: { body: 'desc' }, select: { id: true, title: true } });
  return articles.map((article) => `${article.id}: ${article.title}`);
}
