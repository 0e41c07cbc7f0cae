import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { callSite } from '../../src/profiler/program/call-site';
import { SourceMaps } from '../../src/profiler/program/source-maps';
import { nodeForHost } from '../editor/host/install';
import { Listener } from './listener';
import { LOADERS, readProgram, type Loader } from './loaders';
import { NeonServer } from './neon-server';
import { run } from './program';

/** Programs of test/probe/programs, one per library. */
export const LIBRARY_PROGRAMS = ['pg', 'postgres-js', 'drizzle', 'drizzle-postgres-js', 'kysely', 'knex', 'typeorm', 'sequelize', 'prisma', 'neon'] as const;

export interface NodeAtHand {
  version: string;
  binary: string;
}

/** One library with one loader, seen as the profiler shows it. */
export interface TableResult {
  program: string;
  loader: string;
  /** Lines with exactly the queries that they issue, of all that issue some. */
  exact: number;
  lines: number;
  /** What is not as promised; `undefined` when all is. */
  wrong?: string;
}

/** The Node that runs the tests, and the one that the editor's tests have installed, if they have. */
export function nodesAtHand(): NodeAtHand[] {
  const binaries = new Set([process.execPath]);
  try {
    binaries.add(nodeForHost());
  } catch {
    // Then this one alone is at hand.
  }
  return [...binaries].map(nodeOf);
}

export function nodeOf(binary: string): NodeAtHand {
  return { binary, version: execFileSync(binary, ['--version'], { encoding: 'utf8', env: {} }).trim().slice(1) };
}

/** Runs each program with each loader that this Node has, or with those of the wanted names. */
export async function runTable(programs: readonly string[], { version, binary }: NodeAtHand, url: string, wanted?: readonly string[]): Promise<TableResult[]> {
  const [major, minor] = version.split('.').map(Number) as [number, number];
  const loaders = LOADERS.filter(({ name, since }) => (major > since[0] || (major === since[0] && minor >= since[1])) && (wanted?.includes(name) ?? true));
  const results: TableResult[] = [];
  await createTables(programs, url);
  const neon = await NeonServer.open(url);
  try {
    for (const program of programs) {
      const able = loaders.filter(({ programs: only }) => only?.includes(program) ?? true);
      results.push(...(await Promise.all(able.map((loader) => runOne(program, loader, binary, { DATABASE_URL: url, NEON_SERVER: neon.address })))));
    }
  } finally {
    await neon.close();
  }
  return results;
}

/** Programs that create one table at the same moment fail in PostgreSQL's catalog, in spite of their IF NOT EXISTS. */
async function createTables(programs: readonly string[], url: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  try {
    for (const [statement] of programs.flatMap((program) => [...readProgram(program).matchAll(/CREATE TABLE IF NOT EXISTS [^'`]+/g)])) await client.query(statement);
  } finally {
    await client.end();
  }
}

async function runOne(program: string, loader: Loader, node: string, env: Record<string, string>): Promise<TableResult> {
  const { script, source } = await loader.write(program);
  const listener = await Listener.open();
  try {
    const { status, output, errors } = await run(script, { node, flags: loader.flags, env: { ...loader.env, ...listener.environment(), ...env } });
    await listener.quiet();
    const wanted = promised(readFileSync(source, 'utf8'));
    const found = new Map<string, number>();
    const maps = new SourceMaps();
    for (const { frames } of listener.queries) {
      const site = frames && callSite(frames, path.dirname(script), maps);
      if (!site) continue;
      const place = site.file === source ? `${site.line}` : `${site.file}:${site.line}`;
      found.set(place, (found.get(place) ?? 0) + 1);
    }
    const differences = [...new Set([...wanted.keys(), ...found.keys()])].filter((place) => wanted.get(place) !== found.get(place));
    const notes = listener.programs.flatMap(({ notes }) => notes);
    const sentences = [
      ...differences.map((place) => `line ${place}: ${found.get(place) ?? 0} queries instead of ${wanted.get(place) ?? 0}`),
      ...(status === 0 ? [] : [`exited with ${status}`]),
      ...[output, errors, ...notes].filter((text) => text !== ''),
    ];
    return {
      program,
      loader: loader.name,
      exact: [...wanted.keys()].filter((place) => found.get(place) === wanted.get(place)).length,
      lines: wanted.size,
      ...(sentences.length > 0 ? { wrong: sentences.join('\n') } : {}),
    };
  } finally {
    await listener.close();
  }
}

/** Queries per line of a program's text, as its marks promise: `//: 2` stands behind a line that issues two. */
function promised(text: string): Map<string, number> {
  return new Map(text.split('\n').flatMap((line, index) => {
    const mark = /\/\/: (\d+)$/.exec(line);
    return mark ? [[`${index + 1}`, Number(mark[1])] as const] : [];
  }));
}
