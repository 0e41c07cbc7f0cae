import type { Query } from '../libraries/library';
import type { ModuleFacts, SiteFact, Value, ValueId, VariableFact } from '../facts/facts';
import type { Meanings } from '../program/meaning';
import { childrenOf } from '../facts/value-children';

/** What is made of a query's rows in memory: `amount` is a number or truth, `part` some of the rows, `parts` several selections. */
export interface BoiledDown {
  makes: 'amount' | 'part' | 'parts';
  /** Methods and properties of the list that do it, such as `filter`. */
  by: string[];
}

interface ListUse extends BoiledDown {
  /** A page of the rows, beside which their number is usually asked. */
  page?: true;
  /** What the condition asks of a row. */
  asks?: string[];
}

/** What SQL has a word for, in predicates: methods of texts, numbers, dates and given lists. */
const SQL_METHODS: ReadonlySet<string> = new Set(['toLowerCase', 'toUpperCase', 'trim', 'includes', 'startsWith', 'endsWith', 'has', 'getTime', 'valueOf', 'toISOString', 'toString']);
const SQL_GLOBALS = /^(Number|String|Boolean|Date|Date\.now|BigInt|parseFloat|Math\.(max|min|abs|round|floor|ceil))$/;
/** `row.customer.name` is a join away; deeper ones may be documents. */
const MAX_MEMBERS = 2;
const MAX_DEPTH = 20;
/** Whether it has rows tells of the one side, and which of them are left of the other: a condition in WHERE would lose the first. */
const OUTER_JOIN = /\b(?:left|right|full)\s+(?:outer\s+)?join\b/i;

/**
 * Tells of the lists of one module whether they are only read to be boiled down: all uses are seen, and each is something
 * that SQL can do. Asks in loops and callbacks look things up: there the list is an index, and its rows are wanted.
 */
export class BoilingDown {
  readonly #users = new Map<ValueId, ValueId[]>();
  readonly #siteOf = new Map<ValueId, SiteFact>();

  constructor(
    private readonly module: ModuleFacts,
    private readonly meanings: Meanings,
  ) {
    for (const [id, value] of module.values.entries()) {
      if (value.kind !== 'member' && value.kind !== 'call' && value.kind !== 'awaited') continue;
      const known = this.#users.get(value.of);
      if (known) known.push(id);
      else this.#users.set(value.of, [id]);
    }
    for (const site of module.sites) {
      for (let id: ValueId | undefined = site.value; id !== undefined && !this.#siteOf.has(id);) {
        this.#siteOf.set(id, site);
        const value: Value = module.values[id]!;
        id = value.kind === 'call' || value.kind === 'member' || value.kind === 'cast' ? value.of : undefined;
      }
    }
  }

  /** Undefined when the rows are wanted as they are, or when somebody may want them. */
  of(site: SiteFact, query: Query): BoiledDown | undefined {
    if (site.result.length > 1) return undefined;
    const [result] = site.result;
    const uses = result === undefined ? this.#usesInline(site) : this.#usesOfVariable(site, this.module.variables[result]!, result, query);
    return uses && together(uses, query.filterColumns);
  }

