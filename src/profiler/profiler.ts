import path from 'node:path';
import type { DatabaseLogin } from '../database/index.js';
import { identify, loadSqlParser } from '../database/sql/index.js';
import { installProbe, armingFor } from './program/arming.js';
import { ProbeListener } from './program/listener.js';
import { Programs } from './program/programs.js';
import {
  DEFAULT_TARGETS,
  EVIDENCE_INTERVAL_MS,
  UPDATE_INTERVAL_MS,
  type Arming,
  type Comparison,
  type ConnectionState,
  type Evidence,
  type PlanReport,
  type ProfilerNotifications,
  type ProfilerRequests,
  type ReportFormat,
  type SavedSession,
  type SessionHead,
  type SessionOptions,
  type SessionTargets,
  type SessionUpdate,
  type StatementDetail,
  type TableSize,
  valueList,
} from './protocol.js';
import { compareSessions, listSessions, readSession, saveSession, sessionReport, shortText, targetResults, type ComparedSession } from './record/index.js';
import { ServerWatch } from './server-watch.js';
import { Session } from './session.js';
import type { SessionSnapshot } from './snapshot.js';
import { formatSql } from './format-sql.js';

export interface ProfilerOptions {
  /** The file that is preloaded into programs: dist/probe.cjs. */
  probe: string;
  /** Folder that keeps the copies of the probe; made when it is missing. */
  storage: string;
  /** Called with what the protocol says of the notification. Must not throw. */
  notify?: Notify;
  /** Milliseconds between two updates. */
  updateIntervalMs?: number;
  /** Milliseconds between two pieces of evidence. */
  evidenceIntervalMs?: number;
  /** Milliseconds between two readings of the server while somebody looks. */
  readingIntervalMs?: number;
  /** Milliseconds before the first, second, … attempt to reconnect; the last one repeats. */
  backOffMs?: readonly number[];
  /** Milliseconds between two times that the session is saved while it is recorded. */
  saveIntervalMs?: number;
  /** Milliseconds since 1970, never going back. */
  now?: () => number;
}

export type Notify = <Name extends keyof ProfilerNotifications>(name: Name, value: ProfilerNotifications[Name]) => void;

/** The requests of the protocol, answered here. */
type Answers = { [Name in keyof ProfilerRequests]: (params: Parameters<ProfilerRequests[Name]>[0]) => Promise<ReturnType<ProfilerRequests[Name]>> };

/** Lists of an update that are complete each time end here. */
const LIST_LIMIT = 100;
/** Lines that the language server is told of: those with the most time. */
const EVIDENCE_LINES = 2_000;

/** What a crash of this process may lose at most of a session. */
const SAVE_INTERVAL_MS = 5_000;
/** Share of the time that saving meanwhile may take: the largest sessions, of some ten megabytes, are saved less often. */
const SAVE_SHARE = 0.02;

const NO_SESSION: SessionHead = { id: '', name: '', state: 'none', startedAt: 0, recordedMs: 0 };

/** The clock of this machine as it was at the start, going on evenly: sessions have no jumps in them when somebody sets the clock. */
const evenClock = (): number => Math.round(performance.timeOrigin + performance.now());

/**
 * A profiler of live sessions. Its methods are the requests of the protocol; failures are errors whose message is a sentence for a
 * person. Nothing of it outlives `close` but session files and the installed probe.
 */
export class Profiler implements Answers {
  /** What sessions are held against. */
  targets: SessionTargets = DEFAULT_TARGETS;
  readonly #options: ProfilerOptions;
  readonly #now: () => number;
  readonly #notify: Notify;
  readonly #listener: ProbeListener;
  #session: Session | undefined;
  /** Those that report to the session, when it is recorded here. */
  #programs: Programs | undefined;
  readonly #server: ServerWatch;
  #visible = false;
  /** Why the session could not be saved. */
  #unsaved: string | undefined;
  /** One after the other, so that a session gets one file. */
  #saving: Promise<void> = Promise.resolve();
  /** The session's whole time when it was saved last: it grows with every query. */
  #savedMs = 0;
  /** By `performance.now`. */
  #savesAgainAt = 0;
  /** Folders that paths of session files are resolved in: those of the workspace, as told last. */
  #roots: readonly string[] = [];
  /** Where the last update ended; 0 asks for a full one. */
  #told = 0;
  #changedSinceUpdate = false;
  #changedSinceEvidence = false;
  #toldConnection = '';
  #tables: TableSize[] = [];
  readonly #timers: NodeJS.Timeout[];

