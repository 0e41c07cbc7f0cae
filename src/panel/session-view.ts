import type { ConnectionState, SessionHead } from '../profiler/protocol.js';
import { ActivityView, troubled } from './activity-view.js';
import type { PanelContext } from './context.js';
import { DetailView, type DetailAnswer, type Opened } from './detail-view.js';
import { button, drawIcon, element, iconButton, link, setAttribute, setHidden, setIcon, setText } from './elements.js';
import { formatClock, formatElapsed, formatMoment, formatNumberOf } from './number-format.js';
import { QueriesView } from './queries-view.js';
import type { SessionStore } from './session-store.js';
import { SessionTab } from './session-tab.js';
import type { PanelSettings, Tab } from './settings.js';
import type { Choices } from './start-view.js';
import { Tabs } from './tabs.js';

/** Three times the interval at which the server is asked: one late answer is no news. */
const STALE_MS = 6_000;

const STATES = { none: '', recording: 'Recording', paused: 'Paused', stopped: 'Stopped' } as const;

/** A session: recording, paused, stopped or opened again. */
export class SessionView {
  readonly root: HTMLElement;
  readonly #context: PanelContext;
  readonly #store: SessionStore;
  readonly #settings: PanelSettings;
  readonly #save: () => void;
  readonly #name = element('h1');
  readonly #state = element('span', { class: 'state' });
  readonly #target = element('span', { class: 'database' });
  readonly #connect: HTMLButtonElement;
  readonly #pause: HTMLButtonElement;
  readonly #stop: HTMLButtonElement;
  readonly #terminal: HTMLButtonElement;
  readonly #record: HTMLElement;
  readonly #banner = element('div', { class: 'banner' });
  readonly #bannerText = element('span');
  readonly #bannerLog: HTMLButtonElement;
  readonly #waiting: HTMLElement;
  readonly #waitingTitle = element('h2');
  readonly #waitingPrograms = element('p', { class: 'note' });
  readonly #scroller = element('div', { class: 'scroller' });
  readonly #queriesPanel = element('div');
  readonly #tabs: Tabs<Tab>;
  readonly #queries: QueriesView;
  readonly #activity: ActivityView;
  readonly #sessionTab: SessionTab;
  readonly #detail: DetailView;
  /** The statement whose details the extension was asked for. */
  #selected: string | null = null;
  #choices: Choices = { found: [], restricted: false, sessions: [] };
  #answer: DetailAnswer | undefined;

