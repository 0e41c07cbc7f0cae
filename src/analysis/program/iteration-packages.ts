import type { Meaning } from './meaning-kinds';

/** Packages whose functions call a callback once per element: function names, and the callback's position. */
const PACKAGES: { source: RegExp; name: RegExp; callback: number }[] = [
  { source: /^p-(map|filter|each-series|map-series|reduce|every|some|times)$/, name: /^default$/, callback: 1 },
  { source: /^async(-es)?(\/|$)/, name: /^(default\.)?(each|forEach|map|filter|reject|some|every|concat|flatMap|detect)(Of)?(Series)?$/, callback: 1 },
  { source: /^async(-es)?(\/|$)/, name: /^(default\.)?(each|forEach|map|filter|concat|flatMap)(Of)?Limit$/, callback: 2 },
  { source: /^(lodash|lodash-es|lodash\/.+|es-toolkit.*|underscore|remeda|radash)$/, name: /^(default\.)?(map|each|forEach|flatMap|filter|some|every|find|reduce|mapAsync|forEachAsync)$/, callback: 1 },
  { source: /^bluebird$/, name: /^(default\.)?(map|each|mapSeries|filter|reduce)$/, callback: 1 },
  { source: /^radash$/, name: /^parallel$/, callback: 2 },
];

/** Whether the argument at `position` of a call of this package's function is called once per element. */
export function iteratesItsCallback(callee: Meaning | undefined, position: number): boolean {
  if (callee?.is !== 'package') return false;
  const name = callee.path.join('.') || 'default';
  return PACKAGES.some((entry) => entry.callback === position && entry.source.test(callee.source) && entry.name.test(name));
}