  private constructor(options: ProfilerOptions, listener: ProbeListener) {
    this.#options = options;
    this.#now = options.now ?? evenClock;
    this.#notify = options.notify ?? (() => undefined);
    this.#listener = listener;
    this.#server = new ServerWatch({
      onChange: () => this.#noteServer(),
      onReading: ({ named, counts }) => {
        const { store } = this.#session!;
        for (const identity of named) store.declare(identity);
        store.count(counts, this.#now());
        this.#noteChange();
      },
      onRestart: () => this.#session?.store.restartCounting(),
      onConnections: ({ used, most: limit }) => {
        const session = this.#session;
        if (session?.isOpen) session.connections = { most: Math.max(session.connections?.most ?? 0, used), limit };
      },
      onTables: (tables) => {
        this.#tables = tables;
        if (this.#session?.isOpen) this.#session.tables = tables;
        this.#changedSinceEvidence = true;
      },
      now: this.#now,
      intervalMs: options.readingIntervalMs,
      backOffMs: options.backOffMs,
    });
    this.#timers = [
      setInterval(() => this.#tellUpdate(), options.updateIntervalMs ?? UPDATE_INTERVAL_MS),
      setInterval(() => this.#tellEvidence(), options.evidenceIntervalMs ?? EVIDENCE_INTERVAL_MS),
      setInterval(() => void this.#saveMeanwhile(), options.saveIntervalMs ?? SAVE_INTERVAL_MS),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  /** @throws Error when no socket can be opened */
  static async open(options: ProfilerOptions): Promise<Profiler> {
    const opened = {} as { profiler: Profiler };
    const [listener] = await Promise.all([
      ProbeListener.open({
        onProbe: (hello) => opened.profiler.#programs!.open(hello),
        onNote: (note) => opened.profiler.#log('warn', note),
      }),
      loadSqlParser(),
    ]);
    opened.profiler = new Profiler(options, listener);
    return opened.profiler;
  }

  /** A session is recorded, or paused. */
  get isRecording(): boolean {
    return this.#session?.isOpen === true;
  }

  /** Connects to a database, and leaves any other. Whether that worked is the state that it returns. */
  async connect({ login }: { login: DatabaseLogin }): Promise<ConnectionState> {
    await this.#server.connect(login);
    this.#noteTarget();
    return this.#server.state;
  }

  async disconnect(): Promise<ConnectionState> {
    return this.#server.disconnect();
  }

  /** Begins to record, and ends what was recorded until now. */
  async start(options: SessionOptions): Promise<{ session: SessionHead; arming: Arming }> {
    const probe = await installProbe(this.#options.probe, this.#options.storage);
    if (this.isRecording) await this.stop();
    const session = Session.start(options, this.#now());
    this.#roots = options.workspaceFolders;
    this.targets = options.targets;
    this.#show(session);
    session.tables = this.#tables;
    this.#programs = new Programs({
      store: () => session.store,
      identify,
      now: this.#now,
      onNote: (note) => this.#log('warn', note),
      onChange: () => this.#noteChange(),
    });
    this.#noteTarget();
    this.#tellProbes();
    await this.#server.begin();
    await this.#watchServer();
    const { socket, token } = this.#listener;
    return { session: session.head(this.#now()), arming: armingFor(probe, { socket, token, folders: options.workspaceFolders }) };
  }

  async pause({ paused }: { paused: boolean }): Promise<SessionHead> {
    const session = this.#recorded();
    if (paused !== (session.state === 'paused')) {
      if (!paused) await this.#server.begin();
      session.pause(paused, this.#now());
      this.#tellProbes();
      await this.#watchServer();
    }
    return this.#tellState();
  }

  /**
   * Ends the recording, when programs have said what they still had to say, and saves it. A session that could not be saved stays as it
   * is, a notice says why, and stopping it again saves it again.
   */
  async stop(): Promise<SessionHead> {
    const session = this.#shown();
    const isDone = !session.isOpen && session.file !== undefined && this.#unsaved === undefined;
    if (session.isOpen) {
      await this.#listener.dismiss();
      this.#programs?.settle();
      session.stop(this.#now());
      await this.#watchServer();
    }
    if (!isDone) await this.#save(session);
    return this.#tellState();
  }

  async rename({ name }: { name: string }): Promise<SessionHead> {
    const session = this.#shown();
    session.rename(name);
    if (session.file !== undefined) await this.#save(session);
    return this.#tellState();
  }

  async clear(): Promise<SessionHead> {
    const session = this.#recorded();
    await this.#server.begin();
    session.clear(this.#now());
    this.#told = 0;
    // What is on disk is another session from now on, which a window could not find again.
    if (session.file !== undefined) await this.#save(session);
    return this.#tellState();
  }

  async list({ folder }: { folder: string }): Promise<SavedSession[]> {
    return listSessions(folder);
  }

  async open({ file, workspaceFolders }: { file: string; workspaceFolders?: string[] }): Promise<SessionHead> {
    if (workspaceFolders) this.#roots = workspaceFolders;
    const snapshot = await readSession(file, this.#roots);
    if (this.isRecording) await this.stop();
    this.#show(Session.open(snapshot, file));
    return this.#session!.head(this.#now());
  }

  async compare({ before, after }: { before: string; after?: string }): Promise<Comparison> {
    const read = async (file: string): Promise<ComparedSession> => ({ file, snapshot: await readSession(file, this.#roots) });
    const shown = (session: Session): ComparedSession => ({ file: session.file ?? '', snapshot: session.snapshot(this.#now(), []) });
    this.#programs?.settle();
    return compareSessions(await read(before), after === undefined ? shown(this.#shown()) : await read(after));
  }

  /** The shown session as a text for a file. */
  async report({ format, comparison }: { format: ReportFormat; comparison?: { before: string } }): Promise<string> {
    const session = this.#shown();
    const compared = comparison && { comparison: await this.compare(comparison) };
    this.#programs?.settle();
    const connections = session.connections && { connections: session.connections };
    return sessionReport(session.snapshot(this.#now(), this.#notices()), { format, roots: this.#roots, targets: this.targets, ...connections, ...compared });
  }

  /** The plan of a statement of the session, or of a text. Runs it only with `analyze`. */
  async explain({ statement, text, values, analyze }: Parameters<ProfilerRequests['explain']>[0]): Promise<PlanReport> {
    const store = this.#session?.store;
    const slow = statement === undefined ? undefined : store?.slowest(statement).find(({ whole }) => whole);
    const wanted = text ?? slow?.text ?? (statement === undefined ? undefined : store?.text(statement));
    if (wanted === undefined) throw new Error('This statement is not in the session any more.');
    const given = text === undefined ? slow?.values : values;
    const plan = await this.#server.explain({ text: wanted, ...(given ? { values: given } : {}), analyze });
    const basis = plan.values ? [`This is for the values of a slow execution that was recorded: ${shortText(valueList(plan.values))}.`] : [];
    const { state } = this.#server;
    return { ...plan, facts: [...basis, ...plan.facts], target: 'target' in state ? state.target : '' };
  }

  /** Asks the server to cancel what a backend runs. */
  async cancel({ pid }: { pid: number }): Promise<boolean> {
    return this.#server.question((source) => source.cancel(pid));
  }

  async setTargets(targets: SessionTargets): Promise<void> {
    this.targets = targets;
    this.#noteChange();
  }

  async detail({ statement, line }: { statement: string; line?: string }): Promise<StatementDetail | null> {
    const detail = this.#session?.store.detail(statement, this.#now(), line);
    return detail ? { ...detail, formatted: formatSql(detail.row.text) } : null;
  }

  async setVisible({ visible }: { visible: boolean }): Promise<void> {
    this.#visible = visible;
    await this.#watchServer();
    if (visible) this.#tellUpdate();
  }

  async refresh(): Promise<void> {
    this.#told = 0;
    this.#changedSinceUpdate = true;
    this.#tellUpdate();
  }

  /** What changed since the last update. */
  update(): SessionUpdate {
    this.#changedSinceUpdate = false;
    const now = this.#now();
    this.#programs?.settle();
    const session = this.#session;
    const store = session?.store;
    store?.tick(now);
    const changes = store?.changes(this.#told, now);
    const full = changes?.full ?? this.#told === 0;
    this.#told = changes?.change ?? 1;
    return {
      full,
      session: session?.head(now) ?? NO_SESSION,
      connection: this.#server.state,
      ageMs: this.#server.ageMs,
      statements: changes?.statements ?? [],
      sparkSlot: changes?.sparkSlot ?? 0,
      totals: store?.totals ?? { statements: 0, calls: 0, errors: 0, totalMs: 0, waitMs: 0 },
      lines: changes?.lines ?? [],
      requests: changes?.requests ?? [],
      repetitions: store?.repetitions().slice(0, LIST_LIMIT) ?? [],
      activity: this.#server.activity?.sessions.slice(0, LIST_LIMIT) ?? [],
      series: changes?.series ?? [],
      programs: store?.programs() ?? [],
      targets: session ? targetResults(session.store.costs(), this.targets, session.connections) : [],
      notices: this.#notices(),
    };
  }

  evidence(): Evidence {
    this.#changedSinceEvidence = false;
    const session = this.#session;
    if (session === undefined) return { lines: [], repetitions: [], tables: this.#tables, texts: {} };
    this.#programs?.settle();
    const { store } = session;
    const lines = store.lines().slice(0, EVIDENCE_LINES);
    const repetitions = store.repetitions().slice(0, LIST_LIMIT);
    const texts: Record<string, string> = {};
    for (const id of [...lines.flatMap(({ statements }) => statements), ...repetitions.map(({ statement }) => statement)]) texts[id] ??= store.text(id) ?? '';
    return { session: session.head(this.#now()).name, lines, repetitions, tables: session.tables, texts };
  }

  /** All that the shown session knows, or undefined when there is none. */
  snapshot(): SessionSnapshot | undefined {
    this.#programs?.settle();
    return this.#session?.snapshot(this.#now(), this.#notices());
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all([this.#listener.close(), this.#server.close(), this.#saving]);
  }

  /** For the end of the process, when nothing can be awaited any more. */
  abandon(): void {
    this.#listener.removeFolder();
  }

  #shown(): Session {
    if (this.#session === undefined) throw new Error('There is no session. Start one first.');
    return this.#session;
  }

  #recorded(): Session {
    const session = this.#shown();
    if (!session.isOpen) throw new Error('The session has ended. Start a new one to record.');
    return session;
  }

  #show(session: Session): void {
    this.#session = session;
    this.#programs = undefined;
    this.#unsaved = undefined;
    this.#savedMs = 0;
    this.#savesAgainAt = 0;
    this.#told = 0;
    this.#tellState();
  }

  /** A crash must not take along what was recorded. */
  async #saveMeanwhile(): Promise<void> {
    const session = this.#session;
    if (!session?.isOpen || performance.now() < this.#savesAgainAt) return;
    this.#programs?.settle();
    const { totalMs } = session.store.totals;
    if (totalMs === this.#savedMs) return;
    this.#savedMs = totalMs;
    const from = performance.now();
    await this.#save(session);
    this.#savesAgainAt = performance.now() + (performance.now() - from) / SAVE_SHARE;
  }

  #save(session: Session): Promise<void> {
    this.#saving = this.#saving.then(() => this.#write(session));
    return this.#saving;
  }

  async #write(session: Session): Promise<void> {
    const { options, file } = session;
    const folder = options?.folder ?? (file === undefined ? undefined : path.dirname(file));
    if (folder === undefined) return;
    try {
      const saved = await saveSession(session.snapshot(this.#now(), this.#notices()), { folder, roots: this.#roots, ...(file === undefined ? {} : { file }) });
      this.#unsaved = undefined;
      if (file !== undefined) return;
      session.file = saved.replaceAll('\\', '/');
      this.#tellState();
    } catch (error) {
      const why = (error as Error).message;
      if (why !== this.#unsaved) this.#log('error', why);
      this.#unsaved = why;
      this.#noteChange();
    }
  }

  async #watchServer(): Promise<void> {
    await this.#server.want({ recording: this.#session?.state === 'recording', visible: this.#visible });
  }

  #noteTarget(): void {
    const { state } = this.#server;
    const session = this.#session;
    if (state.kind !== 'connected' || !session?.isOpen) return;
    session.target = state.target;
    session.server = state.server;
  }

  #tellProbes(): void {
    const { state, options } = this.#recorded();
    // First executions say which lines issue a statement; after that, one of 16 keeps the cost of taking call sites below a microsecond.
    this.#listener.setWanted({ recording: state === 'recording', parameters: options?.parameters ?? false, sampleFirst: 32, sampleEvery: 16 });
  }

  #notices(): SessionUpdate['notices'] {
    const unsaved = this.#unsaved === undefined ? [] : [{ text: this.#unsaved }];
    return [...unsaved, ...(this.#session?.notices() ?? []), ...(this.#programs?.notices() ?? []), ...this.#server.notices];
  }

  /** Readings come often; those who watch the connection are told of its changes alone. */
  #noteServer(): void {
    this.#noteChange();
    const state = JSON.stringify(this.#server.state);
    if (state === this.#toldConnection) return;
    this.#toldConnection = state;
    this.#tellState();
  }

  #noteChange(): void {
    this.#changedSinceUpdate = true;
    this.#changedSinceEvidence = true;
  }

  #tellState(): SessionHead {
    const session = this.#session?.head(this.#now()) ?? NO_SESSION;
    this.#noteChange();
    this.#notify('state', { session, connection: this.#server.state });
    return session;
  }

  #tellUpdate(): void {
    if (this.#visible && (this.#changedSinceUpdate || this.#session?.isOpen)) this.#notify('update', this.update());
  }

  #tellEvidence(): void {
    if (this.#changedSinceEvidence) this.#notify('evidence', this.evidence());
  }

  #log(level: 'info' | 'warn' | 'error', message: string): void {
    this.#notify('log', { level, message });
  }
}
