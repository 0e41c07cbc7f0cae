import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import { UPDATE_INTERVAL_MS, type Comparison, type SessionUpdate } from '../profiler/protocol.js';
import { comparisonView } from './comparison-view.js';
import type { PanelContext } from './context.js';
import type { DetailAnswer } from './detail-view.js';
import { drawIcon, element, iconButton, setText } from './elements.js';
import { readMessageToPanel, type MessageFromPanel, type MessageToPanel } from './messages.js';
import { setFolders } from './places.js';
import { describeRepetitions } from './repetitions-view.js';
import { SessionStore } from './session-store.js';
import { SessionView } from './session-view.js';
import { readSettings } from './settings.js';
import { StartView, type Choices } from './start-view.js';
import './panel.css';

interface VsCodeApi {
  postMessage(message: MessageFromPanel): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** While something is scrolled, it says so with each frame; a smooth wheel pauses for some 100 ms. */
const AT_REST_MS = 150;

/** Six times the interval at which the profiler speaks while it records. */
const SILENT_MS = 6 * UPDATE_INTERVAL_MS;

/** The page: keeps what the extension said, and shows the view that fits, at most once per frame. */
class Panel {
  readonly #vscode = acquireVsCodeApi();
  readonly #settings = readSettings(this.#vscode.getState());
  readonly #store = new SessionStore();
  // The focus rests here when the control that had it is gone.
  readonly #main = element('main', { tabindex: '-1' });
  readonly #problem = element('div', { class: 'problem-place' });
  readonly #status = element('p', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite' });
  readonly #context: PanelContext = {
    send: (message) => {
      if (!this.#ask(message)) return;
      this.#vscode.postMessage(message);
      if (message.type === 'copy') this.#context.announce('Copied');
    },
    announce: (text) => setText(this.#status, text),
  };
  #choices: Choices = { found: [], restricted: false, sessions: [] };
  #answer: DetailAnswer | undefined;
  #comparison: { data: Comparison; root: HTMLElement } | undefined;
  #start: StartView | undefined;
  #session: SessionView | undefined;
  /** A statement that somebody asked for in the code, until it is shown. */
  #revealed: string | undefined;
  /** What was asked for and is not answered yet, with its type. */
  readonly #asked = new Map<string, string>();
  #silence: ReturnType<typeof setTimeout> | undefined;
  #drawing = false;
  #awaitsRest = false;
  /** When something was scrolled last, on the clock of `performance.now`. */
  #scrolledAt = -Infinity;

  run(): void {
    document.body.append(this.#problem, this.#main, this.#status);
    document.addEventListener('scroll', () => (this.#scrolledAt = performance.now()), { capture: true, passive: true });
    window.addEventListener('message', (event: MessageEvent<unknown>) => {
      const message = readMessageToPanel(event.data);
      if (message === undefined) return;
      this.#receive(message);
      if (message.type === 'update') this.#drawAtRest();
      else this.#drawSoon();
    });
    this.#context.send({ type: 'ready' });
  }

  #receive(message: MessageToPanel): void {
    switch (message.type) {
      case 'start':
        setFolders(message.folders ?? []);
        this.#choices = message;
        break;
      case 'update':
        this.#update(message.update);
        break;
      case 'detail':
        this.#answer = message;
        break;
      case 'reveal':
        this.#settings.tab = 'queries';
        this.#settings.opened = { grouping: 'statements', key: message.statement };
        this.#settings.grouping = 'statements';
        this.#comparison = undefined;
        this.#revealed = message.statement;
        break;
      case 'comparison':
        this.#comparison = message.comparison === null ? undefined : { data: message.comparison, root: comparisonView(message.comparison, this.#context) };
        if (message.comparison !== null) this.#context.announce(message.comparison.summary.join(' '));
        break;
      case 'answered':
        for (const [asked, type] of this.#asked) if (type === message.to) this.#asked.delete(asked);
        break;
      case 'problem':
        this.#showProblem(message.title, message.detail);
        break;
    }
  }

  /** @returns whether it is to be sent: a second press before the answer asks for nothing more */
  #ask(message: MessageFromPanel): boolean {
    // These are no questions, and the latest counts.
    if (message.type === 'ready' || message.type === 'select') return true;
    const asked = JSON.stringify(message);
    if (this.#asked.has(asked)) return false;
    this.#asked.set(asked, message.type);
    return true;
  }

  #update(update: SessionUpdate): void {
    const before = { state: this.#store.session.state, id: this.#store.session.id, connection: this.#store.connection.kind, repetitions: this.#store.repetitions.length };
    this.#store.apply(update);
    this.#awaitNext();
    const { session, connection, repetitions } = this.#store;
    if (session.id !== before.id) this.#answer = undefined;
    // A page that is made anew goes on where it was, which may be that of another window of this folder: another session has other statements.
    if (session.state !== 'none' && session.id !== this.#settings.session) {
      this.#settings.session = session.id;
      this.#settings.opened = undefined;
    }
    const news: string[] = [];
    if (session.state !== before.state) news.push({ none: 'No session', recording: 'Recording', paused: 'Paused', stopped: 'Stopped' }[session.state]);
    if (connection.kind !== before.connection) {
      if (connection.kind === 'connected') news.push(`Connected to ${connection.target}`);
      else if (connection.kind === 'connecting') news.push(`Connecting to ${connection.target}`);
      else if (connection.kind === 'failed') news.push(connection.title);
      else news.push('Not connected');
    }
    if (session.id === before.id && repetitions.length > before.repetitions) news.push(`${describeRepetitions(repetitions)} seen`);
    if (news.length > 0) this.#context.announce(news.join('. '));
  }

  /** A profiler that hangs says nothing, not even that it hangs. */
  #awaitNext(): void {
    const heardAt = Date.now();
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.#store.silentSince = heardAt;
      this.#drawSoon();
    }, SILENT_MS);
  }

  /** Numbers stand still while they are scrolled: nobody could read them, and frames would be dropped for them. */
  #drawAtRest(): void {
    if (this.#awaitsRest) return;
    const rest = this.#scrolledAt + AT_REST_MS - performance.now();
    if (rest <= 0) {
      this.#drawSoon();
      return;
    }
    this.#awaitsRest = true;
    setTimeout(() => {
      this.#awaitsRest = false;
      this.#drawAtRest();
    }, rest);
  }

  #drawSoon(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.#draw();
    });
  }

  #draw(): void {
    const hadFocus = this.#main.contains(document.activeElement);
    if (this.#comparison !== undefined) this.#place(this.#comparison.root);
    else if (this.#store.session.state === 'none') {
      this.#start ??= new StartView(this.#context);
      this.#place(this.#start.root);
      this.#start.show(this.#store.connection, this.#store.notices, this.#choices);
    } else {
      this.#session ??= new SessionView(this.#context, this.#store, this.#settings, () => this.#vscode.setState(this.#settings));
      this.#place(this.#session.root);
      this.#session.show(this.#choices, this.#answer);
      if (this.#revealed !== undefined) this.#session.reveal(this.#revealed);
      this.#revealed = undefined;
    }
    if (hadFocus && !this.#main.contains(document.activeElement)) this.#main.focus();
  }

  #place(root: HTMLElement): void {
    if (root.parentNode !== this.#main) this.#main.replaceChildren(root);
  }

  #showProblem(title: string, detail: string): void {
    const close = iconButton('close', 'Dismiss', () => {
      this.#problem.replaceChildren();
      this.#main.focus();
    });
    this.#problem.replaceChildren(
      element('div', { class: 'banner problem', role: 'alert' }, drawIcon('warning'), element('div', {}, element('strong', {}, title), detail === '' ? undefined : element('p', {}, detail)), close),
    );
  }
}

new Panel().run();
