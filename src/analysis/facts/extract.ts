import type { FileFacts, IgnoreFact, ModuleFacts } from './facts';
import { contextOf } from './file-context';
import type { LexicalFacts } from './lexical-scan';
import { prismaModels } from '../schema/prisma-schema';
import { tableChanges } from '../schema/sql-tables';
import { extractEmbeddedSql, sqlFile } from '../syntax/embedded-sql';
import { extractReact } from '../syntax/react';
import { sqlBlocks } from '../syntax/sql-blocks';
import { parseModule } from '../syntax/typescript';
import type { TSESTree } from '@typescript-eslint/typescript-estree';
import { ModuleExtractor } from './module-extractor';

/** Changes whenever facts change their form or content for the same text: part of every cache key. */
export const FACTS_VERSION = 29;

/**
 * Facts of one file. Depends on its name and text alone; never throws for any text. `text` has no byte order mark.
 * `place` is the file's path relative to its project: it tells tests, seeds and scripts from production code.
 * Needs `initSql` once per thread.
 */
export function extractFacts(file: string, text: string, place: string = file): FileFacts {
  const common = commonFacts(file, text, place);
  if (file.endsWith('.sql')) {
    const blocks = sqlBlocks(text);
    const tables = tableChanges(text);
    return { ...common, kind: 'sql', sql: sqlFile(text), ...(blocks.length > 0 && { blocks }), ...(tables.length > 0 && { tables }) };
  }
  if (file.endsWith('.prisma')) return { ...common, kind: 'schema', sql: [], tables: prismaModels(text) };
  const { tree, syntaxError } = parseModule(file, text);
  const facts = new ModuleExtractor().extract(tree, {
    ...common,
    kind: 'module',
    sql: extractEmbeddedSql(tree, text),
    ...(syntaxError && { syntaxError }),
  });
  const react = extractReact(tree, text, facts);
  if (react) facts.react = react;
  return facts;
}

/**
 * Facts of a module that is not parsed (see `modulesToParse`): its lines, its comments for Roundtrip and where it imports from,
 * though not what; nothing that any rule finds something in.
 */
export function outlineModule(file: string, text: string, place: string, { sources, typeSources }: LexicalFacts): ModuleFacts {
  const facts = new ModuleExtractor().extract(EMPTY, { ...commonFacts(file, text, place), kind: 'module', sql: [] });
  for (const source of sources) facts.imports.push({ local: '', source, imported: '', typeOnly: false });
  for (const source of typeSources) facts.imports.push({ local: '', source, imported: '', typeOnly: true });
  return facts;
}

const EMPTY = { type: 'Program', body: [], range: [0, 0] } as unknown as TSESTree.Program;

function commonFacts(file: string, text: string, place: string): Pick<ModuleFacts, 'file' | 'context' | 'lineStarts' | 'ignores'> {
  return { file, context: contextOf(place, text), lineStarts: lineStartsOf(text), ignores: ignoresOf(text) };
}

function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  return starts;
}

const IGNORE = /(?:\/\/|\/\*|--)[ \t]*roundtrip-ignore[ \t]+([\w-]+(?:[ \t]*,[ \t]*[\w-]+)*)[ \t]*(?::[ \t]*([^\r\n]*?))?[ \t]*(?:\*\/\}?)?[ \t]*\r?$/gm;

function ignoresOf(text: string): IgnoreFact[] {
  if (!text.includes('roundtrip-ignore')) return [];
  const lines = text.split('\n');
  const ignores: IgnoreFact[] = [];
  for (const match of text.matchAll(IGNORE)) {
    const line = text.slice(0, match.index).split('\n').length;
    const before = text.slice(text.lastIndexOf('\n', match.index) + 1, match.index);
    let target = line;
    if (/^[\s{]*$/.test(before)) {
      target = line + 1;
      while (target <= lines.length && /^\s*(\/\/.*|--.*|\{?\/\*.*\*\/\}?)?\s*$/.test(lines[target - 1] ?? '')) target++;
    }
    ignores.push({
      rules: match[1]!.split(',').map((rule) => rule.trim()),
      reason: (match[2] ?? '').trim(),
      line: target,
      start: match.index,
      end: match.index + match[0].trimEnd().length,
    });
  }
  return ignores;
}
