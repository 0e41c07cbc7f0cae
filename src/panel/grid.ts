import { elementScroll, observeElementOffset, observeElementRect, Virtualizer, type Range } from '@tanstack/virtual-core';
import { drawing, element, setAttribute, setHidden, setText, svg } from './elements.js';
import { placeChildren } from './keyed-list.js';
import { formatNumberOf } from './number-format.js';
import type { Column, ColumnId, Order, TableRow } from './table-rows.js';

export interface GridEvents {
  onSort(column: ColumnId): void;
  onOpen(key: string): void;
}

export interface GridContent {
  rows: readonly TableRow[];
  columns: readonly Column[];
  order: Order;
  /** The row that is shown in full beside the grid. */
  open: string | undefined;
  label: string;
  /** Rows say when they ran lately. */
  hasSparks: boolean;
  /** The slot of time that is under way, where the lines of all rows end. */
  sparkSlot: number;
}

/** Rows drawn above and below those that can be seen, so that quick scrolling shows no gaps. */
const OVERSCAN = 6;
const ROWS_PER_PAGE = 10;
/** Heights of a row in the size of its letters: one line, and text above numbers where the view is narrow. */
const LINE_HEIGHT = { wide: 2.1, narrow: 3.55 };
/** The same width as in table.css. */
const NARROW_PX = 460;

interface RenderedRow {
  root: HTMLElement;
  title: HTMLElement;
  /** Errors, where there is no room for their column. */
  failures: HTMLElement;
  note: HTMLElement;
  cells: Map<ColumnId, HTMLElement>;
  line: SVGPathElement;
  /** The part of all time that the row takes, as a bar behind it. */
  share: HTMLElement;
  drawn?: { row: TableRow; columns: readonly Column[]; sparkSlot: number };
}

/**
 * A table of which only the rows in view exist. It scrolls with the view around it. Rows keep their element while they are in
 * view and are only moved and patched, so that an update costs the same for fifty rows and for fifty thousand.
 */
export class Grid {
  readonly root: HTMLElement;
  readonly #scroller: HTMLElement;
  readonly #events: GridEvents;
  readonly #head = element('div', { role: 'row', class: 'grid-row grid-head', 'aria-rowindex': '1' });
  readonly #body = element('div', { role: 'rowgroup', class: 'grid-body' });
  readonly #headers = new Map<ColumnId, { root: HTMLElement; sort: HTMLButtonElement }>();
  readonly #rendered = new Map<string, RenderedRow>();
  readonly #virtual: Virtualizer<HTMLElement, HTMLElement>;
  #content: GridContent = { rows: [], columns: [], order: { column: 'total', descending: true }, open: undefined, label: '', hasSparks: false, sparkSlot: 0 };
  /** The row that the Tab key leads to. It stays in the page while it is scrolled out of sight. */
  #active: string | undefined;
  /** Where it is in the list. */
  #activePlace = 0;
  #pointed = false;
  #rowHeight = 0;

