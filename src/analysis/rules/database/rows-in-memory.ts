import type { Query } from '../../libraries/library';
import { type BoiledDown, BoilingDown } from '../../patterns/boiled-down';
import type { ModuleFacts, SiteFact } from '../../facts/facts';
import type { Program } from '../../program/program';

/**
 * Tables that stay small by their nature, by the last word of their name: a whole read of them is no problem. A guess
 * that only ever silences, after what the schemas of open-source products keep few rows of; no measurement stands behind it.
 */
const SMALL_TABLE = /(settings?|config(uration)?s?|options?|preferences?|roles?|permissions?|actions?|plans?|tiers?|categor(y|ies)|types?|kinds?|status(es)?|states?|countr(y|ies)|currenc(y|ies)|languages?|locales?|time_?zones?|features?|flags?|levels?|units?|providers?|integrations?|templates?|versions?|migrations?|schedules?|jobs?|queues?|regions?|enums?|counters?|sites?|orgs?|organi[sz]ations?|teams?|workspaces?|tenants?)$/i;

/** Things of which one parent (a team, a user, a project) has a handful, however long the product is used. */
const FEW_PER_PARENT = /(domains?|accounts?|members?|memberships?|environments?|keys?|tokens?|secrets?|credentials?|connections?|webhooks?|channels?|devices?|address(es)?|subscriptions?|seats?|invites?|invitations?)$/i;

/** Whether a query reads few rows by its nature: of a table that does not grow with the use of the product, as far as its name tells. */
export function isSmall(query: Query): boolean {
  return query.tables.some((table) => SMALL_TABLE.test(table) || (query.exact && FEW_PER_PARENT.test(table)));
}

/** A read that may return any number of rows, which nobody asked for by their keys. */
export interface LongRead {
  site: SiteFact;
  query: Query;
  /** What becomes of the rows, when they are only boiled down. */
  boiled?: BoiledDown;
}

/** All reads of a module that may return any number of rows of a growing table, or of one that a connected database does not know to be small. */
export function longReads(module: ModuleFacts, program: Program): readonly LongRead[] {
  return program.once(module, 'long reads', () => [...readsIn(module, program)]);
}

function* readsIn(module: ModuleFacts, program: Program): Generator<LongRead> {
  let boiling: BoilingDown | undefined;
  for (const [index, site] of module.sites.entries()) {
    const { query } = program.effects.site(module, index);
    if (query?.verb !== 'read' || query.bound !== 'all' || query.manyAtOnce || isSmall(query) || program.tableSizes.areSmall(query.tables)) continue;
    boiling ??= new BoilingDown(module, program.meanings);
    // In a loop, the query per turn is what costs.
    const boiled = program.effects.loopsAround(module, site).length ? undefined : boiling.of(site, query);
    const exact = query.exact || (query.sql !== undefined && query.filterColumns.length > 0);
    // The number of rows with a certain key is mostly asked to know whether there are any, or too many.
    const telling = boiled && !(exact && boiled.by.every((name) => name === 'length'));
    yield { site, query, ...(telling && { boiled }) };
  }
}
