/** A query for one user. */
export const USERS = `import { Pool } from 'pg';
const pool = new Pool();
export async function userOf(id: number) {
  return (await pool.query('SELECT name FROM users WHERE id = $1', [id])).rows[0];
}
`;
/** A query per order, through the other module. */
export const ORDERS = `import { userOf } from './users';
export async function names(ids: number[]): Promise<string[]> {
  const names: string[] = [];
  for (const id of ids) {
    const user = await userOf(id);
    names.push(user.name);
  }
  return names;
}
`;
