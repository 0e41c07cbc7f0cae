/** A node of PostgreSQL's JSON plan, as far as it is read here. Times are milliseconds, and like rows averages per loop. */
export interface PlanNode {
  'Node Type': string;
  'Parent Relationship'?: string;
  'Subplan Name'?: string;
  'Join Type'?: string;
  Strategy?: string;
  'Relation Name'?: string;
  Alias?: string;
  'Index Name'?: string;
  'Startup Cost'?: number;
  'Total Cost'?: number;
  'Plan Rows'?: number;
  'Actual Total Time'?: number;
  'Actual Rows'?: number;
  'Actual Loops'?: number;
  Filter?: string;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Join Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  'Heap Fetches'?: number;
  'Exact Heap Blocks'?: number;
  'Lossy Heap Blocks'?: number;
  'Sort Method'?: string;
  'Sort Space Used'?: number;
  'Sort Space Type'?: string;
  'Hash Batches'?: number;
  'Original Hash Batches'?: number;
  'HashAgg Batches'?: number;
  'Disk Usage'?: number;
  'Workers Planned'?: number;
  'Workers Launched'?: number;
  Plans?: PlanNode[];
}

/** The one element of what `EXPLAIN (FORMAT JSON)` gives. */
export interface Plan {
  Plan: PlanNode;
  'Planning Time'?: number;
  'Execution Time'?: number;
  JIT?: { Functions?: number; Timing?: { Total?: number } };
  Triggers?: { 'Trigger Name'?: string; 'Constraint Name'?: string; Time?: number; Calls?: number }[];
}

/** The first plan of PostgreSQL's answer, or undefined when it is none. */
export function planOf(answer: unknown): Plan | undefined {
  const first: unknown = Array.isArray(answer) ? answer[0] : answer;
  const plan = (first as Partial<Plan> | undefined)?.Plan;
  return plan !== undefined && typeof plan['Node Type'] === 'string' ? (first as Plan) : undefined;
}

/** All nodes, parents first, each with its parents from the inside out. */
export function* nodesOf(node: PlanNode, parents: readonly PlanNode[] = []): Generator<{ node: PlanNode; parents: readonly PlanNode[] }> {
  yield { node, parents };
  for (const child of node.Plans ?? []) yield* nodesOf(child, [node, ...parents]);
}
