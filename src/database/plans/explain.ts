import type { DatabaseConnection, Result, Transaction } from '../connection.js';
import type { DatabaseProblem } from '../problem.js';
import { explainable, type Explainable } from '../sql/explainable.js';
import { isCut, SHOWN_LIMIT } from '../sql/identity.js';
import { planFacts } from './facts.js';
import { nodesOf, planOf } from './plan.js';

export interface ExplainRequest {
  /** One statement. `$1` may stand for values. */
  text: string;
  /**
   * The values, written as PostgreSQL reads them, or lists of them as JSON; NULL is `NULL`. Without them, and when they do not fit, the
   * plan is for any values.
   */
  values?: readonly string[];
  /** Run it, roll back, and give measured times. Only when a person has agreed to it, knowing host and database. */
  analyze: boolean;
}

/** A plan and what stands out in it. */
export interface ExplainedPlan {
  /** `plain`, `generic` (for any values of the parameters) or `analyze` (was run and rolled back) */
  kind: 'plain' | 'generic' | 'analyze';
  text: string;
  /** The values that it is for, where the statement has parameters and they were given. */
  values?: readonly string[];
  /** PostgreSQL's own JSON. */
  plan: unknown;
  /** At most three sentences, the most telling first. */
  facts: string[];
  /** What running it would do besides taking time, to be told before a person agrees; undefined when it cannot be run. */
  analyzeWarnings?: string[];
}

/** Planning takes milliseconds; what takes longer waits for a lock. */
const PLAN_TIMEOUT_MS = 5_000;
/** A person waits for the plan of a slow statement, but not for ever, and it holds its locks so long. */
const ANALYZE_TIMEOUT_MS = 30_000;

const PREPARED_NAME = 'roundtrip_explain';

/**
 * Asks for the plan of a statement, in a transaction that is rolled back. Without `analyze` the transaction is read-only and the
 * statement is not run. Which statements may be explained the parser decides, never the text. Needs `loadSqlParser`.
 */
export async function explainStatement(connection: DatabaseConnection, { text, values = [], analyze }: ExplainRequest): Promise<Result<ExplainedPlan>> {
  if (isCut(text)) return noPlan('The statement is too long.', `Of long ones, only the first ${SHOWN_LIMIT.toLocaleString('en')} characters are kept.`);
  const statement = explainable(text);
  if (!statement.ok) return noPlan(statement.reason, '');
  const bound = statement.parameters > 0 && values.length === statement.parameters ? values : undefined;
  for (const parameters of bound === undefined ? [] : spellingsOf(bound)) {
    const answer = await planned(connection, statement, { text: withSpelledTypes(text), parameters, analyze });
    if (answer.ok || !isMisfit(answer.problem)) return reported(answer, { text, values: bound!, analyze }, analyze ? 'analyze' : 'plain');
  }
  const generic = statement.parameters > 0;
  if (analyze && generic) return noPlan('A statement with parameters cannot be run without their values.', 'Write values in place of $1, $2, …');
  return reported(await planned(connection, statement, { text, analyze }), { text, analyze }, analyze ? 'analyze' : generic ? 'generic' : 'plain');
}

interface Planned {
  plan: unknown;
  rows: Map<string, number>;
  warnings: string[] | undefined;
}

function planned(connection: DatabaseConnection, statement: Explainable, { text, parameters, analyze }: { text: string; parameters?: unknown[]; analyze: boolean }): Promise<Result<Planned>> {
  const readOnly = !(analyze && (statement.writes || statement.locks));
  const generic = statement.parameters > 0 && parameters === undefined;
  return connection.rolledBack({ readOnly, statementTimeoutMs: analyze ? ANALYZE_TIMEOUT_MS : PLAN_TIMEOUT_MS }, async (transaction) => {
    // The parser knows no other meaning of backslashes.
    await transaction.query(`SELECT set_config('standard_conforming_strings', 'on', true)`);
    const plan = generic ? await genericPlan(transaction, connection.server.versionNumber, statement, text) : await planOfText(transaction, analyze, text, parameters);
    return { plan, rows: await tableRows(transaction, plan), warnings: generic || analyze ? undefined : await analyzeWarnings(transaction, statement) };
  });
}

