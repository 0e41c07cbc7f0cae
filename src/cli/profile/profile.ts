import path from 'node:path';
import { loginFromEnvironment, parseDatabaseUrl, type DatabaseLogin } from '../../database';
import { openProfiler, type Profiler } from '../../profiler';
import { DEFAULT_TARGETS, type Comparison, type SessionUpdate } from '../../profiler/protocol';
import { compareSessions, readSession, SessionFileError, sessionReport, targetResults, writeSession, writeWhole } from '../../profiler/record';
import type { SessionSnapshot } from '../../profiler/snapshot';
import { fileName, systemCacheFolder } from '../../workspace';
import type { ProfileArguments } from '../arguments';
import { printable } from '../terminal-text';
import { UsageError } from '../usage-error';
import { holdAgainst } from './budgets';
import { hasRegressed, type ProfileOutcome } from './outcome';
import { reportJson } from './report-json';
import { reportPretty } from './report-pretty';
import { exitCodeOf, runProgram } from './run-program';

const MISSED = 1;
const COULD_NOT_RUN = 2;

/**
 * Runs a program, watches its queries and reports them. Returns the exit code: the program's own when it failed, otherwise whether
 * budgets were met. Throws a {@link UsageError} when it cannot run.
 */
export async function profile(options: ProfileArguments): Promise<number> {
  const folder = fileName(process.cwd());
  const earlier = options.compare === undefined ? undefined : await usable(() => readSession(options.compare!, [folder]));
  const warnings: string[] = [];
  const profiler = await openProfiler({
    probe: options.probe ?? path.join(__dirname, 'probe.cjs'),
    storage: path.join(systemCacheFolder(), 'probe'),
    notify: (name, value) => {
      if (name === 'log' && 'level' in value && value.level !== 'info') warnings.push(value.message);
    },
  });
  try {
    if (options.connect !== undefined) await connect(profiler, options.connect);
    const { arming } = await profiler.start({ name: options.name ?? options.command.join(' ').slice(0, 80), workspaceFolders: [], parameters: false, targets: DEFAULT_TARGETS });
    const env = { ...process.env, ...arming.variables, NODE_OPTIONS: [arming.nodeOptions, process.env['NODE_OPTIONS']].filter(Boolean).join(' ') };
    const toStdout = options.format !== 'pretty' && options.output === undefined;
    const started = performance.now();
    const ending = await runProgram(options.command, env, toStdout ? 'stderr' : 'stdout');
    const seconds = (performance.now() - started) / 1000;
    await profiler.stop();
    const session = profiler.update();
    const snapshot = profiler.snapshot()!;
    const comparison = earlier && compared(options.compare!, earlier, snapshot);
    const outcome: ProfileOutcome = {
      command: options.command,
      ending,
      seconds,
      session,
      snapshot,
      budgets: holdAgainst(options.budgets, session),
      targets: targetResults(session.statements, DEFAULT_TARGETS),
      ...(comparison && { comparison }),
      folder,
    };
    for (const warning of new Set(warnings)) say(warning);
    const failures = [...(await saved(options, snapshot, folder)), ...(await reported(options, outcome, toStdout))];
    return exitCode(options, outcome, failures);
  } finally {
    await profiler.close();
  }
}

async function connect(profiler: Profiler, address: string | true): Promise<void> {
  const state = await profiler.connect({ login: loginOf(address) });
  if (state.kind === 'failed') throw new UsageError(`${state.title} ${state.detail}`);
  if (state.kind === 'connected' && state.withoutStatements) say(`${state.withoutStatements.title} ${state.withoutStatements.detail}`);
}

function loginOf(address: string | true): DatabaseLogin {
  const url = address === true ? process.env['DATABASE_URL'] : address;
  if (!url) {
    const login = loginFromEnvironment(process.env);
    if (!login) throw new UsageError('The environment names no database: set DATABASE_URL, or give --connect an address.');
    return login;
  }
  const parsed = parseDatabaseUrl(url);
  if (!parsed.ok) throw new UsageError(`--connect: ${parsed.reason}`);
  return parsed.login;
}

function compared(file: string, before: SessionSnapshot, after: SessionSnapshot): Comparison {
  return compareSessions({ file: fileName(file), snapshot: before }, { file: '', snapshot: after });
}

async function saved({ save }: ProfileArguments, snapshot: SessionSnapshot, folder: string): Promise<string[]> {
  return save === undefined ? [] : tried(() => writeSession(snapshot, path.resolve(save), [folder]));
}

async function reported({ format, output }: ProfileArguments, outcome: ProfileOutcome, toStdout: boolean): Promise<string[]> {
  const stream = toStdout ? process.stdout : process.stderr;
  const text =
    format === 'pretty'
      ? reportPretty(outcome, output === undefined ? stream : {})
      : format === 'json'
        ? reportJson(outcome)
        : sessionReport(outcome.snapshot, { format, roots: [outcome.folder], ...(outcome.comparison && { comparison: outcome.comparison }) });
  if (output !== undefined) return tried(() => writeWhole(path.resolve(output), text, 'The report'));
  stream.write(text);
  return [];
}

/** The program's own failure wins: whoever looks at the code looks for it first. */
function exitCode({ budgets, compare }: ProfileArguments, { ending, session, budgets: results, comparison }: ProfileOutcome, failures: readonly string[]): number {
  for (const failure of failures) say(failure);
  const own = exitCodeOf(ending);
  if (own !== 0) {
    say(ending.signal ? `the program was ended by ${ending.signal}.` : `the program ended with exit code ${own}.`);
    return own;
  }
  if (failures.length) return COULD_NOT_RUN;
  if ((budgets.length || compare !== undefined) && !wasWatched(session)) {
    say('there is nothing to hold against budgets or an earlier session, so they are not met.');
    return COULD_NOT_RUN;
  }
  return results.some(({ met }) => !met) || hasRegressed(comparison) ? MISSED : 0;
}

function wasWatched({ programs, connection, totals }: SessionUpdate): boolean {
  return programs.length > 0 || (connection.kind === 'connected' && totals.calls > 0);
}

async function usable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof SessionFileError ? new UsageError(error.message) : error;
  }
}

/** The program has run: what fails after that is told, and loses nothing else. */
async function tried(work: () => Promise<void>): Promise<string[]> {
  try {
    await work();
    return [];
  } catch (error) {
    return [error instanceof SessionFileError ? error.message : String(error)];
  }
}

function say(message: string): void {
  process.stderr.write(`roundtrip: ${printable(message)}\n`);
}
