export const databaseUrl = process.env.DATABASE_URL ?? 'postgresql://shop:shop@localhost:5432/shop';
