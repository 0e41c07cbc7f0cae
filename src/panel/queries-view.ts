import { Charts } from './charts.js';
import type { PanelContext } from './context.js';
import { element, iconButton, setHidden, setIcon, setText } from './elements.js';
import { Grid } from './grid.js';
import { formatDuration, formatExact, formatNumberOf, sentenceCase } from './number-format.js';
import { RepetitionsView } from './repetitions-view.js';
import type { SessionStore } from './session-store.js';
import type { PanelSettings } from './settings.js';
import { COLUMNS, GROUPINGS, keepOrder, nextOrder, type Column, type ColumnId, type Grouping, type Order, type TableRow } from './table-rows.js';
import type { Opened } from './detail-view.js';

const TITLES: Record<Grouping, string> = { statements: 'Statements', lines: 'Lines', requests: 'Requests' };
const NOUNS: Record<Grouping, [one: string, many: string]> = { statements: ['statement', 'statements'], lines: ['line', 'lines'], requests: ['kind of request', 'kinds of requests'] };
const NOTHING: Record<Grouping, string> = {
  statements: 'No statements yet.',
  lines: 'No line is known yet. Lines come from programs that are watched: start yours in a new terminal, launch or task.',
  requests: 'No request is known yet. Requests are seen in programs that are watched and answer HTTP.',
};

export interface QueriesEvents {
  onOpen(opened: Opened): void;
  /** A person sorted, filtered or grouped. */
  onSettings(): void;
}

/** Charts, the N+1s that were seen, and the table. */
export class QueriesView {
  readonly root: HTMLElement;
  readonly #context: PanelContext;
  readonly #events: QueriesEvents;
  readonly #settings: PanelSettings;
  readonly #store: SessionStore;
  readonly #charts = new Charts();
  readonly #repetitions: RepetitionsView;
  readonly #above: HTMLElement;
  readonly #groups = new Map<Grouping, HTMLInputElement>();
  /** For a view that is too narrow for all columns, and with them for their titles. */
  readonly #sortBy = element('select', { 'aria-label': 'Sort by' });
  readonly #direction = iconButton('descending', 'Largest first', () => this.#sort(this.#settings.orders[this.#settings.grouping].column));
  readonly #filter: HTMLElement & { value: string };
  readonly #summary = element('p', { class: 'table-summary' });
  readonly #empty = element('p', { class: 'empty' });
  readonly #grid: Grid;
  readonly #scroller: HTMLElement;
  #rows: readonly TableRow[] = [];
  /** The rows in the order asked for. */
  #arranged: readonly TableRow[] = [];
  /** What the rows were arranged by; an order that a person asked for is never held back. */
  #asked = '';
  #aboveHeight = 0;
  /** Those that can be chosen to sort by. */
  #sortColumns: readonly Column[] = [];

