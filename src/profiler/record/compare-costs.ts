import type { Change } from '../protocol.js';
import { countOf, meanLog, quantileOf, shiftScore, stretched, tailScore, type Bins } from './histogram-tests.js';
import type { Cost } from './session-rows.js';

/**
 * Standard deviations from which on a difference is no noise: with two tests, one comparison of equal distributions in about
 * 1,000 would pass. A session has hundreds of statements.
 */
const SURE = 3.5;

/** Below this many executions the tests have no ground. */
const LEAST_EXECUTIONS = 20;

/** Changes of typical durations below a tenth are what two runs of the same program differ by. */
const TYPICAL_FLOOR = 1.1;
/** The slowest executions differ more from run to run. */
const TAIL_FLOOR = 1.25;
/** Milliseconds: nobody mends what is less, and clocks, schedulers and caches do as much. */
const LEAST_MS = 0.05;

/** Executions per request that differ by less are another mix of data. */
const CALLS_FLOOR = 1.2;
/** So many occasions expected and none seen: by chance, that happens less than once in a hundred times. */
const OCCASIONS = 5;

/** What is needed to compare how often something ran. */
export interface Use {
  calls: number;
  /** What `calls` are divided by and compared per: requests of the same kinds, or 1 for whole runs. */
  per: number;
  /** Requests or runs that it ran in: executions of one request come together, so that they are one occasion. */
  occasions: number;
  isPerRequest: boolean;
}

export interface Verdict {
  kind: Change['kind'];
  significant: boolean;
}

/**
 * What changed between two costs.
 * @param drift logarithm of the factor by which everything else took longer: the machine's doing, not the code's
 */
export function verdictOf(before: Cost | undefined, after: Cost | undefined, uses: { before: Use; after: Use }, drift: number): Verdict {
  if (!before || !after) return { kind: before ? 'gone' : 'new', significant: isTelling(before ? uses.before : uses.after, before ? uses.after.per : uses.before.per) };
  const calls = callsChange(uses.before, uses.after);
  const duration = durationChange(before, after, drift);
  // Of two changes, the one that costs or saves more is told.
  const ofCalls = Math.abs(rate(uses.after) - rate(uses.before)) * uses.after.per * mean(before);
  const ofDuration = Math.abs(mean(after) - mean(before)) * after.calls;
  if (calls && (!duration || ofCalls >= ofDuration)) return { kind: calls, significant: true };
  return duration ? { kind: duration, significant: true } : { kind: 'same', significant: false };
}

/** Whether it takes longer or shorter than before, by more than noise. */
function durationChange(before: Cost, after: Cost, drift: number): 'slower' | 'faster' | undefined {
  if (before.bins && after.bins) {
    if (countOf(before.bins) < LEAST_EXECUTIONS || countOf(after.bins) < LEAST_EXECUTIONS) return undefined;
    // Both as it is, and as it would be on a machine that is as quick as before.
    const asItIs = direction(before.bins, after.bins);
    const evened = direction(before.bins, stretched(after.bins, -drift));
    return asItIs !== 0 && asItIs === evened ? (asItIs > 0 ? 'slower' : 'faster') : undefined;
  }
  if (!before.deviation || !after.deviation || before.calls < LEAST_EXECUTIONS || after.calls < LEAST_EXECUTIONS) return undefined;
  const [was, is] = [before.deviation, after.deviation];
  const noise = Math.sqrt(was.deviationMs ** 2 / before.calls + is.deviationMs ** 2 / after.calls);
  const difference = is.meanMs - was.meanMs;
  if (Math.abs(difference) < SURE * noise || !exceeds(was.meanMs, is.meanMs, TYPICAL_FLOOR)) return undefined;
  return difference > 0 ? 'slower' : 'faster';
}

/** 1, -1 or 0: the typical duration decides; where it stays as it was, the slowest ones do. */
function direction(before: Bins, after: Bins): number {
  const typical = shiftScore(before, after);
  if (Math.abs(typical) >= SURE && exceeds(Math.exp(meanLog(before)), Math.exp(meanLog(after)), TYPICAL_FLOOR)) return Math.sign(meanLog(after) - meanLog(before));
  const tail = tailScore(before, after);
  const [was, is] = [quantileOf(before, 0.95), quantileOf(after, 0.95)];
  return Math.abs(tail) >= SURE && exceeds(was, is, TAIL_FLOOR) && Math.sign(is - was) === Math.sign(tail) ? Math.sign(tail) : 0;
}

function exceeds(was: number, is: number, floor: number): boolean {
  return Math.abs(is - was) >= LEAST_MS && Math.max(is / was, was / is) >= floor;
}

/** Whether it runs more or less often per request than before, by more than noise. */
function callsChange(before: Use, after: Use): 'more' | 'less' | undefined {
  const [was, is] = [rate(before), rate(after)];
  if (Math.max(is / was, was / is) < CALLS_FLOOR) return undefined;
  const noise = noiseOf([before, after]);
  return noise > 0 && Math.abs(is - was) >= SURE * noise ? (is > was ? 'more' : 'less') : undefined;
}

/**
 * Standard deviation of the difference of two rates when nothing has changed: requests issue it or not as they come, and those that do
 * issue as many as the lists are long that they go through, which vary as much as they are long.
 */
function noiseOf(uses: readonly [Use, Use]): number {
  const sum = (of: (use: Use) => number): number => of(uses[0]) + of(uses[1]);
  const [calls, per, occasions] = [sum((use) => use.calls), sum((use) => use.per), sum((use) => use.occasions)];
  if (!(per > 0 && occasions > 0)) return 0;
  const often = occasions / per;
  const variance = (calls / occasions) ** 2 * often * Math.max(1, 2 - often);
  return Math.sqrt(variance / uses[0].per + variance / uses[1].per);
}

/** Whether something is there once and not again although there was occasion enough. */
function isTelling(there: Use, perElsewhere: number): boolean {
  return there.per > 0 && (there.occasions / there.per) * perElsewhere >= OCCASIONS;
}

function rate({ calls, per }: Use): number {
  return per > 0 ? calls / per : 0;
}

function mean({ calls, totalMs }: Cost): number {
  return calls > 0 ? totalMs / calls : 0;
}
