import { setImmediate as idle } from 'node:timers/promises';
import type { Evidence } from '../profiler/protocol';
import { ProjectTooLargeError, type PlacedFinding, type Progress, type Workspace, type WorkspaceOptions } from '../workspace';
import type { ServerSettings } from './configuration';
import { explains, seenFindings, withEvidence } from './evidence';
import { uriOf } from './locations';
import type { ServerStatus } from './protocol';
import type { Publication } from './publication';
import { SeenPlaces } from './seen-places';

/** A document that is open in the editor. */
export interface OpenDocument {
  readonly uri: string;
  readonly version: number;
  getText(): string;
}

export interface CheckerHost {
  openWorkspace(options: WorkspaceOptions): Promise<Workspace>;
  publication: Publication;
  /** The open document of a file, with its newest text. */
  document(file: string): OpenDocument | undefined;
  openFiles(): string[];
  status(status: ServerStatus): void;
  /** Shows progress that the user can cancel; `end` is called exactly once. */
  progress(cancel: () => void): { report(progress: Progress): void; end(): void };
  log: NonNullable<WorkspaceOptions['log']>;
}

/** What the workspace has found last in a file, with the version of the open document. */
interface Reported {
  version: number | undefined;
  findings: PlacedFinding[];
}

/** Findings together with the text that they are about. */
export interface CheckedDocument {
  version: number;
  text: string;
  findings: PlacedFinding[];
}

/**
 * Keeps what the editor shows in step with the workspace. What is typed comes first: it is checked after a pause, newest
 * text only. Everything else (files that are affected, the index) waits in a queue that is worked off in idle slices of
 * one file.
 */
export class Checker {
  #workspace: Workspace | undefined;
  /** Version of each open document that the workspace knows. */
  readonly #known = new Map<string, number>();
  readonly #pauses = new Map<string, NodeJS.Timeout>();
  readonly #queue = new Set<string>();
  #draining: Promise<void> | undefined;
  #indexing: AbortController | undefined;
  #turn: Promise<void> = Promise.resolve();
  #roots: readonly string[] = [];
  readonly #seen = new SeenPlaces();
  /** What is still to be taken in. */
  #evidence: Evidence | undefined;
  #takingIn: Promise<void> = Promise.resolve();
  #tables: Evidence['tables'] = [];
  /** Of files with findings, and of those where something was seen. */
  readonly #reported = new Map<string, Reported>();
  #stage: 'idle' | 'indexing' | 'stopped' | 'ready' | 'failed' = 'idle';
  #said = new Set<string>();

  constructor(
    private readonly host: CheckerHost,
    private settings: ServerSettings,
  ) {}

