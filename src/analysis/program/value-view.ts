import type { Entity, HandleKind, LibraryId, Query, Step } from '../libraries/library';
import type { ModuleFacts, Value, ValueId, VariableFact } from '../facts/facts';
import { named } from '../names';
import type { Meanings } from './meaning';
import { sqlOf } from './sql-files';
import { entityOf, queryIn } from './meaning-kinds';

/** A parameter that a value is made from: the whole parameter, or what the path of member names leads to. */
export interface Origin {
  module: ModuleFacts;
  function: number;
  index: number;
  path: string[];
  /** The value is the parameter, perhaps in another form, and not only a part that is made from it. */
  whole: boolean;
}

/** A read-only look at one value of one module, through variables and across files. */
export interface ValueView {
  /** Text of a string or template that is known; holes stand as `$1`, `$2`, …. */
  text(): string | undefined;
  /** What stands in the holes of a text or a tagged template. */
  holes(): ValueView[];
  /** The query that a library makes of it, where it is a builder or the text of one. */
  built(): Query | undefined;
  /** How a text begins that is put together: of `'SELECT …' + rest`, of what is assigned first, of the first item that is joined. */
  beginning(): string | undefined;
  number(): number | undefined;
  /** It is `null` or `undefined`. */
  isNothing(): boolean;
  /** Property of an object literal; looks through spreads of known objects. */
  property(name: string): ValueView | undefined;
  /** Names of the properties of an object literal, spreads of known objects included. */
  keys(): string[];
  /** It is no object literal, or has a part that cannot be seen through: it may have any property. */
  readonly open: boolean;
  /** Items of an array literal; undefined when it is none or has a spread. */
  items(): ValueView[] | undefined;
  /** It is a list of several: an array literal, an array by its type, or what an array method made. */
  isList(): boolean;
  /** What the value runs queries on, when it is a database handle. */
  handle(): HandleKind | undefined;
  /** Callee name, receiver and arguments, when the value is a call: `eq(orders.id, id)` is `eq`. */
  call(): { name: string; of: ValueView | undefined; args: ValueView[] } | undefined;
  /** Names of a member chain (`orders.customerId`), without following variables; undefined when it is none. */
  path(): string[] | undefined;
  /** What a function literal returns; the value itself when it is no function. */
  returned(): ValueView;
  /** The values of the module that it stands for; none where it stands in another one. */
  origins(module: ModuleFacts): ValueId[];
  /** The class of the program, or the library's model, that the value is. */
  entity(): Entity | undefined;
  /** Calls of the decorators of the class that the value is. */
  decorations(): ValueView[];
  /** What a library makes of the value, when it is a call or template of one: a fragment in a hole, a subquery. */
  steps(): { library: LibraryId; root: string; steps: Step[] } | undefined;
  /** Parameters of functions around it that it is made from, in the order of the code. */
  parameters(): Origin[];
  /** The class whose name stands behind `new`, where the value is made so. */
  maker(): string | undefined;
  /** It is made here: `new X()`, or a call of a method with one of these names. */
  isMadeBy(methods: ReadonlySet<string>): boolean;
}

/** How many variables and imports are followed to a literal. */
const MAX_HOPS = 8;
/** Values looked at when asking which parameters a value is made from: a text that takes more is put together, not handed on. */
const MAX_ORIGIN_VALUES = 60;

/** Methods and functions of arrays and objects that give an array. */
export const LIST_MAKERS: ReadonlySet<string> = new Set(['map', 'flatMap', 'filter', 'slice', 'splice', 'concat', 'flat', 'sort', 'toSorted', 'reverse', 'toReversed', 'from', 'values', 'keys', 'entries']);

export class View implements ValueView {
  constructor(
    private readonly meanings: Meanings,
    private readonly module: ModuleFacts,
    private readonly id: ValueId,
    /** The view that this one was reached from. */
    private readonly from?: View,
  ) {}

