import { libraries } from '../libraries';
import type { ModuleFacts, TypeFact } from '../facts/facts';
import { named } from '../names';
import type { Meanings } from './meaning';
import { entityOf, isIndex, type Meaning, OTHER_DATABASE } from './meaning-kinds';

/** Types that wrap another type without changing what it is for us. */
const TRANSPARENT_TYPES: ReadonlySet<string> = new Set([
  'Promise', 'Readonly', 'Partial', 'Required', 'NonNullable', 'Omit', 'Pick', 'PromiseLike', 'Exclude', 'Extract', 'DeepReadonly',
]);

/** What values of a type mean. */
export class TypeMeanings {
  constructor(private readonly meanings: Meanings) {}

  of(module: ModuleFacts, type: TypeFact): Meaning | undefined {
    switch (type.kind) {
      case 'named':
        return this.#namedType(module, type.path, type.arguments);
      case 'typeof':
        return this.meanings.of(module, type.value);
      case 'either':
        return this.meanings.best(type.of.map((one) => () => this.meanings.ofType(module, one)));
      case 'all': {
        const whole = this.meanings.best(type.of.map((one) => () => this.meanings.ofType(module, one)));
        return whole?.is === 'library' ? whole : { is: 'typed', module, type };
      }
      case 'indexed':
        return this.#indexedType(module, type);
      case 'object':
      case 'mapped':
      case 'function':
      case 'array':
        return { is: 'typed', module, type };
      case 'unknown':
        return undefined;
    }
  }

  #namedType(module: ModuleFacts, path: string[], args: TypeFact[]): Meaning | undefined {
    const [name = '', ...rest] = path;
    if (rest.length === 0) {
      const definition = named(module.types, name);
      if (definition) return this.meanings.ofType(module, definition.type);
      const local = module.classes.findIndex((fact) => fact.name === name);
      if (local >= 0) return { is: 'instance', module, class: local };
    }
    const index = module.imports.findIndex((fact) => fact.local === name);
    if (index >= 0) return this.#importedType(module, index, rest, args);
    if (name === 'Awaited' && args[0]) return this.meanings.awaited(this.meanings.ofType(module, args[0]));
    if (TRANSPARENT_TYPES.has(name) && args[0]) return this.meanings.ofType(module, args[0]);
    if ((name === 'Array' || name === 'ReadonlyArray' || name === 'Set') && args[0]) return { is: 'typed', module, type: { kind: 'array', of: args[0] } };
    if (name === 'ReturnType' && args[0]) {
      const of = this.meanings.ofType(module, args[0]);
      if (of?.is === 'function') return this.meanings.returned(of.module, of.function);
      return of?.is === 'typed' && of.type.kind === 'function' ? this.meanings.ofType(of.module, of.type.returns) : undefined;
    }
    if (name === 'InstanceType' && args[0]) return this.meanings.constructed(this.meanings.ofType(module, args[0]));
    return undefined;
  }

  #importedType(module: ModuleFacts, index: number, rest: string[], args: TypeFact[]): Meaning | undefined {
    const { source, imported } = module.imports[index]!;
    const qualified = [...(imported === '*' ? [] : [imported]), ...rest].join('.');
    for (const library of libraries) {
      const root = library.imported(source, qualified);
      if (root === undefined) continue;
      const wrapper = args[0] && library.wrapper?.(root);
      if (wrapper) return wrapper === 'one' ? this.meanings.ofType(module, args[0]!) : { is: 'typed', module, type: { kind: 'array', of: args[0]! } };
      const typed = library.typed(root);
      if (typed === undefined) continue;
      if (this.meanings.databases.areOther(library.id, module)) return OTHER_DATABASE;
      const of = args[0] && entityOf(this.meanings.ofType(module, args[0]));
      return { is: 'library', library, root: typed, steps: [], ...(of && { of }) };
    }
    let meaning = this.meanings.names.imported(module, index);
    for (const name of rest) meaning = this.meanings.member(meaning, name);
    if (meaning?.is === 'class') return { is: 'instance', module: meaning.module, class: meaning.class };
    if (meaning?.is === 'library' && meaning.steps.length === 0) {
      const typed = meaning.library.typed(meaning.root);
      return typed === undefined ? meaning : { ...meaning, root: typed };
    }
    // A value of a package's type is like what the package's functions give.
    if (meaning?.is === 'package') return this.meanings.servers.typed({ ...meaning, path: [...meaning.path, '()'] }, () => args[0] && this.meanings.ofType(module, args[0]));
    return meaning?.is === 'function' ? undefined : meaning;
  }

  /** `T['key']`, and `Parameters<Parameters<typeof db.transaction>[0]>[0]`, the usual spelling of a transaction's type. */
  #indexedType(module: ModuleFacts, type: TypeFact & { kind: 'indexed' }): Meaning | undefined {
    const parameters = parametersOf(type.of);
    if (parameters && typeof type.key === 'number') {
      const callback = parameters.kind === 'indexed' ? parametersOf(parameters.of) : undefined;
      if (callback && parameters.kind === 'indexed' && typeof parameters.key === 'number') {
        const method = this.meanings.ofType(module, callback);
        if (method?.is === 'library') {
          const root = method.library.callbackParameter(method.root, method.steps, parameters.key, type.key);
          return root === undefined ? undefined : { ...method, root, steps: [] };
        }
      }
      const of = this.meanings.ofType(module, parameters);
      if (of?.is === 'function') return this.meanings.parameter(of.module, of.function, type.key);
      return undefined;
    }
    const of = this.meanings.ofType(module, type.of);
    return type.key === undefined ? (of?.is === 'typed' && of.type.kind === 'array' ? this.meanings.ofType(of.module, of.type.of) : undefined) : this.meanings.member(of, String(type.key));
  }

  /** What a type has under a name. */
  member(module: ModuleFacts, type: TypeFact, name: string): Meaning | undefined {
    if (type.kind === 'object') {
      const member = named(type.members, name);
      return member && this.meanings.ofType(module, member);
    }
    if (type.kind === 'mapped') return this.meanings.ofType(module, withKey(type.of, type.parameter, name));
    if (type.kind === 'array') return isIndex(name) ? this.meanings.ofType(module, type.of) : undefined;
    if (type.kind === 'all' || type.kind === 'either') {
      return this.meanings.best(type.of.map((one) => () => {
        const of = this.meanings.ofType(module, one);
        return of && (of.is !== 'typed' || of.type !== type) ? this.meanings.member(of, name) : undefined;
      }));
    }
    return undefined;
  }
}

function parametersOf(type: TypeFact): TypeFact | undefined {
  return type.kind === 'named' && type.path[0] === 'Parameters' ? type.arguments[0] : undefined;
}

/** What a mapped type says of one key. */
function withKey(type: TypeFact, parameter: string, key: string): TypeFact {
  const inner = (one: TypeFact): TypeFact => withKey(one, parameter, key);
  switch (type.kind) {
    case 'indexed':
      return type.parameter === parameter ? { kind: 'indexed', of: inner(type.of), key } : { ...type, of: inner(type.of) };
    case 'named':
      return { ...type, arguments: type.arguments.map(inner) };
    case 'either':
    case 'all':
      return { kind: type.kind, of: type.of.map(inner) };
    case 'array':
      return { kind: 'array', of: inner(type.of) };
    default:
      return type;
  }
}
