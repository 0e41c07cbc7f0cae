import { element, iconButton, setText } from './elements.js';
import { formatCount, formatDuration, formatExact, formatShare } from './number-format.js';
import { COLUMNS, type Column, type Order, type StatementRow } from './statement-order.js';

export interface StatementTableEvents {
  onSort(column: Column): void;
  onToggle(id: string, expanded: boolean): void;
  onCopy(text: string): void;
}

const TITLES: Record<Column, string> = { statement: 'Statement', calls: 'Calls', total: 'Total', mean: 'Mean', rows: 'Rows' };

/** The one-line form of a statement is cut here; its full text is shown when the row is opened. */
const ONE_LINE_LIMIT = 300;

/** A row of the table and, while it is open, the row below it with the whole statement. */
interface RenderedRow {
  row: HTMLTableRowElement;
  toggle: HTMLButtonElement;
  cells: Record<Exclude<Column, 'statement'>, HTMLTableCellElement>;
  line: HTMLElement;
  detail?: { row: HTMLTableRowElement; text: HTMLElement; facts: HTMLElement };
  data: StatementRow;
}

/**
 * The table of statements. Updates change texts in place and move as few rows as possible, and never the row that a person is
 * in, so that focus, selection and scroll position stay.
 */
export class StatementTable {
  readonly root: HTMLTableElement;
  readonly #body: HTMLTableSectionElement;
  readonly #headers = new Map<Column, HTMLTableCellElement>();
  readonly #rows = new Map<string, RenderedRow>();
  readonly #events: StatementTableEvents;
  /** The row that the Tab key leads to. */
  #tabStop: string | undefined;

