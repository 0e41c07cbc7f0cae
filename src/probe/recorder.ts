import { callSite, type CallSite } from './call-site';
import { later, now } from './clock';
import { hashOf, printed } from './parameters';
import type { Request } from './requests';
import { controlOf, TransactionTracker, type Control } from './transactions';
import type { Transport } from './transport';
import { WIRE_TEXT_LIMIT, type Batch, type Welcome, type WireFrame } from './wire';

/** Short enough that a panel looks alive, and that a program that is killed loses little. */
const FLUSH_MS = 50;
/** A batch is sent early when it holds so many queries … */
const BATCH_QUERIES = 500;
/** … and while the profiler does not read, so many are kept. A query is about 100 bytes. */
const MOST_WAITING = 5_000;
/** Programs that write literals into their statements have no end of texts: beyond these, those known are forgotten and told anew. */
const MOST_TEXTS = 5_000;
const MOST_TEXT_CHARACTERS = 20_000_000;
const MOST_SITES = 5_000;
const MOST_ERRORS = 1_000;
const ERROR_LIMIT = 500;
/** An error inside the probe costs the program a query's time; after so many it gives up. */
const MOST_FAULTS = 5;

interface Text {
  id: number;
  /** Executions so far, which sampling counts. */
  seen: number;
  /** What it does to a transaction. */
  control: Control;
}

/** One query on its way. */
export interface Call {
  text: Text;
  site: number;
  /** When the driver was asked; milliseconds of {@link now}. The probe's own work lies before. */
  start: number;
  /** When it went to the server. */
  sent: number;
  /** Milliseconds that the probe itself took so far. */
  probe: number;
  /** Milliseconds that were waited before {@link start}, for the connection as such. */
  waited: number;
  request: Request | undefined;
  parameters: number;
  values: string[] | undefined;
}

/** Collects what the libraries report and hands it on in batches. */
export class Recorder {
  /** False while nobody wants to know: libraries then do nothing but call through. */
  active = true;
  private welcome: Pick<Welcome, 'parameters' | 'sampleFirst' | 'sampleEvery'> = { parameters: false, sampleFirst: 32, sampleEvery: 16 };
  private welcomed = false;
  private over = false;
  private connected = false;
  private faults = 0;
  private readonly salt = ownSalt();
  private readonly libraries = new Set<string>();
  private readonly transactions = new TransactionTracker();
  private texts = new Map<string, Text>();
  private textCharacters = 0;
  private sites = new Map<string, number>();
  private errors = new Map<string, number>();
  private lastId = 0;
  private requestId = 0;
  private batch: Batch & { queries: NonNullable<Batch['queries']> } = { type: 'batch', queries: [] };
  private dropped = 0;
  private measured = 0;
  private spent = 0;
  private flushing = false;

  constructor(private readonly transport: Transport) {
    process.on('exit', () => this.guard(() => this.flushLast()));
  }

  /** A library was found: from now on there is something to tell. */
  found(library: string): void {
    if (this.libraries.has(library)) return;
    this.libraries.add(library);
    (this.batch.libraries ??= []).push(library);
    this.flushLater();
    if (this.connected) return;
    this.connected = true;
    const end = (): void => this.end();
    this.transport.connect({ welcomed: (welcome) => this.guard(() => this.take(welcome)), closed: end }).catch(end);
  }

  /** A sentence for the profiler's log. */
  note(sentence: string): void {
    if (this.over) return;
    (this.batch.notes ??= []).push(sentence);
    this.flushLater();
  }

