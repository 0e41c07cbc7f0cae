import { parse } from 'yaml';
import { loginFromEnvironment, type DatabaseLogin } from '../address.js';
import type { Variables } from './variables.js';

/** Images of PostgreSQL: the official one, and those that add to it. */
const IMAGE = /(?:^|\/)(?:postgres(?:ql)?|postgis|timescaledb?(?:-ha)?|pgvector|pgvecto-rs|supabase-postgres|spilo[-\w]*|alloydbomni|citus|paradedb)(?::|@|$)/;
const SERVER_PORT = 5432;

/** The PostgreSQL services of a Compose file whose port is published, with the service's name. Anything else in it is passed over. */
export function loginsInCompose(text: string, variables: Variables): { login: DatabaseLogin; service: string }[] {
  let file: unknown;
  try {
    file = parse(text, { merge: true, logLevel: 'silent' });
  } catch {
    return [];
  }
  return Object.entries(record(record(file)['services'])).flatMap(([name, value]) => {
    const service = record(value);
    const image = expand(service['image'], variables);
    if (image === undefined || !IMAGE.test(image)) return [];
    const place = publishedPlace(service['ports'], variables);
    if (place === undefined) return [];
    const set = environmentOf(service['environment'], variables);
    const user = set['POSTGRES_USER'] ?? set['POSTGRESQL_USERNAME'] ?? 'postgres';
    const login = loginFromEnvironment({
      PGHOST: place.host,
      PGPORT: place.port,
      PGUSER: user,
      PGDATABASE: set['POSTGRES_DB'] ?? set['POSTGRESQL_DATABASE'] ?? user,
      PGPASSWORD: set['POSTGRES_PASSWORD'] ?? set['POSTGRESQL_PASSWORD'],
    });
    return login === undefined ? [] : [{ login, service: name }];
  });
}

/** Where the server's port is published, in the short form (`127.0.0.1:5433:5432/tcp`) or the long one. */
function publishedPlace(ports: unknown, variables: Variables): { host: string; port: string } | undefined {
  for (const entry of Array.isArray(ports) ? (ports as unknown[]) : []) {
    if (typeof entry === 'object' && entry !== null) {
      const { target, published, host_ip: host } = entry as Record<string, unknown>;
      const port = expand(published, variables);
      if (Number(expand(target, variables)) === SERVER_PORT && isPort(port)) return { host: hostOf(expand(host, variables)), port };
      continue;
    }
    const [, host, port] = /^(?:(.+):)?(\d+):5432(?:\/tcp)?$/.exec(expand(entry, variables) ?? '') ?? [];
    if (isPort(port)) return { host: hostOf(host?.replace(/^\[|\]$/g, '')), port };
  }
  return undefined;
}

function hostOf(address: string | undefined): string {
  return address === undefined || address === '' || address === '0.0.0.0' || address === '::' ? 'localhost' : address;
}

function isPort(port: string | undefined): port is string {
  return port !== undefined && /^\d+$/.test(port) && Number(port) > 0 && Number(port) < 65_536;
}

/** A mapping, or a list of `NAME=value`. */
function environmentOf(environment: unknown, variables: Variables): Record<string, string | undefined> {
  const entries: [string, unknown][] = Array.isArray(environment)
    ? (environment as unknown[]).map((entry) => {
        const [name = '', ...value] = String(entry).split('=');
        return [name, value.length === 0 ? null : value.join('=')];
      })
    : Object.entries(record(environment));
  // Without a value it is passed on from the environment of Compose.
  return Object.fromEntries(entries.map(([name, value]) => [name, value === null ? variables[name] : expand(value, variables)]));
}

/** `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:?message}` and `$$`, as Compose reads them. */
function expand(value: unknown, variables: Variables): string | undefined {
  if (typeof value !== 'string') return typeof value === 'number' ? String(value) : undefined;
  return value.replace(/\$(?:(\$)|(\w+)|\{(\w+)(?:(:?[-?+])((?:[^{}]|\{[^{}]*\})*))?\})/g, (_, dollar?: string, plain?: string, name?: string, operator?: string, operand = '') => {
    if (dollar) return '$';
    const found = variables[plain ?? name ?? ''];
    const given = operator?.startsWith(':') ? found !== undefined && found !== '' : found !== undefined;
    if (operator?.endsWith('+')) return given ? expand(operand, variables)! : '';
    if (given || !operator?.endsWith('-')) return found ?? '';
    return expand(operand, variables)!;
  });
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
