import { types } from 'node:util';
import { WIRE_VALUE_LIMIT, WIRE_VALUES_LIMIT } from './wire';

/** Of long strings and buffers so many elements at both ends are looked at, besides the length. */
const LONGEST_HASHED = 256;
const MOST_ENTRIES = 50;
const DEEPEST = 3;

/** A 32-bit hash (FNV-1a) of parameter values under a salt, never 0: equal values have equal hashes. */
export function hashOf(values: readonly unknown[], salt: number): number {
  let hash = step(salt, values.length);
  for (let index = 0; index < values.length; index += 1) hash = mixed(values[index], hash, 0);
  return hash >>> 0 || 1;
}

function step(hash: number, value: number): number {
  return Math.imul(hash ^ value, 0x01000193);
}

function mixed(value: unknown, hash: number, depth: number): number {
  switch (typeof value) {
    case 'string':
      return mixedText(value, step(hash, 1));
    case 'number':
      return Number.isInteger(value) ? step(step(step(hash, 2), value | 0), Math.trunc(value / 0x100000000)) : mixedText(String(value), step(hash, 2));
    case 'bigint':
      return mixedText(String(value), step(hash, 3));
    case 'boolean':
      return step(hash, value ? 4 : 5);
    case 'object':
      return value === null ? step(hash, 6) : mixedObject(value, step(hash, 7), depth);
    default:
      return step(hash, 8);
  }
}

function mixedText(text: string, start: number): number {
  let hash = step(start, text.length);
  const { length } = text;
  const first = Math.min(length, LONGEST_HASHED);
  for (let index = 0; index < first; index += 1) hash = step(hash, text.charCodeAt(index));
  for (let index = Math.max(first, length - LONGEST_HASHED); index < length; index += 1) hash = step(hash, text.charCodeAt(index));
  return hash;
}

/** Never calls what the program wrote: no getters, no `toJSON`. */
function mixedObject(value: object, start: number, depth: number): number {
  if (types.isDate(value)) {
    const time = Date.prototype.getTime.call(value);
    return step(step(start, time | 0), Math.trunc(time / 0x100000000));
  }
  if (ArrayBuffer.isView(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    const ends = bytes.length > 2 * LONGEST_HASHED ? [bytes.subarray(0, LONGEST_HASHED), bytes.subarray(-LONGEST_HASHED)] : [bytes];
    return ends.reduce((hash, end) => mixedText(end.toString('latin1'), hash), step(start, bytes.length));
  }
  let hash = start;
  if (depth >= DEEPEST) return hash;
  if (Array.isArray(value)) {
    hash = step(hash, value.length);
    for (let index = 0; index < value.length && index < MOST_ENTRIES; index += 1) hash = mixed(value[index], hash, depth + 1);
    return hash;
  }
  let entries = 0;
  for (const key of Object.keys(value)) {
    if ((entries += 1) > MOST_ENTRIES) break;
    hash = mixed(Object.getOwnPropertyDescriptor(value, key)?.value, mixedText(key, hash), depth + 1);
  }
  return hash;
}

/** Values as a person reads them, no more and no longer than they are sent. */
export function printed(values: readonly unknown[]): string[] {
  return values.slice(0, WIRE_VALUES_LIMIT).map((value) => text(value).slice(0, WIRE_VALUE_LIMIT));
}

function text(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'string') return value;
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (ArrayBuffer.isView(value)) return `\\x${Buffer.from(value.buffer, value.byteOffset, Math.min(value.byteLength, WIRE_VALUE_LIMIT)).toString('hex')}`;
  if (typeof value !== 'object') return String(value);
  try {
    return JSON.stringify(value) ?? typeof value;
  } catch {
    return Array.isArray(value) ? '[…]' : '{…}';
  }
}
