import { calleeName } from '../facts/callee-name';
import type { Effects, FunctionRef, ReachedQuery } from '../program/effects';
import type { ModuleFacts, SiteFact, StepFact } from '../facts/facts';
import type { Meanings } from '../program/meaning';
import type { Meaning } from '../program/meaning-kinds';
import { handleKind, isOneConnection, runsOnOneConnection } from '../program/transactions';

/** One of several reads that wait for each other without need. */
export interface WaitingRead {
  step: StepFact;
  /** What is awaited. */
  site: SiteFact;
  /** The queries it runs, nearest first. */
  queries: ReachedQuery[];
}

/** A helper that reaches more functions, or through more calls, is a subsystem: what it does cannot be overseen. */
const MAX_FUNCTIONS = 24;
const MAX_HOPS = 4;

/** Functions of these packages end the request or the render: what stands before them is a guard. */
const LEAVING: ReadonlyMap<string, RegExp> = new Map([
  ['next/navigation', /^(redirect|permanentRedirect|notFound|forbidden|unauthorized)$/],
  ['@sveltejs/kit', /^(error|redirect|fail)$/],
  ['@remix-run/node', /^redirect/],
  ['react-router', /^redirect/],
  ['@tanstack/react-router', /^(redirect|notFound)$/],
]);
/** Packages whose functions throw unless something holds. */
const ASSERTIONS = /^(tiny-invariant|invariant|ts-invariant|http-assert|(node:)?assert(\/strict)?)$/;

/** Methods of lists, texts, maps and objects: what they give is computed at once. */
const STANDARD_METHODS: ReadonlySet<string> = new Set(
  ('map filter flatMap flat find findIndex findLast some every reduce slice concat join includes indexOf at keys values entries fromEntries get has sort toSorted reverse toReversed ' +
    'toString toFixed toISOString getTime trim toLowerCase toUpperCase split replace replaceAll startsWith endsWith padStart substring substr localeCompare assign from of parse stringify').split(' '),
);

/** What a call does, when it does nothing but read, from a pool. */
interface Reading {
  queries: ReachedQuery[];
  /** It throws when something is missing or forbidden: nothing may start before it has ended. */
  mayThrow: boolean;
}

/** Groups of reads of a module that are awaited one after another, and need nothing of each other. */
export function independentAwaits(module: ModuleFacts, effects: Effects, meanings: Meanings): WaitingRead[][] {
  return new Search(module, effects, meanings).groups();
}

class Search {
  /** Sites that run when the function at hand does, and not later. */
  #running = new Set<number>();
  readonly #readings = new Map<object, Reading | undefined>();

  constructor(
    private readonly module: ModuleFacts,
    private readonly effects: Effects,
    private readonly meanings: Meanings,
  ) {}

  groups(): WaitingRead[][] {
    return this.module.sequences.flatMap(({ function: index, steps }) => {
      this.#running = new Set(this.effects.sitesWithin(this.module, index));
      const groups = this.#groupsIn(steps);
      return groups.length && !runsOnOneConnection(this.meanings, this.module, index) ? groups : [];
    }).filter((group) => this.effects.loopsAround(this.module, group[0]!.site).length === 0);
  }