  constructor(context: PanelContext, store: SessionStore, settings: PanelSettings, save: () => void) {
    this.#context = context;
    this.#store = store;
    this.#settings = settings;
    this.#save = save;
    const { send } = context;
    this.#connect = link('Connect a database…', () => this.#selectTab('session'));
    this.#pause = iconButton('pause', 'Pause', () => send({ type: 'pause', paused: store.session.state === 'recording' }));
    this.#stop = iconButton('stop', 'Stop and save', () => send({ type: 'stop' }));
    this.#terminal = iconButton('terminal', 'Open a watched terminal', () => send({ type: 'newTerminal' }));
    this.#record = button('Record', () => send({ type: 'record' }));
    this.#record.title = 'Record a new session';
    this.#bannerLog = link('Show log', () => send({ type: 'showLog' }));
    this.#banner.append(drawIcon('warning'), element('div', {}, this.#bannerText, ' ', this.#bannerLog));
    this.#queries = new QueriesView(context, store, settings, this.#scroller, { onOpen: (opened) => this.#open(opened), onSettings: save });
    this.#activity = new ActivityView(context);
    this.#sessionTab = new SessionTab(context);
    this.#detail = new DetailView(context, { onClose: () => this.#close(), onOpen: (opened) => this.#open(opened) });
    this.#waiting = this.#makeWaiting();
    this.#queriesPanel.append(this.#waiting, this.#queries.root);
    const activityPanel = element('div', {}, this.#activity.root);
    const sessionPanel = element('div', {}, this.#sessionTab.root);
    this.#scroller.append(this.#queriesPanel, activityPanel, sessionPanel);
    this.#tabs = new Tabs<Tab>(
      'Session',
      [
        { id: 'queries', title: 'Queries', panel: this.#queriesPanel },
        { id: 'activity', title: 'Activity', panel: activityPanel },
        { id: 'session', title: 'Session', panel: sessionPanel },
      ],
      (tab) => this.#selectTab(tab),
    );
    this.root = element(
      'section',
      { class: 'session', 'aria-label': 'Session' },
      element(
        'header',
        { class: 'bar' },
        element('span', { class: 'light', 'aria-hidden': 'true' }),
        element('div', { class: 'titles' }, this.#name, element('p', { class: 'note' }, this.#state, this.#target, this.#connect)),
        element('div', { class: 'tools', role: 'toolbar', 'aria-label': 'Recording' }, this.#terminal, this.#pause, this.#stop, this.#record),
      ),
      this.#banner,
      this.#tabs.list,
      element('div', { class: 'columns' }, this.#scroller, this.#detail.root),
    );
    this.#tabs.show(settings.tab);
  }

  show(choices: Choices, answer: DetailAnswer | undefined): void {
    this.#choices = choices;
    this.#answer = answer;
    const { session, connection, activity, empty } = this.#store;
    this.#showHead(session, connection);
    this.#showBanner();
    const live = session.state === 'recording' || session.state === 'paused';
    setHidden(this.#waiting, !empty);
    setHidden(this.#queries.root, empty);
    if (empty) this.#showWaiting(live);
    else if (this.#settings.tab === 'queries') this.#queries.show();
    const trouble = troubled(activity).length;
    this.#tabs.setBadge('activity', trouble, `${trouble} blocked or running for long`);
    const missed = this.#store.targets.filter(({ met }) => met === false).length + this.#store.notices.length;
    this.#tabs.setBadge('session', missed, `${missed} missed targets and notices`);
    if (this.#settings.tab === 'activity') this.#activity.show(activity, connection.kind === 'connected');
    if (this.#settings.tab === 'session') this.#sessionTab.show(this.#store, choices);
    this.#showDetail(answer);
  }

  /** Brings the row of the statement that is open into sight, and gives its details the focus. */
  reveal(statement: string): void {
    this.#tabs.show(this.#settings.tab);
    this.#save();
    this.#queries.focusRow(statement);
    this.#detail.focus();
  }

  #showHead(session: SessionHead, connection: ConnectionState): void {
    const { state } = session;
    const live = state === 'recording' || state === 'paused';
    setAttribute(this.root, 'data-state', state);
    setText(this.#name, session.name);
    const reopened = state === 'stopped' && session.file !== undefined;
    setText(this.#state, `${reopened ? `Saved session of ${formatMoment(session.startedAt)}` : STATES[state]} · ${formatElapsed(session.recordedMs)}`);
    const target = connection.kind === 'connected' || connection.kind === 'connecting' ? connection.target : live ? undefined : session.target;
    setText(this.#target, target === undefined ? '' : ` · ${target}`);
    setHidden(this.#connect, !live || connection.kind !== 'none');
    setHidden(this.#pause, !live);
    setHidden(this.#stop, !live);
    setHidden(this.#terminal, !live);
    setHidden(this.#record, live);
    setIcon(this.#pause, state === 'paused' ? 'resume' : 'pause', state === 'paused' ? 'Go on recording' : 'Pause');
  }

  #showBanner(): void {
    const { connection, session, ageMs, silentSince } = this.#store;
    const recording = session.state === 'recording';
    let text = '';
    if (recording && silentSince !== undefined) text = `These figures are old: the profiler has not been heard since ${formatClock(silentSince)}.`;
    else if (connection.kind === 'connected' && connection.lost !== undefined) text = `${connection.lost} It is tried again until it works; nothing recorded is lost.`;
    else if (connection.kind === 'failed') text = `${connection.title} The Session tab says what to do.`;
    else if (recording && ageMs > STALE_MS) text = `These figures are ${formatElapsed(ageMs)} old: no source has answered since.`;
    setHidden(this.#banner, text === '');
    setAttribute(this.root, 'class', text !== '' && recording ? 'session stale' : 'session');
    if (this.#bannerText.textContent !== text && text !== '' && !/^These figures are \d/.test(text)) this.#context.announce(text);
    setText(this.#bannerText, text);
  }

  #makeWaiting(): HTMLElement {
    const { send } = this.#context;
    return element(
      'div',
      { class: 'hero waiting' },
      this.#waitingTitle,
      this.#waitingPrograms,
      element(
        'ol',
        {},
        element('li', {}, 'Start your program: in a new terminal, with a launch configuration, or as a task.'),
        element('li', {}, 'Use it as always: open its pages, call its interface, run its tests.'),
        element('li', {}, 'A program that is running already is not watched. Stop it and start it anew.'),
      ),
      button('Open a watched terminal', () => send({ type: 'newTerminal' })),
    );
  }

  #showWaiting(live: boolean): void {
    const { programs, session } = this.#store;
    const watched = programs.filter(({ endedAt }) => endedAt === undefined).length;
    setText(this.#waitingTitle, !live ? 'Nothing was recorded in this session.' : session.state === 'paused' ? 'Paused. Nothing was recorded yet.' : 'Waiting for the first query…');
    setText(this.#waitingPrograms, watched === 0 ? 'No program is watched yet.' : `${formatNumberOf(watched, 'program')} ${watched === 1 ? 'is' : 'are'} watched and ran no query yet.`);
  }

  #showDetail(answer: DetailAnswer | undefined): void {
    const { opened } = this.#settings;
    setAttribute(this.root, 'data-opened', opened === undefined ? undefined : opened.grouping);
    setHidden(this.#detail.root, opened === undefined);
    const wanted = opened?.grouping === 'statements' ? opened.key : null;
    if (wanted !== this.#selected) {
      this.#selected = wanted;
      this.#context.send({ type: 'select', statement: wanted });
    }
    if (opened !== undefined) this.#detail.show(opened, this.#store, answer?.statement === wanted ? answer : undefined);
  }

  #selectTab(tab: Tab): void {
    this.#settings.tab = tab;
    this.#tabs.show(tab);
    this.#scroller.scrollTop = 0;
    this.#save();
    this.show(this.#choices, this.#answer);
  }

  #open(opened: Opened): void {
    this.#settings.opened = opened;
    this.#save();
    this.show(this.#choices, this.#answer);
    this.#detail.focus();
  }

  #close(): void {
    const { opened } = this.#settings;
    if (opened === undefined) return;
    this.#settings.opened = undefined;
    this.#save();
    this.show(this.#choices, this.#answer);
    if (this.#settings.tab === 'queries') this.#queries.focusRow(opened.key);
  }
}
