import { drizzle } from './drizzle';
import type { Library } from './library';
import { neon } from './neon';
import { pg } from './pg';
import { postgresJs } from './postgres-js';
import { prisma } from './prisma';
import { sequelize } from './sequelize';
import { isStatement } from './sql-template';

/** Every database library that is understood. A new one is one file beside these and one line here. */
export const libraries: readonly Library[] = [pg, postgresJs, neon, drizzle, prisma, sequelize];
