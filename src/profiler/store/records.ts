import type { Counted, Measured, Place, SlowExecution } from '../protocol.js';
import type { MeasuredSnapshot, SiteSnapshot } from '../snapshot.js';
import { ERRORS_PER_STATEMENT, SITES_PER_STATEMENT, SLOWEST_PER_STATEMENT } from './limits.js';
import { Measure, Sums, measured, type Cost } from './measure.js';
import { Spark } from './spark.js';

/** A line of source. Its numbers are the sums of its statements' sites. */
export class LineRecord {
  readonly sites = new Map<string, SiteRecord>();
  requests = 0;
  mostInOneRequest = 0;
  startedAt?: number;
  changed = 0;

  constructor(
    readonly key: string,
    readonly place: Place,
  ) {}
}

/** One statement at one line: its executions whose call site was taken. */
export class SiteRecord {
  measure = new Measure();
  /** Those of them that were taken after the first execution without a call site. */
  later = 0;

  constructor(
    readonly statement: StatementRecord,
    readonly line: LineRecord,
  ) {}
}

interface Part {
  share: number;
  sums: Sums;
}

/** One statement, or all those in the row of the others. */
export class StatementRecord {
  measure = new Measure();
  /** Executions whose call site was not taken; they are in `measure` too. */
  readonly unsampled = new Sums();
  readonly sites = new Map<string, SiteRecord>();
  readonly errors = new Map<string, { code: string; message: string; count: number }>();
  readonly spark = new Spark();
  /** Of those whose parameter values are known, the slowest first. */
  readonly slowest: SlowExecution[] = [];
  #parts: Map<SiteRecord, Part> | undefined;
  #measured: Measured | undefined;
  /** What the server counts now, by the statement's id: the row of the others has several. */
  readonly #counts = new Map<string, Counted>();
  /** What it counted before its counting began anew. */
  #countedBefore: Counted | undefined;
  #counted: Counted | undefined;
  /** When it last ran, in milliseconds since 1970. */
  lastAt = 0;
  changed = 0;

  constructor(
    readonly id: string,
    readonly text: string,
    readonly kind: string,
    readonly tables: string[],
    readonly siteLimit = SITES_PER_STATEMENT,
  ) {}

  addError(code: string, message: string, count = 1): void {
    const key = `${code}\n${message}`;
    const known = this.errors.get(key);
    if (known) known.count += count;
    else if (this.errors.size < ERRORS_PER_STATEMENT) this.errors.set(key, { code, message, count });
    else this.addError('', 'other errors', count);
  }

  addSlow(execution: SlowExecution): void {
    const { slowest } = this;
    const place = slowest.findIndex(({ durationMs }) => durationMs < execution.durationMs);
    slowest.splice(place < 0 ? slowest.length : place, 0, execution);
    slowest.length = Math.min(slowest.length, SLOWEST_PER_STATEMENT);
  }

  /** The record of this statement at a line, or undefined when it came from too many lines. */
  siteAt(line: LineRecord): SiteRecord | undefined {
    const known = this.sites.get(line.key);
    if (known) return known;
    if (this.sites.size >= this.siteLimit) return undefined;
    const site = new SiteRecord(this, line);
    this.sites.set(line.key, site);
    line.sites.set(this.id, site);
    return site;
  }

  addExecution(cost: Cost, site: SiteRecord | undefined): void {
    this.#forget();
    this.measure.add(cost);
    if (site === undefined) {
      this.unsampled.add(cost);
      return;
    }
    site.measure.add(cost);
    if (this.unsampled.calls > 0) site.later += 1;
  }

  /** Which part of the executions without a call site each site is given; 0 to 1. */
  shareOf(site: SiteRecord): number {
    return this.#partOf(site).share;
  }

  /** All executions of a site: those whose call site was taken, and its part of the others. Those of all sites add up to the whole. */
  sumsOf(site: SiteRecord): Sums {
    return this.#partOf(site).sums;
  }

