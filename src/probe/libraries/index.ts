import { drizzle } from './drizzle';
import { jest } from './jest';
import type { Library } from './library';
import { neon } from './neon';
import { pgClient, pgPool } from './pg';
import { postgresJs } from './postgres-js';
import { prisma } from './prisma';

export const LIBRARIES: readonly Library[] = [pgClient, pgPool, postgresJs, neon, drizzle, prisma, jest];
