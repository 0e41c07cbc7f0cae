import type { Notice, ProgramRow, TargetResult } from '../profiler/protocol.js';
import { ConnectionSection } from './connection-section.js';
import type { PanelContext } from './context.js';
import { button, element, setHidden, setText } from './elements.js';
import { KeyedList, type Entry } from './keyed-list.js';
import { formatCount, formatMoment, formatNumberOf } from './number-format.js';
import { SavedSessionsView } from './saved-sessions.js';
import type { SessionStore } from './session-store.js';
import type { Choices } from './start-view.js';
import { stepList } from './steps.js';

/** The session itself: what can be done with it, its targets, the programs that it watched, the database, and other sessions. */
export class SessionTab {
  readonly root: HTMLElement;
  readonly #context: PanelContext;
  readonly #clear: HTMLElement;
  readonly #about = element('p', { class: 'note' });
  readonly #noticeSection = element('section', { 'aria-label': 'Notices' });
  readonly #targetList = element('ul', { class: 'targets' });
  readonly #targets = new KeyedList<TargetResult>(this.#targetList, ({ name }) => name, targetEntry);
  readonly #targetSection = element('section', { 'aria-label': 'Targets' }, element('h2', {}, 'Targets'), this.#targetList);
  readonly #programList = element('ul', { class: 'plain' });
  readonly #programs = new KeyedList<ProgramRow>(this.#programList, ({ pid, startedAt }) => `${pid} ${startedAt}`, programEntry);
  readonly #noProgram: HTMLElement;
  readonly #connection: ConnectionSection;
  readonly #saved: SavedSessionsView;
  #notices = '[]';

  constructor(context: PanelContext) {
    this.#context = context;
    const { send } = context;
    this.#connection = new ConnectionSection(context);
    this.#saved = new SavedSessionsView(context, true);
    this.#clear = button('Clear', () => send({ type: 'clear' }), 'secondary');
    this.#clear.title = 'Forget what was recorded so far, and go on';
    this.#noProgram = element(
      'div',
      { class: 'no-program' },
      element('p', {}, 'No program was watched yet. Programs that were running before the session are not watched: start them anew in a new terminal, launch or task.'),
      button('Open a watched terminal', () => send({ type: 'newTerminal' }), 'secondary'),
    );
    this.root = element(
      'div',
      { class: 'session-tab' },
      element(
        'section',
        { 'aria-label': 'This session' },
        this.#about,
        element(
          'div',
          { class: 'actions' },
          button('Rename…', () => send({ type: 'rename' }), 'secondary'),
          button('Export…', () => send({ type: 'export' }), 'secondary'),
          button('Compare…', () => send({ type: 'compare' }), 'secondary'),
          button('Open…', () => send({ type: 'openSession' }), 'secondary'),
          this.#clear,
        ),
      ),
      this.#noticeSection,
      this.#targetSection,
      element('section', { 'aria-label': 'Programs' }, element('h2', {}, 'Programs'), this.#programList, this.#noProgram),
      this.#connection.root,
      this.#saved.root,
    );
  }

  show(store: SessionStore, { found, restricted, sessions }: Choices): void {
    const { session } = store;
    const live = session.state === 'recording' || session.state === 'paused';
    setText(this.#about, `Started ${formatMoment(session.startedAt)}. ${live ? 'It is saved as it goes, and when it is stopped.' : session.file === undefined ? 'It is not saved.' : `Saved in ${session.file}`}`);
    setHidden(this.#clear, !live);
    this.#showNotices(store.notices);
    setHidden(this.#targetSection, store.targets.length === 0);
    this.#targets.show(store.targets);
    this.#programs.show(store.programs);
    setHidden(this.#noProgram, store.programs.length > 0 || !live);
    this.#connection.show(store.connection, found, restricted);
    this.#saved.show(sessions, session.file);
  }

  #showNotices(notices: readonly Notice[]): void {
    const key = JSON.stringify(notices);
    if (key === this.#notices) return;
    this.#notices = key;
    this.#noticeSection.replaceChildren(...(notices.length === 0 ? [] : [element('h2', {}, 'Not everything is visible'), stepList(notices, this.#context)]));
  }
}

function targetEntry(): Entry<TargetResult> {
  const mark = element('span', { class: 'target-mark' });
  const target = element('strong');
  const result = element('p', { class: 'note' });
  const root = element('li', {}, mark, element('div', {}, target, result));
  return {
    root,
    show: (row) => {
      root.className = row.met === undefined ? 'unknown' : row.met ? 'met' : 'missed';
      setText(mark, row.met === undefined ? 'Not known' : row.met ? 'Met' : 'Missed');
      setText(target, row.target);
      setText(result, row.result);
    },
  };
}

function programEntry(): Entry<ProgramRow> {
  const command = element('code');
  const facts = element('p', { class: 'note' });
  const dropped = element('p', { class: 'warning-text' });
  return {
    root: element('li', {}, command, facts, dropped),
    show: (program) => {
      setText(command, program.command);
      const parts = [
        `process ${program.pid}${program.endedAt === undefined ? '' : ', ended'}`,
        `Node ${program.node.replace(/^v/, '')}`,
        program.libraries.join(', '),
        formatNumberOf(program.queries, 'query', 'queries'),
        `watching costs ${formatMicroseconds(program.overheadUs)} a query`,
      ];
      setText(facts, parts.filter((part) => part !== '').join(' · '));
      setHidden(dropped, program.dropped === 0);
      setText(dropped, `${formatNumberOf(program.dropped, 'query', 'queries')} came too fast and ${program.dropped === 1 ? 'is' : 'are'} missing from the figures (${formatCount(program.queries)} are in).`);
    },
  };
}

function formatMicroseconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)}\u00a0µs`;
}
