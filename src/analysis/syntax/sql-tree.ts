import type { FuncCall, Node, RangeVar, SelectStmt } from '@pgsql/types';

/** Goes through all nodes under `root`, parents first, in the order of the text; `enter` returns whether to go on below. */
export function visit(root: unknown, enter: (kind: string, node: unknown) => boolean): void {
  const open: unknown[] = [root];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    if (Array.isArray(value)) {
      for (let i = value.length - 1; i >= 0; i--) open.push(value[i]);
      continue;
    }
    const entries = Object.entries(value);
    for (let i = entries.length - 1; i >= 0; i--) {
      const [key, child] = entries[i]!;
      // A node is wrapped in an object whose only key is its kind; kinds alone start with a capital letter.
      if (/^[A-Z]/.test(key) && !enter(key, child)) continue;
      open.push(child);
    }
  }
}

/** Name of a table as the text has it, without the schema `public`. */
export function tableName(relation: RangeVar): string {
  const schema = relation.schemaname;
  return schema && schema !== 'public' ? `${schema}.${relation.relname ?? ''}` : (relation.relname ?? '');
}

/** Name of a called function in lower case, without its schema. */
export function functionName(call: FuncCall): string {
  const last = call.funcname?.at(-1);
  return last && 'String' in last ? (last.String.sval ?? '') : '';
}

/** Calls inside an expression, without those of its subqueries. */
export function callsOf(expression: Node): FuncCall[] {
  const calls: FuncCall[] = [];
  visit(expression, (kind, node) => {
    if (kind === 'FuncCall') calls.push(node as FuncCall);
    return kind !== 'SelectStmt';
  });
  return calls;
}

/** The arms of a set operation; a plain SELECT is its own only arm. */
export function selects(select: SelectStmt): SelectStmt[] {
  const arms: SelectStmt[] = [];
  const open = [select];
  for (let one = open.pop(); one; one = open.pop()) {
    if (one.larg && one.rarg) open.push(one.rarg, one.larg);
    else arms.push(one);
  }
  return arms;
}

/** Numbers of the parameters under `root`, each once: 1 for `$1`. */
export function parametersIn(root: unknown): number[] {
  const numbers = new Set<number>();
  visit(root, (kind, node) => {
    if (kind === 'ParamRef') numbers.add((node as { number?: number }).number ?? 0);
    return true;
  });
  return [...numbers];
}

/** A parameter (`$1`) stands somewhere under `root`. */
export function takesParameter(root: unknown): boolean {
  let found = false;
  visit(root, (kind) => {
    found ||= kind === 'ParamRef';
    return !found;
  });
  return found;
}

/** Table functions that spread one parameter into rows. */
const SPREADING = new Set(
  'unnest json_array_elements json_array_elements_text jsonb_array_elements jsonb_array_elements_text json_to_recordset jsonb_to_recordset json_populate_recordset jsonb_populate_recordset'.split(' '),
);

/** `unnest($1)` and its like: one parameter carries many rows. */
export function spreadsParameter(call: FuncCall): boolean {
  return SPREADING.has(functionName(call)) && takesParameter(call.args);
}