  constructor(events: StatementTableEvents) {
    this.#events = events;
    this.#body = element('tbody', { role: 'rowgroup' });
    const headRow = element('tr', { role: 'row' });
    for (const column of COLUMNS) {
      const header = element('th', { role: 'columnheader', scope: 'col', class: column });
      const sort = element('button', { type: 'button' }, TITLES[column]);
      sort.addEventListener('click', () => events.onSort(column));
      header.append(sort);
      headRow.append(header);
      this.#headers.set(column, header);
    }
    this.root = element('table', { role: 'table', 'aria-label': 'Statements', class: 'statements' }, element('thead', { role: 'rowgroup' }, headRow), this.#body);
    this.#body.addEventListener('keydown', (event) => this.#moveFocus(event));
    this.#body.addEventListener('focusin', (event) => {
      const id = rowId(event.target);
      if (id !== undefined) this.#setTabStop(id);
    });
  }

  update(rows: readonly StatementRow[], order: Order, expanded: ReadonlySet<string>): void {
    for (const [column, header] of this.#headers) {
      if (column === order.column) header.setAttribute('aria-sort', order.descending ? 'descending' : 'ascending');
      else header.removeAttribute('aria-sort');
    }
    const wanted: HTMLTableRowElement[] = [];
    for (const data of rows) {
      const rendered = this.#rows.get(data.id) ?? this.#create(data);
      this.#fill(rendered, data);
      this.#expand(rendered, expanded.has(data.id));
      wanted.push(rendered.row);
      if (rendered.detail) wanted.push(rendered.detail.row);
    }
    this.#place(wanted);
    const ids = new Set(rows.map(({ id }) => id));
    for (const id of this.#rows.keys()) if (!ids.has(id)) this.#rows.delete(id);
    if (this.#tabStop === undefined || !ids.has(this.#tabStop)) this.#setTabStop(rows[0]?.id);
  }

  #create(data: StatementRow): RenderedRow {
    const line = element('code');
    const toggle = element('button', { type: 'button', class: 'toggle', 'aria-expanded': 'false', tabindex: '-1' }, line);
    const cells = {
      calls: element('td', { role: 'cell', class: 'calls' }),
      total: element('td', { role: 'cell', class: 'total' }),
      mean: element('td', { role: 'cell', class: 'mean' }),
      rows: element('td', { role: 'cell', class: 'rows' }),
    };
    const row = element('tr', { role: 'row', class: 'statement', 'data-id': data.id });
    row.append(element('td', { role: 'cell', class: 'statement' }, toggle), cells.calls, cells.total, cells.mean, cells.rows);
    row.addEventListener('click', () => {
      if (String(window.getSelection()) === '') this.#events.onToggle(data.id, toggle.getAttribute('aria-expanded') !== 'true');
    });
    const rendered = { row, toggle, line, cells, data };
    this.#rows.set(data.id, rendered);
    return rendered;
  }

  #fill(rendered: RenderedRow, data: StatementRow): void {
    const { cells, row } = rendered;
    rendered.data = data;
    setText(rendered.line, oneLine(data.text));
    setText(cells.calls, `${data.atLeast ? '≥\u00a0' : ''}${formatCount(data.calls)}`);
    setText(cells.total, formatDuration(data.totalMs));
    setText(cells.mean, formatDuration(data.meanMs));
    setText(cells.rows, formatCount(data.rows));
    row.style.setProperty('--share', data.share.toFixed(4));
    if (rendered.detail) this.#fillDetail(rendered.detail, data);
  }

  #expand(rendered: RenderedRow, expanded: boolean): void {
    if ((rendered.detail !== undefined) === expanded) return;
    const { toggle, row, data } = rendered;
    toggle.setAttribute('aria-expanded', String(expanded));
    row.classList.toggle('open', expanded);
    if (!expanded) {
      delete rendered.detail;
      return;
    }
    const text = element('code');
    const facts = element('p', { class: 'facts' });
    const copy = iconButton('copy', 'Copy the statement', () => this.#events.onCopy(rendered.data.text));
    const cell = element('td', { role: 'cell', colspan: String(COLUMNS.length) }, element('pre', {}, text), copy, facts);
    rendered.detail = { row: element('tr', { role: 'row', class: 'detail', 'data-id': data.id }, cell), text, facts };
    this.#fillDetail(rendered.detail, data);
  }

  #fillDetail({ text, facts }: NonNullable<RenderedRow['detail']>, data: StatementRow): void {
    setText(text, data.text);
    const perCall = data.rows / data.calls;
    const parts = [
      `${formatShare(data.share)} of the time`,
      `${formatExact(data.calls)} ${data.calls === 1 ? 'call' : 'calls'}`,
      `${perCall >= 10 || Number.isInteger(perCall) ? formatExact(perCall) : perCall.toFixed(1)} ${perCall === 1 ? 'row' : 'rows'} per call`,
      ...(data.atLeast ? ['counters went back meanwhile, so some calls may be missing'] : []),
    ];
    setText(facts, parts.join(' · '));
  }

  /** Puts the rows into order around the one that has the selection or the focus, which itself is never moved. */
  #place(wanted: readonly HTMLTableRowElement[]): void {
    const keep = new Set<Node>(wanted);
    for (const child of [...this.#body.children]) if (!keep.has(child)) child.remove();
    const focused = document.activeElement;
    const selection = document.getSelection();
    const selected = selection === null || selection.isCollapsed ? undefined : this.#rowOf(selection.anchorNode);
    const fixed = selected ?? this.#rowOf(focused);
    const scrolled = this.#body.scrollTop;
    const offset = fixed?.offsetTop ?? 0;
    const inView = fixed !== undefined && offset + fixed.offsetHeight > scrolled && offset < scrolled + this.#body.clientHeight;
    const place = fixed === undefined ? -1 : wanted.indexOf(fixed);
    let next: ChildNode | null = place === -1 ? this.#body.firstChild : fixed!;
    for (let index = place - 1; index >= 0; index -= 1) {
      const row = wanted[index]!;
      if (next!.previousSibling !== row) this.#body.insertBefore(row, next);
      next = row;
    }
    let previous: ChildNode | null = place === -1 ? null : fixed!;
    for (const row of wanted.slice(place + 1)) {
      const after: ChildNode | null = previous === null ? this.#body.firstChild : previous.nextSibling;
      if (after !== row) this.#body.insertBefore(row, after);
      previous = row;
    }
    if (focused !== document.activeElement && focused instanceof HTMLElement && this.#body.contains(focused)) focused.focus({ preventScroll: true });
    this.#body.scrollTop = inView ? scrolled + fixed.offsetTop - offset : scrolled;
  }

  #rowOf(node: Node | null): HTMLTableRowElement | undefined {
    let current = node;
    while (current !== null && current.parentNode !== this.#body) current = current.parentNode;
    return current instanceof HTMLTableRowElement ? current : undefined;
  }

  #setTabStop(id: string | undefined): void {
    if (this.#tabStop !== undefined && this.#tabStop !== id) this.#rows.get(this.#tabStop)?.toggle.setAttribute('tabindex', '-1');
    this.#tabStop = id;
    if (id !== undefined) this.#rows.get(id)?.toggle.setAttribute('tabindex', '0');
  }

  #moveFocus(event: KeyboardEvent): void {
    if (!(event.target instanceof HTMLElement) || !event.target.classList.contains('toggle')) return;
    const toggles = [...this.#body.querySelectorAll<HTMLButtonElement>('.toggle')];
    const current = toggles.indexOf(event.target as HTMLButtonElement);
    const target = { ArrowDown: current + 1, ArrowUp: current - 1, Home: 0, End: toggles.length - 1 }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    toggles[Math.max(0, Math.min(toggles.length - 1, target))]?.focus();
  }
}

function rowId(target: EventTarget | null): string | undefined {
  return target instanceof HTMLElement ? target.closest<HTMLTableRowElement>('tr.statement')?.dataset.id : undefined;
}

function oneLine(text: string): string {
  const line = text.slice(0, 4 * ONE_LINE_LIMIT).replace(/\s+/g, ' ').trim();
  return line.length > ONE_LINE_LIMIT ? `${line.slice(0, ONE_LINE_LIMIT)}…` : line;
}
