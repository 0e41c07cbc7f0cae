import { button, drawIcon, element, iconButton, setIcon, setText } from './elements.js';
import type { MessageFromPanel, PanelState, PanelStep, PanelTimings } from './messages.js';
import { formatCount, formatDuration, formatExact, formatTime } from './number-format.js';
import { arrange, COLUMNS, DEFAULT_ORDER, nextOrder, type Column, type Order, type StatementRow } from './statement-order.js';
import { StatementTable } from './statement-table.js';
import { stepList } from './steps.js';

type Connected = Extract<PanelState, { kind: 'connected' }>;

/** What a person set in the panel. It outlives the page. */
export interface PanelSettings {
  order: Order;
  filter: string;
  expanded: string[];
}

export interface TimingsViewEvents {
  send(message: MessageFromPanel): void;
  announce(text: string): void;
  onSettings(settings: PanelSettings): void;
}

/** Rows that are drawn at first, and added with each press of the button. */
const PAGE = 100;

const COLUMN_NAMES: Record<Column, string> = { statement: 'statement', calls: 'calls', total: 'total time', mean: 'mean time', rows: 'rows' };

/** The connected panel: where, since when, what to do, and the table. */
export class TimingsView {
  readonly root: HTMLElement;
  readonly #events: TimingsViewEvents;
  readonly #target = element('h2');
  readonly #since = element('span');
  readonly #server = element('span', { class: 'server' });
  readonly #pause: HTMLButtonElement;
  readonly #lost = element('p', { class: 'banner' });
  readonly #noticeList = element('div');
  readonly #notices = element('details', { class: 'notices' }, element('summary', {}, 'Not everything is visible'), this.#noticeList);
  readonly #filter: HTMLElement & { value: string };
  readonly #table: StatementTable;
  readonly #empty = element('p', { class: 'empty' });
  readonly #more: HTMLElement;
  readonly #summary = element('p', { class: 'summary' });
  #state: Connected | undefined;
  #rows: StatementRow[] = [];
  #statementCount = 0;
  #totalMs = 0;
  #received = false;
  #noticeKey = '[]';
  #limit = PAGE;
  #order: Order;
  readonly #expanded: Set<string>;
  readonly #texts = new Map<string, string>();

