import { Pool } from 'pg';
import { databaseUrl } from '../config';

export const pool = new Pool({ connectionString: databaseUrl, max: 8, application_name: 'shop catalog' });