  /** Runs a part of the probe; what goes wrong in it stays in it. */
  guard<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.faulty(error);
      return undefined;
    }
  }

  /** Something of the probe itself failed. */
  faulty(error: unknown): void {
    this.faults += 1;
    if (this.faults === MOST_FAULTS) this.end();
    else if (this.faults < MOST_FAULTS) this.note(`The probe failed: ${String((error as Error | undefined)?.stack ?? error).slice(0, ERROR_LIMIT)}`);
  }

  /** Where `above` was called from, for the executions of a statement that are sampled; 0 for the others. */
  sampledSite(statement: string, above: (...args: never[]) => unknown): number {
    return this.sampledSiteOf(this.textOf(statement), above);
  }

  private sampledSiteOf(text: Text, above: (...args: never[]) => unknown): number {
    text.seen += 1;
    const { sampleFirst, sampleEvery } = this.welcome;
    return text.seen <= sampleFirst || text.seen % sampleEvery === 0 ? this.siteOf(callSite(above)) : 0;
  }

  /** A library asks its driver now, with what was called instead of `above` as the place, unless `site` says it. */
  begin(statement: string, values: unknown, request: Request | undefined, site: number | undefined, above: (...args: never[]) => unknown): Call {
    const asked = now();
    const text = this.textOf(statement);
    const { parameters } = this.welcome;
    const list = Array.isArray(values) && values.length > 0 ? values : undefined;
    const call: Call = {
      text,
      site: site ?? this.sampledSiteOf(text, above),
      start: 0,
      sent: 0,
      probe: 0,
      waited: 0,
      request,
      parameters: list ? hashOf(list, this.salt) : 0,
      values: parameters && list ? printed(list) : undefined,
    };
    call.start = call.sent = now();
    call.probe = call.start - asked;
    return call;
  }

  /** The id of a call site; each is told once. */
  siteOf({ key, frames }: CallSite): number {
    const known = this.sites.get(key);
    if (known !== undefined) return known;
    if (this.sites.size >= MOST_SITES) this.sites.clear();
    this.lastId += 1;
    this.sites.set(key, this.lastId);
    const told: WireFrame[] = frames();
    (this.batch.sites ??= []).push([this.lastId, told]);
    return this.lastId;
  }

  /** The query is over. `connection` is any object that stands for the connection it ran on. */
  finish(call: Call, connection: object | undefined, end: number, rows: number, error?: unknown): void {
    const transaction = connection ? this.transactions.of(connection, call.text.control, error !== undefined) : 0;
    if (!this.active) return;
    const { queries } = this.batch;
    if (queries.length >= MOST_WAITING) {
      this.dropped += 1;
      return;
    }
    if (call.values) (this.batch.values ??= []).push([queries.length, call.values]);
    queries.push([
      call.text.id,
      call.site,
      rounded(call.start),
      rounded(end - call.sent),
      rounded(call.waited + call.sent - call.start),
      rows,
      error === undefined ? 0 : this.errorOf(error),
      call.request ? this.requestOf(call.request) : 0,
      transaction,
      call.parameters,
    ]);
    this.measured += 1;
    this.spent += call.probe + now() - end;
    if (queries.length === BATCH_QUERIES) this.flush();
    else this.flushLater();
  }

  /** A request ended; told only when it issued queries. */
  requestEnded(request: Request, status: number): void {
    if (request.id === 0 || !this.active) return;
    (this.batch.ended ??= []).push([request.id, rounded(now()), status]);
    this.flushLater();
  }

  private requestOf(request: Request): number {
    if (request.id === 0) {
      this.requestId += 1;
      request.id = this.requestId;
      (this.batch.requests ??= []).push([request.id, request.label, rounded(request.start)]);
    }
    return request.id;
  }

  private textOf(statement: string): Text {
    const known = this.texts.get(statement);
    if (known) return known;
    if (this.texts.size >= MOST_TEXTS || this.textCharacters > MOST_TEXT_CHARACTERS) {
      this.texts.clear();
      this.textCharacters = 0;
    }
    this.lastId += 1;
    const text = { id: this.lastId, seen: 0, control: controlOf(statement) };
    this.texts.set(statement, text);
    this.textCharacters += statement.length;
    (this.batch.texts ??= []).push([text.id, statement.slice(0, WIRE_TEXT_LIMIT)]);
    return text;
  }

  private errorOf(error: unknown): number {
    const { code, message } = (typeof error === 'object' && error !== null ? error : {}) as { code?: unknown; message?: unknown };
    const sqlState = typeof code === 'string' ? code : '';
    const told = String(message ?? error);
    const words = (this.welcome.parameters ? told : withoutValues(told, sqlState)).slice(0, ERROR_LIMIT);
    const key = `${sqlState} ${words}`;
    const known = this.errors.get(key);
    if (known !== undefined) return known;
    if (this.errors.size >= MOST_ERRORS) this.errors.clear();
    this.lastId += 1;
    this.errors.set(key, this.lastId);
    (this.batch.errors ??= []).push([this.lastId, sqlState, words]);
    return this.lastId;
  }

  private take(welcome: Welcome): void {
    if (this.over) return;
    const wasWanted = this.welcomed && this.active;
    this.welcomed = true;
    if (wasWanted || welcome.recording) this.flush();
    else this.forgetQueries();
    this.welcome = welcome;
    this.active = welcome.recording;
  }

  /** Measured before anybody had said whether they are wanted; the ids that they told stay known. */
  private forgetQueries(): void {
    this.batch = { ...this.batch, queries: [], values: undefined };
    this.dropped = this.measured = this.spent = 0;
  }

  private end(): void {
    this.over = true;
    this.active = false;
    this.transport.close();
    this.batch = { type: 'batch', queries: [] };
    this.texts.clear();
    this.sites.clear();
    this.errors.clear();
  }

  private flushLater(): void {
    if (this.flushing || this.over) return;
    this.flushing = true;
    later(() => {
      this.flushing = false;
      this.guard(() => this.flush());
    }, FLUSH_MS).unref();
  }

  private flush(): void {
    if (this.over || !this.welcomed) return;
    if (this.transport.isFull) return this.flushLater();
    const start = now();
    this.transport.send(this.taken());
    this.spent += now() - start;
  }

  private flushLast(): void {
    if (this.over || !this.connected) return;
    this.transport.sendLast([this.taken()]);
    this.over = true;
  }

  private taken(): Batch {
    const batch: Batch = this.batch;
    this.batch = { type: 'batch', queries: [] };
    if (this.dropped > 0) batch.dropped = this.dropped;
    if (this.measured > 0) batch.overhead = [this.measured, rounded(this.spent)];
    this.dropped = this.measured = this.spent = 0;
    return batch;
  }
}

