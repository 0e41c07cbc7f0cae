import type { Change, ChangeSide, Comparison, LineRow, RuntimeRepetition } from '../protocol.js';
import type { SessionSnapshot, StatementSnapshot } from '../snapshot.js';
import { verdictOf, type Use } from './compare-costs.js';
import { countOf, meanLog, quantileOf } from './histogram-tests.js';
import { matchLines } from './match-lines.js';
import { costOfStatement, headOf, linesOf, type ComparedSession, type Cost } from './session-rows.js';
import { summaryOf } from './summary.js';

/** Fewer statements than this in common say nothing about the machine or about the length of the runs. */
const LEAST_COMMON = 5;
/** Executions that a statement needs to have a say in it. */
const LEAST_EXECUTIONS = 20;

/**
 * What changed from one session to another: per statement and per line, told apart from noise. Numbers of executions are compared per
 * request where requests are known, otherwise as whole runs of about the same length.
 */
export function compareSessions(before: ComparedSession, after: ComparedSession): Comparison {
  const [was, is] = [before.snapshot, after.snapshot];
  const statements = pairs(was.statements, is.statements);
  const drift = driftOf(statements);
  const scale = scaleOf(statements);
  const uses = new Uses(was, is, scale);
  const changes = statements.map(([old, young]) => {
    const { id, text } = (young ?? old)!;
    return changeOf({ id, text }, old && costOfStatement(old), young && costOfStatement(young), uses.ofStatement(id, callsOf(old), callsOf(young)), drift);
  });
  const texts = new Map([...was.statements, ...is.statements].map(({ id, text }) => [id, text]));
  const lines = matchLines(linesOf(was), linesOf(is)).map(([old, young]) => {
    const { row } = (young ?? old)!;
    const text = row.statements.map((id) => texts.get(id)).find((one) => one !== undefined) ?? '';
    return changeOf({ id: row.key, text, place: row.place }, old?.cost, young?.cost, uses.ofLine(old?.row, young?.row), drift);
  });
  const comparison: Omit<Comparison, 'summary'> = {
    before: headOf(before),
    after: headOf(after),
    totals: { before: totalsOf(was), after: totalsOf(is) },
    statements: ranked(changes),
    lines: ranked(lines),
    repetitionsGone: without(was.repetitions, is.repetitions),
    repetitionsNew: without(is.repetitions, was.repetitions),
  };
  return { ...comparison, summary: summaryOf(comparison, Math.exp(drift)) };
}

function changeOf(what: Pick<Change, 'id' | 'text' | 'place'>, before: Cost | undefined, after: Cost | undefined, uses: { before: Use; after: Use }, drift: number): Change {
  const verdict = verdictOf(before, after, uses, drift);
  return { ...what, ...verdict, ...(before && { before: numbersOf(before, uses.before) }), ...(after && { after: numbersOf(after, uses.after) }) };
}

function numbersOf({ calls, totalMs, bins }: Cost, { per, calls: ofRequests, isPerRequest }: Use): ChangeSide {
  return { calls, totalMs, ...(bins && { p95Ms: quantileOf(bins, 0.95) }), ...(isPerRequest && per > 0 && { perRequest: ofRequests / per }) };
}

/** How often statements and lines ran, and how often they could have: in requests of kinds that both sessions saw. */
class Uses {
  readonly #kinds: { before: SessionSnapshot['requests'][number]; after: SessionSnapshot['requests'][number] }[];
  readonly #known: ReadonlySet<string>;

