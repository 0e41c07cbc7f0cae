import { changedElsewhere, type Query } from '../libraries/library';
import { Callbacks } from './callbacks';
import { calleeName } from '../facts/callee-name';
import type { LoopFact, ModuleFacts, SiteFact, Value, ValueId } from '../facts/facts';
import type { Meanings } from './meaning';
import { queryIn } from './meaning-kinds';
import { SqlWrappers } from './sql-wrappers';
import { handleKind } from './transactions';

export interface FunctionRef {
  module: ModuleFacts;
  function: number;
}

/** A function that a site calls. */
export interface Callee extends FunctionRef {
  /** The call, where the site itself gives the arguments. */
  call?: ValueId;
}

/** One call on the way from a loop to a query. */
export interface Hop {
  module: ModuleFacts;
  site: SiteFact;
}

/** A site that some function runs, itself or through others. */
export interface SiteBelow {
  module: ModuleFacts;
  index: number;
  site: SiteFact;
  /** Calls from the function to the site's own function. */
  chain: Hop[];
}

/** A query that a function may run, with the shortest chain of calls to it; `chain` ends with the query's own site. */
export interface ReachedQuery {
  query: Query;
  chain: Hop[];
}

/** What one site does: a query of its own, and functions of the program that it calls. */
export interface SiteEffect {
  query?: Query;
  callees: Callee[];
  /** It calls something outside of the program that is no database: a package's function, `fetch`. */
  external: boolean;
  /** A function reference is called once per element: `ids.map(loadUser)`. */
  iteration?: LoopFact;
}

/** Chains longer than this are not followed: nobody would connect such a loop with such a query. */
const MAX_HOPS = 6;
/** Queries told per function; the nearest come first. */
const MAX_QUERIES = 24;
/** Functions looked at per question; a function that reaches more is a whole subsystem, not a helper. */
const MAX_FUNCTIONS = 160;

/** Implementations that are asked about for one site: beyond, a plain “unknown” is the answer. */
const MAX_QUESTIONS = 60;

/** Fluent wrappers whose argument is a subquery, not something to run. */
const SUBQUERY_TAKERS: ReadonlySet<string> = new Set([
  'inArray', 'notInArray', 'exists', 'notExists', 'eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'from', 'leftJoin', 'innerJoin', 'rightJoin', 'fullJoin', 'where', 'as', 'with',
  'union', 'unionAll', 'intersect', 'except', 'arrayContains', 'arrayOverlaps', 'select', 'and', 'or', 'not', 'in', 'withPagination', 'alias',
]);

/** Packages whose calls cost no more than a query does: queues and caches close by, logs, computation, concurrency. */
const NEARBY_PACKAGES = /^(node:|(bullmq|bull|bee-queue|pg-boss|graphile-worker|ioredis|redis|@upstash\/(redis|ratelimit|qstash)|keyv|lru-cache|pino|winston|consola|zod|valibot|yup|joi|bcrypt(js)?|argon2|@node-rs\/\w+|oslo|jose|jsonwebtoken|nanoid|uuid|date-fns|dayjs|luxon|sharp|p-[\w-]+|dataloader|async|lodash|remeda|radash|drizzle-orm|@prisma\/[\w-]+|pg|@trpc\/[\w-]+|next|react|hono|express|fastify|effect|neverthrow|ts-pattern|fs|fs\/promises|path|crypto|util|stream|timers\/promises|i18next|next-intl)(\/|$))/;

/** Of a site whose effect is being worked out. */
const NOTHING: SiteEffect = { callees: [], external: false };

/** Computes what sites and functions do, on demand; memoised per module. */
export class Effects {
  /** What sites do by themselves, and when functions that wrap a client count as the client. */
  readonly #owns = new Map<ModuleFacts, Map<number, SiteEffect>>();
  readonly #sites = new Map<ModuleFacts, Map<number, SiteEffect>>();
  readonly #reached = new Map<ModuleFacts, Map<number, ReachedQuery[]>>();
  /** What is being worked out: asking for it again is a cycle, and what was seen of a cycle from within is not kept. */
  readonly #active = new Set<string>();
  #cut = 0;
  #questions = 0;
  readonly #callbacks: Callbacks;
  readonly #wrappers: SqlWrappers;

  constructor(private readonly meanings: Meanings) {
    this.#callbacks = new Callbacks(meanings);
    this.#wrappers = new SqlWrappers(meanings, (module, index) => this.#own(module, index), (module, index) => this.sitesWithin(module, index));
  }

