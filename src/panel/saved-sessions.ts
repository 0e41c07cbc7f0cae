import type { SavedSession } from '../profiler/protocol.js';
import type { PanelContext } from './context.js';
import { element, link, setAttribute, setHidden, setText } from './elements.js';
import { KeyedList, type Entry } from './keyed-list.js';
import { formatElapsed, formatMoment, formatNumberOf } from './number-format.js';

/** Sessions that were saved, to open or to compare with. */
export class SavedSessionsView {
  readonly root: HTMLElement;
  readonly #list = element('ul', { class: 'saved' });
  readonly #rows: KeyedList<SavedSession>;

  /** @param comparable a session is shown beside, with which a saved one can be compared */
  constructor(context: PanelContext, comparable: boolean) {
    this.#rows = new KeyedList(this.#list, ({ file }) => file, () => savedSession(context, comparable));
    this.root = element('section', { class: 'saved-sessions', 'aria-label': 'Saved sessions' }, element('h2', {}, 'Saved sessions'), this.#list);
    this.root.hidden = true;
  }

  /** @param current file of the session that is shown, which is not listed */
  show(sessions: readonly SavedSession[], current: string | undefined): void {
    const listed = sessions.filter(({ file }) => file !== current);
    setHidden(this.root, listed.length === 0);
    this.#rows.show(listed);
  }
}

function savedSession(context: PanelContext, comparable: boolean): Entry<SavedSession> {
  let file = '';
  const open = link('', () => context.send({ type: 'openSession', file }));
  const compare = link('Compare', () => context.send({ type: 'compare', file }));
  const facts = element('p', { class: 'note' });
  compare.hidden = !comparable;
  return {
    root: element('li', {}, element('div', { class: 'saved-head' }, open, compare), facts),
    show: (session) => {
      file = session.file;
      setText(open, session.name);
      setAttribute(open, 'title', `Open ${session.file}`);
      setAttribute(compare, 'aria-label', `Compare with ${session.name}`);
      setText(facts, [formatMoment(session.startedAt), formatElapsed(session.recordedMs), formatNumberOf(session.calls, 'query', 'queries'), session.target ?? ''].filter((part) => part !== '').join(' · '));
    },
  };
}
