import { describeHost, type DatabaseAddress } from './address.js';

/** Why there is no connection, or no timings. Everything in it may be shown: secrets are taken out where a problem is made. */
export type DatabaseProblem =
  | { kind: 'refused'; address: DatabaseAddress }
  | { kind: 'unknown-host'; address: DatabaseAddress }
  | { kind: 'timeout'; address: DatabaseAddress; seconds: number }
  | { kind: 'authentication'; address: DatabaseAddress; passwordGiven: boolean }
  | { kind: 'not-allowed'; address: DatabaseAddress; detail: string }
  | { kind: 'unknown-database'; address: DatabaseAddress }
  | { kind: 'tls'; address: DatabaseAddress; cause: 'untrusted' | 'wrong-name' | 'unsupported' | 'required' | 'files' | 'other'; detail: string }
  | { kind: 'too-many-connections'; address: DatabaseAddress }
  | { kind: 'starting'; address: DatabaseAddress; detail: string }
  | { kind: 'server-too-old'; version: string }
  | { kind: 'extension-missing'; host: string; available: boolean; preloaded: boolean; mayCreate: boolean; pglite?: true }
  | { kind: 'not-preloaded'; host: string }
  | { kind: 'insufficient-privilege'; user: string; detail: string; grant?: string }
  | { kind: 'may-not'; user: string; what: string; detail: string; grant: string }
  | { kind: 'no-plan'; reason: string; detail: string }
  | { kind: 'lost'; address: DatabaseAddress; detail: string }
  | { kind: 'unexpected'; detail: string; sqlState?: string };

/** One thing to do, and the command or setting to copy for it. */
export interface SetupStep {
  text: string;
  code?: string;
}

/** A problem in plain words. */
export interface ExplainedProblem {
  /** What is wrong, in one sentence. */
  title: string;
  /** Why, and what to do. May be empty when the steps say it all. */
  detail: string;
  steps: SetupStep[];
}

/** The oldest server whose pg_stat_statements has execution times of their own. */
export const OLDEST_SERVER = { number: 130_000, name: '13' } as const;

const CREATE_EXTENSION = 'CREATE EXTENSION IF NOT EXISTS pg_stat_statements;';

/** Says what is wrong, why, and what to do about it. */
export function explainProblem(problem: DatabaseProblem): ExplainedProblem {
  switch (problem.kind) {
    case 'refused':
      return explained(
        `Nothing answers at ${describeHost(problem.address)}.`,
        'Is PostgreSQL running there, and is the port right? A database in Docker has to publish its port.',
      );
    case 'unknown-host':
      return explained(
        `The host “${problem.address.host}” is not known.`,
        'Check the spelling. The names of Docker Compose services only work inside its network: use localhost from here.',
      );
    case 'timeout':
      return explained(
        `${describeHost(problem.address)} did not answer within ${problem.seconds} seconds.`,
        'A firewall may be in the way, a VPN may be off, the server may be overloaded or asleep, or it may not be PostgreSQL that listens there.',
      );
    case 'authentication':
      return problem.passwordGiven
        ? explained(
            `${describeHost(problem.address)} refuses the password of “${problem.address.user}”.`,
            'Connect again and type the password, or correct it where it is set.',
          )
        : explained(
            `${describeHost(problem.address)} wants a password for “${problem.address.user}”.`,
            'Connect again and type it, or put it into DATABASE_URL, PGPASSWORD or ~/.pgpass.',
          );
    case 'not-allowed':
      return explained(
        `The server does not let “${problem.address.user}” connect to “${problem.address.database}” from here.`,
        `It says: ${problem.detail}`,
      );
    case 'unknown-database':
      return explained(
        `There is no database “${problem.address.database}” at ${describeHost(problem.address)}.`,
        'Check the name in the connection URL, or create the database first.',
      );
    case 'tls':
      return explainTls(problem.address, problem.cause, problem.detail);
    case 'too-many-connections':
      return explained(
        `${describeHost(problem.address)} has no connection left.`,
        'Stop a program that holds connections, or raise max_connections.',
      );
    case 'starting':
      return explained(`${describeHost(problem.address)} is not ready for connections.`, `It says: ${problem.detail}`);
    case 'server-too-old':
      return explained(
        `PostgreSQL ${problem.version} is too old for live timings.`,
        `They need PostgreSQL ${OLDEST_SERVER.name} or newer.`,
      );
    case 'extension-missing':
      return {
        title: 'The extension pg_stat_statements is not set up in this database.',
        detail: problem.available
          ? 'PostgreSQL counts and times statements with it. It comes with PostgreSQL and costs very little.'
          : `PostgreSQL counts and times statements with it, but it is not ${problem.pglite ? 'loaded into this PGlite' : 'installed on this server'}.`,
        steps: setupSteps(problem),
      };
    case 'not-preloaded':
      return {
        title: 'pg_stat_statements is created, but the server has not loaded it.',
        detail: 'It is loaded once, when the server starts.',
        steps: preloadSteps(problem.host),
      };
    case 'insufficient-privilege':
      return {
        title: `“${problem.user}” may not read pg_stat_statements.`,
        detail: `The server says: ${problem.detail}`,
        steps: [{ text: 'Let a superuser run:', code: problem.grant ?? grantStatement(problem.user) }],
      };
    case 'may-not':
      return {
        title: `“${problem.user}” may not ${problem.what}.`,
        detail: `The server says: ${problem.detail}`,
        steps: [{ text: 'Let a superuser run:', code: problem.grant }],
      };
    case 'no-plan':
      return explained(problem.reason, problem.detail);
    case 'lost':
      return explained(`The connection to ${describeHost(problem.address)} was lost.`, problem.detail);
    case 'unexpected':
      return explained('The database gave an unexpected answer.', problem.detail);
  }
}