  #inner(module: ModuleFacts, id: ValueId): View {
    return new View(this.meanings, module, id, this);
  }

  /** `const query = query.where(…)`, half typed: the way here came through this value already. */
  #isCircular(): boolean {
    for (let view = this.from; view; view = view.from) if (view.id === this.id && view.module === this.module) return true;
    return false;
  }

  /** The literal behind variables and imports, with the module it stands in. */
  #literal(): { module: ModuleFacts; value: Value; id?: ValueId; written?: boolean } {
    const { module } = this;
    let { id } = this;
    if (this.#isCircular()) return { module, value: { kind: 'unknown' } };
    let value = module.values[id]!;
    let written = false;
    for (let hop = 0; hop < MAX_HOPS; hop++) {
      if (value.kind === 'cast' || value.kind === 'awaited') id = value.of;
      else if (value.kind === 'variable' && !module.variables[value.variable]!.reassigned) {
        written ||= module.variables[value.variable]!.uses.written === true;
        id = module.variables[value.variable]!.value;
      }
      else if (value.kind === 'import' || value.kind === 'member') {
        const meaning = this.meanings.of(module, id);
        return meaning?.is === 'literal' ? { module: meaning.module, value: meaning.value } : { module, value, id };
      } else break;
      value = module.values[id]!;
    }
    return { module, value, id, ...(written && { written }) };
  }

  steps(): { library: LibraryId; root: string; steps: Step[] } | undefined {
    const { module, value, id } = this.#literal();
    if (id === undefined || (value.kind !== 'call' && value.kind !== 'tagged' && value.kind !== 'import' && value.kind !== 'member')) return undefined;
    if (value.kind === 'call') {
      // Of several things that a function may give back, none is certain.
      const callee = this.meanings.of(module, value.of);
      if (callee?.is === 'function' && callee.module.functions[callee.function]!.returns.length > 1) return undefined;
    }
    const meaning = this.meanings.of(module, id);
    return meaning?.is === 'library' ? { library: meaning.library.id, root: meaning.root, steps: meaning.steps } : undefined;
  }

  parameters(): Origin[] {
    const { module } = this;
    const origins: Origin[] = [];
    const seen = new Set<ValueId>();
    const follow = (id: ValueId, path: string[], whole: boolean): void => {
      if (seen.has(id) || seen.size >= MAX_ORIGIN_VALUES) return;
      seen.add(id);
      const value = module.values[id]!;
      switch (value.kind) {
        case 'parameter':
          origins.push({ module, function: value.function, index: value.index, path, whole });
          break;
        case 'variable':
          follow(module.variables[value.variable]!.value, path, whole);
          break;
        case 'cast':
        case 'awaited':
          follow(value.of, path, whole);
          break;
        case 'member':
          follow(value.of, [value.name, ...path], whole);
          break;
        case 'call':
        case 'new':
          // `bind(text, values)`, `text.trim()`: the text in another form
          for (const one of value.args) follow(one, [], whole);
          if (value.kind === 'call' && module.values[value.of]?.kind === 'member') follow((module.values[value.of] as Value & { kind: 'member' }).of, [], whole);
          break;
        case 'object': {
          const own = path[0] === undefined ? undefined : named(value.properties, path[0]);
          if (own !== undefined) follow(own, path.slice(1), whole);
          else for (const name of ['text', 'sql', 'query']) if (value.properties[name] !== undefined) follow(value.properties[name], [], whole);
          for (const one of value.spreads) follow(one, path, whole);
          break;
        }
        case 'either':
          for (const one of value.of) follow(one, path, whole);
          break;
        case 'computed':
          for (const one of value.of) follow(one, [], false);
          break;
        case 'text':
          for (const one of value.holes) follow(one, [], false);
          break;
        default:
          break;
      }
    };
    follow(this.id, [], true);
    return origins;
  }

  origins(module: ModuleFacts): ValueId[] {
    return module === this.module ? [this.id] : [];
  }

  entity(): Entity | undefined {
    return entityOf(this.meanings.of(this.module, this.id));
  }

  decorations(): ValueView[] {
    const meaning = this.meanings.of(this.module, this.id);
    return meaning?.is === 'class' ? (meaning.module.classes[meaning.class]!.decorations ?? []).map((id) => this.#inner(meaning.module, id)) : [];
  }

  maker(): string | undefined {
    const { module, value } = this.#literal();
    return value.kind === 'new' ? new View(this.meanings, module, value.of).path()?.at(-1) : undefined;
  }

  isMadeBy(methods: ReadonlySet<string>): boolean {
    const { module, value } = this.#literal();
    const callee = value.kind === 'call' ? module.values[value.of]! : undefined;
    return value.kind === 'new' || (callee?.kind === 'member' && methods.has(callee.name));
  }

  text(): string | undefined {
    const { module, value, id } = this.#literal();
    const file = id === undefined ? undefined : this.meanings.sqlAt(module, id);
    if (file) return sqlOf(file.facts);
    if (value.kind === 'text' || value.kind === 'tagged') return value.text;
    if (id === undefined || (value.kind !== 'member' && value.kind !== 'import' && value.kind !== 'call' && value.kind !== 'new')) return undefined;
    const meaning = this.meanings.of(module, id);
    return meaning?.is === 'text' ? meaning.text : meaning?.is === 'sql' ? sqlOf(meaning.facts) : undefined;
  }

  holes(): ValueView[] {
    const { module, value } = this.#literal();
    return value.kind === 'text' || value.kind === 'tagged' ? value.holes.map((id) => this.#inner(module, id)) : [];
  }

  built(): Query | undefined {
    return queryIn(this.meanings.of(this.module, this.id))?.query;
  }

  beginning(depth = 0): string | undefined {
    const known = this.text();
    if (known !== undefined || depth > MAX_HOPS) return known;
    const { module, value } = this.#literal();
    let first: ValueId | undefined;
    if (value.kind === 'variable') first = module.variables[value.variable]!.value;
    else if (value.kind === 'either' || value.kind === 'computed') first = value.of[0];
    else if (value.kind === 'array') first = value.items[0];
    else if (value.kind === 'call') {
      const callee = module.values[value.of]!;
      if (callee.kind === 'member') first = callee.of;
    }
    return first === undefined ? undefined : new View(this.meanings, module, first).beginning(depth + 1);
  }

  number(): number | undefined {
    const { value } = this.#literal();
    return value.kind === 'literal' && typeof value.value === 'number' ? value.value : undefined;
  }

  isNothing(): boolean {
    const { value } = this.#literal();
    return value.kind === 'literal' && value.value === null;
  }

  returned(): ValueView {
    const { module, value } = this.#literal();
    const returns = value.kind === 'function' ? module.functions[value.function]!.returns : [];
    return returns.length === 1 ? this.#inner(module, returns[0]!) : this;
  }

  /** The variable that it names, if it names one. */
  variable(): VariableFact | undefined {
    const value = this.module.values[this.id]!;
    return value.kind === 'variable' ? this.module.variables[value.variable] : undefined;
  }

  property(name: string): View | undefined {
    const { module, value } = this.#literal();
    if (value.kind === 'object') {
      const own = named(value.properties, name);
      if (own !== undefined) return this.#inner(module, own);
      for (const spread of value.spreads) {
        const found = this.#inner(module, spread).property(name);
        if (found) return found;
      }
    } else if (value.kind === 'either') {
      for (const one of value.of) {
        const found = this.#inner(module, one).property(name);
        if (found) return found;
      }
    }
    return undefined;
  }

  keys(): string[] {
    const { module, value } = this.#literal();
    if (value.kind === 'either') return value.of.flatMap((one) => this.#inner(module, one).keys());
    if (value.kind !== 'object') return [];
    return [...Object.keys(value.properties), ...value.spreads.flatMap((spread) => this.#inner(module, spread).keys())];
  }

  get open(): boolean {
    const { module, value, written } = this.#literal();
    // `where.name = name` adds to an object that is begun here
    if (written && value.kind === 'object') return true;
    if (value.kind === 'either') return value.of.every((one) => this.#inner(module, one).open);
    if (value.kind === 'computed') return false;
    if (value.kind === 'literal') return false;
    return value.kind !== 'object' || value.spreads.some((spread) => this.#inner(module, spread).open);
  }

  items(): ValueView[] | undefined {
    const { module, value } = this.#literal();
    return value.kind === 'array' && !value.spread ? value.items.map((id) => this.#inner(module, id)) : undefined;
  }

  isList(): boolean {
    const { value } = this.#literal();
    if (value.kind === 'array') return true;
    if (value.kind === 'call' && LIST_MAKERS.has(this.call()?.name ?? '')) return true;
    const meaning = this.meanings.of(this.module, this.id);
    return meaning?.is === 'list' || (meaning?.is === 'literal' && meaning.value.kind === 'array') || (meaning?.is === 'typed' && meaning.type.kind === 'array');
  }

  handle(): HandleKind | undefined {
    const meaning = this.meanings.of(this.module, this.id);
    const interpretation = meaning?.is === 'library' ? meaning.library.interpret(meaning.root, meaning.steps, meaning.of) : undefined;
    return interpretation?.is === 'handle' ? interpretation.handle : undefined;
  }

  call(): { name: string; of: ValueView | undefined; args: ValueView[] } | undefined {
    const { module, value } = this.#literal();
    if (value.kind !== 'call') return undefined;
    const callee = module.values[value.of]!;
    const args = value.args.map((id) => this.#inner(module, id));
    if (callee.kind === 'member') return { name: callee.name, of: this.#inner(module, callee.of), args };
    if (callee.kind === 'import') return { name: module.imports[callee.import]!.imported, of: undefined, args };
    if (callee.kind === 'variable') return { name: module.variables[callee.variable]!.name, of: undefined, args };
    return undefined;
  }

  path(): string[] | undefined {
    const names: string[] = [];
    let value = this.module.values[this.id]!;
    while (value.kind === 'member') {
      names.unshift(value.name);
      value = this.module.values[value.of]!;
    }
    switch (value.kind) {
      case 'variable':
        return [this.module.variables[value.variable]!.name, ...names];
      case 'import': {
        const { local, imported } = this.module.imports[value.import]!;
        return [local || imported, ...names];
      }
      case 'global':
        return [value.name, ...names];
      case 'this':
        return ['this', ...names];
      case 'element':
      case 'parameter':
        return ['', ...names];
      default:
        return undefined;
    }
  }
}