  /** `(await prisma.order.findMany()).length` */
  #usesInline(site: SiteFact): (ListUse | undefined)[] | undefined {
    const awaited = this.#usersOf(site.value, 'awaited');
    if (site.use.kind !== 'awaited' || awaited.length !== 1) return undefined;
    return this.#usersOf(awaited[0]!, 'member').flatMap((member) => this.#usesOfMember(site, member));
  }

  #usesOfVariable(site: SiteFact, variable: VariableFact, index: number, query: Query): (ListUse | undefined)[] | undefined {
    const { uses, reassigned } = variable;
    if (reassigned || uses.passed || uses.returned || uses.whole || uses.iterated || uses.written || uses.awaited || !uses.members?.length) return undefined;
    if (this.#isOneRow(site, variable)) return undefined;
    const id = this.module.values.findIndex((value) => value.kind === 'variable' && value.variable === index);
    if (!(uses.aliases ?? []).every((alias) => this.#isNarrowed(alias, id))) return undefined;
    const isNamed = (member: ValueId, name: string): boolean => (this.module.values[member] as Value & { kind: 'member' }).name === name;
    if (query.sql !== undefined && OUTER_JOIN.test(query.sql) && this.#usersOf(id, 'member').some((member) => isNamed(member, 'length'))) return undefined;
    const members = this.#usersOf(id, 'member').filter((member) => uses.members!.includes((this.module.values[member] as Value & { kind: 'member' }).name));
    if (query.sql !== undefined && uses.members.includes('rows')) {
      const rows = members.find((member) => (this.module.values[member] as Value & { kind: 'member' }).name === 'rows')!;
      return this.#usersOf(rows, 'member').flatMap((member) => this.#usesOfMember(site, member));
    }
    return members.flatMap((member) => this.#usesOfMember(site, member));
  }

  /** `short ? rows.slice(0, 20) : rows`: all rows on one condition, some on the other, which the query could ask for as well. */
  #isNarrowed(alias: number, rows: ValueId): boolean {
    const value = this.module.values[this.module.variables[alias]!.value]!;
    if (value.kind !== 'either' || value.test === undefined || !value.of.includes(rows)) return false;
    return value.of.every((id) => {
      const arm = this.module.values[id]!;
      const callee = arm.kind === 'call' ? this.module.values[arm.of]! : undefined;
      return id === rows || (callee?.kind === 'member' && callee.of === rows && (callee.name === 'filter' || callee.name === 'slice'));
    });
  }

  /** `const [first] = await …` */
  #isOneRow(site: SiteFact, variable: VariableFact): boolean {
    let value = this.module.values[variable.value]!;
    if (value.kind !== 'member' || value.name === 'rows') return false;
    while (value.kind === 'member') value = this.module.values[value.of]!;
    return value.kind === 'awaited' && value.of === site.value;
  }

  #usersOf(id: ValueId, kind: Value['kind']): ValueId[] {
    return (this.#users.get(id) ?? []).filter((user) => this.module.values[user]!.kind === kind);
  }

  #usesOfMember(site: SiteFact, id: ValueId): (ListUse | undefined)[] {
    const { name } = this.module.values[id] as Value & { kind: 'member' };
    if (name === 'length') return [{ makes: 'amount', by: ['length'] }];
    const calls = this.#usersOf(id, 'call');
    return calls.length ? calls.map((call) => this.#usesOfCall(site, call, name)) : [undefined];
  }

  #usesOfCall(query: SiteFact, id: ValueId, method: string): ListUse | undefined {
    const call = this.module.values[id] as Value & { kind: 'call' };
    const site = this.#siteOf.get(id);
    if (!site || site.function !== query.function || site.loops.length !== query.loops.length) return undefined;
    switch (method) {
      case 'filter':
        return this.#isSayable(call.args[0], 0) ? { makes: this.#isOnlyCounted(id, site, 'length') ? 'amount' : 'part', by: [method], asks: this.#membersAsked(call.args[0]!) } : undefined;
      case 'find':
      case 'findLast':
        return this.#isSayable(call.args[0], 0) ? { makes: 'part', by: [method], asks: this.#membersAsked(call.args[0]!) } : undefined;
      case 'some':
      case 'every':
        return this.#isSayable(call.args[0], 0) ? { makes: 'amount', by: [method] } : undefined;
      case 'reduce':
        return this.#isSum(call.args) ? { makes: 'amount', by: [method] } : undefined;
      case 'map':
        return this.#isDistinct(id, site) && this.#isSayable(call.args[0], 0) ? { makes: 'amount', by: ['Set.size'] } : undefined;
      case 'slice':
        return call.args.length ? { makes: 'part', by: [method], page: true } : undefined;
      case 'sort':
      case 'toSorted': {
        const next = this.#usersOf(id, 'member').map((member) => (this.module.values[member] as Value & { kind: 'member' }).name);
        return next.length === 1 && (next[0] === 'slice' || next[0] === 'at' || next[0] === '0') && this.#isComparator(call.args[0]) ? { makes: 'part', by: [method, next[0]].filter((name) => name !== '0') } : undefined;
      }
      default:
        return undefined;
    }
  }

  /** `new Set(rows.map(…)).size`, be it in one go or through a variable. */
  #isDistinct(id: ValueId, site: SiteFact): boolean {
    if (site.use.kind !== 'argument' || site.value !== id) return false;
    const set = this.module.values[site.use.call]!;
    const callee = set.kind === 'new' ? this.module.values[set.of]! : undefined;
    if (callee?.kind !== 'global' || callee.name !== 'Set') return false;
    const { call } = site.use;
    const variables = this.module.variables.filter((variable) => variable.value === call);
    return this.#isOnlyCounted(call, { ...site, value: call, use: variables.length ? { kind: 'assigned', variable: this.module.variables.indexOf(variables[0]!) } : { kind: 'part' } }, 'size');
  }

  /** `rows.filter(…).length`, be it in one go or through a variable. */
  #isOnlyCounted(id: ValueId, site: Pick<SiteFact, 'value' | 'use'>, count: 'length' | 'size'): boolean {
    const members = this.#usersOf(id, 'member').map((member) => (this.module.values[member] as Value & { kind: 'member' }).name);
    if (members.length) return members.every((name) => name === count);
    if (site.use.kind !== 'assigned' || site.value !== id) return false;
    const variable = this.module.variables[site.use.variable];
    const uses = variable?.uses;
    return Boolean(uses) && !variable!.reassigned && !uses!.passed && !uses!.returned && !uses!.whole && !uses!.iterated && !uses!.aliases && (uses!.members ?? []).every((name) => name === count);
  }

  #isComparator(id: ValueId | undefined): boolean {
    const compared = id === undefined ? undefined : this.module.values[id];
    if (compared?.kind !== 'function') return false;
    const fact = this.module.functions[compared.function]!;
    return fact.returns.length === 1 && this.#sayable(fact.returns[0]!, compared.function, [0, 1], 0);
  }

  /** The predicate of a row is one that a WHERE clause could say. */
  #isSayable(id: ValueId | undefined, row: number): boolean {
    const predicate = id === undefined ? undefined : this.module.values[id];
    if (predicate?.kind !== 'function') return false;
    const fact = this.module.functions[predicate.function]!;
    if (fact.async || fact.returns.length !== 1 || this.module.values[fact.returns[0]!]!.kind === 'literal') return false;
    return this.#sayable(fact.returns[0]!, predicate.function, [row], 0);
  }

  /** `(sum, row) => sum + row.amount`, from a number. */
  #isSum([callback, start]: ValueId[]): boolean {
    const fold = callback === undefined ? undefined : this.module.values[callback];
    const from = start === undefined ? undefined : this.module.values[start];
    if (fold?.kind !== 'function' || from?.kind !== 'literal' || typeof from.value !== 'number') return false;
    const { returns } = this.module.functions[fold.function]!;
    const made = returns.length === 1 ? this.module.values[returns[0]!] : undefined;
    return made?.kind === 'computed' && (made.operator === '+' || made.operator === '-') && this.#sayable(returns[0]!, fold.function, [0, 1], 0);
  }

  /** `rows` are the parameters of `predicate` that stand for rows. */
  #sayable(id: ValueId, predicate: number, rows: readonly number[], depth: number): boolean {
    const value = this.module.values[id]!;
    const all = (ids: readonly ValueId[]): boolean => ids.every((one) => this.#sayable(one, predicate, rows, depth + 1));
    if (depth > MAX_DEPTH) return false;
    // What does not depend on the row is a value that the query is given.
    if (!this.#asksRow(id, predicate, 0)) return true;
    switch (value.kind) {
      case 'unknown':
      case 'index':
      case 'awaited':
      case 'function':
      case 'class':
      case 'object':
      case 'tagged':
      case 'element':
        return false;
      case 'variable': {
        const variable = this.module.variables[value.variable]!;
        return variable.function !== predicate || (!variable.reassigned && all([variable.value]));
      }
      case 'parameter':
        return value.function !== predicate || rows.includes(value.index);
      case 'member':
        return this.#membersOf(id, predicate) <= MAX_MEMBERS && all([value.of]);
      case 'call':
      case 'new': {
        const callee = this.module.values[value.of]!;
        const meaning = this.meanings.of(this.module, value.of);
        if (meaning?.is === 'global') return SQL_GLOBALS.test(meaning.path.join('.')) && all(value.args);
        return value.kind === 'call' && !meaning && callee.kind === 'member' && SQL_METHODS.has(callee.name) && all([callee.of, ...value.args]);
      }
      case 'computed':
        return value.operator !== 'in' && value.operator !== 'instanceof' && value.operator !== '++' && value.operator !== '--' && all(value.of);
      default:
        return all(childrenOf(value));
    }
  }

  #asksRow(id: ValueId, predicate: number, depth: number): boolean {
    const value = this.module.values[id]!;
    if (depth > MAX_DEPTH || value.kind === 'unknown' || value.kind === 'awaited' || value.kind === 'element') return true;
    if (value.kind === 'parameter') return value.function === predicate;
    if (value.kind === 'variable') return this.module.variables[value.variable]!.function === predicate;
    const parts = value.kind === 'function' ? this.module.functions[value.function]!.returns : childrenOf(value);
    if (value.kind === 'function' && !this.module.functions[value.function]!.concise) return true;
    return parts.some((part) => this.#asksRow(part, predicate, depth + 1));
  }

  /** Members of a row that a predicate reads. */
  #membersAsked(callback: ValueId): string[] {
    const value = this.module.values[callback]!;
    if (value.kind !== 'function') return [];
    const asked = new Set<string>();
    const seen = new Set<ValueId>();
    const pending = [...this.module.functions[value.function]!.returns];
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      if (seen.has(id)) continue;
      seen.add(id);
      const part = this.module.values[id]!;
      const of = part.kind === 'member' ? this.module.values[part.of]! : undefined;
      const row = of?.kind === 'variable' ? this.module.values[this.module.variables[of.variable]!.value]! : of;
      if (part.kind === 'member' && row?.kind === 'parameter' && row.function === value.function) asked.add(part.name);
      if (part.kind === 'variable' && this.module.variables[part.variable]!.function === value.function) pending.push(this.module.variables[part.variable]!.value);
      pending.push(...childrenOf(part));
    }
    return [...asked];
  }

  /** Members between a row and what is read of it. */
  #membersOf(id: ValueId, predicate: number): number {
    let members = 0;
    let value = this.module.values[id]!;
    for (; members <= MAX_MEMBERS + 1; members++) {
      while (value.kind === 'variable' && this.module.variables[value.variable]!.function === predicate) value = this.module.values[this.module.variables[value.variable]!.value]!;
      if (value.kind !== 'member') return value.kind === 'parameter' && value.function === predicate ? members : 0;
      value = this.module.values[value.of]!;
    }
    return members;
  }
}

/**
 * All uses have to boil down. Parts that ask the same columns divide the rows, all of which are wanted; several finds look
 * them up. What asks the query's own keys again leaves no row out.
 */
function together(uses: (ListUse | undefined)[], keys: readonly string[]): BoiledDown | undefined {
  if (uses.length === 0 || uses.includes(undefined)) return undefined;
  const known = uses as ListUse[];
  if (known.some(({ asks }) => asks?.length && asks.every((column) => keys.includes(column)))) return undefined;
  const parts = known.filter(({ makes }) => makes === 'part');
  const by = [...new Set(known.flatMap((use) => use.by))];
  if (parts.length === 0) return { makes: 'amount', by };
  const rest = known.filter((use) => use !== parts[0]);
  if (parts.length > 1) return parts.every(({ asks, by: [name] }) => asks?.length && name === 'filter') && new Set(parts.map(({ asks }) => asks!.toSorted().join())).size > 1 ? { makes: 'parts', by } : undefined;
  return (rest.length === 0 || (parts[0]!.page && rest.every(({ by: [name] }) => name === 'length')) || rest.every((use) => use.makes === 'amount' && use.asks)) ? { makes: 'part', by } : undefined;
}
