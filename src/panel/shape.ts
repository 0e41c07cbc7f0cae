/** Says whether a value that came over a message has the shape of `T`. Keys that it does not know are let through. */
export type Shape<T> = (value: unknown) => value is T;

interface Optional<T> {
  optional: Shape<T>;
}

/** A shape for every key, so that a new key of `T` does not compile before it is checked. */
type Fields<T> = { [K in keyof T]-?: object extends Pick<T, K> ? Optional<Exclude<T[K], undefined>> : Shape<T[K]> };

export const text: Shape<string> = (value) => typeof value === 'string';
/** Finite, since neither `NaN` nor infinity can be drawn. */
export const number: Shape<number> = (value): value is number => Number.isFinite(value);
export const flag: Shape<boolean> = (value) => typeof value === 'boolean';

export function oneOf<const T extends string>(...values: T[]): Shape<T> {
  return (value): value is T => (values as unknown[]).includes(value);
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value): value is T | null => value === null || shape(value);
}

export function optional<T>(shape: Shape<T>): Optional<T> {
  return { optional: shape };
}

export function listOf<T>(shape: Shape<T>): Shape<T[]> {
  return (value): value is T[] => Array.isArray(value) && value.every(shape);
}

export function tuple<T extends unknown[]>(...shapes: { [I in keyof T]: Shape<T[I]> }): Shape<T> {
  return (value): value is T => Array.isArray(value) && value.length === shapes.length && shapes.every((shape, index) => shape(value[index]));
}

export function record<T>(fields: Fields<T>): Shape<T> {
  const checks = Object.entries<Shape<unknown> | Optional<unknown>>(fields);
  return (value): value is T => {
    if (!isObject(value)) return false;
    return checks.every(([key, field]) => {
      const found = value[key];
      return typeof field === 'function' ? field(found) : found === undefined || field.optional(found);
    });
  };
}

/** Records that a key tells apart, with the shape of the rest for each of its values. */
export function variants<T extends { [K in Key]: string }, Key extends string>(
  key: Key,
  shapes: { [Name in T[Key]]: Fields<Omit<Extract<T, { [K in Key]: Name }>, Key>> },
): Shape<T> {
  const checks = new Map<unknown, Shape<unknown>>(Object.entries(shapes).map(([name, fields]) => [name, record(fields as Fields<unknown>)]));
  return (value): value is T => isObject(value) && checks.get(value[key])?.(value) === true;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
