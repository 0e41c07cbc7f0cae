import type { Batch, Hello } from '../../probe/wire.js';
import type { Notice, ProgramRow } from '../protocol.js';
import type { SessionStore, StatementIdentity } from '../store/store.js';
import { ProgramFeed } from './feed.js';
import type { ProbeSink } from './listener.js';
import { SourceMaps } from './source-maps.js';

/** Characters of the texts whose identity is remembered over all programs: a text is identified in 0.2 ms. */
const REMEMBERED_TEXT = 20_000_000;

export interface ProgramsOptions {
  /** The store that records now. */
  store: () => SessionStore;
  identify: (text: string) => StatementIdentity;
  /** Milliseconds since 1970. */
  now: () => number;
  onNote: (note: string) => void;
  /** Something has arrived. */
  onChange: () => void;
}

interface Running {
  row: ProgramRow;
  /** Threads that report by themselves. */
  feeds: Set<ProgramFeed>;
  measured: number;
  overheadMs: number;
}

/** The programs that report to a session, with all their threads. */
export class Programs {
  readonly #options: ProgramsOptions;
  readonly #running = new Map<number, Running>();
  readonly #maps = new SourceMaps();
  readonly #identities = new Map<string, StatementIdentity>();
  #remembered = 0;
  #next = 1;

  constructor(options: ProgramsOptions) {
    this.#options = options;
  }

  /** Takes in a program, or one more thread of it. */
  open(hello: Hello): ProbeSink {
    const { store, now, onNote, onChange } = this.#options;
    // Contexts belong to a thread, rows to a program.
    const program = this.#next;
    this.#next += 1;
    const running = this.#running.get(hello.pid) ?? newRunning(hello);
    this.#running.set(hello.pid, running);
    const feed = new ProgramFeed({ program, hello, store, identify: (text) => this.#identify(text), maps: this.#maps });
    running.feeds.add(feed);
    store().addProgram(program, running.row);
    onChange();
    return {
      take: (batch) => {
        feed.take(batch, now());
        account(running, batch);
        for (const note of batch.notes) onNote(`Process ${hello.pid}: ${note}`);
        onChange();
      },
      end: () => {
        feed.settle();
        store().endProgram(program);
        running.feeds.delete(feed);
        if (running.feeds.size === 0) {
          running.row.endedAt = now();
          this.#running.delete(hello.pid);
        }
        onChange();
      },
    };
  }

  /** Ends what has ended, so that it is counted. */
  settle(): void {
    for (const { feeds } of this.#running.values()) for (const feed of feeds) feed.settle();
  }

  /** What limits the picture. */
  notices(): Notice[] {
    let dropped = 0;
    for (const row of this.#options.store().programs()) dropped += row.dropped;
    if (dropped === 0) return [];
    const what = dropped === 1 ? 'One query was' : `${dropped.toLocaleString('en')} queries were`;
    return [{ text: `${what} not counted, because programs ran queries faster than they could be reported.` }];
  }

  #identify(text: string): StatementIdentity {
    const known = this.#identities.get(text);
    if (known) return known;
    const identity = this.#options.identify(text);
    this.#identities.set(text, identity);
    this.#remembered += text.length;
    for (const old of this.#identities.keys()) {
      if (this.#remembered <= REMEMBERED_TEXT) break;
      this.#identities.delete(old);
      this.#remembered -= old.length;
    }
    return identity;
  }
}

function newRunning({ pid, command, node, timeOrigin }: Hello): Running {
  const row: ProgramRow = { pid, command, node, libraries: [], startedAt: timeOrigin, queries: 0, dropped: 0, overheadUs: 0 };
  return { row, feeds: new Set(), measured: 0, overheadMs: 0 };
}

function account(running: Running, { libraries, dropped, overhead: [measured, ms] }: Required<Batch>): void {
  const { row } = running;
  for (const library of libraries) if (!row.libraries.includes(library)) row.libraries.push(library);
  row.dropped += dropped;
  running.measured += measured;
  running.overheadMs += ms;
  row.overheadUs = running.measured > 0 ? (running.overheadMs * 1_000) / running.measured : 0;
}
