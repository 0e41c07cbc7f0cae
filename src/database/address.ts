import { parse } from 'pg-connection-string';

/** Where a database is and who asks. Holds no secret: it may be shown, logged and stored. */
export interface DatabaseAddress {
  /** Host name, IP address, or the folder of a Unix socket (starts with `/`). */
  host: string;
  port: number;
  database: string;
  user: string;
  tls: TlsMode;
  /** Start-up options of the server (`options=` of the URL), which hosted poolers use to choose an endpoint. */
  options?: string;
  /** Certificate files of `verify-ca` and `verify-full`, and of client certificates. Paths, never contents. */
  certificates?: { root?: string; client?: string; key?: string };
}

/** The modes of libpq's `sslmode`, with its meaning: `require` encrypts, only the `verify-` modes check who answers. */
export type TlsMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

/** An address and the password that came with it, kept apart from the first moment. */
export interface DatabaseLogin {
  address: DatabaseAddress;
  password?: string;
}

export type ParsedLogin = { ok: true; login: DatabaseLogin } | { ok: false; reason: string };

export const DEFAULT_PORT = 5432;

const TLS_MODES: readonly string[] = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'];

/** Reads a connection URL (`postgresql://user:password@host:port/database?sslmode=…`). The reason of a failure never repeats the URL. */
export function parseDatabaseUrl(url: string): ParsedLogin {
  const text = url.trim();
  if (text === '') return { ok: false, reason: 'The URL is empty.' };
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== 'postgres' && scheme !== 'postgresql') {
    return {
      ok: false,
      reason: scheme
        ? `The URL starts with “${scheme}:”. Roundtrip speaks PostgreSQL only: it has to start with “postgresql://”.`
        : 'The URL has to start with “postgresql://”.',
    };
  }
  const [withoutQuery = '', query = ''] = text.split('?', 2);
  const parameters = new URLSearchParams(query);
  let parsed;
  try {
    // Certificate files are read when connecting, so the parser must not see their names.
    parsed = parse(`${withoutQuery}${hostParameters(parameters)}`);
  } catch {
    return {
      ok: false,
      reason:
        'The URL could not be read. Write special characters of the password as %XX: # is %23, / is %2F, @ is %40, : is %3A.',
    };
  }
  const port = parsed.port ? Number(parsed.port) : DEFAULT_PORT;
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return { ok: false, reason: 'The port is not a number from 1 to 65535.' };
  const host = parsed.host || 'localhost';
  if (host.includes(',')) return { ok: false, reason: 'The URL names several hosts. Name the one to connect to.' };
  const user = parsed.user || process.env.PGUSER || process.env.USER || process.env.USERNAME || 'postgres';
  const tls = tlsMode(parameters, host);
  if (tls === undefined) {
    return { ok: false, reason: `The URL has an unknown sslmode. It is one of ${TLS_MODES.join(', ')}.` };
  }
  const options = parameters.get('options');
  const certificates = {
    ...entry('root', parameters.get('sslrootcert')),
    ...entry('client', parameters.get('sslcert')),
    ...entry('key', parameters.get('sslkey')),
  };
  return {
    ok: true,
    login: {
      address: {
        host,
        port,
        user,
        // The parser leaves characters encoded that separate the parts of a URL.
        database: parsed.database?.replace(/%(?:2[346BCF]|3[ABDF]|40)/gi, decodeURIComponent) || user,
        tls,
        ...(options ? { options } : {}),
        ...(Object.keys(certificates).length > 0 ? { certificates } : {}),
      },
      ...(parsed.password ? { password: parsed.password } : {}),
    },
  };
}

