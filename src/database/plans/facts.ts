import { nodesOf, type Plan, type PlanNode } from './plan.js';

/** More sentences than this are a list that nobody reads; the plan shows the rest. */
const MOST_FACTS = 3;
/** An estimate that is wrong by less rarely changes the plan. */
const WRONG_FACTOR = 10;
/** Fewer rows than this cost nothing, whatever is wrong with them. */
const MANY_ROWS = 1_000;
/** A table with fewer rows is read as a whole in a millisecond or two. */
const BIG_TABLE_ROWS = 10_000;
/** Rows read for each one kept. */
const WASTED_FACTOR = 10;
/** Executions of an inner side or a subquery that add up. */
const MANY_LOOPS = 1_000;
/** A part of the whole time that is worth a sentence. */
const TELLING_SHARE = 0.25;
/** Compiling or planning below this is nobody's problem. */
const TELLING_MS = 5;
/** A smaller part of lossy blocks costs less than a larger work_mem. */
const LOSSY_SHARE = 0.1;

interface Fact {
  sentence: string;
  /** Which is told first: about the part of the whole cost that hangs on it, 0 to 1. */
  weight: number;
}

/** Known of a node within its plan. */
interface Place {
  node: PlanNode;
  parents: readonly PlanNode[];
  /** Part of the plan's time (or cost, when it was not run) below and in this node, 0 to 1. */
  share: number;
}

/**
 * What stands out in a plan, in at most three sentences, the most telling first. `tableRows` are the rows of its tables, which a plan
 * that was not run does not name. Pure.
 */
export function planFacts(plan: Plan, tableRows: ReadonlyMap<string, number>): string[] {
  const whole = weightOf(plan.Plan) || 1;
  const facts: Fact[] = [...wholeFacts(plan)];
  for (const { node, parents } of nodesOf(plan.Plan)) {
    if (node['Actual Loops'] === 0) continue;
    const place: Place = { node, parents, share: Math.min(1, weightOf(node) / whole) };
    for (const tell of NODE_FACTS) {
      const fact = tell(place, tableRows);
      if (fact !== undefined) facts.push(fact);
    }
  }
  const misestimate = originalMisestimate(plan, whole);
  if (misestimate !== undefined) facts.push(misestimate);
  facts.sort((a, b) => b.weight - a.weight);
  return [...new Set(facts.map(({ sentence }) => sentence))].slice(0, MOST_FACTS);
}

const NODE_FACTS = [discardingScan, discardingIndexScan, sortOnDisk, hashOnDisk, manyLoops, repeatedSubquery, lossyBitmap, heapFetches, largeOffset, missingWorkers];

/** Milliseconds of all loops where it was run, else the planner's cost. */
function weightOf(node: PlanNode): number {
  const time = node['Actual Total Time'];
  return time === undefined ? (node['Total Cost'] ?? 0) : time * loopsOf(node);
}

function wasRun(node: PlanNode): boolean {
  return node['Actual Loops'] !== undefined;
}

function loopsOf(node: PlanNode): number {
  return node['Actual Loops'] ?? 1;
}

/** Rows of all loops: counted, or expected of one loop. */
function rowsOf(node: PlanNode): number {
  return wasRun(node) ? (node['Actual Rows'] ?? 0) * loopsOf(node) : (node['Plan Rows'] ?? 0);
}

function count(rows: number): string {
  return Math.round(rows).toLocaleString('en');
}

function many(number: number, one: string, more: string): string {
  return Math.round(number) === 1 ? `one ${one}` : `${count(number)} ${more}`;
}

/** `orders (Seq Scan)`, or the node's type. */
function nameOf(node: PlanNode): string {
  const type = node['Node Type'];
  return node['Relation Name'] === undefined ? `the ${type}` : `${node['Relation Name']} (${type})`;
}

function size(kilobytes: number): string {
  return kilobytes >= 1024 ? `${count(kilobytes / 1024)} MB` : `${count(kilobytes)} KB`;
}

/** A Limit above stops a node before it has given all its rows, so what it gave says nothing of what it would have. */
function isCutShort(parents: readonly PlanNode[]): boolean {
  return parents.some((parent) => parent['Node Type'] === 'Limit' || parent['Join Type'] === 'Semi' || parent['Join Type'] === 'Anti' || parent['Node Type'] === 'Merge Join');
}

