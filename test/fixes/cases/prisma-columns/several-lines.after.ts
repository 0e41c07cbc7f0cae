// safe: Select the one column in use
// uses title
import type { PrismaClient } from '../../generated/prisma/client';

export async function run(prisma: PrismaClient, group: number) {
  const [articles, total] = await Promise.all([
    prisma.article.findMany({
      where: { group },
      orderBy: { id: 'asc' }, // the oldest first
      select: { title: true },
    }),
    prisma.article.count(),
  ]);
  const titles = new Set<string>();
  for (const { title } of articles) titles.add(title);
  return { total, titles: [...titles], first: articles[0]?.title };
}
