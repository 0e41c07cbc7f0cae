import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { batchedInsert, batchedRead, boundedQuery, concurrentReads, selectedColumns, type LoopQuery } from '../../src/analysis/rewrite';
import { spliced } from '../../src/analysis/rewrite/edits';
import type { FixOutcome } from '../../src/analysis/rules/rule';
import { awaitsIn, siteIn, sourceOf } from './site-in';

export type FixKind = 'read' | 'insert' | 'unbounded' | 'awaits' | 'columns';

const REWRITES = { read: batchedRead, insert: batchedInsert, unbounded: boundedQuery };

/** One program of `cases/<library>-<fix>/`; what it is expected to become stands beside it as `<name>.after.ts`. */
export interface Case {
  library: LoopQuery['library'];
  kind: FixKind;
  name: string;
  /** Relative to this folder. */
  path: string;
  text: string;
}

export function casesOf(kind: FixKind): Case[] {
  return (['pg', 'drizzle', 'prisma'] as const).flatMap((library) => {
    const folder = `cases/${library}-${kind}`;
    return readdirSync(join(__dirname, folder))
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.after.ts'))
      .sort()
      .map((file) => ({ library, kind, name: `${library}: ${basename(file, '.ts').replace(/-/g, ' ')}`, path: `${folder}/${file}`, text: readFileSync(join(__dirname, folder, file), 'utf8') }));
  });
}

export function rewrite(library: LoopQuery['library'], kind: FixKind, file: string, text: string): FixOutcome {
  const source = sourceOf(file, text);
  if (kind === 'awaits') return concurrentReads({ statements: awaitsIn(source) }, source);
  if (kind === 'columns') return selectedColumns({ ...siteIn(source, library, 'read'), used: usedIn(text), typed: false }, source);
  return REWRITES[kind](siteIn(source, library, kind === 'insert' ? 'insert' : 'read'), source);
}

/** The columns that a case says it uses, in the order of the table. */
function usedIn(text: string): string[] {
  return /^\/\/ uses (.*?)\r?$/m.exec(text)?.[1]?.split(', ') ?? [];
}

/** The program after its fix, headed by the fix's safety and title. */
export function rewritten(one: Case): { title: string; text: string } {
  const outcome = rewrite(one.library, one.kind, one.path, one.text);
  if ('refused' in outcome) throw new Error(`${one.path} was refused: ${outcome.refused}`);
  const fix = outcome.fixes[0]!;
  return { title: `${fix.safety}: ${fix.title}`, text: spliced(one.text, { start: 0, end: one.text.length }, fix.edits) };
}