/** The wrong estimate from which the others follow: the innermost one of those that are as wrong as any, within a factor of two. */
function originalMisestimate(plan: Plan, whole: number): Fact | undefined {
  let best: { node: PlanNode; factor: number; share: number; depth: number } | undefined;
  for (const { node, parents } of nodesOf(plan.Plan)) {
    const [expected, actual] = [node['Plan Rows'], node['Actual Rows']];
    if (expected === undefined || actual === undefined || loopsOf(node) === 0) continue;
    if (Math.max(expected, actual) * loopsOf(node) < MANY_ROWS) continue;
    if (actual < expected && isCutShort(parents)) continue;
    const factor = Math.max(expected, 1) > Math.max(actual, 1) ? Math.max(expected, 1) / Math.max(actual, 1) : Math.max(actual, 1) / Math.max(expected, 1);
    if (factor < WRONG_FACTOR) continue;
    const candidate = { node, factor, share: Math.min(1, weightOf(node) / whole), depth: parents.length };
    if (best === undefined || factor > best.factor * 2 || (factor > best.factor / 2 && candidate.depth > best.depth)) best = candidate;
  }
  if (best === undefined) return undefined;
  const { node, factor } = best;
  const table = node['Relation Name'];
  return {
    sentence:
      `PostgreSQL expected ${many(node['Plan Rows']!, 'row', 'rows')} from ${nameOf(node)} and got ${count(node['Actual Rows']!)}, ${count(factor)} times as ${node['Actual Rows']! > node['Plan Rows']! ? 'many' : 'few'}: ` +
      (table === undefined
        ? 'columns may depend on each other (CREATE STATISTICS tells it so), or statistics are out of date (ANALYZE).'
        : `its statistics are out of date (run ANALYZE ${table}), or the columns of the condition depend on each other (CREATE STATISTICS).`),
    // A wrong estimate leads to everything else that is wrong with a plan.
    weight: Math.max(best.share, 0.5) + Math.min(0.4, Math.log10(factor) / 10),
  };
}

/** A whole table is read for a few of its rows. */
function discardingScan({ node, share }: Place, tableRows: ReadonlyMap<string, number>): Fact | undefined {
  const table = node['Relation Name'];
  if (node['Node Type'] !== 'Seq Scan' || table === undefined || node.Filter === undefined) return undefined;
  const kept = rowsOf(node);
  const read = wasRun(node) ? kept + (node['Rows Removed by Filter'] ?? 0) * loopsOf(node) : (tableRows.get(table) ?? 0);
  if (read < BIG_TABLE_ROWS || read < kept * WASTED_FACTOR) return undefined;
  const sentence = wasRun(node)
    ? `It reads ${count(read)} rows of ${table} one by one to keep ${count(kept)}: an index on the columns of the condition would find them directly.`
    : `It would read all of about ${count(read)} rows of ${table} to keep an expected ${count(kept)}: an index on the columns of the condition would find them directly.`;
  return { sentence, weight: share };
}

/** An index finds far more rows than are kept. */
function discardingIndexScan({ node, share }: Place): Fact | undefined {
  if (!/^(?:Index(?: Only)? Scan|Bitmap Heap Scan)$/.test(node['Node Type']) || !wasRun(node)) return undefined;
  const removed = (node['Rows Removed by Filter'] ?? 0) * loopsOf(node);
  const kept = rowsOf(node);
  if (removed < MANY_ROWS || removed + kept < kept * WASTED_FACTOR) return undefined;
  const index = node['Index Name'] === undefined ? 'The index' : `The index ${node['Index Name']}`;
  return { sentence: `${index} finds ${count(removed + kept)} rows of ${node['Relation Name'] ?? 'the table'}, and all but ${count(kept)} are thrown away: add the other columns of the condition to an index.`, weight: share };
}

function sortOnDisk({ node, share }: Place): Fact | undefined {
  if (node['Sort Space Type'] !== 'Disk') return undefined;
  return {
    sentence: `Sorting ${count(rowsOf(node))} rows did not fit into memory and wrote ${size(node['Sort Space Used'] ?? 0)} to disk: an index in this order, fewer columns or a larger work_mem avoids that.`,
    weight: share,
  };
}

function hashOnDisk({ node, parents, share }: Place): Fact | undefined {
  const batches = node['Hash Batches'] ?? 0;
  if (batches > 1) {
    const join = parents[0];
    return {
      sentence: `The hash of ${count(rowsOf(node))} rows did not fit into memory and was split into ${count(batches)} parts on disk: fewer rows or columns on that side or a larger work_mem avoids that.`,
      weight: join === undefined ? share : Math.min(1, (share * weightOf(join)) / Math.max(weightOf(node), 1e-9)),
    };
  }
  if ((node['HashAgg Batches'] ?? 0) > 1 || (node['Node Type'] === 'Aggregate' && (node['Disk Usage'] ?? 0) > 0)) {
    return { sentence: `Grouping into ${count(rowsOf(node))} groups did not fit into memory and wrote ${size(node['Disk Usage'] ?? 0)} to disk: a larger work_mem avoids that.`, weight: share };
  }
  return undefined;
}

