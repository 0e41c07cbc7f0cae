import { fork, type ChildProcess } from 'node:child_process';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter, type MessageConnection } from 'vscode-jsonrpc/node';
import type { ProfilerNotifications, ProfilerRequests } from '../../profiler/protocol';

/** A process that saves a session needs less; one that hangs is ended. */
const GOODBYE_MS = 3_000;

/** Characters of the process's own complaints that are kept for the log. */
const KEPT_COMPLAINT_CHARACTERS = 4_000;

/** Hears what the process tells by itself. */
export type ProfilerListener = { [K in keyof ProfilerNotifications]: (told: ProfilerNotifications[K]) => void } & {
  /** It ended although nobody asked for that. `why` is for the log. */
  crashed(why: string): void;
};

/** The profiler as a process of its own. Loaded when a person asks for something that needs it. */
export class ProfilerProcess {
  readonly #child: ChildProcess;
  readonly #connection: MessageConnection;
  readonly #exited: Promise<void>;
  #stopping = false;

  /** @param storage folder that keeps the probe's copies, which terminals point at */
  constructor(module: string, storage: string, listener: ProfilerListener) {
    // A profiler must not be watched itself, whatever this window was started with.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'NODE_OPTIONS' && !name.startsWith('ROUNDTRIP_')));
    this.#child = fork(module, [`--storage=${storage}`], { env: { ...env, ELECTRON_RUN_AS_NODE: '1' }, execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#connection = createMessageConnection(new IPCMessageReader(this.#child), new IPCMessageWriter(this.#child));
    this.#connection.onNotification('update', (told: ProfilerNotifications['update']) => listener.update(told));
    this.#connection.onNotification('evidence', (told: ProfilerNotifications['evidence']) => listener.evidence(told));
    this.#connection.onNotification('state', (told: ProfilerNotifications['state']) => listener.state(told));
    this.#connection.onNotification('log', (told: ProfilerNotifications['log']) => listener.log(told));
    // A broken pipe is followed by the end of the process, which is told once.
    this.#connection.onError(() => undefined);
    this.#connection.listen();
    let complaint = '';
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-KEPT_COMPLAINT_CHARACTERS)));
    this.#exited = new Promise((resolve) => {
      const ended = (why: string): void => {
        resolve();
        // Requests that wait for an answer fail now instead of never.
        this.#connection.dispose();
        if (!this.#stopping) listener.crashed(complaint.trim() === '' ? why : `${why}\n${complaint.trim()}`);
        this.#stopping = true;
      };
      this.#child.once('error', (error) => ended(error.message));
      this.#child.once('exit', (code, signal) => ended(signal === null ? `It ended with code ${code}.` : `It was ended by ${signal}.`));
    });
  }

  /** @throws an `Error` with a sentence for a person */
  async request<K extends keyof ProfilerRequests>(name: K, params: Parameters<ProfilerRequests[K]>[0]): Promise<ReturnType<ProfilerRequests[K]>> {
    if (this.#stopping) throw new Error('The profiler is not running.');
    try {
      return await this.#connection.sendRequest(name, params);
    } catch (error) {
      if (this.#stopping || !this.#child.connected) throw new Error('The profiler ended before it could answer. Try again.', { cause: error });
      throw error;
    }
  }

  /** Undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Closing the channel is the sign to save and go. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), GOODBYE_MS);
    await this.#exited;
    clearTimeout(timer);
  }
}