/** The login that the `PG*` variables describe, or undefined when neither a host nor a database is named. */
export function loginFromEnvironment(environment: Readonly<Record<string, string | undefined>>): DatabaseLogin | undefined {
  const { PGHOST, PGPORT, PGUSER, PGDATABASE, PGPASSWORD, PGSSLMODE, PGOPTIONS } = environment;
  if (!PGHOST && !PGDATABASE) return undefined;
  const host = PGHOST || 'localhost';
  const user = PGUSER || environment.USER || environment.USERNAME || 'postgres';
  const port = Number(PGPORT || DEFAULT_PORT);
  return {
    address: {
      host,
      port: Number.isInteger(port) && port > 0 && port < 65_536 ? port : DEFAULT_PORT,
      user,
      database: PGDATABASE || user,
      tls: tlsMode(new URLSearchParams(PGSSLMODE ? { sslmode: PGSSLMODE } : {}), host) ?? 'prefer',
      ...(PGOPTIONS ? { options: PGOPTIONS } : {}),
    },
    ...(PGPASSWORD ? { password: PGPASSWORD } : {}),
  };
}

/** The address as a URL, to be stored and parsed again. It has no password because an address has none. */
export function addressUrl(address: DatabaseAddress): string {
  const parameters = new URLSearchParams({ sslmode: address.tls });
  if (address.options) parameters.set('options', address.options);
  if (address.certificates?.root) parameters.set('sslrootcert', address.certificates.root);
  if (address.certificates?.client) parameters.set('sslcert', address.certificates.client);
  if (address.certificates?.key) parameters.set('sslkey', address.certificates.key);
  const isSocket = address.host.startsWith('/');
  if (isSocket) parameters.set('host', address.host);
  const host = isSocket ? '' : address.host.includes(':') ? `[${address.host}]` : address.host;
  const port = isSocket ? '' : `:${address.port}`;
  if (isSocket && address.port !== DEFAULT_PORT) parameters.set('port', String(address.port));
  return `postgresql://${encodeURIComponent(address.user)}@${host}${port}/${encodeURIComponent(address.database)}?${parameters}`;
}

/** How people call the place: `shop at localhost:5432`. */
export function describeAddress(address: DatabaseAddress): string {
  return `${address.database} at ${describeHost(address)}`;
}

/** The server alone: `localhost:5432`, or the socket's folder. */
export function describeHost(address: DatabaseAddress): string {
  if (address.host.startsWith('/')) return address.host;
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

const HIDDEN = '•••';

/**
 * Takes secrets out of a text that comes from elsewhere (a driver's or a server's message) before it is shown or logged:
 * the passwords named, in every spelling that a URL gives them, and the password of anything that looks like a URL or a
 * `password=` setting.
 */
export function redact(text: string, secrets: readonly (string | undefined)[] = []): string {
  let result = text;
  for (const secret of secrets) {
    if (!secret) continue;
    for (const spelling of new Set([secret, encodeURIComponent(secret), encodeURI(secret), JSON.stringify(secret).slice(1, -1)])) {
      result = result.split(spelling).join(HIDDEN);
    }
  }
  return result
    .replace(/([a-z][a-z0-9+.-]*:\/\/[^\s:@/]*):[^\s]*@/gi, `$1:${HIDDEN}@`)
    .replace(/(password|passwd|pwd)("?\s*[=:]\s*)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.|'')*'|[^\s&,;]+)/gi, `$1$2${HIDDEN}`);
}

/** A database on this machine: nobody listens in between, and few local servers speak TLS. */
function isLocal(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.') || host.startsWith('/');
}

function tlsMode(parameters: URLSearchParams, host: string): TlsMode | undefined {
  const named = parameters.get('sslmode');
  if (named === 'no-verify') return 'require';
  if (named === 'allow') return 'prefer';
  if (named !== null) return TLS_MODES.includes(named) ? (named as TlsMode) : undefined;
  const ssl = parameters.get('ssl');
  if (ssl === 'true' || ssl === '1') return 'verify-full';
  if (ssl === 'false' || ssl === '0') return 'disable';
  return isLocal(host) ? 'disable' : 'prefer';
}

/** The parameters that may stand for parts of the address itself. */
function hostParameters(parameters: URLSearchParams): string {
  const kept = new URLSearchParams();
  for (const name of ['host', 'port', 'user', 'password']) {
    const value = parameters.get(name);
    if (value) kept.set(name, value);
  }
  return kept.size > 0 ? `?${kept}` : '';
}

function entry<K extends string>(key: K, value: string | null): Partial<Record<K, string>> {
  return value ? ({ [key]: value } as Record<K, string>) : {};
}