  constructor(scroller: HTMLElement, events: GridEvents) {
    this.#scroller = scroller;
    this.#events = events;
    this.root = element('div', { role: 'grid', class: 'grid', 'aria-readonly': 'true' }, element('div', { role: 'rowgroup', class: 'grid-top' }, this.#head), this.#body);
    this.#body.addEventListener('keydown', (event) => this.#onKey(event));
    this.#body.addEventListener('click', (event) => {
      const key = rowKey(event.target);
      if (key !== undefined && String(window.getSelection()) === '') events.onOpen(key);
    });
    this.#body.addEventListener('focusin', (event) => this.#setActive(rowKey(event.target)));
    this.#body.addEventListener('pointerenter', () => (this.#pointed = true));
    this.#body.addEventListener('pointerleave', () => (this.#pointed = false));
    this.#virtual = new Virtualizer({
      count: 0,
      getScrollElement: () => scroller,
      estimateSize: () => this.#rowHeight,
      observeElementRect,
      observeElementOffset,
      scrollToFn: elementScroll,
      overscan: OVERSCAN,
      onChange: () => this.#draw(),
    });
    this.#virtual._didMount();
    new ResizeObserver(() => this.#measure()).observe(this.root);
  }

  /** A hand or the keyboard is on the rows: they are about to be opened and must not move. */
  get busy(): boolean {
    return this.#pointed || (document.hasFocus() && this.#body.contains(document.activeElement));
  }

  show(content: GridContent): void {
    const columnsChanged = content.columns !== this.#content.columns;
    const rowsChanged = content.rows !== this.#content.rows;
    this.#content = content;
    if (columnsChanged) this.#makeHeaders();
    this.#showOrder();
    setAttribute(this.root, 'aria-label', content.label);
    setAttribute(this.root, 'aria-rowcount', String(content.rows.length + 1));
    if (rowsChanged) {
      this.#activePlace = Math.max(0, this.#placeOf(this.#active));
      this.#active = content.rows[this.#activePlace]?.key;
      this.#virtual.setOptions({ ...this.#virtual.options, count: content.rows.length });
    }
    if (this.#rowHeight === 0) this.#measure();
    else this.#draw();
  }

  /** What stands above the grid changed its height. */
  measure(): void {
    this.#measure();
  }

  /** Gives the focus to a row, or to the first where it is gone. */
  focusRow(key: string | undefined): void {
    this.#focusIndex(this.#placeOf(key));
  }

  /** -1 where there is no such row. */
  #placeOf(key: string | undefined): number {
    return this.#content.rows.findIndex((row) => row.key === key);
  }

  #makeHeaders(): void {
    this.#headers.clear();
    for (const { root } of this.#rendered.values()) root.remove();
    this.#rendered.clear();
    for (const { id, title, name } of this.#content.columns) {
      const sort = element('button', { type: 'button', title: `Sort by ${name}` }, title);
      sort.addEventListener('click', () => this.#events.onSort(id));
      this.#headers.set(id, { root: element('div', { role: 'columnheader', class: `cell ${id}` }, sort), sort });
    }
    const spark = this.#content.hasSparks ? [element('div', { role: 'columnheader', class: 'cell spark' }, 'Lately')] : [];
    this.#head.replaceChildren(...[...this.#headers.values()].map(({ root }) => root), ...spark);
  }

  #showOrder(): void {
    const { columns, order } = this.#content;
    const { column, descending } = order;
    // Where columns are left out for lack of room, that of the order is not.
    setAttribute(this.root, 'data-sorted', String(columns.findIndex(({ id }) => id === column) + 1));
    for (const [id, { root }] of this.#headers) setAttribute(root, 'aria-sort', id !== column ? undefined : descending ? 'descending' : 'ascending');
  }

  #measure(): void {
    const width = this.root.clientWidth;
    if (width === 0) return;
    const size = parseFloat(getComputedStyle(this.root).fontSize);
    const height = Math.round(size * (width <= NARROW_PX ? LINE_HEIGHT.narrow : LINE_HEIGHT.wide));
    const resized = height !== this.#rowHeight;
    this.#rowHeight = height;
    const scrollMargin = Math.round(this.#body.getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top + this.#scroller.scrollTop);
    this.#virtual.setOptions({ ...this.#virtual.options, scrollMargin });
    this.#virtual._willUpdate();
    if (resized) this.#virtual.measure();
    this.#draw();
  }

  #range({ startIndex, endIndex, overscan, count }: Range): number[] {
    const first = Math.max(0, startIndex - overscan);
    const last = Math.min(count - 1, endIndex + overscan);
    const indexes = Array.from({ length: Math.max(0, last - first + 1) }, (_, offset) => first + offset);
    const active = this.#activePlace;
    if (active >= first && active <= last) return indexes;
    return active < first ? [active, ...indexes] : [...indexes, active];
  }

  #draw(): void {
    if (this.#rowHeight === 0) return;
    // The library remembers its answer by the function that it asks, and the active row may have changed.
    this.#virtual.setOptions({ ...this.#virtual.options, rangeExtractor: (range) => this.#range(range) });
    const { rows, open } = this.#content;
    const { scrollMargin } = this.#virtual.options;
    const height = `${this.#virtual.getTotalSize()}px`;
    if (this.#body.style.height !== height) this.#body.style.height = height;
    const items = this.#virtual.getVirtualItems().filter(({ index }) => index < rows.length);
    const keys = new Set(items.map(({ index }) => rows[index]!.key));
    // Rows that are out of sight serve those that come into it: making one takes longer than filling it.
    const left = [...this.#rendered.keys()].filter((key) => !keys.has(key));
    const wanted: HTMLElement[] = [];
    for (const { index, start, size } of items) {
      const row = rows[index]!;
      const rendered = this.#rendered.get(row.key) ?? this.#hand(left.pop(), row.key);
      this.#fill(rendered, row);
      const { root } = rendered;
      const transform = `translateY(${start - scrollMargin}px)`;
      if (root.style.transform !== transform) root.style.transform = transform;
      if (root.style.height !== `${size}px`) root.style.height = `${size}px`;
      setAttribute(root, 'aria-rowindex', String(index + 2));
      setAttribute(root, 'aria-selected', String(row.key === open));
      setAttribute(root, 'tabindex', row.key === this.#active ? '0' : '-1');
      wanted.push(root);
    }
    for (const key of left) {
      this.#rendered.get(key)!.root.remove();
      this.#rendered.delete(key);
    }
    // Transforms show rows where they belong. Their order in the page, which screen readers follow, is put right when scrolling has come
    // to rest: to take an element out and in again, the browser styles and lays out all that is in it.
    if (this.#virtual.isScrolling) this.#body.append(...wanted.filter((root) => root.parentNode === null));
    else placeChildren(this.#body, wanted);
  }

  /** Hands the elements of a row that has gone to another one, or makes new ones. */
  #hand(gone: string | undefined, key: string): RenderedRow {
    const rendered = (gone === undefined ? undefined : this.#rendered.get(gone)) ?? this.#make();
    if (gone !== undefined) this.#rendered.delete(gone);
    // Left where it was, it would push its neighbours out of their places.
    if (!this.#virtual.isScrolling) rendered.root.remove();
    rendered.root.dataset.key = key;
    this.#rendered.set(key, rendered);
    return rendered;
  }

  #make(): RenderedRow {
    const title = element('code');
    const failures = element('span', { class: 'failures' });
    const note = element('span', { class: 'note' });
    const cells = new Map<ColumnId, HTMLElement>();
    const root = element('div', { role: 'row', class: 'grid-row' }, element('div', { role: 'gridcell', class: 'cell title' }, failures, title, note));
    for (const { id } of this.#content.columns) {
      if (id === 'title') continue;
      const cell = element('div', { role: 'gridcell', class: `cell number ${id}` });
      cells.set(id, cell);
      root.append(cell);
    }
    const line = svg('path', { d: '' });
    const picture = drawing(`0 0 ${SPARK.width} ${SPARK.height}`, 'sparkline');
    picture.append(line);
    if (this.#content.hasSparks) root.append(element('div', { role: 'gridcell', class: 'cell spark' }, picture));
    const share = element('div', { class: 'share-bar', 'aria-hidden': 'true' });
    root.append(share);
    return { root, title, failures, note, cells, line, share };
  }

  #fill(rendered: RenderedRow, row: TableRow): void {
    const { columns, sparkSlot } = this.#content;
    const { drawn } = rendered;
    if (drawn?.row === row && drawn.columns === columns && drawn.sparkSlot === sparkSlot) return;
    rendered.drawn = { row, columns, sparkSlot };
    setText(rendered.title, row.title);
    setText(rendered.note, row.note ?? '');
    setHidden(rendered.note, row.note === undefined);
    for (const { id, format } of columns) {
      const cell = rendered.cells.get(id);
      if (cell === undefined) continue;
      const value = row.values[id];
      setText(cell, value === undefined ? '–' : id === 'errors' && value === 0 ? '' : `${id === 'calls' && row.atLeast ? '≥\u00a0' : ''}${format(value)}`);
    }
    const errors = row.values.errors ?? 0;
    rendered.root.classList.toggle('failing', errors > 0);
    setText(rendered.failures, errors === 0 ? '' : formatNumberOf(errors, 'error'));
    setHidden(rendered.failures, errors === 0);
    rendered.share.style.width = `${(100 * row.share).toFixed(2)}%`;
    setAttribute(rendered.line, 'd', row.spark === undefined ? '' : sparkPath(movedOn(row.spark, sparkSlot)));
  }

  #setActive(key: string | undefined): void {
    if (key === undefined || key === this.#active) return;
    const before = this.#active === undefined ? undefined : this.#rendered.get(this.#active);
    if (before !== undefined) setAttribute(before.root, 'tabindex', '-1');
    this.#active = key;
    this.#activePlace = this.#placeOf(key);
    const now = this.#rendered.get(key);
    if (now !== undefined) setAttribute(now.root, 'tabindex', '0');
  }

  #focusIndex(index: number): void {
    const last = this.#content.rows.length - 1;
    const target = Math.max(0, Math.min(last, index));
    const key = this.#content.rows[target]?.key;
    if (key === undefined) return;
    this.#active = key;
    this.#activePlace = target;
    this.#draw();
    const row = this.#rendered.get(key)?.root;
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: 'nearest' });
  }

  #onKey(event: KeyboardEvent): void {
    const key = rowKey(event.target);
    if (key === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    const current = Math.max(0, this.#placeOf(key));
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      this.#events.onOpen(key);
      return;
    }
    const targets: Partial<Record<string, number>> = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      PageDown: current + ROWS_PER_PAGE,
      PageUp: current - ROWS_PER_PAGE,
      Home: 0,
      End: this.#content.rows.length - 1,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    this.#focusIndex(target);
  }
}

const SPARK = { width: 72, height: 14 };

/** The counts of as many slots that end with `slot`: nothing ran in those that the row does not know yet. */
function movedOn({ slot: known, counts }: NonNullable<TableRow['spark']>, slot: number): readonly number[] {
  const moved = Math.max(0, Math.min(counts.length, slot - known));
  return moved === 0 ? counts : [...counts.slice(moved), ...new Array<number>(moved).fill(0)];
}

/** A line through the numbers, the largest at the top; nothing where all are zero. */
function sparkPath(values: readonly number[]): string {
  const most = Math.max(0, ...values);
  if (most === 0) return '';
  const step = SPARK.width / Math.max(1, values.length - 1);
  return values.map((value, index) => `${index === 0 ? 'M' : 'L'}${(index * step).toFixed(1)} ${(SPARK.height - 1 - (value / most) * (SPARK.height - 2)).toFixed(1)}`).join('');
}

function rowKey(target: EventTarget | null): string | undefined {
  return target instanceof Element ? target.closest<HTMLElement>('.grid-body > .grid-row')?.dataset.key : undefined;
}
