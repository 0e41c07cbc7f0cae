import * as vscode from 'vscode';
import type { Evidence, ProfilerRequests, SessionHead, ConnectionState, SessionUpdate } from '../../profiler/protocol';
import { RestartPolicy } from '../restart-policy';
import type { ProfilerProcess } from './profiler-process';

/** Holds on to the profiler's process: starts it with the first request, and again after it has crashed. */
export class Profiler {
  readonly #module: string;
  readonly #storage: string;
  readonly #log: vscode.LogOutputChannel;
  readonly #restarts = new RestartPolicy();
  readonly #updated = new vscode.EventEmitter<SessionUpdate>();
  readonly #evidence = new vscode.EventEmitter<Evidence>();
  readonly #state = new vscode.EventEmitter<{ session: SessionHead; connection: ConnectionState }>();
  readonly #crashed = new vscode.EventEmitter<void>();
  #process: Promise<ProfilerProcess> | undefined;
  #pid: number | undefined;
  #visible = false;
  #gone = false;

  readonly onDidUpdate = this.#updated.event;
  readonly onDidGetEvidence = this.#evidence.event;
  readonly onDidChangeState = this.#state.event;
  /** It ended by itself. The next request starts another one, which knows nothing of the former. */
  readonly onDidCrash = this.#crashed.event;

  /** @param storage folder that keeps the probe's copies, which terminals point at */
  constructor(module: string, storage: string, log: vscode.LogOutputChannel) {
    this.#module = module;
    this.#storage = storage;
    this.#log = log;
  }

  /** @throws an `Error` with a sentence for a person */
  async request<K extends keyof ProfilerRequests>(name: K, params: Parameters<ProfilerRequests[K]>[0]): Promise<ReturnType<ProfilerRequests[K]>> {
    if (this.#gone) throw new Error('The window is closing.');
    this.#process ??= this.#start().catch((error: unknown) => {
      this.#process = undefined;
      throw error;
    });
    return (await this.#process).request(name, params);
  }

  /** Asks only a process that is there already: for what has no meaning without one. Failures are left to the log. */
  async tell<K extends keyof ProfilerRequests>(name: K, params: Parameters<ProfilerRequests[K]>[0]): Promise<void> {
    if (this.#process === undefined) return;
    try {
      await (await this.#process).request(name, params);
    } catch (error) {
      this.#log.warn(`The profiler did not answer to “${name}”: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  /** Number of its process, while it runs. */
  get pid(): number | undefined {
    return this.#pid;
  }

  /** Whether somebody looks at the panel. */
  async setVisible(visible: boolean): Promise<void> {
    this.#visible = visible;
    await this.tell('setVisible', { visible });
  }

  async stop(): Promise<void> {
    this.#gone = true;
    const process = await this.#process?.catch(() => undefined);
    this.#process = undefined;
    await process?.stop();
  }

  async #start(): Promise<ProfilerProcess> {
    const { ProfilerProcess } = await import('./profiler-process');
    const process = new ProfilerProcess(this.#module, this.#storage, {
      update: (update) => this.#updated.fire(update),
      evidence: (evidence) => this.#evidence.fire(evidence),
      state: (state) => this.#state.fire(state),
      log: ({ level, message }) => this.#log[level](message),
      crashed: (why) => this.#noteCrash(why),
    });
    this.#pid = process.pid;
    this.#log.info('The profiler was started.');
    if (this.#visible) void process.request('setVisible', { visible: true }).catch(() => undefined);
    return process;
  }

  #noteCrash(why: string): void {
    this.#process = undefined;
    this.#pid = undefined;
    this.#log.error(`The profiler ended unexpectedly. ${why}`);
    this.#crashed.fire();
  }

  /** @returns milliseconds to wait before it is worth while to try again; undefined when it crashes over and over */
  pauseAfterCrash(): number | undefined {
    return this.#restarts.crashed(Date.now());
  }
}
