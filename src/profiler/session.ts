import { randomUUID } from 'node:crypto';
import type { Notice, SessionHead, SessionOptions, SessionState, TableSize } from './protocol.js';
import type { ConnectionUse } from './record/index.js';
import { SNAPSHOT_VERSION, type SessionSnapshot } from './snapshot.js';
import { STATEMENT_LIMIT } from './store/limits.js';
import { SessionStore } from './store/store.js';

/** Longer names do not fit anywhere. */
const NAME_LIMIT = 200;

/** One session: recording, paused, or stopped and only looked at. Moments in milliseconds since 1970. */
export class Session {
  store = new SessionStore();
  tables: TableSize[] = [];
  /** The most connections that were seen in use, and how many the server accepts. */
  connections: ConnectionUse | undefined;
  file: string | undefined;
  target: string | undefined;
  server: string | undefined;
  readonly options: SessionOptions | undefined;
  #id: string;
  #name: string;
  #startedAt: number;
  #state: SessionState = 'recording';
  #recordedMs = 0;
  /** Since when it records, while it does. */
  #since: number | undefined;

  private constructor(options: SessionOptions | undefined, { id, name, startedAt }: Pick<SessionHead, 'id' | 'name' | 'startedAt'>) {
    this.options = options;
    this.#id = id;
    this.#name = name;
    this.#startedAt = startedAt;
  }

  static start(options: SessionOptions, now: number): Session {
    const name = options.name?.trim().slice(0, NAME_LIMIT) || nameOf(now);
    const session = new Session(options, { id: randomUUID(), name, startedAt: now });
    session.#since = now;
    return session;
  }

  /** A saved session, to be looked at. */
  static open(snapshot: SessionSnapshot, file: string): Session {
    const session = new Session(undefined, snapshot);
    session.store = SessionStore.restore(snapshot);
    session.tables = snapshot.tables;
    session.file = file;
    session.target = snapshot.target;
    session.server = snapshot.server;
    session.#state = 'stopped';
    session.#recordedMs = snapshot.recordedMs;
    return session;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** It is recorded, or paused. */
  get isOpen(): boolean {
    return this.#state !== 'stopped';
  }

  head(now: number): SessionHead {
    return {
      id: this.#id,
      name: this.#name,
      state: this.#state,
      startedAt: this.#startedAt,
      recordedMs: this.#recorded(now),
      ...(this.file === undefined ? {} : { file: this.file }),
      ...(this.target === undefined ? {} : { target: this.target }),
    };
  }

  pause(paused: boolean, now: number): void {
    if (this.#state === 'stopped' || paused === (this.#state === 'paused')) return;
    this.#recordedMs = this.#recorded(now);
    this.#since = paused ? undefined : now;
    this.#state = paused ? 'paused' : 'recording';
  }

  stop(now: number): void {
    this.#recordedMs = this.#recorded(now);
    this.#since = undefined;
    this.#state = 'stopped';
  }

  rename(name: string): void {
    this.#name = name.trim().slice(0, NAME_LIMIT) || this.#name;
  }

  /** Forgets what was recorded. */
  clear(now: number): void {
    this.store = this.store.cleared();
    this.#startedAt = now;
    this.#recordedMs = 0;
    if (this.#since !== undefined) this.#since = now;
  }

  notices(): Notice[] {
    const { folded } = this.store;
    if (folded === 0) return [];
    const limit = STATEMENT_LIMIT.toLocaleString('en');
    return [
      {
        text: `More than ${limit} different statements ran. The ${folded.toLocaleString('en')} that took the least time are one row, “other statements”. Programs that write values or names into their statements instead of passing them as parameters cause this.`,
      },
    ];
  }

  snapshot(now: number, notices: Notice[]): SessionSnapshot {
    return {
      version: SNAPSHOT_VERSION,
      id: this.#id,
      name: this.#name,
      startedAt: this.#startedAt,
      recordedMs: this.#recorded(now),
      ...(this.target === undefined ? {} : { target: this.target }),
      ...(this.server === undefined ? {} : { server: this.server }),
      ...this.store.snapshot(),
      tables: this.tables,
      notices,
    };
  }

  #recorded(now: number): number {
    return this.#recordedMs + (this.#since === undefined ? 0 : Math.max(0, now - this.#since));
  }
}

/** `Session of 2026-11-21 19:12`, in local time. */
function nameOf(now: number): string {
  const at = new Date(now);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `Session of ${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}
