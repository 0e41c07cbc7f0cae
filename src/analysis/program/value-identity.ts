import type { Span } from '../finding';
import type { ModuleFacts, Value, ValueId } from '../facts/facts';
import { named } from '../names';
import type { Meanings } from './meaning';
import { childrenOf } from '../facts/value-children';

/** Nested deeper than this, a value counts as unknown. */
const MAX_DEPTH = 30;

/** Packages whose functions only build parts of a query. */
const QUERY_PARTS = /^(drizzle-orm|kysely|typeorm|sequelize|@sequelize\/core|knex|@mikro-orm\/[\w-]+|@prisma\/client|pg-format)(\/|$)/;
/** Globals whose call gives the same for the same arguments. */
const PURE_GLOBALS = /^(String|Number|Boolean|BigInt|Array|Set|Map|Date|parseInt|parseFloat|encodeURIComponent|Array\.(from|of|isArray)|Object\.(keys|values|entries|fromEntries)|JSON\.stringify|Date\.UTC|Math\.(?!random)\w+)$/;
/** Methods of texts, numbers, dates and lists that change nothing and give the same again. */
const PURE_METHODS: ReadonlySet<string> = new Set([
  'trim', 'toLowerCase', 'toUpperCase', 'toString', 'toISOString', 'getTime', 'valueOf', 'slice', 'substring', 'split', 'join', 'concat', 'replace', 'replaceAll', 'padStart', 'padEnd', 'at', 'map', 'filter', 'flat',
]);
/** Methods that change what they are called on. */
const CHANGING_METHODS: ReadonlySet<string> = new Set(['push', 'pop', 'shift', 'unshift', 'splice', 'sort', 'reverse', 'fill', 'set', 'add', 'delete', 'clear', 'next', 'setDate', 'setHours', 'setMonth', 'setFullYear']);

/** Tells which values are the same at two places, or at each turn of a loop. Doubt counts as different. */
export class ValueIdentity {
  constructor(private readonly meanings: Meanings) {}

  /** The value is the same whenever it is computed inside of `span`, of which `changing` lists the variables that change there. */
  fixed(module: ModuleFacts, id: ValueId, span: Span, changing: ReadonlySet<number>): boolean {
    return this.#fixed(module, id, { span, changing, bound: new Set() }, 0);
  }

  /** Two values of one module are computed in the same way from variables that never change. */
  same(module: ModuleFacts, a: ValueId, b: ValueId): boolean {
    return this.#same(module, a, b, new Map(), 0);
  }

