/**
 * A table by names that a program may spell. It has none but its own: `constructor`, `toString` and the like, which every object of
 * JavaScript has, are as unknown as any other.
 */
export function byName<T>(table: Readonly<Record<string, T>>): Record<string, T> {
  return Object.assign(Object.create(null) as Record<string, T>, table);
}

/** What a record of a program's names has under one of them; see {@link byName}. Facts that were decoded are such records. */
export function named<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
