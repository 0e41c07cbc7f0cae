import type { ModuleFacts, ValueId } from '../facts/facts';
import type { Meanings } from '../program/meaning';
import { View } from '../program/value-view';
import type { Column, Table } from './table';

/** Steps of a column's chain, and spreads of columns inside of each other, are looked through to this depth. */
const MAX_STEPS = 24;

/** Drizzle's tables of a module, by the names of the variables that hold them: `export const orders = pgTable('orders', { … })`. */
export function drizzleTables(module: ModuleFacts, meanings: Meanings): Table[] {
  if (!declaresDrizzleTables(module)) return [];
  return module.variables.flatMap(({ name, value, function: owner }) => {
    const columns = owner === 0 ? columnsOf(module, value, meanings) : undefined;
    return columns ? [{ name, columns }] : [];
  });
}

/** Whether a module may declare tables of Drizzle. */
export function declaresDrizzleTables(module: ModuleFacts): boolean {
  return module.imports.some(({ source }) => source.startsWith('drizzle-orm'));
}

/** The columns of `pgTable(name, columns)`, perhaps with steps behind it such as `.enableRLS()`. */
function columnsOf(module: ModuleFacts, id: ValueId, meanings: Meanings): Column[] | undefined {
  let value = module.values[id]!;
  for (let step = 0; step < MAX_STEPS && value.kind === 'call'; step++) {
    if (isTableMaker(module, value.of)) return value.args[1] === undefined ? undefined : columnsIn(new View(meanings, module, value.args[1]));
    const callee = module.values[value.of]!;
    if (callee.kind !== 'member') return undefined;
    value = module.values[callee.of]!;
  }
  return undefined;
}

/** `pgTable`, what `pgTableCreator(…)` makes, and `table` of what `pgSchema(…)` makes. */
function isTableMaker(module: ModuleFacts, id: ValueId): boolean {
  const callee = module.values[id]!;
  if (callee.kind === 'import') return module.imports[callee.import]!.imported === 'pgTable';
  if (callee.kind === 'member') return callee.name === 'table' && madeBy(module, callee.of) === 'pgSchema';
  return madeBy(module, id) === 'pgTableCreator';
}

function madeBy(module: ModuleFacts, id: ValueId): string | undefined {
  const value = module.values[id]!;
  const call = value.kind === 'variable' ? module.values[module.variables[value.variable]!.value]! : undefined;
  const maker = call?.kind === 'call' ? module.values[call.of]! : undefined;
  return maker?.kind === 'import' ? module.imports[maker.import]!.imported : undefined;
}

/** None when a part of the columns is out of sight: such a table hides those of the same name that are further away. */
function columnsIn(view: View): Column[] {
  const columns = view.returned();
  if (columns.open) return [];
  return columns.keys().map((name) => ({ name, type: typeOf(columns.property(name)) }));
}

/** `text` of `text('body').notNull()`, `t.text[]` of `t.text().array()`. */
function typeOf(column: ReturnType<View['property']> | ReturnType<View['returned']>): string {
  let isArray = false;
  let call = column?.call();
  for (let step = 0; call && step < MAX_STEPS; step++) {
    isArray ||= call.name === 'array';
    const inner = call.of?.call();
    if (!inner) return `${isArray ? `${call.name}[]` : call.name}`.toLowerCase();
    call = inner;
  }
  return '';
}
