import { parseEnv } from 'node:util';
import { loginFromEnvironment, parseDatabaseUrl, type DatabaseLogin } from '../address.js';

export type Variables = Readonly<Record<string, string | undefined>>;

/** The variables in which frameworks keep a database's URL, the most usual first. Any other with such a URL follows. */
const URL_VARIABLES = [
  'DATABASE_URL', 'POSTGRES_URL', 'POSTGRESQL_URL', 'PG_URL', 'DB_URL', 'DIRECT_URL', 'DATABASE_URL_UNPOOLED', 'POSTGRES_URL_NON_POOLING', 'POSTGRES_PRISMA_URL',
  'SUPABASE_DB_URL', 'NEON_DATABASE_URL', 'TIMESCALE_SERVICE_URL', 'SHADOW_DATABASE_URL', 'TEST_DATABASE_URL',
];

/** Names of variables that stand together: `DB_HOST`, `DB_PORT`, … */
const PREFIXES = ['POSTGRES_', 'POSTGRESQL_', 'PG_', 'DB_', 'DATABASE_', 'TYPEORM_'];
const POSTGRES_NAME = /^(?:pg|postgres(?:ql)?)/i;

/** The variables of an environment file (`.env`). The file is read, never run. */
export function parseVariables(text: string): Variables {
  try {
    return parseEnv(text);
  } catch {
    return {};
  }
}

/** The logins among variables, each with the names that it came from. */
export function loginsInVariables(variables: Variables): { login: DatabaseLogin; from: string }[] {
  const names = Object.keys(variables);
  const rank = (name: string): number => (URL_VARIABLES.includes(name) ? URL_VARIABLES.indexOf(name) : URL_VARIABLES.length);
  const found = names
    .sort((a, b) => rank(a) - rank(b))
    .flatMap((name) => {
      const value = valueOf(variables, name) ?? '';
      // What is left of a reference is no part of an address.
      const parsed = value.includes('${') ? undefined : parseDatabaseUrl(value);
      return parsed?.ok ? [{ login: parsed.login, from: name }] : [];
    });
  const libpq = loginFromEnvironment(variables);
  if (libpq !== undefined) found.push({ login: libpq, from: variables['PGHOST'] ? (variables['PGDATABASE'] ? 'PGHOST and PGDATABASE' : 'PGHOST') : 'PGDATABASE' });
  for (const prefix of PREFIXES) {
    const login = loginWithPrefix(variables, prefix);
    if (login !== undefined) found.push({ login, from: `${prefix}HOST` });
  }
  return found;
}

/** A variable's value. `${OTHER}` in it stands for another one, as in dotenv-expand. */
export function valueOf(variables: Variables, name: string): string | undefined {
  // A value that names itself, or others in a circle, is not looked into again.
  const expand = (text: string, open: readonly string[]): string =>
    text.replace(/\$\{(\w+)\}/g, (reference, inner: string) => {
      const value = variables[inner];
      return value === undefined || open.includes(inner) || open.length > 5 ? reference : expand(value, [...open, inner]);
    });
  const value = variables[name];
  return value === undefined ? undefined : expand(value, [name]);
}

function loginWithPrefix(variables: Variables, prefix: string): DatabaseLogin | undefined {
  const of = (...endings: string[]): string | undefined => endings.map((ending) => valueOf(variables, prefix + ending)).find((value) => value);
  const host = of('HOST', 'HOSTNAME', 'SERVER');
  const database = of('NAME', 'DATABASE', 'DB', 'DBNAME', 'DATABASE_NAME');
  if (host === undefined || database === undefined) return undefined;
  const kind = of('CONNECTION', 'TYPE', 'DIALECT', 'ENGINE', 'CLIENT', 'DRIVER');
  const port = of('PORT');
  // DB_HOST may be any database's: something has to say that it is PostgreSQL's.
  if (!POSTGRES_NAME.test(prefix) && !(kind !== undefined && POSTGRES_NAME.test(kind)) && port !== '5432') return undefined;
  const user = of('USER', 'USERNAME');
  const password = of('PASSWORD', 'PASS');
  return loginFromEnvironment({ PGHOST: host, PGDATABASE: database, PGPORT: port, PGUSER: user, PGPASSWORD: password, USER: variables['USER'] });
}
