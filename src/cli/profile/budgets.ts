import { InvalidArgumentError } from 'commander';
import type { SessionUpdate } from '../../profiler/protocol';

/** What may be limited, with what it means. */
export const BUDGETS = {
  'n-plus-one': 'N+1s that were seen',
  'repeated-query': 'queries repeated with equal parameters that were seen',
  queries: 'queries in all',
  'queries-per-request': 'most queries in one request',
  errors: 'queries that failed',
  p95: 'milliseconds of the statement with the highest 95th percentile',
  total: 'milliseconds in the database in all',
} as const;

export type BudgetName = keyof typeof BUDGETS;

export interface Budget {
  name: BudgetName;
  limit: number;
}

export interface BudgetResult extends Budget {
  value: number;
  met: boolean;
}

/** Reads `n-plus-one=0` or `p95=50ms,total=2s`. */
export function parseBudgets(value: string, before: readonly Budget[] = []): Budget[] {
  const budgets = value.split(',').map((part): Budget => {
    const [, name = '', amount, unit = ''] = /^\s*([a-z0-9-]+)\s*=\s*(\d+(?:\.\d+)?)\s*(ms|s)?\s*$/.exec(part) ?? [];
    if (amount === undefined) throw new InvalidArgumentError(`"${part.trim()}" is no budget. Write it as name=limit, for example n-plus-one=0.`);
    if (!isBudget(name)) throw new InvalidArgumentError(`No budget is called "${name}". The budgets are: ${Object.keys(BUDGETS).join(', ')}.`);
    if (unit && name !== 'p95' && name !== 'total') throw new InvalidArgumentError(`"${part.trim()}" has a unit, but ${name} is a number.`);
    return { name, limit: Number(amount) * (unit === 's' ? 1_000 : 1) };
  });
  return [...before, ...budgets];
}

export function holdAgainst(budgets: readonly Budget[], session: Pick<SessionUpdate, 'totals' | 'statements' | 'requests' | 'repetitions'>): BudgetResult[] {
  return budgets.map(({ name, limit }) => {
    const value = VALUES[name](session);
    return { name, limit, value, met: value <= limit };
  });
}

const VALUES: Record<BudgetName, (session: Pick<SessionUpdate, 'totals' | 'statements' | 'requests' | 'repetitions'>) => number> = {
  'n-plus-one': ({ repetitions }) => repetitions.filter(({ kind }) => kind === 'n-plus-one').length,
  'repeated-query': ({ repetitions }) => repetitions.filter(({ kind }) => kind === 'repeated').length,
  queries: ({ totals }) => totals.calls,
  'queries-per-request': ({ requests }) => requests.reduce((most, { mostQueries }) => Math.max(most, mostQueries), 0),
  errors: ({ totals }) => totals.errors,
  p95: ({ statements }) => statements.reduce((most, { measured }) => Math.max(most, measured?.p95Ms ?? 0), 0),
  total: ({ totals }) => totals.totalMs,
};

function isBudget(name: string): name is BudgetName {
  return name in BUDGETS;
}
