import type { ActivityRow } from '../profiler/protocol.js';
import type { PanelContext } from './context.js';
import { button, element, setAttribute, setHidden, setText } from './elements.js';
import { KeyedList, type Entry } from './keyed-list.js';
import { formatDuration, formatExact, sentenceCase } from './number-format.js';
import { oneLine } from './visible-text.js';

/** Long enough to be looked into: PgHero and pganalyze begin their warnings at a minute, on machines that many people use. */
const LONG_MS = 5_000;

/** What the server's backends do now: blocked and long-running statements, each with a way to cancel it. */
export class ActivityView {
  readonly root = element('div', { class: 'activity' });
  readonly #summary = element('p', { class: 'tab-summary' });
  readonly #list = element('ul', { class: 'cards' });
  readonly #cards: KeyedList<ActivityRow>;

  constructor(context: PanelContext) {
    this.#cards = new KeyedList(this.#list, ({ pid }) => String(pid), () => backend(context));
    this.root.append(this.#summary, this.#list);
  }

  show(activity: readonly ActivityRow[], connected: boolean): void {
    const text = connected ? describe(activity) : 'What runs on the server is seen while a database is connected.';
    setText(this.#summary, text);
    this.#cards.show(connected ? activity : []);
  }
}

/** Those that a person should look at. */
export function troubled(activity: readonly ActivityRow[]): ActivityRow[] {
  return activity.filter(({ blockedBy, runningMs }) => blockedBy.length > 0 || runningMs >= LONG_MS);
}

function describe(activity: readonly ActivityRow[]): string {
  if (activity.length === 0) return 'Nothing runs for long, and nothing waits for a lock.';
  const blocked = activity.filter(({ blockedBy }) => blockedBy.length > 0).length;
  const at = `${formatExact(activity.length)} at work`;
  return blocked === 0 ? `${at}, none waits for a lock.` : `${at}, ${formatExact(blocked)} ${blocked === 1 ? 'waits' : 'wait'} for a lock that another one holds.`;
}

function backend(context: PanelContext): Entry<ActivityRow> {
  const state = element('strong');
  const time = element('span', { class: 'card-time' });
  const text = element('code', { class: 'card-sql' });
  const who = element('p', { class: 'note' });
  const wait = element('p', { class: 'wait' });
  let pid = 0;
  const cancel = button('Cancel…', () => context.send({ type: 'cancel', pid }), 'secondary');
  const root = element('li', { class: 'card' }, element('div', { class: 'card-text' }, element('div', { class: 'card-head' }, state, time), text, wait, who), cancel);
  return {
    root,
    show: (row) => {
      pid = row.pid;
      const blocked = row.blockedBy.length > 0;
      root.classList.toggle('blocked', blocked);
      setText(state, blocked ? 'Blocked' : sentenceCase(row.state));
      setText(time, formatDuration(row.runningMs));
      setText(text, oneLine(row.text));
      setText(wait, blocked ? `Waits for ${row.wait ?? 'a lock'}, held by ${row.blockedBy.map(String).join(', ')}` : row.wait === undefined ? '' : `Waits for ${row.wait}`);
      setHidden(wait, wait.textContent === '');
      setText(who, [`process ${row.pid}`, row.user, row.application].filter((part) => part !== '').join(' · '));
      setHidden(cancel, !row.mayCancel);
      setAttribute(cancel, 'aria-label', `Cancel the statement of process ${row.pid}`);
    },
  };
}