/** The inner side of a nested loop that runs once for each of many rows. */
function manyLoops({ node, share }: Place): Fact | undefined {
  if (node['Node Type'] !== 'Nested Loop') return undefined;
  const [outer, inner] = node.Plans ?? [];
  if (outer === undefined || inner === undefined || inner['Node Type'] === 'Materialize' || inner['Node Type'] === 'Memoize') return undefined;
  const loops = wasRun(inner) ? loopsOf(inner) / Math.max(1, loopsOf(node)) : rowsOf(outer);
  if (loops < MANY_LOOPS) return undefined;
  const cost = wasRun(inner) ? weightOf(inner) : (inner['Total Cost'] ?? 0) * loops;
  const part = cost / Math.max(weightOf(node), 1e-9);
  if (part < TELLING_SHARE) return undefined;
  return {
    sentence: `It looks into ${nameOf(innermost(inner))} ${wasRun(inner) ? '' : 'an expected '}${count(loops)} times, once for each row of the other side: fewer rows there, or a join that reads both sides once, takes less.`,
    weight: share * Math.min(1, part),
  };
}

/** The table at the end of a chain of single children. */
function innermost(node: PlanNode): PlanNode {
  let inner = node;
  while (inner['Relation Name'] === undefined && inner.Plans?.length === 1) inner = inner.Plans[0]!;
  return inner['Relation Name'] === undefined ? node : inner;
}

function repeatedSubquery({ node, share }: Place): Fact | undefined {
  if (node['Parent Relationship'] !== 'SubPlan' || !wasRun(node) || loopsOf(node) < MANY_LOOPS || share < TELLING_SHARE) return undefined;
  return { sentence: `A subquery on ${nameOf(innermost(node))} ran ${count(loopsOf(node))} times, once for each row: a join or LATERAL reads its table once.`, weight: share };
}

function lossyBitmap({ node, share }: Place): Fact | undefined {
  const lossy = node['Lossy Heap Blocks'] ?? 0;
  const blocks = lossy + (node['Exact Heap Blocks'] ?? 0);
  if (lossy === 0 || lossy < blocks * LOSSY_SHARE) return undefined;
  return {
    sentence: `The bitmap of ${node['Relation Name'] ?? 'the table'} did not fit into memory, so that all rows of ${count(lossy)} of ${count(blocks)} blocks were checked again: a larger work_mem or a narrower condition avoids that.`,
    weight: share * (lossy / blocks),
  };
}

function heapFetches({ node, share }: Place): Fact | undefined {
  const fetches = (node['Heap Fetches'] ?? 0) * loopsOf(node);
  if (fetches < MANY_ROWS || fetches < rowsOf(node) / 2) return undefined;
  return { sentence: `The index alone was not enough for ${count(fetches)} rows of ${node['Relation Name'] ?? 'the table'}, because it was not vacuumed since they changed: run VACUUM ${node['Relation Name'] ?? ''}.`.replace(' .', '.'), weight: share / 2 };
}

function largeOffset({ node, share }: Place): Fact | undefined {
  const [child] = node.Plans ?? [];
  if (node['Node Type'] !== 'Limit' || child === undefined) return undefined;
  const skipped = rowsOf(child) - rowsOf(node);
  if (!wasRun(node) || skipped < MANY_ROWS || skipped < rowsOf(node) * WASTED_FACTOR) return undefined;
  return { sentence: `To give ${many(rowsOf(node), 'row', 'rows')} it makes ${count(rowsOf(child))} and throws the others away (OFFSET): go on after the last seen key instead.`, weight: share };
}

function missingWorkers({ node, share }: Place): Fact | undefined {
  const [planned, launched] = [node['Workers Planned'], node['Workers Launched']];
  if (planned === undefined || launched === undefined || launched >= planned) return undefined;
  return { sentence: `Only ${count(launched)} of ${count(planned)} planned parallel workers were free, so it took longer than planned: others were at work, or max_parallel_workers is low.`, weight: share * (1 - launched / planned) };
}

/** What belongs to no node. */
function* wholeFacts(plan: Plan): Generator<Fact> {
  const [planning, execution] = [plan['Planning Time'] ?? 0, plan['Execution Time'] ?? 0];
  const compiling = plan.JIT?.Timing?.Total ?? 0;
  if (compiling >= TELLING_MS && compiling >= execution * TELLING_SHARE) {
    yield { sentence: `Compiling parts of it (JIT) took ${count(compiling)} of ${count(execution)} ms: for statements like this, switch jit off or raise jit_above_cost.`, weight: compiling / execution };
  }
  for (const trigger of plan.Triggers ?? []) {
    const time = trigger.Time ?? 0;
    if (time < TELLING_MS || time < execution * TELLING_SHARE) continue;
    const name = trigger['Constraint Name'] === undefined ? `The trigger ${trigger['Trigger Name'] ?? ''}` : `Checking ${trigger['Constraint Name']}`;
    yield {
      sentence: `${name} took ${count(time)} of ${count(execution)} ms in ${count(trigger.Calls ?? 0)} calls${trigger['Constraint Name'] === undefined ? '.' : ': is there an index on the referencing columns?'}`,
      weight: time / execution,
    };
  }
  if (planning >= TELLING_MS && planning > execution) {
    yield { sentence: `Planning took ${count(planning)} ms and running it ${count(execution)} ms: a prepared statement is planned once for many executions.`, weight: planning / (planning + execution) / 2 };
  }
}
