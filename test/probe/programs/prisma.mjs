import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from 'generated-prisma';

async function main() {
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL }) });
  await prisma.$executeRawUnsafe('CREATE TABLE IF NOT EXISTS "Author" (id serial PRIMARY KEY, name text NOT NULL)'); //: 1
  await prisma.author.create({ data: { name: 'Ada' } }); //: 1
  await prisma.author.findFirst(); //: 1
  await prisma.author.findMany({ take: 2 }); //: 1
  await prisma.author.findUnique({ where: { id: 1 } }); //: 1
  await Promise.all([1, 2].map((id) => prisma.author.findFirst({ where: { id } }))); //: 2
  await prisma.$queryRaw`SELECT 1 AS one`; //: 1
  await prisma.$transaction(async (tx) => { //: 2
    await tx.author.count(); //: 1
    await tx.author.updateMany({ where: { id: 99 }, data: { name: 'Grace' } }); //: 1
  });
  await prisma.$disconnect();
}

main();
