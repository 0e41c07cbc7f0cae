import { drizzle } from 'drizzle-orm/node-postgres';
import { Pool } from 'pg';
import { databaseUrl } from '../config';
import * as schema from './schema';

export const connections = new Pool({ connectionString: databaseUrl, max: 8, application_name: 'shop orders' });
export const db = drizzle(connections, { schema });
