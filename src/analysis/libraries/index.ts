import { drizzle } from './drizzle';
import type { Library } from './library';
import { pg } from './pg';
import { prisma } from './prisma';

/** Every database library that is understood. A new one is one file beside these and one line here. */
export const libraries: readonly Library[] = [pg, drizzle, prisma];