/** Different in each process and thread. Not taken from `Math.random`, whose numbers a program may have fixed by its seed. */
function ownSalt(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return Math.imul(nanoseconds ^ Math.imul(seconds, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(process.pid, 0xc2b2ae35);
}

/** Classes of SQLSTATE whose messages quote names: constraints, prepared statements, roles, cursors, databases, schemas, tables and columns. */
const NAMING = /^(?:23|26|28|34|3D|3F|42)/;
/** From the first quote to the last, because a value may hold quotes itself; also as servers of other languages write them. */
const QUOTED = [/"[^]*"/, /(?<!\w)'[^]*'(?!\w)/, /„[^]*[“”]/, /“[^]*”/, /«[^]*»/] as const;
/** Syntax errors quote the word at which they stopped, which may be a literal. */
const QUOTED_LITERAL = /(["„“«]\s?)(?:[a-z]|u&)?['$\d][^]*(["“”»])/i;

/** An error's message without the values that it quotes. */
function withoutValues(message: string, sqlState: string): string {
  if (NAMING.test(sqlState)) return message.replace(QUOTED_LITERAL, '$1…$2');
  return QUOTED.reduce((text, quoted) => text.replace(quoted, (value) => `${value[0]}…${value[value.length - 1]}`), message);
}

/** Microseconds are as fine as the clock is true. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

