import { calleeName } from './callee-name';
import type { ModuleFacts, Value, ValueId } from './facts';

/** What a value tells of a place in the file system, as far as the module's text alone says. */
type Place =
  /** The module itself: `import.meta.url`, `__filename`. */
  | { is: 'module' }
  /** Its folder. */
  | { is: 'folder' }
  /** A `.sql` file, as an import would name it. */
  | { is: 'sql'; specifier: string };

/** Variables and calls that are followed to a place. */
const MAX_DEPTH = 6;

/**
 * Notes the `.sql` files whose paths a module gives to some call: as imports, so that the program links them. The module's
 * own location stands for the file of the same name beside it. Never looks at what the call does with the path.
 */
export function noteSqlPaths(facts: ModuleFacts): void {
  if (!facts.values.some(mayTellPlace)) return;
  const calls = facts.values.flatMap((value, id) => (value.kind === 'call' || value.kind === 'new' ? [{ value, id }] : []));
  const paths: Record<number, number> = {};
  for (const { value, id } of calls) {
    if (placeOf(facts, id, 0)) continue;
    for (const argument of value.args) {
      const place = placeOf(facts, argument, 0);
      const specifier = place?.is === 'sql' ? place.specifier : place?.is === 'module' ? besides(facts.file) : undefined;
      if (specifier === undefined || argument in paths) continue;
      const known = facts.imports.findIndex((one) => one.source === specifier && one.imported === '*' && !one.local);
      paths[argument] = known >= 0 ? known : facts.imports.push({ local: '', source: specifier, imported: '*', typeOnly: false }) - 1;
    }
  }
  if (Object.keys(paths).length) facts.sqlPaths = paths;
}

function mayTellPlace(value: Value): boolean {
  return (value.kind === 'text' && value.text.endsWith('.sql')) || (value.kind === 'global' && (value.name === 'import.meta' || value.name === '__filename'));
}

function placeOf(facts: ModuleFacts, id: ValueId, depth: number): Place | undefined {
  const value = facts.values[id]!;
  if (depth > MAX_DEPTH) return undefined;
  const place = (of: ValueId | undefined): Place | undefined => (of === undefined ? undefined : placeOf(facts, of, depth + 1));
  switch (value.kind) {
    case 'global':
      return value.name === '__filename' ? { is: 'module' } : value.name === '__dirname' ? { is: 'folder' } : undefined;
    case 'member': {
      const of = facts.values[value.of]!;
      if (of.kind === 'global' && of.name === 'import.meta') return value.name === 'url' || value.name === 'filename' ? { is: 'module' } : value.name === 'dirname' ? { is: 'folder' } : undefined;
      // `new URL(…).pathname`
      return of.kind === 'new' && (value.name === 'pathname' || value.name === 'href') ? place(value.of) : undefined;
    }
    case 'variable': {
      const variable = facts.variables[value.variable]!;
      return variable.reassigned ? undefined : place(variable.value);
    }
    case 'cast':
      return place(value.of);
    case 'text':
      // `${__dirname}/query.sql`
      if (value.holes.length === 1 && /^\$1\//.test(value.text) && place(value.holes[0])?.is === 'folder') return sqlBeside([value.text.slice(3)]);
      return value.holes.length === 0 ? sqlBeside([value.text]) : undefined;
    case 'computed': {
      const rest = facts.values[value.of[1] ?? -1];
      return value.operator === '+' && rest?.kind === 'text' && rest.holes.length === 0 && place(value.of[0])?.is === 'folder' ? sqlBeside([rest.text.replace(/^\//, '')]) : undefined;
    }
    case 'new':
      return place(value.args[1])?.is === 'module' ? urlBeside(facts, value.args[0]) : undefined;
    case 'call': {
      const first = place(value.args[0]);
      switch (calleeName(facts, id)) {
        case 'fileURLToPath':
        case 'toString':
          return first;
        case 'dirname':
          return first?.is === 'module' ? { is: 'folder' } : undefined;
        case 'join':
        case 'resolve':
          return first?.is === 'folder' ? joined(facts, value.args.slice(1)) : undefined;
        default:
          return undefined;
      }
    }
    default:
      return undefined;
  }
}

function joined(facts: ModuleFacts, parts: readonly ValueId[]): Place | undefined {
  const texts = parts.map((id) => facts.values[id]!).map((value) => (value.kind === 'text' && value.holes.length === 0 ? value.text : undefined));
  return texts.every((text) => text !== undefined) ? sqlBeside(texts) : undefined;
}

/** `new URL('./query.sql', import.meta.url)`, `new URL('.', import.meta.url)` */
function urlBeside(facts: ModuleFacts, id: ValueId | undefined): Place | undefined {
  const value = facts.values[id ?? -1];
  if (value?.kind !== 'text' || value.holes.length) return undefined;
  return value.text === '.' || value.text === './' ? { is: 'folder' } : sqlBeside([value.text]);
}

function sqlBeside(parts: readonly string[]): Place | undefined {
  const path = parts.join('/').replace(/\/{2,}/g, '/');
  if (!path.endsWith('.sql') || path.startsWith('/') || /[\s:]/.test(path)) return undefined;
  return { is: 'sql', specifier: /^\.{1,2}\//.test(path) ? path : `./${path}` };
}

/** The `.sql` file of the same name. */
function besides(file: string): string {
  return `./${file.slice(file.lastIndexOf('/') + 1).replace(/\.[^.]*$/, '')}.sql`;
}