  #groupsIn(steps: StepFact[]): WaitingRead[][] {
    const groups: WaitingRead[][] = [];
    let group: WaitingRead[] = [];
    let closed = false;
    /** Variables that hold something of what the group reads. */
    let results = new Set<number>();
    let needed = new Set<number>();
    const end = (behind: StepFact[]): void => {
      const free = this.#withoutGuards(group, behind);
      if (free.length > 1) groups.push(free);
      group = [];
      results = new Set();
      needed = new Set();
      closed = false;
    };
    for (const [index, step] of steps.entries()) {
      const read = step.form === 'await' ? this.#read(step) : undefined;
      if (read) {
        if (closed || step.reads.some((variable) => results.has(variable)) || step.writes.some((variable) => needed.has(variable))) end(steps.slice(index));
        group.push(read.read);
        closed = read.mayThrow;
        for (const variable of step.writes) results.add(variable);
        for (const variable of step.reads) needed.add(variable);
        continue;
      }
      if (!group.length) continue;
      if (step.form === 'await' || step.exits || this.#mayLeave(step, results) || (step.form === 'control' && this.#works(step))) {
        end(steps.slice(index));
        continue;
      }
      // What has to run after the group, or before a member of it, is nothing that a later member may need.
      const changes = step.form === 'declaration' ? step.writes : [...step.writes, ...step.reads];
      if (step.reads.some((variable) => results.has(variable)) || changes.some((variable) => needed.has(variable))) for (const variable of changes) results.add(variable);
    }
    end([]);
    return groups;
  }

  /**
   * Reads whose result is tested right behind the group, to end the function, are checks that the others should wait
   * for, unless one test looks at all of them.
   */
  #withoutGuards(group: WaitingRead[], behind: StepFact[]): WaitingRead[] {
    if (group.length < 2) return group;
    const results = new Set(group.flatMap(({ step }) => step.writes));
    let free = group;
    for (const step of behind) {
      if (step.form === 'await' || !((step.exits && step.tests) || this.#mayLeave(step, results))) break;
      const tested = new Set(step.tests ?? step.reads);
      const untested = group.filter(({ step: { writes } }) => !writes.some((variable) => tested.has(variable)));
      if (untested.length) free = free.filter((read) => untested.includes(read));
    }
    return free;
  }

  /** What the step waits for, when that is a read and all else in the statement is computation. */
  #read(step: StepFact): { read: WaitingRead; mayThrow: boolean } | undefined {
    const { module } = this;
    if (step.opaque || step.exits || step.writes.length === 0 || step.reads.some((variable) => this.#isLocalFunction(variable))) return undefined;
    let waiting: { site: SiteFact; index: number } | undefined;
    const queries: ReachedQuery[] = [];
    let mayThrow = false;
    for (const index of this.#sitesOf(step)) {
      const site = module.sites[index]!;
      const reading = this.#siteReading(module, index, []);
      if (!reading) return undefined;
      queries.push(...reading.queries);
      mayThrow ||= reading.mayThrow;
      if (site.awaited && reading.queries.length) waiting ??= { site, index };
    }
    if (!waiting || !queries.length || queries.length > MAX_FUNCTIONS) return undefined;
    return { read: { step, site: waiting.site, queries }, mayThrow };
  }

  #sitesOf({ sites: [start, end] }: StepFact): number[] {
    return Array.from({ length: end - start }, (_, offset) => start + offset).filter((index) => this.#running.has(index));
  }

  #isLocalFunction(variable: number): boolean {
    const { value, function: owner } = this.module.variables[variable]!;
    return owner !== 0 && this.module.values[value]!.kind === 'function';
  }

  /** A statement that waits or works in a branch or a loop. */
  #works(step: StepFact): boolean {
    return this.#sitesOf(step).some((index) => {
      const effect = this.effects.site(this.module, index);
      return this.module.sites[index]!.awaited || effect.query !== undefined || effect.callees.length > 0;
    });
  }

  /** A statement without `await` that may end the function through a call, after looking at the results. */
  #mayLeave(step: StepFact, results: ReadonlySet<number>): boolean {
    const looks = step.reads.some((variable) => results.has(variable));
    for (const index of this.#sitesOf(step)) {
      const site = this.module.sites[index]!;
      const effect = this.effects.site(this.module, index);
      if (effect.query || effect.callees.some((callee) => this.#isGuard(callee))) return true;
      const callee = this.#callee(this.module, site);
      if (isLeaving(callee) || (looks && callee?.is === 'package' && (ASSERTIONS.test(callee.source) || step.form !== 'expression'))) return true;
    }
    return false;
  }

  #isGuard(ref: FunctionRef): boolean {
    const reading = this.#reading(ref);
    return !reading || reading.mayThrow || reading.queries.length > 0;
  }

  #callee(module: ModuleFacts, site: SiteFact): Meaning | undefined {
    const value = module.values[site.value]!;
    return value.kind === 'call' ? this.meanings.of(module, value.of) : undefined;
  }

  /** What one site does; undefined when that is more than reading, or not known. */
  #siteReading(module: ModuleFacts, index: number, chain: ReachedQuery['chain']): (Reading & { callees: FunctionRef[] }) | undefined {
    const site = module.sites[index]!;
    const { query, callees, external } = this.effects.site(module, index);
    if (query) {
      // A text that is not known may write, and one without a table may lock or count up.
      if (query.verb !== 'read' || query.handle !== 'pool' || query.tables.length === 0) return undefined;
      return { queries: [{ query, chain }], mayThrow: throwsWhenMissing(query), callees: [] };
    }
    const kept = site.awaited || site.use.kind === 'returned' || site.use.kind === 'yielded';
    if (external && kept) return undefined;
    const callee = this.#callee(module, site);
    if (callees.length) {
      if (this.#handsOnConnection(module, site)) return undefined;
      if (chain.length) return { queries: [], mayThrow: false, callees };
      const queries: ReachedQuery[] = [];
      let mayThrow = false;
      for (const ref of callees) {
        const reading = this.#reading(ref);
        if (!reading || (site.awaited && !reading.queries.length)) return undefined;
        queries.push(...reading.queries);
        mayThrow ||= reading.mayThrow;
      }
      return { queries, mayThrow, callees: [] };
    }
    if (isLeaving(callee)) return { queries: [], mayThrow: true, callees: [] };
    if (kept && callee?.is !== 'global' && (site.awaited || !(callee?.is === 'package' || isComputation(module, site) || this.#buildsQuery(module, site)))) return undefined;
    return { queries: [], mayThrow: false, callees: [] };
  }

  /** Inside of a callback that a query builder takes. */
  #buildsQuery(module: ModuleFacts, site: SiteFact): boolean {
    const { inline } = module.functions[site.function]!;
    return inline !== undefined && this.meanings.of(module, inline.call)?.is === 'library';
  }

  /** What a function of the program does, with all that it calls. */
  #reading(start: FunctionRef): Reading | undefined {
    const key = start.module.functions[start.function]!;
    if (this.#readings.has(key)) return this.#readings.get(key);
    const reading = this.#reach(start);
    this.#readings.set(key, reading);
    return reading;
  }

  #reach(start: FunctionRef): Reading | undefined {
    const reading: Reading = { queries: [], mayThrow: false };
    const seen = new Set<object>();
    let frontier: { ref: FunctionRef; chain: ReachedQuery['chain'] }[] = [{ ref: start, chain: [] }];
    for (let hops = 0; frontier.length; hops++) {
      const next: typeof frontier = [];
      for (const { ref, chain } of frontier) {
        const fact = ref.module.functions[ref.function]!;
        if (seen.has(fact)) continue;
        seen.add(fact);
        if (seen.size > MAX_FUNCTIONS || hops > MAX_HOPS) return undefined;
        reading.mayThrow ||= fact.throws === true;
        for (const index of this.effects.sitesWithin(ref.module, ref.function)) {
          const site = ref.module.sites[index]!;
          const hop = [...chain, { module: ref.module, site }];
          const found = this.#siteReading(ref.module, index, hop);
          if (!found) return undefined;
          reading.mayThrow ||= found.mayThrow;
          reading.queries.push(...found.queries);
          for (const callee of found.callees) next.push({ ref: callee, chain: hop });
        }
      }
      frontier = next;
    }
    return reading;
  }

  /** `load(tx, id)`, `load(id, { transaction })`: the helper works on that connection, whatever its parameter says. */
  #handsOnConnection(module: ModuleFacts, site: SiteFact): boolean {
    const value = module.values[site.value]!;
    if (value.kind !== 'call') return false;
    return value.args.some((id) => {
      const given = module.values[id]!;
      const parts = given.kind === 'object' ? Object.values(given.properties) : [id];
      return parts.some((part) => isOneConnection(handleKind(this.meanings.of(module, part))));
    });
  }
}

/** `findUniqueOrThrow`, `findOneOrFail`: a row that is missing ends the function. An aggregate always has its row. */
function throwsWhenMissing({ label, bound }: ReachedQuery['query']): boolean {
  return bound === 'one' && /Or(Throw|Fail)$/.test(label);
}

function isLeaving(callee: Meaning | undefined): boolean {
  return callee?.is === 'package' && LEAVING.get(callee.source)?.test(callee.path.at(-1) ?? '') === true;
}

/** A method of built-in values, on something that is no handle and nothing of a package. */
function isComputation(module: ModuleFacts, site: SiteFact): boolean {
  const name = calleeName(module, site.value);
  return name !== undefined && STANDARD_METHODS.has(name);
}
