import { callSite, type CallSite } from './call-site';
import { later, now } from './clock';
import { hashOf, printed } from './parameters';
import type { Request } from './requests';
import { controlOf, TransactionTracker, type Control } from './transactions';
import type { Transport } from './transport';
import { WIRE_TEXT_LIMIT, type Batch, type Welcome, type WireFrame, type WireQuery } from './wire';

/** Short enough that a panel looks alive. */
const FLUSH_MS = 50;
/** Programs that ask little are told sooner, which costs them nothing: test runners kill their threads right after the last test. */
const SOON_MS = 5;
const FEW_QUERIES = 5;
/** A batch is sent early when it holds so many queries … */
const BATCH_QUERIES = 500;
/** … and while the profiler does not read, so many are kept. */
const MOST_WAITING = 5_000;
/** Of a {@link WireQuery}. */
const NUMBERS = 10;
/** Programs that write literals into their statements have no end of texts: beyond these, those known are forgotten and told anew. */
const MOST_TEXTS = 5_000;
const MOST_TEXT_CHARACTERS = 20_000_000;
const MOST_SITES = 5_000;
const MOST_ERRORS = 1_000;
const ERROR_LIMIT = 500;
/** An error inside the probe costs the program a query's time; after so many it gives up. */
const MOST_FAULTS = 5;
/** Reading the clock is a good part of what a query costs: the first queries, which cost most, are measured, and then one of so many … */
const MEASURED_FIRST = 50;
/** … which shares no factor with how sites are sampled, so that queries with a site count for their part. */
const MEASURED_EVERY = 17;

interface Text {
  id: number;
  /** Executions so far, which sampling counts. */
  seen: number;
  /** What it does to a transaction. */
  control: Control;
}

/** One query, from the moment in which the driver is asked until it is over. */
export interface Call {
  text: Text;
  site: number;
  /** When the driver was asked; milliseconds of {@link now}. The probe's own work lies before. */
  start: number;
  /** When it went to the server, if that was not at once. */
  sent: number | undefined;
  /** Milliseconds that the probe itself took before the driver was asked … */
  probe: number;
  /** … measured for this and so many queries like it; 0: not measured. */
  measuredFor: number;
  /** Milliseconds that were waited before {@link start}, for the connection as such. */
  waited: number;
  request: Request | undefined;
  parameters: number;
  values: string[] | undefined;
  /** What stands for the connection it runs on. */
  connection: object | undefined;
  /** Returned or affected, of which a library counts those that its driver does not; -1 when unknown. */
  rows: number;
}

/** Collects what the libraries report and hands it on in batches. */
export class Recorder {
  /** False while nobody wants to know: libraries then do nothing but call through. */
  active = true;
  private welcome: Pick<Welcome, 'parameters' | 'sampleFirst' | 'sampleEvery'> = { parameters: false, sampleFirst: 32, sampleEvery: 16 };
  private welcomed = false;
  private over = false;
  private connecting = false;
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
  private batch: Batch = { type: 'batch' };
  /**
   * Queries of the batch, one after the other. Numbers, because objects that wait to be told are moved by each collection of garbage
   * meanwhile, which costs the program more than to note them. They are rounded and written when they are told.
   */
  private numbers: Float64Array = new Float64Array(BATCH_QUERIES * NUMBERS);
  private queries = 0;
  /** Programs ask the same again and again. */
  private lastStatement = '';
  private lastText: Text | undefined;
  private begun = 0;
  private dropped = 0;
  private spent = 0;
  private flushing = false;
  private toldLast = 0;

  constructor(private readonly transport: Transport) {
    process.on('exit', () => this.guard(() => this.flushLast()));
  }

  /** A library was found: from now on there is something to tell. */
  found(library: string): void {
    if (this.libraries.has(library)) return;
    this.libraries.add(library);
    (this.batch.libraries ??= []).push(library);
    this.flushLater();
    if (this.connecting) return;
    this.connecting = true;
    // Not while the program loads its modules: it waits for a server soon, and this takes no time from it then.
    later(() => this.connect(), 0).unref();
  }