  #fixed(module: ModuleFacts, id: ValueId, around: { span: Span; changing: ReadonlySet<number>; bound: Set<number> }, depth: number): boolean {
    const value = module.values[id]!;
    const all = (ids: readonly ValueId[]): boolean => ids.every((one) => this.#fixed(module, one, around, depth + 1));
    if (depth > MAX_DEPTH) return false;
    switch (value.kind) {
      case 'unknown':
      case 'element':
      case 'awaited':
        return false;
      case 'variable': {
        const variable = module.variables[value.variable]!;
        if (around.changing.has(value.variable) || this.#changesInside(module, id, value.variable)) return false;
        return isOutside(variable.start, around.span) || (!variable.reassigned && all([variable.value]));
      }
      case 'parameter':
        return around.bound.has(value.function) || isOutside(module.functions[value.function]!.start, around.span);
      case 'member':
        return all([value.of]) && this.#keepsMember(module, value);
      case 'call':
      case 'new':
        return this.#isPure(module, id, value) && all(childrenOf(value));
      case 'function': {
        const fact = module.functions[value.function]!;
        if (!fact.concise) return false;
        around.bound.add(value.function);
        return all(fact.returns);
      }
      case 'computed':
        return value.operator !== '++' && value.operator !== '--' && all(value.of);
      default:
        return all(childrenOf(value));
    }
  }

  #same(module: ModuleFacts, idA: ValueId, idB: ValueId, bound: Map<number, number>, depth: number): boolean {
    const a = module.values[idA]!;
    const b = module.values[idB]!;
    const same = (one: ValueId, other: ValueId): boolean => this.#same(module, one, other, bound, depth + 1);
    if (depth > MAX_DEPTH || a.kind !== b.kind) return false;
    if (a.kind === 'variable' && b.kind === 'variable') {
      const [one, other] = [module.variables[a.variable]!, module.variables[b.variable]!];
      if (one.reassigned || other.reassigned || this.#changesInside(module, idA, a.variable) || this.#changesInside(module, idB, b.variable)) return false;
      return one === other || same(one.value, other.value);
    }
    if (a.kind === 'function' && b.kind === 'function') {
      const [one, other] = [module.functions[a.function]!, module.functions[b.function]!];
      if (one === other) return true;
      bound.set(a.function, b.function);
      return Boolean(one.concise && other.concise) && same(one.returns[0]!, other.returns[0]!);
    }
    if (!sameLeaf(a, b, bound)) return false;
    if ((a.kind === 'call' || a.kind === 'new') && !this.#isPure(module, idA, a)) return false;
    if (a.kind === 'member' && !this.#keepsMember(module, a)) return false;
    const [ofA, ofB] = [childrenOf(a), childrenOf(b)];
    return ofA.length === ofB.length && ofA.every((one, i) => same(one, ofB[i]!));
  }

  /** The call gives the same for the same arguments: it builds a query, or computes. */
  #isPure(module: ModuleFacts, id: ValueId, call: Value & { kind: 'call' | 'new' }): boolean {
    if (call.kind === 'call' && this.meanings.of(module, id)?.is === 'library') return true;
    const callee = this.meanings.of(module, call.of);
    if (callee?.is === 'package') return QUERY_PARTS.test(callee.source);
    if (callee?.is === 'global') return PURE_GLOBALS.test(callee.path.join('.')) && (call.kind === 'call' || call.args.length > 0);
    const target = module.values[call.of]!;
    if (call.kind === 'new' || callee || target.kind !== 'member' || !PURE_METHODS.has(target.name)) return false;
    const receiver = this.meanings.of(module, target.of);
    return !receiver || receiver.is === 'literal' || receiver.is === 'typed';
  }

  #changesInside(module: ModuleFacts, id: ValueId, variable: number): boolean {
    const { uses } = module.variables[variable]!;
    const changes = uses.written || uses.members?.some((member) => CHANGING_METHODS.has(member));
    return Boolean(changes) && this.meanings.of(module, id)?.is !== 'library';
  }

  /** A field of `this` that is given in more than one place changes while the object lives. */
  #keepsMember(module: ModuleFacts, value: Value & { kind: 'member' }): boolean {
    const of = module.values[value.of]!;
    const member = of.kind === 'this' ? named(module.classes[of.class]!.members, value.name) : undefined;
    return member?.value === undefined || module.values[member.value]!.kind !== 'either';
  }
}

function sameLeaf(a: Value, b: Value, bound: Map<number, number>): boolean {
  switch (a.kind) {
    case 'unknown':
    case 'element':
    case 'awaited':
      return false;
    case 'literal':
      return a.value === (b as typeof a).value;
    // A text that was not kept could be any.
    case 'text':
    case 'tagged':
      return a.text !== '' && a.text === (b as typeof a).text;
    case 'import':
      return a.import === (b as typeof a).import;
    case 'parameter': {
      const other = b as typeof a;
      return a.index === other.index && (bound.get(a.function) ?? a.function) === other.function;
    }
    case 'this':
    case 'super':
    case 'class':
      return a.class === (b as typeof a).class;
    case 'global':
    case 'member':
      return a.name === (b as typeof a).name;
    case 'object':
      return Object.keys(a.properties).join() === Object.keys((b as typeof a).properties).join();
    case 'either':
      return (a.test === undefined) === ((b as typeof a).test === undefined);
    case 'computed':
      return a.operator === (b as typeof a).operator && a.operator !== '++' && a.operator !== '--';
    default:
      return true;
  }
}

function isOutside(offset: number, { start, end }: Span): boolean {
  return offset < start || offset >= end;
}