function reported(answer: Result<Planned>, { text, values, analyze }: ExplainRequest, kind: ExplainedPlan['kind']): Result<ExplainedPlan> {
  if (!answer.ok) return { ok: false, problem: explainProblemOf(answer.problem, analyze) };
  const { plan, rows, warnings } = answer.value;
  const parsed = planOf(plan);
  if (parsed === undefined) return noPlan('PostgreSQL gave no plan.', '');
  return {
    ok: true,
    value: { kind, text, ...(values === undefined ? {} : { values }), plan, facts: planFacts(parsed, rows), ...(warnings === undefined ? {} : { analyzeWarnings: warnings }) },
  };
}

/** The ways in which the texts of values may be meant: a list is an array, or it is JSON. */
function spellingsOf(values: readonly string[]): unknown[][] {
  const plain = values.map((value) => (value === 'NULL' ? null : value));
  const lists = plain.map((value) => (value?.startsWith('[') ? listOf(value) : value));
  return lists.some(Array.isArray) ? [lists, plain] : [plain];
}

function listOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Data exceptions and types that do not fit: the values are meant in another way, or were cut. */
function isMisfit(problem: DatabaseProblem): boolean {
  return problem.kind === 'unexpected' && /^(?:22|42804|42P18|42883|42846)/.test(problem.sqlState ?? '');
}

async function planOfText(transaction: Transaction, analyze: boolean, text: string, parameters?: unknown[]): Promise<unknown> {
  const options = ['FORMAT JSON', 'VERBOSE false', 'SETTINGS', ...(analyze ? ['ANALYZE', 'BUFFERS'] : [])];
  const [row] = await transaction.query<[unknown]>(`EXPLAIN (${options.join(', ')}) ${text}`, parameters);
  return row?.[0];
}

/** The plan for any values: what the server itself uses for a prepared statement after some executions. */
async function genericPlan(transaction: Transaction, versionNumber: number, statement: Explainable, text: string): Promise<unknown> {
  const spelled = withSpelledTypes(text);
  if (versionNumber >= 160_000) {
    // Through the extended protocol the parameters would need values, and the plan would be one for them. The parser has seen a single statement.
    const [row] = await transaction.simple<[unknown]>(`EXPLAIN (FORMAT JSON, VERBOSE false, SETTINGS, GENERIC_PLAN) ${spelled}`);
    return row?.[0];
  }
  await transaction.query(`PREPARE ${PREPARED_NAME} AS ${spelled}`);
  try {
    await transaction.query('SAVEPOINT prepared');
    await transaction.query(`SELECT set_config('plan_cache_mode', 'force_generic_plan', true)`);
    const values = Array.from({ length: statement.parameters }, () => 'NULL').join(', ');
    const [row] = await transaction.query<[unknown]>(`EXPLAIN (FORMAT JSON, VERBOSE false, SETTINGS) EXECUTE ${PREPARED_NAME}(${values})`);
    return row?.[0];
  } finally {
    // A prepared statement outlives the transaction, and behind a pooler the session as well.
    await transaction.query('ROLLBACK TO prepared');
    await transaction.query(`DEALLOCATE ${PREPARED_NAME}`);
  }
}

/**
 * `interval $1` and `extract($1 from …)` come of taking literals out of a statement, and only a literal may stand there. Comments and
 * quoted names are left alone.
 */
function withSpelledTypes(text: string): string {
  return text.replace(
    /"(?:[^"]|"")*"|--[^\n]*|\/\*(?:[^*]|\*(?!\/))*\*\/|\b(interval|date|time|timetz|timestamp|timestamptz)\s+(\$\d+)|\bextract\s*\(\s*(\$\d+)\s+from\b/gi,
    (part: string, type: string | undefined, value: string | undefined, field: string | undefined) =>
      type !== undefined ? `CAST(${value} AS ${type})` : field !== undefined ? `date_part(${field},` : part,
  );
}

