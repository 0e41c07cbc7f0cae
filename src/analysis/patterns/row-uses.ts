import type { ModuleFacts, ParameterFact, SiteFact, Value, ValueId, VariableFact } from '../facts/facts';
import { childrenOf } from '../facts/value-children';
import { byName } from '../names';

/** What a value of the program holds of a query's answer. */
type Held =
  | 'promise'
  /** `{ rows, rowCount }` */
  | 'result'
  | 'rows'
  | 'row';

/** What a module reads of a query's rows. */
export interface ReadRows {
  members: ReadonlySet<string>;
  /** Only the first of them is looked at: the query looks for one row. */
  one: boolean;
  /** A type is written at a place that holds rows. */
  typed: boolean;
}

/** Methods of lists that call their first argument with rows; what they give holds rows again, or what the callback gives, or neither. */
const CALLING: Record<string, 'rows' | 'row' | 'made'> = byName({
  filter: 'rows', sort: 'rows', toSorted: 'rows', find: 'row', findLast: 'row',
  map: 'made', flatMap: 'made', forEach: 'made', some: 'made', every: 'made', findIndex: 'made', findLastIndex: 'made', reduce: 'made', reduceRight: 'made',
});
/** Methods of lists that call nothing. */
const GIVING: Record<string, 'rows' | 'row'> = byName({ slice: 'rows', reverse: 'rows', toReversed: 'rows', at: 'row', pop: 'row', shift: 'row' });
/** The parameters of a callback that are rows, where they are not the first. */
const ROW_PARAMETERS: Record<string, readonly number[]> = byName({ reduce: [1], reduceRight: [1], sort: [0, 1], toSorted: [0, 1] });

/**
 * Tells which members of a query's rows a module reads, when all uses of the rows are in sight: as soon as a row, or the list,
 * leaves the code at hand (returned, given away, spread, put into something), nothing is told.
 */
export class RowUses {
  /** The values that each value is a part of. */
  readonly #users: ValueId[][] = [];
  readonly #holders = new Map<ValueId, number[]>();
  readonly #returned = new Set<ValueId>();
  readonly #variables = new Map<number, ValueId>();
  readonly #parameters = new Map<string, ValueId>();
  readonly #siteOf = new Map<ValueId, SiteFact>();

  constructor(private readonly module: ModuleFacts) {
    for (const [id, value] of module.values.entries()) {
      for (const child of childrenOf(value)) (this.#users[child] ??= []).push(id);
      if (value.kind === 'variable') this.#variables.set(value.variable, id);
      if (value.kind === 'parameter') this.#parameters.set(`${value.function} ${value.index}`, id);
    }
    for (const [index, { value }] of module.variables.entries()) {
      const known = this.#holders.get(value);
      if (known) known.push(index);
      else this.#holders.set(value, [index]);
    }
    for (const { returns } of module.functions) for (const id of returns) this.#returned.add(id);
    for (const { members, statics } of module.classes) for (const { value } of [...Object.values(members), ...Object.values(statics)]) if (value !== undefined) this.#returned.add(value);
    for (const site of module.sites) this.#siteOf.set(site.value, site);
  }

  /** Members that are read of the rows that a site's query brings; undefined when somebody may read more. */
  of(site: SiteFact, isResult: boolean): ReadRows | undefined {
    const trace = new Trace(this);
    const held = isResult ? 'result' : 'rows';
    const [variable] = site.result;
    if (site.use.kind === 'part' && site.awaited && variable !== undefined && site.result.length === 1) {
      const taken = this.#takenOfAll(variable, held);
      return taken && trace.variable(variable, taken) ? trace.read : undefined;
    }
    if (site.use.kind !== 'awaited') return undefined;
    return trace.value(site.value, 'promise', held) ? trace.read : undefined;
  }

  /** Whether nobody looks at more than the first row of a query's answer, whatever becomes of that one. */
  onlyFirst(site: SiteFact): boolean {
    const [variable] = site.result;
    if (site.use.kind !== 'awaited' || site.result.length > 1) return false;
    // `const [tip] = await …`
    if (variable !== undefined && this.#isFirst(this.module.variables[variable]!.value)) return true;
    return (['rows', 'result'] as const).some((held) => {
      const trace = new Trace(this, true);
      return trace.value(site.value, 'promise', held) && trace.looksAtFirst && trace.read.one;
    });
  }

  #isFirst(id: ValueId): boolean {
    const value = this.module.values[id]!;
    return value.kind === 'member' && value.name === '0';
  }

  /** `const [orders, { rows }] = await Promise.all([…])` */
  #takenOfAll(variable: number, held: Held): Held | undefined {
    const { values, variables } = this.module;
    const value = values[variables[variable]!.value]!;
    const of = value.kind === 'member' ? values[value.of]! : undefined;
    if (value.kind !== 'member' || of === undefined) return undefined;
    if (of.kind === 'awaited') return held;
    return held === 'result' && value.name === 'rows' && of.kind === 'member' && values[of.of]!.kind === 'awaited' ? 'rows' : undefined;
  }

