import jsTokens from 'js-tokens';
import { loginFromEnvironment, parseDatabaseUrl, type DatabaseLogin } from '../address.js';
import { valueOf, type Variables } from './variables.js';

/** Larger files are no configuration that somebody wrote. */
const MOST_CHARACTERS = 200_000;

type Value = string | undefined;

/**
 * Reads literals out of the tokens of a configuration file, which is never run: strings, templates, numbers, variables of the
 * environment, and constants of the file that are such. Everything else is unknown.
 */
class LiteralReader {
  readonly #tokens: string[];
  readonly #variables: Variables;

  constructor(text: string, variables: Variables) {
    this.#variables = variables;
    const skipped = new Set(['WhiteSpace', 'LineTerminatorSequence', 'SingleLineComment', 'MultiLineComment', 'HashbangComment', 'Invalid']);
    this.#tokens = [...jsTokens(text.slice(0, MOST_CHARACTERS))].filter(({ type }) => !skipped.has(type)).map(({ value }) => value);
  }

  /** Positions right after each occurrence of these tokens in a row. */
  after(...wanted: string[]): number[] {
    const places: number[] = [];
    for (let at = 0; at + wanted.length <= this.#tokens.length; at += 1) {
      if (wanted.every((token, index) => unquoted(this.#tokens[at + index]!) === token)) places.push(at + wanted.length);
    }
    return places;
  }

  token(at: number): string | undefined {
    return this.#tokens[at];
  }

  /** The values of an object's properties; `at` is right after its `{`. `separator` stands between name and value. */
  properties(at: number, separator: ':' | '='): Map<string, Value> {
    const found = new Map<string, Value>();
    let depth = 0;
    for (let place = at; place < this.#tokens.length; place += 1) {
      const token = this.#tokens[place]!;
      if (depth === 0 && this.#tokens[place + 1] === separator) found.set(unquoted(token), this.value(place + 2));
      if (token === '{' || token === '(' || token === '[') depth += 1;
      else if (token === '}' || token === ')' || token === ']') depth -= 1;
      if (depth < 0) break;
    }
    return found;
  }

  /** The value of the expression at a position, where it is one that is understood. */
  value(at: number, constants = 0): Value {
    const token = this.#tokens[at];
    if (token === undefined) return undefined;
    const first = this.#operand(at, constants);
    const next = this.#tokens[first.end] === '!' ? first.end + 1 : first.end;
    const operator = this.#tokens[next];
    // `process.env.URL ?? 'postgresql://…'`
    if ((operator === '??' || operator === '||') && !first.value) return this.value(next + 1, constants);
    return first.value;
  }

  #operand(at: number, constants: number): { value: Value; end: number } {
    const token = this.#tokens[at]!;
    if (/^['"]/.test(token)) return { value: unquoted(token), end: at + 1 };
    if (/^\d+$/.test(token)) return { value: token, end: at + 1 };
    if (/^`[^]*`$/.test(token)) return { value: token.slice(1, -1), end: at + 1 };
    if (token.startsWith('`')) return this.#template(at, constants);
    if (token === 'process' && this.#tokens[at + 1] === '.' && this.#tokens[at + 2] === 'env') {
      const dotted = this.#tokens[at + 3] === '.';
      const name = this.#tokens[at + 4];
      return { value: name === undefined ? undefined : valueOf(this.#variables, unquoted(name)), end: at + (dotted ? 5 : 6) };
    }
    if (this.#tokens[at + 1] === '(' && ['env', 'Number', 'parseInt', 'String'].includes(token)) {
      const inner = token === 'env' ? valueOf(this.#variables, unquoted(this.#tokens[at + 2] ?? '')) : this.value(at + 2, constants);
      let end = at + 2;
      while (end < this.#tokens.length && this.#tokens[end] !== ')') end += 1;
      return { value: inner, end: end + 1 };
    }
    const [declared] = this.after('const', token, '=');
    // A constant may be made of another one, but not of itself.
    if (declared !== undefined && constants < 3) return { value: this.value(declared, constants + 1), end: at + 1 };
    return { value: undefined, end: at + 1 };
  }

  #template(at: number, constants: number): { value: Value; end: number } {
    let text = this.#tokens[at]!.slice(1, -2);
    for (let place = at + 1; place < this.#tokens.length; ) {
      const inner = this.value(place, constants);
      while (place < this.#tokens.length && !this.#tokens[place]!.startsWith('}')) place += 1;
      const part = this.#tokens[place];
      if (inner === undefined || part === undefined) return { value: undefined, end: place + 1 };
      text += inner + part.slice(1, part.endsWith('`') ? -1 : -2);
      place += 1;
      if (part.endsWith('`')) return { value: text, end: place };
    }
    return { value: undefined, end: this.#tokens.length };
  }
}

/** The datasources of a Prisma schema. */
export function loginsInPrismaSchema(text: string, variables: Variables): DatabaseLogin[] {
  const reader = new LiteralReader(text, variables);
  return reader.after('datasource').flatMap((place) => {
    if (reader.token(place + 1) !== '{') return [];
    const properties = reader.properties(place + 2, '=');
    return ['url', 'directUrl'].flatMap((name) => loginOfUrl(properties.get(name)));
  });
}

/** The datasource of a Prisma configuration (`prisma.config.ts`). */
export function loginsInPrismaConfiguration(text: string, variables: Variables): DatabaseLogin[] {
  const reader = new LiteralReader(text, variables);
  return reader.after('datasource', ':', '{').flatMap((place) => {
    const properties = reader.properties(place, ':');
    return ['url', 'directUrl'].flatMap((name) => loginOfUrl(properties.get(name)));
  });
}

/** The credentials of a Drizzle configuration (`drizzle.config.ts`). */
export function loginsInDrizzleConfiguration(text: string, variables: Variables): DatabaseLogin[] {
  const reader = new LiteralReader(text, variables);
  return reader.after('dbCredentials', ':', '{').flatMap((place) => {
    const properties = reader.properties(place, ':');
    const url = properties.get('url') ?? properties.get('connectionString');
    if (url !== undefined) return loginOfUrl(url);
    const [host, database] = [properties.get('host'), properties.get('database')];
    // Other databases have host and database as well.
    const dialects = [...reader.after('dialect', ':'), ...reader.after('driver', ':')].map((at) => reader.value(at));
    if (host === undefined || database === undefined || !dialects.some((dialect) => dialect === 'postgresql' || dialect === 'pg')) return [];
    const login = loginFromEnvironment({
      PGHOST: host, PGDATABASE: database, PGPORT: properties.get('port'), PGUSER: properties.get('user'), PGPASSWORD: properties.get('password'), USER: variables['USER'],
    });
    return login === undefined ? [] : [login];
  });
}

function loginOfUrl(url: Value): DatabaseLogin[] {
  const parsed = parseDatabaseUrl(url ?? '');
  return parsed.ok ? [parsed.login] : [];
}

function unquoted(token: string): string {
  const quote = token[0];
  if (quote !== "'" && quote !== '"') return token;
  return token.slice(1, token.endsWith(quote) ? -1 : undefined).replace(/\\(.)/g, '$1');
}
