import type { Query } from '../libraries/library';
import type { Callee, Effects, Hop, ReachedQuery } from '../program/effects';
import type { LoopFact, ModuleFacts, SiteFact, Value, ValueId } from '../facts/facts';
import { isNeededEachTurn, receiverOf } from './needed-turns';
import type { Repetition } from '../program/repetition';

/** A query that runs once per element of a loop. */
export interface PerElementQuery {
  site: SiteFact;
  loop: LoopFact;
  query: Query;
  /** Calls from the site to the query, the query's own site last; empty when the site is the query. */
  chain: Hop[];
  /**
   * The loop also waits for something outside of the program and the database for each element, which costs more than
   * the query and often belongs to it (a mark that the e-mail was sent).
   */
  besideSideEffect: boolean;
  /** The helper in between is a unit of work: it reads, decides and writes for one element. See {@link isUnitOfWork}. */
  unitOfWork: boolean;
  /** Each element gets values of its own, or nested rows, or each turn writes the same row: one statement cannot say it with a mere list of keys or rows. */
  ownValues: boolean;
  /** The loop goes through one chunk of a longer list. */
  inChunk: boolean;
}

const ROW_VERBS: ReadonlySet<Query['verb']> = new Set(['read', 'insert', 'update', 'delete']);

/** All sites of a module that run a query once per element: one entry per site, for its most telling query. */
export function queriesPerElement(module: ModuleFacts, effects: Effects, repetition: Repetition): PerElementQuery[] {
  const found: PerElementQuery[] = [];
  for (const [index, site] of module.sites.entries()) {
    const effect = effects.site(module, index);
    if (!effect.query && !effect.callees.length) continue;
    const loop = effect.iteration && repetition.repeats(module, effect.iteration, site) ? effect.iteration : repetition.loopAround(module, site);
    if (!loop) continue;
    const candidates = effect.query
      ? [{ query: effect.query, chain: [] }]
      : effect.callees.flatMap((callee) => effects.reached(callee));
    if (isInHandler(module, loop, site)) continue;
    const isOne = isOfOneObject(module, repetition, loop, site);
    const counted = candidates.filter(({ query, chain }) => !isOnHandleOfElement(module, effects, loop, site, query, chain) && !(isOne && isKept(chain)) && ROW_VERBS.has(query.verb) && query.runs !== 'never' && !isBatched(query, loop) && effects.isHandedOn([{ module, site }, ...chain], query));
    const chosen = counted.find(({ query }) => query.verb === 'read') ?? counted[0];
    if (!chosen || isTreeCopy(module, effects, site, chosen) || isOnOtherTable(module, repetition, loop, site, chosen) || isNeededEachTurn(module, effects, { site, loop, ...chosen })) continue;
    found.push({
      site, loop, ...chosen, besideSideEffect: isBesideSideEffect(module, effects, loop, site, chosen),
      inChunk: effects.loopsAround(module, site).some((around) => around !== loop && repetition.goesThroughChunks(module, around)),
      ownValues: hasOwnValues(module, effects, repetition, loop, site, chosen),
      unitOfWork: hasOwnTransaction(module, effects, loop, site) || (chosen.query.flushes && hasOwnManager(module, loop, site)) || (chosen.query.verb !== 'read' && runsElements(module, effects, loop)) || (!effect.query && isUnitOfWork(module, effects, repetition, index, candidates)),
    });
  }
  return found;
}

/** `for (const tenant of tenants) await tenant.db.query(…)`: each turn asks another database. */
function isOnHandleOfElement(module: ModuleFacts, effects: Effects, loop: LoopFact, site: SiteFact, query: Query, [hop, ...others]: Hop[]): boolean {
  if (others.length > 0) return false;
  const asked = hop ?? { module, site };
  const handle = effects.handleOf(asked.module, asked.site.value);
  if (handle === undefined || query.handle === 'transaction') return false;
  const root = rootOf(asked.module, handle);
  if (!hop) return root?.kind === 'variable' && loop.elements.includes(root.variable);
  const call = module.values[site.value]!;
  const given = root?.kind === 'parameter' && root.function === hop.site.function && call.kind === 'call' ? call.args[root.index] : undefined;
  const passed = given === undefined ? undefined : rootOf(module, given);
  return passed?.kind === 'variable' && loop.elements.includes(passed.variable);
}