  constructor(context: PanelContext, store: SessionStore, settings: PanelSettings, scroller: HTMLElement, events: QueriesEvents) {
    this.#context = context;
    this.#events = events;
    this.#settings = settings;
    this.#store = store;
    this.#scroller = scroller;
    this.#repetitions = new RepetitionsView(context, (key) => events.onOpen({ grouping: 'statements', key }));
    this.#grid = new Grid(scroller, { onSort: (column) => this.#sort(column), onOpen: (key) => events.onOpen({ grouping: settings.grouping, key }) });
    this.#filter = element('vscode-textfield', { label: 'Filter', placeholder: 'Filter', class: 'filter', type: 'search' }) as HTMLElement & { value: string };
    this.#filter.value = settings.filter;
    this.#filter.addEventListener('input', () => {
      settings.filter = this.#filter.value;
      this.#drawTable();
      events.onSettings();
      context.announce(`${formatExact(this.#rows.length)} ${NOUNS[settings.grouping][1]}`);
    });
    this.#sortBy.addEventListener('change', () => {
      const chosen = COLUMNS[settings.grouping].find(({ id }) => id === this.#sortBy.value);
      if (chosen !== undefined) this.#sort(chosen.id);
    });
    const sorting = element('div', { class: 'sorting' }, element('span', { 'aria-hidden': 'true' }, 'Sort by'), this.#sortBy, this.#direction);
    this.#above = element('div', { class: 'above' }, this.#charts.root, this.#repetitions.root);
    this.root = element('div', { class: 'queries' }, this.#above, element('div', { class: 'table-tools' }, this.#groupChoice(), this.#filter, sorting), this.#grid.root, this.#empty, this.#summary);
    new ResizeObserver(() => this.#keepPlace()).observe(this.#above);
  }

  show(): void {
    const { series, session, repetitions } = this.#store;
    this.#charts.show(series, session.state);
    this.#repetitions.show(repetitions.map((repetition) => ({ ...repetition, text: this.#store.statements.get(repetition.statement)?.text ?? '' })));
    this.#drawTable();
  }

  /** Gives the focus back to the row that was open. */
  focusRow(key: string): void {
    this.#grid.focusRow(key);
  }

  #groupChoice(): HTMLElement {
    const group = element('div', { class: 'segments', role: 'radiogroup', 'aria-label': 'Group by' });
    for (const grouping of GROUPINGS) {
      const radio = element('input', { type: 'radio', name: 'grouping', value: grouping });
      radio.addEventListener('change', () => this.#groupBy(grouping));
      this.#groups.set(grouping, radio);
      group.append(element('label', {}, radio, element('span', {}, TITLES[grouping])));
    }
    return group;
  }

  #groupBy(grouping: Grouping): void {
    this.#settings.grouping = grouping;
    this.#drawTable();
    this.#events.onSettings();
  }

  #sort(column: ColumnId): void {
    const { grouping, orders } = this.#settings;
    const order = nextOrder(orders[grouping], column);
    orders[grouping] = order;
    this.#drawTable();
    this.#events.onSettings();
    const name = COLUMNS[grouping].find(({ id }) => id === column)?.title ?? column;
    this.#context.announce(`Sorted by ${name}, ${firstOf(order)}`);
  }

  #drawTable(): void {
    const { grouping, orders, filter, opened } = this.#settings;
    const order = orders[grouping];
    const { size } = this.#store[grouping];
    const asked = JSON.stringify([grouping, order, filter]);
    const arranged = this.#store.tables[grouping].arranged(filter, order);
    if (asked !== this.#asked || !this.#grid.busy) this.#rows = arranged;
    else if (arranged !== this.#arranged) this.#rows = keepOrder(arranged, this.#rows);
    this.#arranged = arranged;
    this.#asked = asked;
    for (const [key, radio] of this.#groups) if (radio.checked !== (key === grouping)) radio.checked = key === grouping;
    this.#showOrder(COLUMNS[grouping], order);
    const any = this.#rows.length > 0;
    setHidden(this.#grid.root, !any);
    setHidden(this.#empty, any);
    setHidden(this.#summary, !any);
    const words = filter.trim();
    setText(this.#empty, size > 0 && words !== '' ? `Nothing contains “${words}”.` : NOTHING[grouping]);
    this.#grid.show({ rows: this.#rows, columns: COLUMNS[grouping], order, open: opened?.grouping === grouping ? opened.key : undefined, label: TITLES[grouping], hasSparks: grouping === 'statements', sparkSlot: this.#store.sparkSlot });
    setText(this.#summary, this.#describe(size));
  }

  #showOrder(columns: readonly Column[], order: Order): void {
    if (columns !== this.#sortColumns) this.#sortBy.replaceChildren(...columns.map(({ id, title }) => element('option', { value: id }, title)));
    this.#sortColumns = columns;
    if (this.#sortBy.value !== order.column) this.#sortBy.value = order.column;
    setIcon(this.#direction, order.descending ? 'descending' : 'ascending', sentenceCase(firstOf(order)));
  }

  #describe(count: number): string {
    const { totals } = this.#store;
    const { grouping } = this.#settings;
    const [one, many] = NOUNS[grouping];
    const listed = grouping === 'statements' ? Math.max(count, totals.statements) : count;
    const shown = this.#rows.length < listed ? `${formatExact(this.#rows.length)} of ${formatExact(listed)} ${many}` : `${formatExact(listed)} ${listed === 1 ? one : many}`;
    return [
      shown,
      formatNumberOf(totals.calls, 'call'),
      formatDuration(totals.totalMs),
      ...(totals.errors > 0 ? [formatNumberOf(totals.errors, 'error')] : []),
      ...(totals.waitMs > 0 ? [`${formatDuration(totals.waitMs)} waiting for connections`] : []),
    ].join(' · ');
  }

  /** What stands above the table may grow while somebody reads it: the table stays where it is on the screen. */
  #keepPlace(): void {
    const height = this.#above.offsetHeight;
    const grown = height - this.#aboveHeight;
    this.#aboveHeight = height;
    if (grown === 0) return;
    // It is the first thing that scrolls, so that its height is where it ends.
    if (this.#scroller.scrollTop > height - grown) this.#scroller.scrollTop += grown;
    this.#grid.measure();
  }
}

function firstOf({ column, descending }: Order): string {
  if (column === 'title') return descending ? 'Z first' : 'A first';
  return descending ? 'largest first' : 'smallest first';
}