  /** Opens these folders, or looks at the same ones anew, and checks all their files. Resolves when everything is published. */
  async open(roots: readonly string[] = this.#roots, settings: ServerSettings = this.settings): Promise<void> {
    this.settings = settings;
    this.#indexing?.abort();
    const indexing = new AbortController();
    this.#indexing = indexing;
    await this.#inTurn(async () => {
      if (!indexing.signal.aborted) await this.#openAndIndex(roots, indexing);
    });
  }

  set delay(milliseconds: number) {
    this.settings = { ...this.settings, delay: milliseconds };
  }

  /** A document was opened: there is nothing to wait for. */
  async opened(file: string): Promise<void> {
    await this.#check(file);
  }

  /** A document was typed in: it is checked when the typing pauses. */
  edited(file: string): void {
    if (this.#known.has(file) && this.#known.get(file) === this.host.document(file)?.version) return;
    clearTimeout(this.#pauses.get(file));
    this.#pauses.set(file, setTimeout(() => void this.#check(file), this.settings.delay));
  }

  async closed(file: string): Promise<void> {
    clearTimeout(this.#pauses.get(file));
    this.#pauses.delete(file);
    this.#known.delete(file);
    const affected = (await this.#workspace?.closeBuffer(file)) ?? [];
    this.#enqueue([file, ...affected]);
  }

  /** Files or folders were made, changed or deleted on disk. */
  async changedOnDisk(paths: readonly string[]): Promise<void> {
    await this.#inTurn(async () => {
      if (!this.#workspace) return;
      this.#enqueue(await this.#workspace.filesChanged([...paths]));
      this.#enqueueGone();
      await this.#drain();
    });
  }

  /** A session has seen more, or is gone: what it saw stands beside the findings, or is one of its own. */
  async evidence(evidence: Evidence): Promise<void> {
    this.#evidence = evidence;
    const turn = this.#turn;
    this.#takingIn = Promise.all([turn, this.#takingIn.catch(() => {})]).then(() => this.#takeIn());
    await this.#takingIn;
  }

  /** Only the newest counts: each is complete. */
  async #takeIn(): Promise<void> {
    const [workspace, evidence] = [this.#workspace, this.#evidence];
    if (!workspace || !evidence) return;
    this.#evidence = undefined;
    this.#tables = evidence.tables;
    this.#enqueue(workspace.setTableSizes(evidence.tables));
    const changed = await this.#seen.replace(evidence, workspace);
    for (const file of this.#filesAbout(new Set(changed))) this.#show(file);
    if (this.#stage !== 'indexing') this.#tell();
  }

  /** Findings of an open document's newest text, for actions on it. Undefined when it is not open. */
  async checked(file: string): Promise<CheckedDocument | undefined> {
    const workspace = this.#workspace;
    if (!workspace) return undefined;
    // Other documents that are typed in may change this one's findings, and may be edited by its fixes.
    for (const pending of [...this.#pauses.keys()]) this.#take(pending);
    this.#take(file);
    const document = this.host.document(file);
    if (!document) return undefined;
    const { version } = document;
    const text = document.getText();
    const { findings } = await workspace.report(file);
    return this.host.document(file)?.version === version ? { version, text, findings } : undefined;
  }

  async text(file: string): Promise<string | undefined> {
    return this.#workspace?.text(file);
  }

  async dispose(): Promise<void> {
    this.#indexing?.abort();
    for (const pause of this.#pauses.values()) clearTimeout(pause);
    this.#pauses.clear();
    this.#queue.clear();
    await this.#turn;
    await this.#workspace?.dispose();
  }

  /** Work on the whole workspace is done one after another. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(work).catch((error: unknown) => this.#fail(error));
    return this.#turn;
  }

  async #openAndIndex(roots: readonly string[], indexing: AbortController): Promise<void> {
    const { signal } = indexing;
    const { host } = this;
    const { overrides } = this.settings;
    this.#said.clear();
    let workspace = this.#workspace;
    if (workspace && JSON.stringify(roots) === JSON.stringify(this.#roots)) await workspace.configure(overrides);
    else {
      const before = workspace;
      workspace = await host.openWorkspace({ roots: [...roots], overrides, log: (level, message) => this.#say(level, message) });
      this.#workspace = workspace;
      this.#roots = roots;
      this.#known.clear();
      workspace.setTableSizes(this.#tables);
      await before?.dispose();
    }
    this.#stage = roots.length ? 'indexing' : 'idle';
    // What is looked at does not wait for the index.
    for (const file of host.openFiles()) this.#take(file);
    this.#enqueue(host.openFiles());
    if (roots.length) {
      let cancelled = false;
      const progress = host.progress(() => {
        cancelled = true;
        indexing.abort();
      });
      host.status({ state: 'indexing', done: 0, total: 0 });
      try {
        await workspace.index((at) => {
          progress.report(at);
          if (!signal.aborted) host.status({ state: 'indexing', ...at });
        }, signal);
        signal.throwIfAborted();
        this.#stage = 'ready';
      } catch (error) {
        if (!signal.aborted) throw error;
        if (!cancelled) return;
        this.#stage = 'stopped';
      } finally {
        progress.end();
      }
    }
    if (this.#stage !== 'stopped') {
      this.#enqueue(workspace.files());
      this.#enqueueGone();
    }
    this.#enqueue(host.openFiles());
    await this.#drain();
  }

  #fail(error: unknown): void {
    this.#stage = 'failed';
    const message = error instanceof Error ? error.message : String(error);
    this.host.log('error', `The workspace could not be checked: ${error instanceof Error ? (error.stack ?? message) : message}`);
    this.host.status({ state: 'error', message });
    if (error instanceof ProjectTooLargeError) this.#letGo();
  }

  /** Goes on without a workspace: its memory is free for the next one, which other settings may make smaller. */
  #letGo(): void {
    const workspace = this.#workspace;
    this.#workspace = undefined;
    this.#roots = [];
    this.#queue.clear();
    void workspace?.dispose();
  }

  /** Hands the newest text to the workspace, and puts what it affects on the queue. */
  #take(file: string): void {
    clearTimeout(this.#pauses.get(file));
    this.#pauses.delete(file);
    const document = this.host.document(file);
    if (!document || !this.#workspace || this.#known.get(file) === document.version) return;
    this.#known.set(file, document.version);
    try {
      this.#enqueue([file, ...this.#workspace.setBuffer(file, document.getText())]);
    } catch (error) {
      this.#say('error', `${file}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }

  async #check(file: string): Promise<void> {
    this.#take(file);
    this.#queue.delete(file);
    await this.#publish(file);
    void this.#drain();
  }

  #enqueue(files: readonly string[]): void {
    for (const file of files) this.#queue.add(file);
    void this.#drain();
  }

  /** Files that show findings and are no longer checked: an empty report clears them. */
  #enqueueGone(): void {
    const there = new Set(this.#workspace?.files());
    this.#enqueue(this.host.publication.files().filter((file) => !there.has(file)));
  }

  #drain(): Promise<void> {
    this.#draining ??= this.#workOff();
    return this.#draining;
  }

  async #workOff(): Promise<void> {
    do {
      await idle();
      const file = this.#next();
      if (file === undefined) continue;
      try {
        this.#workspace?.ensureRoom();
        await this.#publish(file);
      } catch (error) {
        this.#fail(error);
      }
    } while (this.#queue.size);
    this.#draining = undefined;
    this.#tell();
  }

  /** Open documents first: somebody looks at them. */
  #next(): string | undefined {
    const next = this.host.openFiles().find((file) => this.#queue.has(file)) ?? this.#queue.values().next().value;
    if (next !== undefined) this.#queue.delete(next);
    return next;
  }

  /** Publishes the findings of a file, unless its text has moved on: then newer ones are under way. */
  async #publish(file: string): Promise<void> {
    const workspace = this.#workspace;
    if (!workspace) return;
    const document = this.host.document(file);
    const version = document?.version;
    if (document && this.#known.get(file) !== version) return;
    try {
      const { findings } = await workspace.report(file);
      if (workspace !== this.#workspace || this.host.document(file)?.version !== version) return;
      if (this.#seen.has(file)) {
        const text = document?.getText() ?? (await workspace.text(file));
        if (this.host.document(file)?.version !== version) return;
        const moved = this.#seen.place(file, text);
        if (moved) this.#enqueue([...this.#filesAbout(new Set([file]))].filter((other) => other !== file));
      }
      const elsewhere = new Set([...relatedFiles(this.#reported.get(file)?.findings ?? []), ...relatedFiles(findings)]);
      if (findings.length || this.#seen.has(file)) this.#reported.set(file, { version, findings });
      else this.#reported.delete(file);
      this.#show(file, version);
      // A query that repeats is explained by findings of other files, too.
      for (const other of elsewhere) if (other !== file && this.#seen.has(other)) this.#show(other);
    } catch (error) {
      this.#say('error', `${file}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }

  /** Shows what is known of a file together with what was seen of it, unless its text has moved on. */
  #show(file: string, version = this.host.document(file)?.version): void {
    const reported = this.#reported.get(file);
    if (reported && reported.version !== version) return;
    if (!reported?.findings.length && !this.#seen.has(file)) this.#reported.delete(file);
    const findings = withEvidence(reported?.findings ?? [], this.#seen);
    const isExplained = (line: number): boolean => [...this.#reported.values()].some((other) => other.findings.some((finding) => explains(finding, file, line)));
    const seen = seenFindings(file, this.#seen, (rule, line) => this.#workspace?.shows(file, rule, line) === true, isExplained);
    this.host.publication.show(this.host.document(file)?.uri ?? uriOf(file), version, [...findings, ...seen]);
  }

  /** These files, and those with findings that lead to them. */
  #filesAbout(files: ReadonlySet<string>): Set<string> {
    const about = new Set(files);
    for (const [file, { findings }] of this.#reported) if (relatedFiles(findings).some((related) => files.has(related))) about.add(file);
    return about;
  }

  /** Tells the editor how things stand, once nothing is left to do. */
  #tell(): void {
    const findings = this.host.publication.counts();
    if (this.#stage === 'ready') {
      this.host.status({ state: 'ready', files: this.#workspace?.files().length ?? 0, findings, problems: this.#workspace?.problems().length ?? 0, configurationErrors: this.#workspace?.configurationErrors() ?? [] });
    } else if (this.#stage === 'stopped') this.host.status({ state: 'stopped', findings });
    else if (this.#stage === 'idle') this.host.status({ state: 'idle' });
  }

  /** Logs each message once, however often the typing brings it up. */
  #say(level: Parameters<CheckerHost['log']>[0], message: string): void {
    if (this.#said.has(message)) return;
    this.#said.add(message);
    this.host.log(level, message);
  }
}

function relatedFiles(findings: readonly PlacedFinding[]): string[] {
  return findings.flatMap(({ related }) => related.map(({ file }) => file));
}