/** Lets a role see the statements of all roles. */
export function grantStatement(user: string): string {
  return `GRANT pg_read_all_stats TO ${quoteIdentifier(user)};`;
}

/** Quotes a name for use in SQL. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function explained(title: string, detail: string): ExplainedProblem {
  return { title, detail, steps: [] };
}

function explainTls(
  address: DatabaseAddress,
  cause: Extract<DatabaseProblem, { kind: 'tls' }>['cause'],
  detail: string,
): ExplainedProblem {
  const where = describeHost(address);
  switch (cause) {
    case 'untrusted':
      return explained(
        `The certificate of ${where} is not signed by an authority that this machine trusts.`,
        'It may be self-signed. Name its certificate with sslrootcert=/path/to/ca.crt in the URL, or use sslmode=require to encrypt without checking who answers.',
      );
    case 'wrong-name':
      return explained(
        `The certificate of ${where} is made out for another host.`,
        'Connect by the name in the certificate, or use sslmode=verify-ca or sslmode=require.',
      );
    case 'unsupported':
      return explained(`${where} does not speak TLS.`, `The URL asks for it with sslmode=${address.tls}. Use sslmode=prefer or sslmode=disable if the network is safe.`);
    case 'required':
      return explained(`${where} does not let “${address.user}” in without TLS.`, `Use sslmode=require in the URL, which encrypts the connection. The server says: ${detail}`);
    case 'files':
      return explained('A certificate file of the connection could not be read.', detail);
    case 'other':
      return explained(`No secure connection to ${where} could be made.`, detail);
  }
}

function setupSteps(problem: Extract<DatabaseProblem, { kind: 'extension-missing' }>): SetupStep[] {
  const steps: SetupStep[] = [];
  if (problem.pglite) {
    const load = { text: 'Give PGlite the extension where the database is made (it comes from @electric-sql/pglite/contrib/pg_stat_statements):', code: 'await PGlite.create({ extensions: { pg_stat_statements } })' };
    return [...(problem.available ? [] : [load]), { text: 'Create the extension in this database:', code: CREATE_EXTENSION }];
  }
  if (!problem.available) {
    steps.push({ text: 'Install the contrib package of PostgreSQL on the server. On Debian and Ubuntu:', code: 'apt-get install postgresql-contrib' });
  }
  if (!problem.preloaded) steps.push(...preloadSteps(problem.host));
  const creator = hostingOf(problem.host)?.creator ?? 'a superuser';
  steps.push({ text: problem.mayCreate ? 'Create the extension in this database:' : `Let ${creator} create the extension in this database:`, code: CREATE_EXTENSION });
  return steps;
}

/** A hosting company, whose databases have no superuser and their own way to load a library. */
interface Hosting {
  host: RegExp;
  preload: SetupStep;
  /** Who may create an extension. */
  creator: string;
}

/** The host's name tells which it is. */
const HOSTINGS: readonly Hosting[] = [
  {
    host: /\.rds\.amazonaws\.com(?:\.cn)?$/,
    preload: { text: 'Amazon RDS: add this to the parameter group of the instance and reboot it:', code: 'shared_preload_libraries = pg_stat_statements' },
    creator: 'the master user of the instance',
  },
  {
    host: /\.supabase\.(co|com|net)$/,
    preload: { text: 'Supabase: turn on pg_stat_statements under Database, Extensions.' },
    creator: 'the role “postgres”',
  },
  {
    host: /\.neon\.(tech|build)$/,
    preload: { text: 'Neon loads the library by itself: creating the extension is enough. Its counts start again when the compute sleeps.' },
    creator: 'the owner of the database',
  },
  {
    host: /\.postgres\.database\.azure\.com$/,
    preload: { text: 'Azure: in the server parameters, add pg_stat_statements to shared_preload_libraries and to azure.extensions, then restart the server.' },
    creator: 'the administrator of the server',
  },
];

function hostingOf(host: string): Hosting | undefined {
  return HOSTINGS.find((hosting) => hosting.host.test(host));
}

function preloadSteps(host: string): SetupStep[] {
  const hosting = hostingOf(host);
  if (hosting !== undefined) return [hosting.preload];
  return [
    { text: 'With Docker, start the server with the library. In docker-compose.yml:', code: 'command: postgres -c shared_preload_libraries=pg_stat_statements' },
    { text: 'Without Docker, run this as a superuser (keep what the setting already names), then restart PostgreSQL:', code: "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements';" },
  ];
}
