import type { MemberFact, ModuleFacts, ValueId } from '../facts/facts';
import type { Meanings } from '../program/meaning';
import { View } from '../program/value-view';
import type { Column, Table } from './table';
import { byName } from '../names';

/** Packages whose decorators declare tables as classes. */
const PACKAGES: ReadonlySet<string> = new Set(['typeorm', 'sequelize-typescript']);
const COLUMN = /^((Primary|PrimaryGenerated|CreateDate|UpdateDate|DeleteDate|Version)?Column|ForeignKey)$/;
const RELATION = /^(OneToOne|OneToMany|ManyToOne|ManyToMany|BelongsTo|HasMany|HasOne|BelongsToMany)$/;
/** Methods that see each row before the caller does: what they read is read of all rows. */
const SEES_ROWS = /^After(Load|Find)$/;
/** A class that has one of these may bring other columns than all of its own. */
const NARROWS = /^(DefaultScope|TableInheritance|ChildEntity|ViewEntity)$/;

/** Types of Sequelize that PostgreSQL calls otherwise. */
const TYPES: Record<string, string> = byName({ blob: 'bytea', string: 'varchar' });
/** Bases looked at for one class: more is a cycle of half-typed classes. */
const MAX_BASES = 8;

/** The tables that decorated classes of a module declare (TypeORM, sequelize-typescript), by the names of the classes. */
export function classTables(module: ModuleFacts, meanings: Meanings): Table[] {
  if (!declaresClassTables(module)) return [];
  return module.classes.flatMap(({ name }, index) => {
    const table: Table & { relations: string[] } = { name: name ?? '', columns: [], relations: [] };
    if (name === undefined) return [];
    // A table of which nothing is known hides those of the same name that are further away.
    return gather(table, module, index, meanings, 0) ? (table.columns.length > 0 ? [table] : []) : [{ name, columns: [], relations: [] }];
  });
}

/** Whether a module may declare tables as classes. */
export function declaresClassTables(module: ModuleFacts): boolean {
  return module.imports.some(({ source }) => PACKAGES.has(source));
}

/** Adds what a class and its bases declare; false when its rows are more, or less, than their columns. */
function gather(table: Table & { relations: string[] }, module: ModuleFacts, index: number, meanings: Meanings, depth: number): boolean {
  const fact = module.classes[index]!;
  const decorators = (ids: readonly ValueId[] = []) => ids.flatMap((id) => new View(meanings, module, id).call() ?? []);
  if (decorators(fact.decorations).some(({ name }) => NARROWS.test(name))) return false;
  for (const [name, member] of Object.entries(fact.members)) {
    if (member.decorators?.some((decorator) => SEES_ROWS.test(decorator))) return false;
    add(table, name, member, decorators(member.decorations));
  }
  const base = fact.extends === undefined ? undefined : meanings.of(module, fact.extends);
  return base?.is !== 'class' || depth >= MAX_BASES || gather(table, base.module, base.class, meanings, depth + 1);
}

function add(table: Table & { relations: string[] }, name: string, member: MemberFact, decorators: NonNullable<ReturnType<View['call']>>[]): void {
  if (decorators.some((decorator) => RELATION.test(decorator.name))) table.relations.push(name);
  const column = decorators.find((decorator) => COLUMN.test(decorator.name));
  if (!column || table.columns.some((known) => known.name === name)) return;
  const [first, second] = column.args;
  const options = [first, second].find((argument) => argument?.keys().length);
  // `select: false` is brought only when it is asked for, and a virtual column never.
  if (options?.property('select')) return;
  const type = typeOf(first) ?? typeOf(options?.property('type')) ?? '';
  if (type !== 'virtual') table.columns.push({ name, type });
}

/** `'text'`, `DataType.TEXT`, `DataType.STRING(2)`. */
function typeOf(view: ReturnType<View['property']> | NonNullable<ReturnType<View['call']>>['args'][number]): Column['type'] | undefined {
  const name = view?.text() ?? view?.call()?.name ?? view?.path()?.at(-1);
  const type = name?.toLowerCase();
  return type === undefined ? undefined : (TYPES[type] ?? type);
}