/** What a path of members begins with; a variable that is no more than another name for a parameter is that parameter. */
function rootOf(module: ModuleFacts, id: ValueId): Value | undefined {
  let value = module.values[id]!;
  while (value.kind === 'member' || value.kind === 'cast') value = module.values[value.of]!;
  const made = value.kind === 'variable' ? module.values[module.variables[value.variable]!.value]! : undefined;
  return made?.kind === 'parameter' && !module.loops.some(({ elements }) => value.kind === 'variable' && elements.includes(value.variable)) ? made : value;
}

/** In the `catch` of a turn: it runs for the few that fail. */
function isInHandler({ tries }: ModuleFacts, loop: LoopFact, site: SiteFact): boolean {
  return tries.some(({ handler }) => handler && handler.start > loop.start && handler.end <= loop.end && handler.start <= site.start && site.end <= handler.end);
}

/** The first turn stores it where the others find it: in an object, or a module, that none of the calls has made for itself. */
function isKept(chain: readonly Hop[]): boolean {
  const at = chain.findIndex(({ site }) => site.remembered);
  return at >= 0 && chain.slice(0, at).every(({ module, site }) => {
    const receiver = receiverOf(module, site);
    let root = receiver === undefined ? undefined : module.values[receiver]!;
    while (root?.kind === 'member') root = module.values[root.of]!;
    return root === undefined || root.kind === 'this' || root.kind === 'import' || (root.kind === 'variable' && module.variables[root.variable]!.function === 0);
  });
}

/** All turns call the same object, or a plain function: what it remembers in the first turn, it has in all others. */
function isOfOneObject(module: ModuleFacts, repetition: Repetition, loop: LoopFact, site: SiteFact): boolean {
  const receiver = receiverOf(module, site);
  if (receiver === undefined) return true;
  const { variables } = repetition.dependencies(module, [receiver]);
  return [...variables].every((variable) => !loop.elements.includes(variable) && (module.variables[variable]!.start < loop.start || module.variables[variable]!.start > loop.end));
}

/** A helper that writes and runs at least this many queries does a whole task for its element; a find-or-create is still one step. */
const UNIT_OF_WORK = 4;

/** Hops within which a query is the helper's own work: itself and what it calls; deeper ones belong to authorisation, logs and the like. */
const OWN_WORK = 2;

/**
 * A helper that reads, decides and writes for one element ("cancel this order") is no lookup in disguise: to batch it is to
 * design it anew. So is one that also asks a service outside, that goes through a list of its own, or that writes in a
 * transaction of its own. A function that calls itself is a walk through a tree, whose levels can be read together.
 */
function isUnitOfWork(module: ModuleFacts, effects: Effects, repetition: Repetition, index: number, reached: readonly ReachedQuery[]): boolean {
  const host = effects.hostOf(module, module.sites[index]!);
  const { callees } = effects.site(module, index);
  const near = reached.filter(({ chain }) => chain.length <= OWN_WORK);
  const queries = new Set(near.map(({ chain }) => chain.at(-1)!.site));
  if (callees.some((callee) => callee.module === module && callee.function === host)) return false;
  if (callees.some((callee) => effects.leavesProgram(callee, 1) || goesThroughOwnList(callee, effects, repetition))) return true;
  if (near.some(({ query, chain }) => chain.some((hop) => (query.verb !== 'read' && hop.site.loops.length > 0) || repetition.loopAround(hop.module, hop.site)))) return true;
  const writes = near.some(({ query }) => query.verb !== 'read' && ROW_VERBS.has(query.verb));
  return writes && (queries.size >= UNIT_OF_WORK || near.some(({ query }) => query.verb === 'transaction'));
}

/** Somewhere in its text, be it in a callback that others call, the function runs queries for each element of a list. */
function goesThroughOwnList({ module, function: index }: Callee, effects: Effects, repetition: Repetition): boolean {
  const { start, end } = module.functions[index]!;
  return module.sites.some((site, at) => {
    if (site.start < start || site.end > end) return false;
    const { query, callees } = effects.site(module, at);
    return (query !== undefined || callees.some((callee) => effects.reached(callee).length > 0)) && repetition.loopAround(module, site) !== undefined;
  });
}

/** The loop opens a transaction for each element: what fails for one of them is undone for this one only. */
function hasOwnTransaction(module: ModuleFacts, effects: Effects, loop: LoopFact, site: SiteFact): boolean {
  for (let { inline } = module.functions[site.function]!; inline && inline.span.start > loop.start && inline.span.end <= loop.end; { inline } = module.functions[inline.parent]!) {
    const { call } = inline;
    const opened = module.sites.findIndex(({ value }) => value === call);
    if (opened >= 0 && effects.site(module, opened).query?.verb === 'transaction') return true;
  }
  return false;
}