  constructor(settings: PanelSettings, events: TimingsViewEvents) {
    this.#events = events;
    this.#order = settings.order;
    this.#expanded = new Set(settings.expanded);
    this.#pause = iconButton('pause', 'Pause', () => events.send({ type: 'pause', paused: this.#state?.paused !== true }));
    this.#filter = element('vscode-textfield', { label: 'Filter statements', placeholder: 'Filter statements', class: 'filter', type: 'search' }) as HTMLElement & { value: string };
    this.#filter.value = settings.filter;
    this.#filter.addEventListener('input', () => {
      this.#limit = PAGE;
      this.#draw();
      this.#save();
      const count = this.#arranged().length;
      events.announce(`${count} of ${this.#rows.length} statements`);
    });
    this.#table = new StatementTable({
      onSort: (column) => {
        this.#order = nextOrder(this.#order, column);
        this.#draw();
        this.#save();
        const first = column === 'statement' ? (this.#order.descending ? 'Z first' : 'A first') : this.#order.descending ? 'largest first' : 'smallest first';
        events.announce(`Sorted by ${COLUMN_NAMES[column]}, ${first}`);
      },
      onToggle: (id, expanded) => {
        if (expanded) this.#expanded.add(id);
        else this.#expanded.delete(id);
        this.#draw();
        this.#save();
      },
      onCopy: (text) => events.send({ type: 'copy', text }),
    });
    this.#more = button('Show more', () => {
      this.#limit += PAGE;
      this.#draw();
    }, 'secondary');
    this.#more.classList.add('more');
    this.root = element(
      'section',
      { class: 'timings', 'aria-label': 'Query timings' },
      element(
        'header',
        {},
        element('span', { class: 'light', 'aria-hidden': 'true' }),
        element('div', { class: 'place' }, this.#target, element('p', { class: 'since' }, this.#since, this.#server)),
        element(
          'div',
          { class: 'tools', role: 'toolbar', 'aria-label': 'Timings' },
          this.#pause,
          iconButton('restart', 'Start afresh', () => events.send({ type: 'startAfresh' })),
          iconButton('disconnect', 'Disconnect', () => events.send({ type: 'disconnect' })),
        ),
      ),
      this.#lost,
      this.#notices,
      this.#filter,
      this.#table.root,
      this.#empty,
      this.#more,
      this.#summary,
    );
    this.#draw();
  }

  showState(state: Connected): void {
    const before = this.#state;
    this.#state = state;
    if (before !== undefined && before.since !== state.since) {
      // Counting began anew: the old rows must not stand under the new time.
      this.#rows = [];
      this.#statementCount = 0;
      this.#totalMs = 0;
      this.#received = false;
    }
    setText(this.#target, state.target);
    setText(this.#since, `${state.paused ? 'Paused, since' : 'Since'} ${formatTime(state.since)}`);
    setText(this.#server, ` · ${state.server}`);
    this.#target.title = `${state.target}, ${state.server}`;
    setIcon(this.#pause, state.paused ? 'resume' : 'pause', state.paused ? 'Resume' : 'Pause');
    this.root.classList.toggle('paused', state.paused);
    this.root.classList.toggle('lost', state.lost !== undefined);
    this.#lost.hidden = state.lost === undefined;
    if (state.lost !== undefined) {
      const text = `${state.lost} Trying again…`;
      if (this.#lost.textContent !== text) {
        this.#lost.replaceChildren(drawIcon('warning'), text);
        this.#events.announce(text);
      }
    }
    this.#draw();
  }

  showTimings(timings: PanelTimings): void {
    for (const [id, text] of timings.texts) this.#texts.set(id, text);
    this.#received = true;
    this.#statementCount = timings.statementCount;
    this.#totalMs = timings.totalMs;
    this.#rows = timings.statements.map(([id, calls, totalMs, rows, atLeast]) => ({
      id,
      text: this.#texts.get(id) ?? '',
      calls,
      totalMs,
      meanMs: calls === 0 ? 0 : totalMs / calls,
      rows,
      share: timings.totalMs === 0 ? 0 : totalMs / timings.totalMs,
      atLeast: atLeast === 1,
    }));
    this.#showNotices(timings.notices);
    this.#draw();
  }

  #showNotices(notices: PanelStep[]): void {
    const key = JSON.stringify(notices);
    if (key === this.#noticeKey) return;
    this.#noticeKey = key;
    this.#noticeList.replaceChildren(stepList(notices, (text) => this.#events.send({ type: 'copy', text })));
    this.#draw();
  }

  #arranged(): StatementRow[] {
    return arrange(this.#rows, this.#filter.value, this.#order);
  }

  #draw(): void {
    const arranged = this.#arranged();
    this.#table.update(arranged.slice(0, this.#limit), this.#order, this.#expanded);
    const anyRows = this.#rows.length > 0;
    this.#notices.hidden = this.#noticeKey === '[]';
    this.#filter.hidden = !anyRows;
    this.#table.root.hidden = arranged.length === 0;
    this.#empty.hidden = arranged.length > 0 || this.#state === undefined;
    if (anyRows) setText(this.#empty, `No statement contains “${this.#filter.value.trim()}”.`);
    else if (this.#state !== undefined) {
      setText(this.#empty, this.#received ? `No statements since ${formatTime(this.#state.since)}. Run your application.` : 'Reading…');
    }
    const rest = arranged.length - this.#limit;
    this.#more.hidden = rest <= 0;
    if (rest > 0) setText(this.#more, `Show ${Math.min(PAGE, rest)} more`);
    this.#summary.hidden = !anyRows;
    setText(this.#summary, this.#summaryText());
  }

  #summaryText(): string {
    const calls = this.#rows.reduce((sum, row) => sum + row.calls, 0);
    const unlisted = this.#statementCount - this.#rows.length;
    return [
      `${formatExact(this.#statementCount)} ${this.#statementCount === 1 ? 'statement' : 'statements'}`,
      `${formatCount(calls)} ${calls === 1 ? 'call' : 'calls'}`,
      formatDuration(this.#totalMs),
      ...(unlisted > 0 ? [`the ${formatExact(unlisted)} cheapest are not listed`] : []),
    ].join(' · ');
  }

  #save(): void {
    this.#events.onSettings({ order: this.#order, filter: this.#filter.value, expanded: [...this.#expanded] });
  }
}

/** The settings of an earlier page, as far as they make sense. */
export function readSettings(value: unknown): PanelSettings {
  const { order, filter, expanded } = (typeof value === 'object' && value !== null ? value : {}) as Partial<Record<keyof PanelSettings, unknown>>;
  const { column, descending } = (typeof order === 'object' && order !== null ? order : {}) as Partial<Record<keyof Order, unknown>>;
  return {
    order: COLUMNS.includes(column as Column) && typeof descending === 'boolean' ? { column: column as Column, descending } : DEFAULT_ORDER,
    filter: typeof filter === 'string' ? filter : '',
    expanded: Array.isArray(expanded) ? expanded.filter((id) => typeof id === 'string') : [],
  };
}
