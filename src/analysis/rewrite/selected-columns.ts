import type { FixOutcome, SourceFile } from '../rules/rule';
import { queryNode } from './batched-read';
import { drizzleColumns } from './columns/drizzle';
import { pgColumns } from './columns/pg';
import { prismaColumns } from './columns/prisma';
import { Code } from './code';
import { fixOf } from './edits';
import { styleOf } from './file-style';
import { ofLibrary, refuse } from './refusal';
import type { UnboundedQuery } from './site';

/** A query that brings more columns than the code reads. All uses of its rows were seen. */
export interface WholeRowsQuery extends UnboundedQuery {
  /** Columns that the code reads, as the code names them. */
  used: string[];
  /** A type in the code names the whole row, and would be wrong for a part of it. */
  typed: boolean;
}

const SELECTIONS = { pg: pgColumns, drizzle: drizzleColumns, prisma: prismaColumns };

/** Asks for the used columns alone. The code reads no others, so that nothing can tell the difference. */
export function rewriteSelection(site: WholeRowsQuery, source: SourceFile): FixOutcome {
  const code = Code.of(source) ?? refuse('the file is not a module.');
  const style = styleOf(code, source.file);
  const edits = ofLibrary(SELECTIONS, site.library)(code, queryNode(code, site), site.used, style);
  if (site.typed) refuse('a type in the code stands for the whole row.');
  return { fixes: [fixOf(`Select ${site.used.length === 1 ? 'the one column' : `the ${site.used.length} columns`} in use`, 'safe', source.file, style.newline, edits)] };
}