  private connect(): void {
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
    this.begun += 1;
    const measuredFor = this.begun <= MEASURED_FIRST ? 1 : this.begun % MEASURED_EVERY === 0 ? MEASURED_EVERY : 0;
    const asked = measuredFor === 0 ? 0 : now();
    const text = this.textOf(statement);
    const list = Array.isArray(values) && values.length > 0 ? values : undefined;
    const call: Call = {
      text,
      site: site ?? this.sampledSiteOf(text, above),
      start: 0,
      sent: undefined,
      probe: 0,
      measuredFor,
      waited: 0,
      request,
      parameters: list ? hashOf(list, this.salt) : 0,
      values: list && this.welcome.parameters ? printed(list) : undefined,
      connection: undefined,
      rows: 0,
    };
    call.start = now();
    if (measuredFor !== 0) call.probe = call.start - asked;
    return call;
  }

  /** The id of a call site; each is told once. */
  siteOf({ key, frames }: CallSite): number {
    const known = this.sites.get(key);
    if (known !== undefined) return known;
    if (this.sites.size >= MOST_SITES) this.sites.clear();
    this.lastId += 1;
    this.sites.set(key, this.lastId);
    const all: WireFrame[] = frames();
    (this.batch.sites ??= []).push([this.lastId, all]);
    return this.lastId;
  }

  /** The query is over. */
  finish(call: Call, end: number, rows: number, error?: unknown): void {
    const transaction = call.connection ? this.transactions.of(call.connection, call.text.control, error !== undefined) : 0;
    if (!this.active) return;
    if (this.queries >= MOST_WAITING) {
      this.dropped += 1;
      return;
    }
    this.keep(call, end, rows, error === undefined ? 0 : this.errorOf(error), transaction);
    if (call.measuredFor !== 0) this.spent += call.measuredFor * (call.probe + now() - end);
    if (this.queries === BATCH_QUERIES) this.flush();
    else if (!this.flushing) this.flushLater();
  }

  private keep({ text, site, start, sent = start, waited, request, parameters, values }: Call, end: number, rows: number, error: number, transaction: number): void {
    if (request?.id === 0) this.tellRequest(request);
    if (values) (this.batch.values ??= []).push([this.queries, values]);
    const at = this.queries * NUMBERS;
    if (at === this.numbers.length) this.numbers = grown(this.numbers);
    const { numbers } = this;
    numbers[at] = text.id;
    numbers[at + 1] = site;
    numbers[at + 2] = start;
    numbers[at + 3] = end - sent;
    numbers[at + 4] = waited + sent - start;
    numbers[at + 5] = rows;
    numbers[at + 6] = error;
    numbers[at + 7] = request === undefined ? 0 : request.id;
    numbers[at + 8] = transaction;
    numbers[at + 9] = parameters;
    this.queries += 1;
  }

  /** A request ended; told only when it issued queries. */
  requestEnded(request: Request, status: number): void {
    if (request.id === 0 || !this.active) return;
    (this.batch.ended ??= []).push([request.id, rounded(now()), status]);
    this.flushLater();
  }

  private tellRequest(request: Request): void {
    this.requestId += 1;
    request.id = this.requestId;
    (this.batch.requests ??= []).push([request.id, request.label, rounded(request.start)]);
  }

  private textOf(statement: string): Text {
    if (statement === this.lastStatement && this.lastText) return this.lastText;
    const text = this.texts.get(statement) ?? this.newText(statement);
    this.lastStatement = statement;
    this.lastText = text;
    return text;
  }

  private newText(statement: string): Text {
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
    this.queries = 0;
    delete this.batch.values;
    this.dropped = this.spent = 0;
  }

  private end(): void {
    this.over = true;
    this.active = false;
    this.transport.close();
    this.batch = { type: 'batch' };
    this.queries = 0;
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
    }, this.toldLast < FEW_QUERIES ? SOON_MS : FLUSH_MS).unref();
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
    const { batch, queries, numbers } = this;
    this.batch = { type: 'batch' };
    this.queries = 0;
    batch.queries = Array.from({ length: queries }, (_, query) => told(numbers, query * NUMBERS));
    this.toldLast = queries;
    if (this.dropped > 0) batch.dropped = this.dropped;
    if (queries > 0) batch.overhead = [queries, rounded(this.spent)];
    this.dropped = this.spent = 0;
    return batch;
  }
}

function told(numbers: Float64Array, at: number): WireQuery {
  const [text, site, start, duration, wait, ...rest] = numbers.subarray(at, at + NUMBERS) as unknown as WireQuery;
  return [text, site, rounded(start), rounded(duration), rounded(wait), ...rest];
}

function grown(numbers: Float64Array): Float64Array {
  const larger = new Float64Array(2 * numbers.length);
  larger.set(numbers);
  return larger;
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