  usersOf(id: ValueId): { id: ValueId; value: Value }[] {
    return (this.#users[id] ?? []).map((user) => ({ id: user, value: this.module.values[user]! }));
  }

  /** The variables that are nothing but this value. */
  holdersOf(id: ValueId): number[] {
    return this.#holders.get(id) ?? [];
  }

  /** A function returns it, or a member of a class keeps it. */
  isKept(id: ValueId): boolean {
    return this.#returned.has(id);
  }

  /** The value that stands for a variable, where the code names it. */
  variableId(variable: number): ValueId | undefined {
    return this.#variables.get(variable);
  }

  /** The same for a parameter. */
  parameterId(of: number, index: number): ValueId | undefined {
    return this.#parameters.get(`${of} ${index}`);
  }

  /** Nobody wants what the call gives. */
  isDropped(id: ValueId): boolean {
    return this.#siteOf.get(id)?.use.kind === 'dropped';
  }

  variableAt(variable: number): VariableFact {
    return this.module.variables[variable]!;
  }

  /** A function literal, with its parameters. */
  function(id: ValueId | undefined): { function: number; parameters: ParameterFact[] } | undefined {
    const value = id === undefined ? undefined : this.module.values[id];
    return value?.kind === 'function' ? { function: value.function, parameters: this.module.functions[value.function]!.parameters } : undefined;
  }

  isBoolean(id: ValueId | undefined): boolean {
    const value = id === undefined ? undefined : this.module.values[id];
    return value?.kind === 'global' && value.name === 'Boolean';
  }
}

/** One query's rows on their way. All methods tell whether everything is in sight; with `listOnly`, of the list and not of its rows. */
class Trace {
  readonly #members = new Set<string>();
  readonly #seen = new Set<string>();
  #many = false;
  #typed = false;
  #first = false;

  constructor(
    private readonly uses: RowUses,
    private readonly listOnly = false,
  ) {}

  get looksAtFirst(): boolean {
    return this.#first;
  }

  get read(): ReadRows {
    return { members: this.#members, one: !this.#many, typed: this.#typed };
  }

  variable(variable: number, held: Held): boolean {
    if (this.listOnly && held === 'row') return true;
    const { type, uses: { passed, returned, whole, written, awaited } } = this.uses.variableAt(variable);
    if (type && held !== 'result') this.#typed = true;
    if (passed || returned || whole || written || awaited) return false;
    const id = this.uses.variableId(variable);
    return id === undefined || this.value(id, held);
  }

  /** `gives` is what a promise holds. */
  value(id: ValueId, held: Held, gives: Held = 'rows'): boolean {
    if (this.listOnly && held === 'row') return true;
    const key = `${id} ${held}`;
    if (this.#seen.has(key)) return true;
    this.#seen.add(key);
    if (this.uses.isKept(id)) return false;
    const holders = this.uses.holdersOf(id);
    const users = this.uses.usersOf(id);
    return holders.every((variable) => this.variable(variable, held)) && users.every((user) => this.#use(id, held, user, gives)) && (holders.length > 0 || users.length > 0 || held !== 'promise');
  }

  #use(id: ValueId, held: Held, user: { id: ValueId; value: Value }, gives: Held): boolean {
    const { value } = user;
    if (held === 'promise') return value.kind === 'awaited' && this.#taken(user.id, gives);
    switch (value.kind) {
      case 'member':
        if (held === 'row') return this.#members.add(value.name).size > 0;
        if (held === 'result') return value.name === 'rowCount' || (value.name === 'rows' && this.value(user.id, 'rows'));
        if (value.name === 'length') return true;
        if (value.name === '0') {
          this.#first = true;
          return this.#taken(user.id, 'row');
        }
        this.#many = true;
        return /^\d+$/.test(value.name) ? this.#taken(user.id, 'row') : this.#method(user.id, value.name);
      case 'index':
        this.#many = true;
        return held === 'rows' && value.of === id && this.#taken(user.id, 'row');
      case 'element':
        this.#many = true;
        return held === 'rows' && this.value(user.id, 'row');
      case 'cast':
        this.#typed = true;
        return this.#taken(user.id, held);
      case 'either':
        // `rows ?? []`; a test alone asks whether it is there.
        return !value.of.includes(id) || this.#taken(user.id, held);
      case 'computed':
        return value.operator !== 'in';
      default:
        return false;
    }
  }

  /** A value in the middle of an expression: someone takes it, or it is gone somewhere out of sight. */
  #taken(id: ValueId, held: Held): boolean {
    if (this.listOnly && held === 'row') return true;
    return (this.uses.holdersOf(id).length > 0 || this.uses.usersOf(id).length > 0 || this.uses.isDropped(id)) && this.value(id, held);
  }

  #method(id: ValueId, name: string): boolean {
    const users = this.uses.usersOf(id);
    return users.length > 0 && users.every(({ id: call, value }) => {
      if (value.kind !== 'call' || value.of !== id) return false;
      const given = GIVING[name];
      if (given) return this.#taken(call, given);
      const kind = CALLING[name];
      if (!kind) return false;
      if (name === 'filter' && this.uses.isBoolean(value.args[0])) return this.#taken(call, 'rows');
      if ((value.args.length > 0 || !/sort/i.test(name)) && !this.#called(value.args[0], ROW_PARAMETERS[name] ?? [0])) return false;
      return kind === 'made' || this.#taken(call, kind);
    });
  }

  /** A function literal that gets rows: what it does with them is in sight. */
  #called(callback: ValueId | undefined, rows: readonly number[]): boolean {
    const called = this.uses.function(callback);
    if (!called) return false;
    const last = Math.max(...rows);
    // Behind the row and its index, callbacks get the list itself.
    if (called.parameters.length > last + 2) return false;
    return rows.every((index) => {
      this.#typed ||= called.parameters[index]?.type !== undefined;
      const id = this.uses.parameterId(called.function, index);
      return id === undefined || this.value(id, 'row');
    });
  }
}