/** `await migration.run()`: the loop runs its elements, and what it writes notes how far each has come. */
function runsElements(module: ModuleFacts, effects: Effects, loop: LoopFact): boolean {
  return module.sites.some(({ awaited, start, end, value }, index) => {
    if (!awaited || start < loop.start || end > loop.end) return false;
    const { query, callees } = effects.site(module, index);
    const call = module.values[value]!;
    if (query || callees.length > 0 || call.kind !== 'call') return false;
    const callee = module.values[call.of]!;
    const run = callee.kind === 'member' ? module.values[callee.of]! : callee;
    if (run.kind !== 'variable') return false;
    const { value: made, start: declared } = module.variables[run.variable]!;
    return loop.elements.includes(run.variable) || (declared > loop.start && declared < loop.end && module.values[made]!.kind === 'index');
  });
}

/** `const em = orm.em.fork()` in the loop: what a turn has changed is kept apart from all others, on purpose. */
function hasOwnManager(module: ModuleFacts, loop: LoopFact, site: SiteFact): boolean {
  const call = module.values[site.value]!;
  let value = call.kind === 'call' ? module.values[call.of]! : call;
  while (value.kind === 'member' || value.kind === 'call') value = module.values[value.of]!;
  if (value.kind !== 'variable') return false;
  const { start } = module.variables[value.variable]!;
  return start >= loop.start && start <= loop.end && !loop.elements.includes(value.variable);
}

/** A tree that is written by recursion: each row needs the key of its parent's row, so that levels cannot be one statement. */
function isTreeCopy(module: ModuleFacts, effects: Effects, site: SiteFact, { query, chain }: { query: Query; chain: Hop[] }): boolean {
  const last = chain.at(-1);
  return query.verb !== 'read' && last?.module === module && effects.hostOf(module, last.site) === effects.hostOf(module, site);
}

/**
 * Each turn asks another table: several tables are no rows of one statement. In a helper, the name is what the call hands it;
 * of a list of statements made before, what their own loop went through.
 */
function isOnOtherTable(module: ModuleFacts, repetition: Repetition, loop: LoopFact, site: SiteFact, { query, chain }: { query: Query; chain: Hop[] }): boolean {
  if (!query.tablesFrom || chain.length > 1) return false;
  const [helper] = chain;
  const call = module.values[site.value]!;
  const handed = helper ? query.tablesFrom.flatMap((table) => table.parameters()).filter((origin) => origin.module === helper.module && origin.function === helper.site.function) : [];
  const given = call.kind === 'call' ? handed.map(({ index }) => call.args[index]).filter((id) => id !== undefined) : [];
  const { variables } = repetition.dependencies(module, helper ? given : query.tablesFrom.flatMap((table) => table.origins(module)));
  const isAround = (other: LoopFact): boolean => other.start <= site.start && other.end >= site.end;
  return module.loops.some((other) => (other === loop || !isAround(other)) && other.elements.some((element) => variables.has(element)));
}

/** Whether an update sets something else for each element, or an insert brings rows of other tables. What is not known counts as different; a flush writes whatever there is. */
function hasOwnValues(module: ModuleFacts, effects: Effects, repetition: Repetition, loop: LoopFact, site: SiteFact, { query, chain }: { query: Query; chain: Hop[] }): boolean {
  if (query.verb === 'insert') return query.nestsRows;
  if (query.verb !== 'update' || query.takesRows || query.flushes) return false;
  const differs = (ids: readonly ValueId[]): boolean => {
    const { variables } = repetition.dependencies(module, ids);
    return loop.elements.some((element) => variables.has(element));
  };
  if (query.savesFields) {
    const fields = chain.length === 0 ? fieldsSet(module, loop, site) : undefined;
    return !fields || differs(fields);
  }
  // Nothing of it is about the element: a heartbeat, which is to be written each turn.
  if (loop.elements.length > 0 && !differs([site.value])) return true;
  const helper = chain.at(-1);
  const origins = query.written?.origins(helper?.module ?? module) ?? boundValues(helper?.module ?? module, helper?.site ?? site, query);
  if (!origins || (query.written && !origins.length)) return true;
  if (!helper) return differs(origins);
  const parameters = [...repetition.dependencies(helper.module, origins).values].map((id) => helper.module.values[id]!).filter((value) => value.kind === 'parameter');
  const call = module.values[site.value]!;
  if (!parameters.length) return false;
  if (chain.length > 1 || call.kind !== 'call') return true;
  const host = effects.hostOf(helper.module, helper.site);
  return parameters.some((parameter) => parameter.function !== host || differs(besidesKeys(module, call.args[parameter.index], query)));
}