  forget(module: ModuleFacts): void {
    this.#callbacks.forget(module);
    this.#wrappers.forget(module);
    this.#owns.delete(module);
    this.#sites.delete(module);
    this.#reached.delete(module);
  }

  /** Chains of all modules: call it when places in some module have moved, for chains of others lead through it. */
  forgetChains(): void {
    this.#reached.clear();
  }

  forgetAll(): void {
    this.#callbacks.forgetAll();
    this.#wrappers.forgetAll();
    this.#owns.clear();
    this.#sites.clear();
    this.#reached.clear();
  }

  site(module: ModuleFacts, index: number): SiteEffect {
    return this.#remembered(this.#sites, 'site', module, index, NOTHING, () => this.#wrappers.complete(module, this.#own(module, index)));
  }

  #own(module: ModuleFacts, index: number): SiteEffect {
    return this.#remembered(this.#owns, 'own', module, index, NOTHING, () => this.#siteEffect(module, module.sites[index]!));
  }

  /** Keeps the result unless it was seen from within a cycle; asking for it again from there gives `otherwise`. */
  #remembered<T>(memory: Map<ModuleFacts, Map<number, T>>, what: string, module: ModuleFacts, index: number, otherwise: T, compute: () => T): T {
    let known = memory.get(module);
    if (!known) memory.set(module, (known = new Map()));
    let result = known.get(index);
    if (result !== undefined) return result;
    const key = `${what} ${index} ${module.file}`;
    if (this.#active.has(key)) {
      this.#cut++;
      return otherwise;
    }
    const before = this.#cut;
    this.#active.add(key);
    try {
      result = compute();
    } finally {
      this.#active.delete(key);
    }
    if (this.#cut === before || this.#active.size === 0) known.set(index, result);
    if (this.#active.size === 0) this.#cut = this.#questions = 0;
    return result;
  }

  #siteEffect(module: ModuleFacts, site: SiteFact): SiteEffect {
    const effect: SiteEffect = { callees: [], external: false };
    this.#visit(module, site, site.value, effect);
    return effect;
  }

  /** Walks the spine of a chain from its last call to its start. */
  #visit(module: ModuleFacts, site: SiteFact, id: ValueId, effect: SiteEffect): void {
    const value = module.values[id]!;
    switch (value.kind) {
      case 'call':
      case 'tagged': {
        const meaning = value.kind === 'call' && this.meanings.of(module, value.of)?.is === 'function' ? undefined : this.meanings.of(module, id);
        const found = queryIn(meaning)?.query;
        const query = found?.loadsAssociation && this.meanings.databases.collectsLoads(found.library) ? { ...found, batchedInTick: true } : found;
        if (query) {
          const shared = meaning?.is === 'library' && meaning.library.buildersAreShared === true;
          if (!effect.query && this.#runs(module, site, query, shared)) effect.query = shared && query.runs === 'when-awaited' && this.#isBuiltOn(module, site) ? changedElsewhere(query) : query;
          return;
        }
        if (value.kind === 'call') this.#call(module, site, id, value, effect);
        this.#visit(module, site, value.of, effect);
        break;
      }
      // What is behind an `await` is a site of its own.
      case 'member':
      case 'index':
      case 'cast':
        this.#visit(module, site, value.of, effect);
        break;
      case 'either':
        for (const one of value.of) this.#visit(module, site, one, effect);
        break;
      case 'variable': {
        if (!site.awaited || site.value !== id) break;
        const query = queryIn(this.meanings.of(module, id))?.query;
        if (query?.runs === 'when-awaited') effect.query = query;
        break;
      }
      default:
        break;
    }
  }

  #call(module: ModuleFacts, site: SiteFact, id: ValueId, call: Value & { kind: 'call' }, effect: SiteEffect): void {
    const meaning = this.meanings.of(module, call.of);
    // What a function gives for the hole of a template is a piece of SQL, and not yet run.
    if (site.use.kind === 'hole' && !site.awaited) return;
    if (meaning?.is === 'function' && !this.#isPlaceholder(meaning)) effect.callees.push({ module: meaning.module, function: meaning.function, call: id });
    else if (!meaning || meaning.is === 'typed' || meaning.is === 'function') effect.callees.push(...this.#implementations(module, call));
    else if ((meaning?.is === 'package' && !NEARBY_PACKAGES.test(meaning.source) && !meaning.path.includes('()')) || (meaning?.is === 'global' && meaning.path[0] === 'fetch')) effect.external = true;
    for (const { callee: given, iteration } of this.#callbacks.referencesCalled(module, site, call)) {
      effect.callees.push({ module: given.module, function: given.function });
      if (iteration) effect.iteration = iteration;
    }
  }

  /** A method that only says that it must be overridden. */
  #isPlaceholder({ module, function: index }: FunctionRef): boolean {
    const { returns, concise } = module.functions[index]!;
    return !concise && returns.length === 0 && this.sitesWithin(module, index).length === 0;
  }

  /** What the call of an interface's or abstract class's method runs, when every class that implements it asks the database. */
  #implementations(module: ModuleFacts, call: Value & { kind: 'call' }): FunctionRef[] {
    const callee = module.values[call.of]!;
    if (callee.kind !== 'member') return [];
    const found = this.meanings.wiring.implementations(module, this.meanings.of(module, callee.of), callee.name);
    const [first, ...more] = found;
    if (!first || !more.length) return found;
    if (this.#questions >= MAX_QUESTIONS) {
      this.#cut++;
      return [];
    }
    this.#questions += found.length;
    return found.every((one) => this.reached(one).some(({ query }) => query.verb !== 'transaction')) ? [first] : [];
  }

  /** Whether the query is run by this site, and not only built. */
  #runs(module: ModuleFacts, site: SiteFact, query: Query, shared: boolean): boolean {
    if (query.runs !== 'when-awaited') return query.runs === 'at-once';
    switch (site.use.kind) {
      case 'awaited':
      case 'yielded':
        return true;
      case 'returned':
        return !this.#isPieceOfElement(module, site);
      case 'part':
        if (site.use.kept && shared) return false;
        return site.use.call === undefined || !this.#takesFragments(module, site.use.call);
      case 'argument':
        return !this.#takesFragments(module, site.use.call);
      case 'assigned': {
        const uses = module.variables[site.use.variable]?.uses;
        if (!uses || uses.awaited) return false;
        if (uses.members) return shared && Boolean(uses.returned && module.functions[site.function]!.async);
        return Boolean(uses.returned || (uses.passed && (!uses.givenTo || uses.givenTo.some((call) => !this.#takesFragments(module, call)))));
      }
      case 'dropped':
      case 'hole':
        return false;
    }
  }

  /**
   * What the callback of an array method gives back for each element becomes part of a larger query, or is left alone:
   * `knex.unionAll(ids.map((id) => knex.select(…)))`.
   */
  #isPieceOfElement(module: ModuleFacts, site: SiteFact): boolean {
    const { async, inline } = module.functions[site.function]!;
    if (async || !inline) return false;
    const around = module.sites.filter((one) => one.function === inline.parent && one.start <= inline.span.start && one.end >= inline.span.end);
    const call = around.reduce<SiteFact | undefined>((inner, one) => (!inner || one.start > inner.start || one.end < inner.end ? one : inner), undefined);
    switch (call?.use.kind) {
      case 'argument':
        return this.#takesFragments(module, call.use.call);
      case 'part':
        return call.use.call !== undefined && this.#takesFragments(module, call.use.call);
      case 'assigned': {
        const uses = module.variables[call.use.variable]?.uses;
        return !uses?.awaited && !uses?.returned && !uses?.iterated && !uses?.aliases && !uses?.whole && uses?.passed === true && uses.givenTo !== undefined && uses.givenTo.every((given) => this.#takesFragments(module, given));
      }
      default:
        return false;
    }
  }

  /**
   * Whether a query that waits to be awaited gets up to something that may do so: the calls that lead to it hand it on,
   * until one of them drops it. `path` starts at the outermost call and ends with the query's own site.
   */
  isHandedOn(path: readonly Hop[], query: Query): boolean {
    if (query.runs !== 'when-awaited') return true;
    for (let inner = path.length - 1; inner > 0; inner--) {
      const { module, site } = path[inner]!;
      if (site.use.kind !== 'returned' || module.functions[site.function]!.async || site.awaited) return true;
      const outer = path[inner - 1]!.site;
      if (outer.use.kind === 'dropped' && !outer.awaited) return false;
    }
    return true;
  }

  /**
   * More is added to a builder than its own chain says: by later statements, by the caller of a function that is not
   * async, or by a function of the program that is given it.
   */
  #isBuiltOn(module: ModuleFacts, site: SiteFact): boolean {
    const { use } = site;
    switch (use.kind) {
      case 'returned':
        return !module.functions[site.function]!.async;
      case 'argument':
        return this.meanings.of(module, (module.values[use.call] as Value & { kind: 'call' | 'new' }).of)?.is === 'function';
      case 'assigned':
        return module.variables[use.variable]?.uses.members !== undefined;
      default:
        return false;
    }
  }

  /** The call builds a larger query of what it is given, as every call of a library does but a transaction. */
  #takesFragments(module: ModuleFacts, call: ValueId): boolean {
    if (SUBQUERY_TAKERS.has(calleeName(module, call) ?? '')) return true;
    const meaning = this.meanings.of(module, call);
    return meaning?.is === 'library' && queryIn(meaning)?.query.verb !== 'transaction';
  }

  /** Queries that a function may run, nearest first. */
  reached(ref: FunctionRef): ReachedQuery[] {
    return this.#remembered(this.#reached, 'reached', ref.module, ref.function, [], () => this.#reach(ref));
  }

  #reach(start: FunctionRef): ReachedQuery[] {
    const reached: ReachedQuery[] = [];
    for (const { module, index, site, chain } of this.sitesBelow([start], { hops: MAX_HOPS, functions: MAX_FUNCTIONS })) {
      const { query } = this.site(module, index);
      const path = [...chain, { module, site }];
      if (query && reached.length < MAX_QUERIES && this.isHandedOn(path, query)) reached.push({ query, chain: path });
    }
    return reached;
  }

  /**
   * Sites that run when the functions run, nearest first, each with the calls that lead to its function. What a site
   * calls is looked into when it `follows`; each function once.
   */
  *sitesBelow(starts: readonly FunctionRef[], most: { hops: number; functions: number }, follows: (module: ModuleFacts, site: SiteFact) => boolean = () => true): Generator<SiteBelow> {
    const seen = new Set<object>();
    let frontier = starts.map((ref): { ref: FunctionRef; chain: Hop[] } => ({ ref, chain: [] }));
    for (let hops = 0; hops < most.hops && frontier.length; hops++) {
      const next: typeof frontier = [];
      for (const { ref: { module, function: index }, chain } of frontier) {
        const fact = module.functions[index]!;
        if (seen.has(fact) || seen.size >= most.functions) continue;
        seen.add(fact);
        for (const below of this.sitesWithin(module, index)) {
          const site = module.sites[below]!;
          yield { module, index: below, site, chain };
          if (follows(module, site)) for (const ref of this.site(module, below).callees) next.push({ ref, chain: [...chain, { module, site }] });
        }
      }
      frontier = next;
    }
  }

  /** What a chain of calls begins with, where that is the handle to a whole database. */
  handleOf(module: ModuleFacts, start: ValueId): ValueId | undefined {
    for (let id = start; ; ) {
      const value = module.values[id]!;
      const meaning = this.meanings.of(module, id);
      if (meaning?.is === 'library' && meaning.steps.length === 0) return meaning.of === undefined && handleKind(meaning) === 'pool' ? id : undefined;
      if (value.kind !== 'call' && value.kind !== 'tagged' && value.kind !== 'member' && value.kind !== 'index' && value.kind !== 'cast') return undefined;
      id = value.of;
    }
  }

  /** Whether a function leaves the program for something that is no database, itself or through one helper. */
  leavesProgram(ref: FunctionRef, depth = 2): boolean {
    return this.sitesWithin(ref.module, ref.function).some((index) => {
      const site = ref.module.sites[index]!;
      const effect = this.site(ref.module, index);
      if (effect.external && site.awaited) return true;
      return depth > 0 && effect.callees.some((callee) => callee.function !== ref.function && this.leavesProgram(callee, depth - 1));
    });
  }

  /** Sites that run when the function runs, those of callbacks that run where they stand included. */
  sitesWithin(module: ModuleFacts, index: number): number[] {
    return this.#callbacks.sitesWithin(module, index);
  }

  /** Loops around a site, outermost first, through callbacks that run where they stand. */
  loopsAround(module: ModuleFacts, site: SiteFact): LoopFact[] {
    return this.#callbacks.loopsAround(module, site);
  }

  /** The function a site belongs to, seen through callbacks that run where they stand. */
  hostOf(module: ModuleFacts, site: SiteFact): number {
    return this.#callbacks.hostOf(module, site);
  }
}
