import type { Counted, SessionTargets, StatementRow, TargetResult } from '../protocol.js';
import { count, duration, number } from './words.js';

/** With fewer blocks than this the first reads of a cold cache decide everything. */
const LEAST_BLOCKS = 1_000;

/** The most connections that were in use at once, and how many the server lets in. */
export interface ConnectionUse {
  most: number;
  limit: number;
}

/**
 * Which targets a session has met. Where it holds nothing to judge by, `met` is undefined and the result says why.
 * @param connections what was seen of the server; undefined when nobody looked
 */
export function targetResults(statements: readonly Pick<StatementRow, 'measured' | 'counted'>[], targets: SessionTargets, connections?: ConnectionUse): TargetResult[] {
  return [p95Result(statements, targets.p95Ms), connectionResult(connections, targets.connections), cacheResult(statements.flatMap(({ counted }) => counted ?? []), targets.cacheHits)];
}

function p95Result(statements: readonly Pick<StatementRow, 'measured'>[], limit: number): TargetResult {
  const head = { name: 'Statements', target: `p95 of each statement ≤ ${duration(limit)}` };
  const p95s = statements.flatMap(({ measured }) => (measured && measured.calls > 0 ? [measured.p95Ms] : []));
  if (!p95s.length) return { ...head, met: undefined, result: 'No program was watched, and the server knows no percentiles' };
  const slower = p95s.filter((p95) => p95 > limit).length;
  const slowest = `the slowest takes ${duration(p95s.reduce((most, p95) => Math.max(most, p95), 0))}`;
  if (!slower) return { ...head, met: true, result: `All ${number(p95s.length)} are quick enough; ${slowest}` };
  return { ...head, met: false, result: `${number(slower)} of ${count(p95s.length, 'statement')} ${slower === 1 ? 'is' : 'are'} slower; ${slowest}` };
}

function connectionResult(use: ConnectionUse | undefined, share: number): TargetResult {
  const head = { name: 'Connections', target: `at most ${percent(share)} of the server's connections in use` };
  if (!use || use.limit <= 0) return { ...head, met: undefined, result: 'No database was connected' };
  return { ...head, met: use.most <= share * use.limit, result: `${number(use.most)} of ${number(use.limit)} were in use at most (${percent(use.most / use.limit)})` };
}

function cacheResult(counted: readonly Counted[], share: number): TargetResult {
  const head = { name: 'Cache', target: `at least ${percent(share)} of blocks found in memory` };
  const hit = counted.reduce((sum, { blocksHit }) => sum + blocksHit, 0);
  const all = counted.reduce((sum, { blocksRead }) => sum + blocksRead, hit);
  if (!counted.length) return { ...head, met: undefined, result: 'The server counted no statements' };
  if (all < LEAST_BLOCKS) return { ...head, met: undefined, result: `Only ${count(all, 'block')} ${all === 1 ? 'was' : 'were'} read, too few to tell` };
  return { ...head, met: hit >= share * all, result: `${percent(hit / all)} of ${count(all, 'block')} were found in memory` };
}

/** `95 %`, `94.8 %`; never rounded up to a target that was missed. */
function percent(share: number): string {
  return `${Math.floor(share * 1_000 + 1e-9) / 10} %`;
}
