import type { Span } from '../finding';
import { calleePath } from '../facts/callee-name';
import type { Effects, FunctionRef, Hop } from '../program/effects';
import type { ModuleFacts, SiteFact, ValueId } from '../facts/facts';
import type { Meanings } from '../program/meaning';
import { waitFor } from '../program/network-packages';
import { transactionOf } from '../program/transactions';

/** A place where an open transaction waits for something that is no database. */
export interface TransactionWait {
  site: SiteFact;
  /** Calls from the site to the one that waits, that one last; empty when the site waits itself. */
  chain: Hop[];
  for: 'network' | 'sleep';
  /** What is called, as the code names it. */
  name: string;
}

/** All waits of one transaction, in the order of the text. */
export interface WaitingTransaction {
  /** The call that takes the callback, or the statement that begins it. */
  opened: Span;
  waits: TransactionWait[];
}

/** Longer chains lead through subsystems that decide by themselves when to call what. */
const MAX_HOPS = 4;
const MAX_FUNCTIONS = 60;

/** What waits for the promises in its list. */
const PROMISES = /^Promise\.(?:all|allSettled|any|race)$/;

const BEGIN = /^\s*(begin|start\s+transaction)\b/i;
const END = /^\s*(commit|rollback(?!\s+to)|end|abort)\b/i;

/** Transactions of a module that wait for the network or for time to pass. */
export function waitingTransactions(module: ModuleFacts, effects: Effects, meanings: Meanings): WaitingTransaction[] {
  const search = new Search(module, effects, meanings);
  return [...search.callbacks(), ...search.statements()].sort((a, b) => a.opened.start - b.opened.start);
}

class Search {
  readonly #told = new Set<SiteFact>();

  constructor(
    private readonly module: ModuleFacts,
    private readonly effects: Effects,
    private readonly meanings: Meanings,
  ) {}

  /** `db.transaction(async (tx) => { … })` */
  *callbacks(): Generator<WaitingTransaction> {
    for (const [index, fact] of this.module.functions.entries()) {
      if (!fact.inline || !transactionOf(this.meanings, this.module, index)) continue;
      yield* this.#transaction(fact.inline.span, this.effects.sitesWithin(this.module, index));
    }
  }

  /** `BEGIN` … `COMMIT` on one client */
  *statements(): Generator<WaitingTransaction> {
    const { sites } = this.module;
    for (const [index, site] of sites.entries()) {
      if (!BEGIN.test(this.#sqlOf(index))) continue;
      const own = this.effects.sitesWithin(this.module, this.effects.hostOf(this.module, site)).filter((other) => sites[other]!.start > site.start).sort((a, b) => sites[a]!.start - sites[b]!.start);
      const end = own.findIndex((other) => END.test(this.#sqlOf(other)));
      if (end > 0) yield* this.#transaction(site, own.slice(0, end));
    }
  }

  #sqlOf(index: number): string {
    const query = this.effects.site(this.module, index).query;
    return query?.handle === 'connection' ? (query.sql ?? '') : '';
  }

  *#transaction(opened: Span, sites: number[]): Generator<WaitingTransaction> {
    const waits: TransactionWait[] = [];
    for (const index of sites) {
      const site = this.module.sites[index]!;
      if (this.#told.has(site)) continue;
      const found = this.#waitOf(this.module, index) ?? (isWaitedFor(this.module, site) ? this.#reached(this.effects.site(this.module, index).callees) : undefined);
      if (!found) continue;
      this.#told.add(site);
      waits.push({ site, chain: [], ...found });
    }
    if (waits.length) yield { opened, waits: waits.sort((a, b) => a.site.start - b.site.start) };
  }

  /** The nearest wait that functions lead to, if they wait for it themselves. */
  #reached(callees: FunctionRef[]): Omit<TransactionWait, 'site'> | undefined {
    for (const { module, index, site, chain } of this.effects.sitesBelow(callees, { hops: MAX_HOPS, functions: MAX_FUNCTIONS }, isWaitedFor)) {
      const found = this.#waitOf(module, index);
      if (found) return { ...found, chain: [...chain, { module, site }] };
    }
    return undefined;
  }

  /** What a site itself waits for. */
  #waitOf(module: ModuleFacts, index: number): Pick<TransactionWait, 'for' | 'name'> | undefined {
    const site = module.sites[index]!;
    if (this.#isTimer(module, site)) return { for: 'sleep', name: 'setTimeout' };
    if (!isWaitedFor(module, site) || this.effects.site(module, index).query) return undefined;
    for (let id: ValueId = site.value; ; ) {
      const value = module.values[id]!;
      if (value.kind === 'call') {
        const waits = waitFor(this.meanings.of(module, value.of));
        if (waits) return { for: waits, name: calleePath(module, id) ?? 'a service' };
      } else if (value.kind !== 'member' && value.kind !== 'cast' && value.kind !== 'index') return undefined;
      id = value.of;
    }
  }

  /** `new Promise((resolve) => setTimeout(resolve, 500))` */
  #isTimer(module: ModuleFacts, site: SiteFact): boolean {
    const call = module.values[site.value]!;
    if (call.kind !== 'call') return false;
    const callee = module.values[call.of]!;
    if (callee.kind !== 'global' || callee.name !== 'setTimeout') return false;
    const { inline } = module.functions[site.function]!;
    const made = inline && module.values[inline.call]!;
    const of = made?.kind === 'new' ? module.values[made.of]! : undefined;
    if (of?.kind !== 'global' || of.name !== 'Promise') return false;
    const given = call.args[0] === undefined ? undefined : module.values[call.args[0]]!;
    const resolve = given?.kind === 'variable' ? module.values[module.variables[given.variable]!.value] : undefined;
    return resolve?.kind === 'parameter' && resolve.function === site.function && resolve.index === 0;
  }
}

/** The function goes on, or ends, only when the site's promise is settled. */
function isWaitedFor(module: ModuleFacts, { awaited, use }: SiteFact): boolean {
  return awaited || use.kind === 'returned' || use.kind === 'yielded' || (use.kind === 'part' && use.call !== undefined && PROMISES.test(calleePath(module, use.call) ?? ''));
}
