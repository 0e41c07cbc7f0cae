import { PrismaPg } from '@prisma/adapter-pg';
import { databaseUrl } from '../config';
import { PrismaClient } from '../../generated/prisma/client';

export const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: databaseUrl, max: 8, application_name: 'shop customers' }) });