/** Rows of the tables in a plan, by the server's estimate, as the plan names them. */
async function tableRows(transaction: Transaction, answer: unknown): Promise<Map<string, number>> {
  const plan = planOf(answer);
  const names = new Set<string>();
  for (const { node } of plan ? nodesOf(plan.Plan) : []) if (node['Relation Name'] !== undefined) names.add(node['Relation Name']);
  if (names.size === 0) return new Map();
  const rows = await transaction.query<[string, number]>(
    `SELECT relname, max(reltuples)::float8 FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE relname = ANY ($1) AND relkind IN ('r', 'm') AND (pg_table_is_visible(pg_class.oid) OR nspname NOT LIKE 'pg\\_%') AND reltuples > 0 GROUP BY relname`,
    [[...names]],
  );
  return new Map(rows);
}

/** What running a statement does although it is rolled back. */
async function analyzeWarnings(transaction: Transaction, { writes, locks, functions, written }: Explainable): Promise<string[]> {
  const warnings: string[] = [];
  const [facts] = await transaction.query<[volatile: string[], triggers: boolean, sequences: boolean, foreign: boolean]>(
    `SELECT ARRAY(SELECT DISTINCT proname::text FROM pg_proc WHERE proname = ANY ($1) AND provolatile = 'v' AND NOT proname = ANY ($3) ORDER BY 1),
       EXISTS (SELECT 1 FROM pg_trigger WHERE tgrelid = ANY (wanted.tables) AND NOT tgisinternal),
       EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = ANY (wanted.tables) AND attidentity <> '')
         OR EXISTS (SELECT 1 FROM pg_attrdef WHERE adrelid = ANY (wanted.tables) AND pg_get_expr(adbin, adrelid) LIKE 'nextval(%'),
       EXISTS (SELECT 1 FROM pg_class WHERE oid = ANY (wanted.tables) AND relkind = 'f')
     FROM (SELECT ARRAY(SELECT to_regclass(name)::oid FROM unnest($2::text[]) AS name)) AS wanted(tables)`,
    [functions, written, HARMLESS],
  );
  const [volatile, triggers, sequences, foreign] = facts ?? [[], false, false, false];
  if (writes) {
    warnings.push('It writes: rows are locked until it is rolled back, and what it wrote is left to VACUUM.');
    if (triggers) warnings.push('Triggers of the table run.');
    if (sequences) warnings.push('Numbers that it takes from sequences stay taken.');
    if (foreign) warnings.push('It writes to another server.');
  } else if (locks) warnings.push('It locks rows until it is rolled back.');
  if (volatile.length > 0) warnings.push(`It calls ${volatile.join(', ')}, which may do what no rollback undoes.`);
  return warnings;
}

/** Volatile functions that give another value each time and do nothing else. */
const HARMLESS = ['random', 'clock_timestamp', 'timeofday', 'gen_random_uuid', 'uuidv4', 'uuidv7', 'uuid_generate_v4', 'gen_random_bytes', 'random_normal'];

function explainProblemOf(problem: DatabaseProblem, analyze: boolean): DatabaseProblem {
  if (problem.kind === 'insufficient-privilege') return { kind: 'no-plan', reason: `“${problem.user}” may not explain this statement.`, detail: `PostgreSQL says: ${problem.detail}` };
  if (problem.kind !== 'unexpected') return problem;
  if (problem.sqlState === '57014') {
    const seconds = (analyze ? ANALYZE_TIMEOUT_MS : PLAN_TIMEOUT_MS) / 1000;
    return { kind: 'no-plan', reason: `The statement was cancelled after ${seconds} seconds.`, detail: analyze ? 'Ask for the plan without running it.' : '' };
  }
  if (problem.sqlState === '55P03') return { kind: 'no-plan', reason: 'A table of the statement is locked.', detail: 'Ask again when the lock is gone.' };
  return { kind: 'no-plan', reason: 'PostgreSQL makes no plan for this statement.', detail: `It says: ${problem.detail}` };
}

function noPlan(reason: string, detail: string): { ok: false; problem: DatabaseProblem } {
  return { ok: false, problem: { kind: 'no-plan', reason, detail } };
}
