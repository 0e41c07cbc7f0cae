import type { Library } from './library';
import { pgClient, pgPool } from './pg';

export const LIBRARIES: readonly Library[] = [pgClient, pgPool];