  #partOf(site: SiteRecord): Part {
    this.#parts ??= this.#split();
    return this.#parts.get(site) ?? { share: 0, sums: new Sums() };
  }

  /**
   * Call sites are taken for the first executions and for one of many after that, so the later ones say more: all the first ones
   * together weigh as much as one of them.
   */
  #split(): Map<SiteRecord, Part> {
    const { unsampled } = this;
    const taken = this.measure.calls - unsampled.calls;
    const weights = new Map<SiteRecord, number>();
    let all = 0;
    let expectedMs = 0;
    for (const site of this.sites.values()) {
      const weight = site.later + (taken > 0 ? site.measure.calls / taken : 0);
      weights.set(site, weight);
      all += weight;
      expectedMs += weight * meanMs(site);
    }
    const parts = new Map<SiteRecord, Part>();
    for (const [site, weight] of weights) {
      const share = all > 0 ? weight / all : 0;
      const shareOfTime = expectedMs > 0 ? (weight * meanMs(site)) / expectedMs : share;
      const sums = new Sums();
      sums.merge(site.measure);
      sums.merge(unsampled.part(share, shareOfTime));
      parts.set(site, { share, sums });
    }
    return parts;
  }

  /** Whether its lines' counts are split by sampling. */
  get isSplit(): boolean {
    return this.unsampled.calls > 0 && this.sites.size > 1;
  }

  /** What the probe saw of it, or undefined when it saw nothing. */
  get measured(): Measured | undefined {
    if (this.measure.calls > 0) this.#measured ??= measured(this.measure, this.measure);
    return this.#measured;
  }

  /** What was computed of its numbers, which change. */
  #forget(): void {
    this.#parts = undefined;
    this.#measured = undefined;
  }

  /** All that the server counted, or undefined when it counted nothing. */
  get counted(): Counted | undefined {
    if (this.#counts.size === 0) return this.#countedBefore;
    this.#counted ??= [...(this.#countedBefore ? [this.#countedBefore] : []), ...this.#counts.values()].reduce<Counted | undefined>(
      (sum, next) => (sum ? addCounted(sum, next) : next),
      undefined,
    );
    return this.#counted;
  }

  /** Takes sums of the server since its counting began. @returns those that it said before */
  count(id: string, counted: Counted): Counted | undefined {
    const before = this.#counts.get(id);
    this.#counts.set(id, counted);
    this.#counted = undefined;
    return before;
  }

  /** Adds what was counted before all that is to come. */
  countBefore(counted: Counted): void {
    this.#countedBefore = this.#countedBefore ? addCounted(this.#countedBefore, counted) : counted;
    this.#counted = undefined;
  }

  restartCounting(): void {
    this.#countedBefore = this.counted;
    this.#counts.clear();
  }

  /** Takes in all of another one, which is forgotten. */
  absorb(other: StatementRecord): void {
    this.#forget();
    this.measure.merge(other.measure);
    this.unsampled.merge(other.unsampled);
    for (const { code, message, count } of other.errors.values()) this.addError(code, message, count);
    for (const [key, { line, measure, later }] of other.sites) {
      line.sites.delete(other.id);
      const site = this.siteAt(line);
      if (site) {
        site.measure.merge(measure);
        site.later += later;
      } else {
        this.unsampled.merge(measure);
      }
      other.sites.delete(key);
    }
    for (const [id, counted] of other.#counts) this.#counts.set(id, counted);
    if (other.#countedBefore) this.countBefore(other.#countedBefore);
    this.#counted = undefined;
    this.spark.merge(other.spark);
    this.lastAt = Math.max(this.lastAt, other.lastAt);
  }

  /** Takes the numbers of a snapshot, all sites at once. */
  restore(sums: MeasuredSnapshot | undefined, sites: readonly [LineRecord, SiteSnapshot][]): void {
    this.#forget();
    if (sums) this.measure = Measure.restore(sums);
    this.unsampled.merge(this.measure);
    for (const [line, { measured: taken, later }] of sites) {
      const site = this.siteAt(line);
      if (!site) continue;
      site.measure = Measure.restore(taken);
      site.later = later;
      this.unsampled.subtract(site.measure);
    }
  }
}

function meanMs({ measure }: SiteRecord): number {
  return measure.calls > 0 ? measure.totalMs / measure.calls : 0;
}

/** Both together, of different statements. */
function addCounted(a: Counted, b: Counted): Counted {
  const calls = a.calls + b.calls;
  const totalMs = a.totalMs + b.totalMs;
  const mean = calls > 0 ? totalMs / calls : 0;
  const squares = (part: Counted): number => part.calls * (part.deviationMs ** 2 + part.meanMs ** 2);
  return {
    calls,
    rows: a.rows + b.rows,
    totalMs,
    meanMs: mean,
    deviationMs: calls > 0 ? Math.sqrt(Math.max(0, (squares(a) + squares(b)) / calls - mean ** 2)) : 0,
    maxMs: Math.max(a.maxMs, b.maxMs),
    blocksHit: a.blocksHit + b.blocksHit,
    blocksRead: a.blocksRead + b.blocksRead,
    atLeast: a.atLeast || b.atLeast,
  };
}