  constructor(
    before: SessionSnapshot,
    after: SessionSnapshot,
    /** How many times as long the second run is. */
    private readonly scale: number,
  ) {
    const labels = new Map(after.requests.map((request) => [request.label, request]));
    this.#kinds = before.requests.flatMap((request) => {
      const same = labels.get(request.label);
      return same && request.requests > 0 && same.requests > 0 ? [{ before: request, after: same }] : [];
    });
    this.#known = new Set([...before.requests, ...after.requests].flatMap(({ statements }) => statements.map(({ id }) => id)));
  }

  ofStatement(id: string, before: number, after: number): { before: Use; after: Use } {
    if (!this.#known.has(id)) return this.#ofRuns(before, after);
    const kinds = this.#kinds.filter((kind) => [kind.before, kind.after].some(({ statements }) => statements.some((one) => one.id === id)));
    const of = (side: 'before' | 'after'): Use => {
      let per = 0;
      let weighted = 0;
      let weights = 0;
      let occasions = 0;
      for (const kind of kinds) {
        const request = kind[side];
        const found = request.statements.find((one) => one.id === id);
        // Kinds of requests weigh the same in both sessions: another mix of them is no change.
        const weight = kind.before.requests + kind.after.requests;
        per += request.requests;
        weighted += ((found?.executions ?? 0) / request.requests) * weight;
        weights += weight;
        occasions += found?.requests ?? 0;
      }
      return { calls: weights > 0 ? (weighted / weights) * per : 0, per, occasions, isPerRequest: true };
    };
    return { before: of('before'), after: of('after') };
  }

  ofLine(before: LineRow | undefined, after: LineRow | undefined): { before: Use; after: Use } {
    const statements = new Set([...(before?.statements ?? []), ...(after?.statements ?? [])]);
    const [was, is] = [before?.measured.calls ?? 0, after?.measured.calls ?? 0];
    if (![...statements].some((id) => this.#known.has(id))) return this.#ofRuns(was, is);
    const kinds = this.#kinds.filter((kind) => [kind.before, kind.after].some((request) => request.statements.some(({ id }) => statements.has(id))));
    const of = (side: 'before' | 'after', row: LineRow | undefined): Use => {
      const per = kinds.reduce((sum, kind) => sum + kind[side].requests, 0);
      return { calls: row?.measured.calls ?? 0, per, occasions: Math.min(row?.requests ?? 0, per), isPerRequest: true };
    };
    return { before: of('before', before), after: of('after', after) };
  }

  #ofRuns(before: number, after: number): { before: Use; after: Use } {
    return { before: { calls: before, per: 1, occasions: before, isPerRequest: false }, after: { calls: after, per: this.scale, occasions: after, isPerRequest: false } };
  }
}

type Pair = [StatementSnapshot | undefined, StatementSnapshot | undefined];

function pairs(before: readonly StatementSnapshot[], after: readonly StatementSnapshot[]): Pair[] {
  const byId = new Map<string, Pair>(before.map((one) => [one.id, [one, undefined]]));
  for (const one of after) byId.set(one.id, [byId.get(one.id)?.[0], one]);
  return [...byId.values()];
}

/** Logarithm of the factor by which the typical statement took longer: what happened to all of them happened to the machine. */
function driftOf(statements: readonly Pair[]): number {
  return middle(
    statements.flatMap(([before, after]) => {
      const [was, is] = [before && costOfStatement(before).bins, after && costOfStatement(after).bins];
      return was && is && countOf(was) >= LEAST_EXECUTIONS && countOf(is) >= LEAST_EXECUTIONS ? [meanLog(is) - meanLog(was)] : [];
    }),
    0,
  );
}

/** How many times as often the typical statement ran: how much longer the second run is. */
function scaleOf(statements: readonly Pair[]): number {
  return middle(statements.flatMap(([before, after]) => (callsOf(before) > 0 && callsOf(after) > 0 ? [callsOf(after) / callsOf(before)] : [])), 1);
}

function middle(values: readonly number[], otherwise: number): number {
  if (values.length < LEAST_COMMON) return otherwise;
  const sorted = values.toSorted((a, b) => a - b);
  const half = (sorted.length - 1) / 2;
  return (sorted[Math.floor(half)]! + sorted[Math.ceil(half)]!) / 2;
}

function callsOf(statement: StatementSnapshot | undefined): number {
  return statement ? costOfStatement(statement).calls : 0;
}

function totalsOf({ statements, repetitions }: SessionSnapshot): Comparison['totals']['before'] {
  const costs = statements.map(costOfStatement);
  return { calls: costs.reduce((sum, { calls }) => sum + calls, 0), totalMs: costs.reduce((sum, { totalMs }) => sum + totalMs, 0), repetitions: repetitions.length };
}

/** Significant ones first, those with the largest difference of time before others. */
function ranked(changes: readonly Change[]): Change[] {
  const difference = ({ before, after }: Change): number => Math.abs((after?.totalMs ?? 0) - (before?.totalMs ?? 0));
  return changes.toSorted((a, b) => Number(b.significant) - Number(a.significant) || difference(b) - difference(a));
}

/** Repetitions of the first that the second has not. Lines move, so the file and the function tell which one is meant. */
function without(some: readonly RuntimeRepetition[], others: readonly RuntimeRepetition[]): RuntimeRepetition[] {
  const keyOf = ({ kind, statement, place }: RuntimeRepetition): string => JSON.stringify([kind, statement, place.file, place.function]);
  const known = new Set(others.map(keyOf));
  return some.filter((one) => !known.has(keyOf(one)));
}
