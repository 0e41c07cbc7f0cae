import type { Value, ValueId } from './facts';

/** The values that a value is made of, in the same module. */
export function childrenOf(value: Value): ValueId[] {
  switch (value.kind) {
    case 'member':
    case 'element':
    case 'spread':
    case 'awaited':
    case 'cast':
      return [value.of];
    case 'index':
      return [value.of, value.key];
    case 'call':
    case 'new':
      return [value.of, ...value.args];
    case 'tagged':
      return [value.of, ...value.holes];
    case 'text':
      return value.holes;
    case 'object':
      return [...Object.values(value.properties), ...value.spreads];
    case 'array':
      return value.items;
    case 'either':
      return value.test === undefined ? value.of : [...value.of, value.test];
    case 'computed':
      return value.of;
    default:
      return [];
  }
}