/** What was assigned to the fields of the loop's element before it is saved; undefined where something else may have set them. */
function fieldsSet(module: ModuleFacts, loop: LoopFact, site: SiteFact): ValueId[] | undefined {
  const receiver = receiverOf(module, site);
  const row = receiver === undefined ? undefined : module.values[receiver]!;
  if (row?.kind !== 'variable' || !loop.elements.includes(row.variable)) return undefined;
  const { passed, fields } = module.variables[row.variable]!.uses;
  const isSetElsewhere = passed || module.sites.some((other) => other !== site && other.start >= loop.start && other.end <= loop.end && receiverOf(module, other) === receiver);
  return isSetElsewhere ? undefined : fields;
}

/** The values that an UPDATE in SQL sets, of those that its call is given; undefined where the code does not spell them one by one. */
function boundValues(module: ModuleFacts, site: SiteFact, { setParameters }: Query): ValueId[] | undefined {
  if (!setParameters?.length) return setParameters;
  const isList = (id: ValueId): boolean => ['tagged', 'array'].includes(module.values[id]!.kind);
  let call = module.values[site.value]!;
  let given: Value | undefined;
  while (!given && (call.kind === 'call' || call.kind === 'member' || call.kind === 'awaited' || call.kind === 'tagged')) {
    const list = call.kind === 'call' ? call.args.flatMap((id) => [id, ...propertiesOf(module, id)]).find(isList) : undefined;
    given = call.kind === 'tagged' ? call : list === undefined ? undefined : module.values[list]!;
    call = module.values[call.of]!;
  }
  const values = given?.kind === 'tagged' ? given.holes : given?.kind === 'array' && !given.spread ? given.items : [];
  const set = setParameters.map((number) => values[number - 1]);
  return set.every((value) => value !== undefined) ? set : undefined;
}

function propertiesOf(module: ModuleFacts, id: ValueId): ValueId[] {
  const value = module.values[id]!;
  return value.kind === 'object' ? Object.values(value.properties) : [];
}

/** What a call hands over but for the keys by which the query finds its row: `close({ id: order.id, open: false })` sets the same everywhere. */
function besidesKeys(module: ModuleFacts, argument: ValueId | undefined, { filterColumns }: Query): ValueId[] {
  const value = argument === undefined ? undefined : module.values[argument]!;
  if (value?.kind !== 'object') return argument === undefined ? [] : [argument];
  return [...value.spreads, ...Object.entries(value.properties).flatMap(([name, id]) => (filterColumns.includes(name) ? [] : [id]))];
}

/** The client, or the statement itself, already takes many elements at once. */
function isBatched(query: Query, loop: LoopFact): boolean {
  if ((query.verb === 'insert' || query.takesRows) && query.manyAtOnce) return true;
  return query.batchedInTick && loop.kind === 'callback' && !loop.method?.startsWith('reduce');
}

/**
 * A read that stands in the loop itself can always be brought forward; one inside a helper is part of its work. A write
 * belongs to a side effect that came before it.
 */
function isBesideSideEffect(module: ModuleFacts, effects: Effects, loop: LoopFact, site: SiteFact, { query, chain }: { query: Query; chain: Hop[] }): boolean {
  if (query.verb !== 'read') return waitsOutside(module, effects, loop, (other) => other.start <= site.start);
  return chain.length > 0 && waitsOutside(module, effects, loop, (other) => other !== site);
}

/** For each element the loop waits for something outside: an e-mail, an upload, another service. */
function waitsOutside(module: ModuleFacts, effects: Effects, loop: LoopFact, counts: (site: SiteFact) => boolean): boolean {
  return module.sites.some((site, index) => {
    if (!site.awaited || !counts(site) || site.start < loop.start || site.end > loop.end) return false;
    const effect = effects.site(module, index);
    return !effect.query && (effect.external || effect.callees.some((callee) => effects.leavesProgram(callee)));
  });
}
