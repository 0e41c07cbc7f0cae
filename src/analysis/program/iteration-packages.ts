import type { Meaning } from './meaning-kinds';

/** Where the elements come from that a callback is called with: an argument, or what is piped into the call. */
type Elements = number | 'piped';

/**
 * What a package's function does with a function that it is given.
 * `each`: calls it once per element · `tasks`: calls all functions of a list · `now`: calls it once, soon.
 */
interface PackageFunction {
  source: RegExp;
  name: RegExp;
  runs: 'each' | 'tasks' | 'now';
  callback: number;
  elements?: Elements;
}

const LIST_FUNCTIONS = 'map|each|forEach|flatMap|chain|filter|reject|some|every|any|all|find|findIndex|findLast|reduce|reduceRight|partition|sortBy|groupBy|keyBy|mapValues|forOwn|forEachRight|eachRight|times|mapKeys|sumBy|countBy|indexBy|mapWithIndex|mapAsync|forEachAsync|filterAsync|flatMapAsync|reduceAsync|traverse|mapToObj|fromKeys|forEachObj|mapObj|objectify|sum|sift';

const FUNCTIONS: PackageFunction[] = [
  { source: /^p-(map|filter|each-series|map-series|reduce|every|some|times|locate|props)$/, name: /^(default|pMapIterable)$/, runs: 'each', callback: 1 },
  { source: /^p-limit$/, name: /^\(\)\.map$/, runs: 'each', callback: 1 },
  { source: /^p-(limit|throttle|retry|timeout)$/, name: /^(default|\(\))$/, runs: 'now', callback: 0 },
  { source: /^p-(all|series|settle|any|race)$/, name: /^default$/, runs: 'tasks', callback: 0 },
  { source: /^p-queue$/, name: /^(PQueue\.)?add$/, runs: 'now', callback: 0 },
  { source: /^p-queue$/, name: /^(PQueue\.)?addAll$/, runs: 'tasks', callback: 0 },
  { source: /^bottleneck$/, name: /^schedule$/, runs: 'now', callback: 0 },
  { source: /^async-(mutex|sema)$/, name: /runExclusive$/, runs: 'now', callback: 0 },
  { source: /^async(-es)?(\/|$)/, name: /^(each|forEach|map|filter|reject|some|every|concat|flatMap|detect|groupBy|mapValues|sortBy)(Of)?(Series)?$/, runs: 'each', callback: 1 },
  { source: /^async(-es)?(\/|$)/, name: /^(each|forEach|map|filter|reject|some|every|concat|flatMap|groupBy|mapValues|detect)(Of)?Limit$/, runs: 'each', callback: 2 },
  { source: /^async(-es)?(\/|$)/, name: /^(parallel|series|parallelLimit)$/, runs: 'tasks', callback: 0 },
  { source: /^(lodash|lodash-es|lodash[./].+|lodash-es\/.+|es-toolkit.*|underscore|remeda|radash|radashi|rambda)$/, name: new RegExp(`^(${LIST_FUNCTIONS})$`), runs: 'each', callback: 1 },
  { source: /^(remeda|ramda|rambda|lodash\/fp)$/, name: new RegExp(`^(${LIST_FUNCTIONS})$`), runs: 'each', callback: 0, elements: 'piped' },
  { source: /^bluebird$/, name: /^(Promise\.)?(map|each|mapSeries|filter|reduce)$/, runs: 'each', callback: 1 },
  { source: /^rad(ash|ashi)$/, name: /^parallel$/, runs: 'each', callback: 2, elements: 1 },
  { source: /^fp-ts\/(lib\/|es6\/)?(Array|ReadonlyArray|NonEmptyArray|ReadonlyNonEmptyArray|Record|ReadonlyRecord|Set|ReadonlySet|Map|ReadonlyMap)$/, name: /^(map|mapWithIndex|chain|flatMap|filter|filterMap|reduce|traverse|traverseWithIndex|wilt|wither|partition)$/, runs: 'each', callback: 0, elements: 'piped' },
  { source: /^fp-ts\//, name: /^traverse(Seq|Readonly\w*)?Array(WithIndex)?$|^traverse(ReadonlyNonEmpty|Seq)?Array\w*$/, runs: 'each', callback: 0, elements: 'piped' },
  { source: /^(@effect\/data|effect)(\/|$)/, name: /^(Effect\.)?(forEach|validateAll|validateFirst|reduce|filter|partition|loop)$/, runs: 'each', callback: 1 },
  { source: /^(@effect\/data|effect)(\/|$)/, name: /^(Effect\.)?(forEach|validateAll|partition)$/, runs: 'each', callback: 0, elements: 'piped' },
  { source: /^effect(\/Array)?$/, name: /^(Array\.)?(map|flatMap|filter|filterMap|forEach)$/, runs: 'each', callback: 1 },
  { source: /^effect(\/Array)?$/, name: /^Array\.(map|flatMap|filter|filterMap|forEach)$/, runs: 'each', callback: 0, elements: 'piped' },
  { source: /^rxjs(\/operators)?$/, name: /^(mergeMap|flatMap|concatMap|switchMap|exhaustMap|mergeScan|expand)$/, runs: 'each', callback: 0, elements: 'piped' },
];

/** Packages whose `map` works on one value that may be missing or wrong, and not on a list. */
const BOXES = /^(neverthrow|ts-results(-es)?|true-myth|purify-ts|oxide\.ts|@thames\/monads|@sweet-monads\/.+|effect|fp-ts)(\/|$)/;
/** Packages of functions for which {@link FUNCTIONS} says whether they go through a list. */
const FUNCTIONAL = /^(ramda|rambda|remeda|lodash\/fp|fp-ts|effect|@effect\/data|rxjs)(\/|$)/;

function find(callee: Meaning | undefined, position: number, runs: PackageFunction['runs'], accepts: (entry: PackageFunction) => boolean = () => true): PackageFunction | undefined {
  if (callee?.is !== 'package') return undefined;
  const name = nameIn(callee);
  return FUNCTIONS.find((entry) => entry.runs === runs && entry.callback === position && entry.source.test(callee.source) && entry.name.test(name) && accepts(entry));
}

/** The function's name in its package, be the package imported as a whole, by name, or one function at a time. */
function nameIn({ source, path }: Meaning & { is: 'package' }): string {
  const names = path[0] === 'default' ? path.slice(1) : path;
  if (names.length) return names.join('.');
  return /^(?:lodash|lodash-es|async|async-es|es-toolkit)[./](?:.+\/)?(\w+)$/.exec(source)?.[1] ?? 'default';
}

/** Whether the argument at `position` of a call of this package's function is called once per element of another argument. */
export function iteratesItsCallback(callee: Meaning | undefined, position: number): boolean {
  return elementsOf(callee, position, position + 2) !== undefined;
}

/** Where a package's function takes the elements from that it calls its argument at `position` with; undefined when it does not iterate. */
export function elementsOf(callee: Meaning | undefined, position: number, argumentCount: number): Elements | undefined {
  const entry = find(callee, position, 'each', ({ elements }) => elements !== 'piped');
  if (entry) return typeof entry.elements === 'number' ? entry.elements : 0;
  if (!find(callee, position, 'each', ({ elements }) => elements === 'piped')) return undefined;
  // `R.map(load, ids)`: what may be piped may also follow
  return argumentCount > position + 1 && callee?.is === 'package' && callee.source !== 'rxjs' ? argumentCount - 1 : 'piped';
}

/** Whether the package's function calls every function of the list that it is given at `position`. */
export function runsTasks(callee: Meaning | undefined, position: number): boolean {
  return find(callee, position, 'tasks') !== undefined;
}

/** Whether the package's function calls its argument at `position` soon, though the code does not wait for it. */
export function runsSoon(callee: Meaning | undefined, position: number): boolean {
  return find(callee, position, 'now') !== undefined;
}

/** A package of functions whose `map` is no method of a list, or a value of a type that holds one thing at most. */
export function isNoList(receiver: Meaning | undefined): boolean {
  if (receiver?.is !== 'package') return false;
  return receiver.path.includes('()') ? BOXES.test(receiver.source) : FUNCTIONAL.test(receiver.source) || BOXES.test(receiver.source);
}

/** RxJS: a source that gives one element after another of what it is made from, and what that is. */
export function isListSource(callee: Meaning | undefined): boolean {
  return callee?.is === 'package' && callee.source === 'rxjs' && nameIn(callee) === 'from';
}

/** RxJS operators after which what flows is no element of the list any more. */
export const GATHERING: ReadonlySet<string> = new Set(['bufferCount', 'buffer', 'bufferTime', 'toArray', 'reduce', 'last', 'first', 'take', 'single', 'count', 'debounceTime', 'groupBy']);

/** Functions that lead a value through the functions that follow. */
export function isPipe(callee: Meaning | undefined): boolean {
  return callee?.is === 'package' && FUNCTIONAL.test(callee.source) && /^(Function\.)?(pipe|flow|piped)$/.test(nameIn(callee));
}
