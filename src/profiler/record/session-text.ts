import path from 'node:path';
import type { Place } from '../protocol.js';
import { SNAPSHOT_VERSION, type SessionSnapshot, type StatementSnapshot } from '../snapshot.js';
import { SESSION_FORMAT, sessionSchema, type Schema, type SessionFile } from './session-schema.js';
import { withoutArguments, withoutValues } from './without-values.js';

/** A file that cannot be taken for a session. The message goes on after "The file … ". */
export class NoSessionError extends Error {}

/** Lines of a file are broken when they get longer, so that two versions of it can be compared. */
const LINE_WIDTH = 140;

/** A ten-thousandth of a millisecond is less than any clock tells. */
const DECIMALS = 4;

/**
 * A session as text: JSON with its keys always in the same order, statements in the order of their texts. Paths are written relative to
 * the first of the workspace's folders; values of statements and arguments of programs are left out.
 */
export function sessionText(snapshot: SessionSnapshot, roots: readonly string[]): string {
  const place = (one: Place): Place => ({ ...one, file: relative(one.file, roots) });
  const file: SessionFile = {
    ...snapshot,
    format: SESSION_FORMAT,
    calls: callsOf(snapshot),
    statements: snapshot.statements
      .map((statement) => ({
        ...statement,
        errors: statement.errors.map((error) => ({ ...error, message: withoutValues(error.code, error.message) })),
        sites: statement.sites.map((site) => ({ ...site, place: place(site.place) })).sort((a, b) => order(placeKey(a.place), placeKey(b.place))),
      }))
      .sort((a, b) => order(a.text, b.text) || order(a.id, b.id)),
    lines: snapshot.lines.map((line) => ({ ...line, key: inKey(line.key, (name) => relative(name, roots)) })).sort((a, b) => order(a.key, b.key)),
    repetitions: snapshot.repetitions.map((repetition) => ({ ...repetition, place: place(repetition.place) })),
    programs: snapshot.programs.map((program) => ({ ...program, command: programName(program.command, roots) })),
  };
  return `${printed(inOrder(file, sessionSchema), '')}\n`;
}

/**
 * Reads what {@link sessionText} wrote. Paths are resolved in the first of the workspace's folders.
 * @throws NoSessionError when it is no session, a damaged one, or one of a newer version
 */
export async function parseSession(text: string, roots: readonly string[]): Promise<SessionSnapshot> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new NoSessionError(text.trim() === '' ? 'is empty.' : /^\s*\{[\s\S]*roundtrip-session/.test(text) ? 'is damaged: it breaks off or was changed, so that it is no JSON any more.' : 'is no session of Roundtrip: it is no JSON.');
  }
  const { format, version } = Object(value) as { format?: unknown; version?: unknown };
  if (format !== SESSION_FORMAT) throw new NoSessionError('is no session of Roundtrip.');
  if (typeof version === 'number' && version > SNAPSHOT_VERSION) throw new NoSessionError('was saved by a newer version of Roundtrip. Update Roundtrip to open it.');
  const wrong = await problemOf(value);
  if (wrong !== undefined) throw new NoSessionError(`is damaged: ${wrong}.`);
  const { format: _format, calls: _calls, ...snapshot } = value as SessionFile;
  const place = (one: Place): Place => ({ ...one, file: absolute(one.file, roots) });
  return {
    ...snapshot,
    statements: snapshot.statements.map((statement) => ({ ...statement, sites: statement.sites.map((site) => ({ ...site, place: place(site.place) })) })),
    lines: snapshot.lines.map((line) => ({ ...line, key: inKey(line.key, (name) => absolute(name, roots)) })),
    repetitions: snapshot.repetitions.map((repetition) => ({ ...repetition, place: place(repetition.place) })),
  };
}

/** Executions of all statements: as measured, or as the server counted them where no program was watched. */
export function callsOf({ statements }: Pick<SessionSnapshot, 'statements'>): number {
  const sum = (of: (statement: StatementSnapshot) => number | undefined): number => statements.reduce((total, statement) => total + (of(statement) ?? 0), 0);
  return sum(({ measured }) => measured?.calls) || sum(({ counted }) => counted?.calls);
}

/** The script of a program as seen from the workspace, without its arguments. */
export function programName(command: string, roots: readonly string[]): string {
  const inside = `${roots[0] ?? ''}/`;
  if (command.replaceAll('\\', '/').startsWith(inside)) return withoutArguments(command.slice(inside.length));
  return withoutArguments(command).replace(/^\S+/, (script) => (path.isAbsolute(script) ? relative(script, roots) : script));
}

/** What is wrong with a file's content, as the end of a sentence. Leaves out what the format does not know. */
async function problemOf(value: unknown): Promise<string | undefined> {
  const { Ajv } = await import('ajv');
  const check = new Ajv({ removeAdditional: true, strict: false }).compile(sessionSchema);
  if (check(value)) return undefined;
  const [first] = check.errors ?? [];
  return `${first?.instancePath ? `“${first.instancePath.slice(1).replaceAll('/', '.')}”` : 'it'} ${first?.message ?? 'is not as it should be'}`;
}

/** Only the keys that the schema names, in its order, and numbers without noise. */
function inOrder(value: unknown, schema: Schema): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? Number(value.toFixed(DECIMALS)) : 0;
  if (Array.isArray(value)) return value.map((item) => inOrder(item, isSchema(schema['items']) ? schema['items'] : {}));
  const properties = schema['properties'] as Record<string, Schema> | undefined;
  if (!properties || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(properties).flatMap(([key, inner]) => {
    const found = (value as Record<string, unknown>)[key];
    return found === undefined ? [] : [[key, inOrder(found, inner)]];
  }));
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function printed(value: unknown, indent: string): string {
  const compact = JSON.stringify(value);
  if (typeof value !== 'object' || value === null || (indent !== '' && compact.length + indent.length <= LINE_WIDTH)) return compact;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    // The bins of a histogram are one thing.
    if (value.length === 0 || value.every((item) => Array.isArray(item))) return compact;
    return `[\n${value.map((item) => inner + printed(item, inner)).join(',\n')}\n${indent}]`;
  }
  return `{\n${Object.entries(value).map(([key, item]) => `${inner}${JSON.stringify(key)}: ${printed(item, inner)}`).join(',\n')}\n${indent}}`;
}

function relative(file: string, [root]: readonly string[]): string {
  const shown = root === undefined ? file : path.relative(root, file);
  return shown.replaceAll('\\', '/');
}

function absolute(file: string, [root]: readonly string[]): string {
  return (root === undefined ? file : path.resolve(root, file)).replaceAll('\\', '/');
}

function inKey(key: string, change: (file: string) => string): string {
  const [, file, rest] = /^(.*)(:\d+:\d+)$/s.exec(key) ?? [];
  return file === undefined ? key : `${change(file)}${rest}`;
}

function placeKey({ file, line, column }: Place): string {
  return `${file}:${String(line).padStart(7, '0')}:${String(column).padStart(7, '0')}`;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
