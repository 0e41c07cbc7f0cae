import type { Query } from '../libraries/library';
import { queryOfSql, sqlText } from '../libraries/sql-query';
import { calleeName } from '../facts/callee-name';
import type { FunctionRef, SiteEffect } from './effects';
import type { ModuleFacts, Value, ValueId } from '../facts/facts';
import type { Meanings } from './meaning';
import { type Origin, View } from './value-view';

/** A function whose caller hands over the SQL that it runs: `const rows = (text, values) => pool.query(text, values)`. */
interface Wrapper {
  query: Query;
  /** Parameters that the text may come from. */
  text: Origin[];
  /** Parameters that the handle comes from; none when the function has its own. */
  handle: Origin[];
}

/** Functions between a call that spells its SQL and the client that runs it. */
const MAX_WRAPPERS = 4;

/** Finds the program's own functions that run the SQL they are given, and completes their queries at the calls. */
export class SqlWrappers {
  readonly #known = new Map<ModuleFacts, Map<string, Wrapper | undefined>>();

  /** @param own what a site does by itself, before any wrapper is looked through */
  constructor(
    private readonly meanings: Meanings,
    private readonly own: (module: ModuleFacts, site: number) => SiteEffect,
    private readonly sitesWithin: (module: ModuleFacts, index: number) => number[],
  ) {}

  forget(module: ModuleFacts): void {
    this.#known.delete(module);
  }

  forgetAll(): void {
    this.#known.clear();
  }

  /** What the site runs when wrappers are taken for the client that they wrap; the effect itself when it calls none. */
  complete(module: ModuleFacts, effect: SiteEffect): SiteEffect {
    return effect.query ? effect : (this.#through(module, effect, MAX_WRAPPERS)?.effect ?? effect);
  }

  #through(module: ModuleFacts, effect: SiteEffect, hops: number): { effect: SiteEffect; handle: View | undefined } | undefined {
    if (hops === 0) return undefined;
    for (const callee of effect.callees) {
      const call = callee.call === undefined ? undefined : module.values[callee.call];
      const wrapper = call?.kind === 'call' ? this.#wrapper(callee, hops - 1) : undefined;
      if (!wrapper || call?.kind !== 'call') continue;
      const handle = this.#given(module, call, wrapper.handle)[0];
      const query = this.#completed(module, callee.call!, call, wrapper, handle);
      if (query) return { effect: { ...effect, query, callees: effect.callees.filter((other) => other !== callee) }, handle };
    }
    return undefined;
  }

  #wrapper(ref: FunctionRef, hops: number): Wrapper | undefined {
    if (ref.module.functions[ref.function]!.parameters.length === 0) return undefined;
    let known = this.#known.get(ref.module);
    if (!known) this.#known.set(ref.module, (known = new Map()));
    const key = `${ref.function} ${hops}`;
    // `hops` falls from call to call, so that functions which call each other come to an end.
    if (!known.has(key)) known.set(key, this.#find(ref, hops));
    return known.get(key);
  }

  #find(ref: FunctionRef, hops: number): Wrapper | undefined {
    const ofRef = (view: View | undefined): Origin[] => view?.parameters().filter((origin) => origin.function === ref.function) ?? [];
    for (const index of this.sitesWithin(ref.module, ref.function)) {
      const site = ref.module.sites[index]!;
      const own = this.own(ref.module, index);
      const through = own.query ? { effect: own, handle: this.#receiver(ref.module, site.value) } : this.#through(ref.module, own, hops);
      const query = through?.effect.query;
      // A text of which the beginning is known is the function's own, whatever it adds from its parameters.
      if (query?.verb !== 'other' || !(query.sqlFrom instanceof View)) continue;
      const text = ofRef(query.sqlFrom);
      if (!text.length) continue;
      const handle = ofRef(through!.handle);
      // A connection that the function takes for itself binds no caller.
      const taken = query.handle === 'connection' && !handle.length && this.#declares(ref, through!.handle);
      return { query: taken ? { ...query, handle: 'unknown' } : query, text, handle };
    }
    return undefined;
  }

  /** The value that a chain of calls starts from. */
  #receiver(module: ModuleFacts, id: ValueId): View {
    let start = id;
    for (let value = module.values[start]!; value.kind === 'call' || value.kind === 'member' || value.kind === 'tagged' || value.kind === 'cast'; value = module.values[start]!) start = value.of;
    return new View(this.meanings, module, start);
  }

  /** The value is not one from around the function. */
  #declares(ref: FunctionRef, view: View | undefined): boolean {
    const variable = view?.variable();
    if (!variable) return true;
    let owner = variable.function;
    for (let fact = ref.module.functions[owner]!; owner !== ref.function && fact.inline; fact = ref.module.functions[owner]!) owner = fact.inline.parent;
    return owner === ref.function;
  }

  #given(module: ModuleFacts, call: Value & { kind: 'call' }, origins: readonly Origin[]): View[] {
    return origins.flatMap(({ index, path }) => {
      const argument = call.args.slice(0, index + 1).some((id) => module.values[id]!.kind === 'spread') ? undefined : call.args[index];
      if (argument === undefined) return [];
      const whole = new View(this.meanings, module, argument);
      let part: View | undefined = whole;
      for (const name of path) part = part?.property(name);
      return [part ?? whole];
    });
  }

  /** The wrapper's query with the SQL of this call; undefined when the call gives something else than SQL. */
  #completed(module: ModuleFacts, id: ValueId, call: Value & { kind: 'call' }, wrapper: Wrapper, handle: View | undefined): Query | undefined {
    const texts = wrapper.text.flatMap((origin) => this.#given(module, call, [origin]).map((view) => ({ view, whole: origin.whole })));
    const spelled = texts.filter(({ view }) => sqlText(view) !== undefined);
    const { library, label } = wrapper.query;
    const kind = handle?.handle() ?? wrapper.query.handle;
    for (const { view, whole } of spelled.length ? spelled : texts.slice(0, 1)) {
      const query: Query = { ...queryOfSql(library, calleeName(module, id) ?? label, kind, view), wrapped: true };
      // One word is no statement, but a name that the function looks its SQL up by.
      if (query.sql !== undefined && !/\s/.test(query.sql.trim())) continue;
      return whole ? query : { ...query, filtered: true, exact: false, bound: query.bound === 'limited' || query.bound === 'none' ? query.bound : 'unknown' };
    }
    return undefined;
  }
}
