import type { Column, Table } from './table';
import { byName } from '../names';

/** A block of a Prisma schema: `model User {` … `}` */
const BLOCK = /^[ \t]*(?:model|view)[ \t]+(\w+)[ \t]*\{[^\n]*\n([\s\S]*?)^[ \t]*\}/gm;
const FIELD = /^[ \t]*(\w+)[ \t]+(\w+)(\((?:[^)"]|"[^"]*")*\))?(\[\])?\??([^\n]*)$/gm;

/**
 * The models of a Prisma schema, by the names of the client's delegates (`model OrderItem` is `prisma.orderItem`). Never
 * throws; a half-typed schema gives its intact models.
 */
export function prismaModels(text: string): Table[] {
  const plain = text.replace(/\/\/[^\n]*/g, '');
  const tables: Table[] = [];
  for (const [, model, body] of plain.matchAll(BLOCK)) {
    const table: Table = { name: delegateOf(model!), columns: [] };
    for (const [, name, type, , list, rest] of body!.matchAll(FIELD)) {
      // The client does not read what it has no type for.
      if (rest!.includes('@ignore') || type === 'Unsupported') continue;
      table.columns.push({ name: name!, type: `${typeOf(type!, rest!)}${list ? '[]' : ''}` });
    }
    tables.push(table);
  }
  return tables;
}

/** Models with the fields that are rows of other models told from their columns: a schema may have several files. */
export function withRelations(models: readonly Table[]): Table[] {
  const names = new Set(models.map(({ name }) => name));
  const isRelation = ({ type }: Column): boolean => /^[A-Z]/.test(type) && names.has(delegateOf(type.replace('[]', '')));
  return models.map(({ name, columns }) => ({ name, columns: columns.filter((column) => !isRelation(column)), relations: columns.filter(isRelation).map((column) => column.name) }));
}

/** `prisma.orderItem` of `model OrderItem`. */
function delegateOf(model: string): string {
  return model[0]!.toLowerCase() + model.slice(1);
}

/** Prisma's types, and what they are in PostgreSQL unless an attribute says something else. */
const SCALARS: Record<string, string> = byName({
  String: 'text', Boolean: 'boolean', Int: 'integer', BigInt: 'bigint', Float: 'double precision', Decimal: 'numeric', DateTime: 'timestamp', Json: 'jsonb', Bytes: 'bytea',
});

/** `String @db.Xml` is the database's type; what is no scalar stays as it is written. */
function typeOf(type: string, attributes: string): string {
  const scalar = SCALARS[type];
  return scalar === undefined ? type : (/@db\.(\w+)/.exec(attributes)?.[1]?.toLowerCase() ?? scalar);
}
