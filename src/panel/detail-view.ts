import { valueList, type Counted, type LineRow, type Measured, type RequestRow, type SlowExecution, type StatementDetail, type StatementRow } from '../profiler/protocol.js';
import type { PanelContext } from './context.js';
import { button, element, iconButton, link, setAttribute, setHidden, setText } from './elements.js';
import { Histogram } from './histogram.js';
import { KeyedList, type Entry } from './keyed-list.js';
import type { RelatedFinding } from './messages.js';
import { formatAverage, formatClock, formatCount, formatDuration, formatNumberOf, formatShare, sentenceCase } from './number-format.js';
import { PlaceLink } from './place-link.js';
import { fullPlace } from './places.js';
import type { SessionStore } from './session-store.js';
import { sqlElement } from './sql-text.js';
import type { Grouping } from './table-rows.js';
import { oneLine } from './visible-text.js';

/** What is shown in full. */
export interface Opened {
  grouping: Grouping;
  key: string;
}

export interface DetailAnswer {
  statement: string;
  detail: StatementDetail | null;
  findings: readonly RelatedFinding[];
}

export interface DetailEvents {
  onClose(): void;
  onOpen(opened: Opened): void;
}

/** One statement, line or request in full. Updates change it in place. */
export class DetailView {
  readonly root: HTMLElement;
  readonly #kind = element('span', { class: 'detail-kind' });
  readonly #body = element('div', { class: 'detail-body' });
  readonly #statement: StatementBody;
  readonly #group: GroupBody;

  constructor(context: PanelContext, events: DetailEvents) {
    this.#statement = new StatementBody(context);
    this.#group = new GroupBody(context, (key) => events.onOpen({ grouping: 'statements', key }));
    this.root = element(
      'aside',
      { class: 'detail', 'aria-label': 'Details' },
      element('header', { class: 'detail-head' }, iconButton('back', 'Back', events.onClose), this.#kind),
      this.#body,
    );
    this.root.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      events.onClose();
    });
  }

  focus(): void {
    this.root.querySelector<HTMLElement>('.detail-head button')?.focus();
  }

  show(opened: Opened, store: SessionStore, answer: DetailAnswer | undefined): void {
    if (opened.grouping === 'statements') {
      const row = answer?.detail?.row ?? store.statements.get(opened.key);
      setText(this.#kind, row === undefined ? 'Statement' : describeKind(row));
      this.#place(this.#statement.root);
      this.#statement.show(opened.key, row, answer, store.connection.kind === 'connected');
      return;
    }
    setText(this.#kind, opened.grouping === 'lines' ? 'Line' : 'Request');
    this.#place(this.#group.root);
    this.#group.show(opened, store);
  }

  #place(body: HTMLElement): void {
    if (body.parentNode !== this.#body) this.#body.replaceChildren(body);
  }
}

function describeKind({ kind, tables }: StatementRow): string {
  const verb = kind === 'other' ? 'Statement' : sentenceCase(kind);
  return tables.length === 0 ? verb : `${verb} · ${tables.join(', ')}`;
}

/** A heading with what belongs to it. */
function section(title: string, ...children: HTMLElement[]): HTMLElement {
  return element('section', { class: 'detail-section' }, element('h2', {}, title), ...children);
}

class StatementBody {
  readonly root: HTMLElement;
  readonly #gone = element('p', { class: 'tab-summary' }, 'This statement is no longer part of the session.');
  readonly #pre = element('pre', { tabindex: '0', 'aria-label': 'Statement' });
  readonly #explain: HTMLElement & { disabled: boolean };
  readonly #analyze: HTMLElement & { disabled: boolean };
  readonly #actions: HTMLElement;
  readonly #findingList = element('ul', { class: 'cards' });
  readonly #findings: KeyedList<RelatedFinding>;
  readonly #findingSection: HTMLElement;
  readonly #figures = new Figures();
  readonly #network = element('p', { class: 'note' });
  readonly #histogram = new Histogram();
  readonly #histogramSection: HTMLElement;
  readonly #lineList = element('ul', { class: 'plain' });
  readonly #lines: KeyedList<LineRow>;
  readonly #lineSection: HTMLElement;
  readonly #requestList = element('ul', { class: 'plain' });
  readonly #requests = new KeyedList<StatementDetail['requests'][number]>(this.#requestList, ({ label }) => label, requestEntry);
  readonly #requestSection = section('Requests that ran it', this.#requestList);
  readonly #errorList = element('ul', { class: 'plain' });
  readonly #errors = new KeyedList<StatementDetail['errors'][number]>(this.#errorList, ({ code, message }) => JSON.stringify([code, message]), errorEntry);
  readonly #errorSection = section('Errors', this.#errorList);
  readonly #slowList = element('ul', { class: 'plain' });
  readonly #slow = new KeyedList<SlowExecution>(this.#slowList, ({ at, durationMs, values }) => JSON.stringify([at, durationMs, values]), slowEntry);
  readonly #slowSection = section('Slowest executions', this.#slowList);
  #id = '';
  #text = '';
  #drawn: string | undefined;

  constructor(context: PanelContext) {
    const { send } = context;
    this.#explain = button('Explain', () => send({ type: 'explain', statement: this.#id, analyze: false }), 'secondary');
    this.#analyze = button('Explain analyze…', () => send({ type: 'explain', statement: this.#id, analyze: true }), 'secondary');
    this.#actions = element('div', { class: 'actions' }, this.#explain, this.#analyze);
    this.#findings = new KeyedList(this.#findingList, ({ rule, place }) => JSON.stringify([rule, fullPlace(place)]), () => findingEntry(context));
    this.#findingSection = section('Found in your code', this.#findingList);
    this.#histogramSection = section('Durations', this.#histogram.root);
    this.#lines = new KeyedList(this.#lineList, ({ key }) => key, () => lineEntry(context));
    this.#lineSection = section('Lines that ran it', this.#lineList);
    const copy = iconButton('copy', 'Copy the statement', () => send({ type: 'copy', text: this.#text }));
    this.root = element(
      'div',
      {},
      this.#gone,
      element('div', { class: 'sql-block' }, this.#pre, copy),
      this.#actions,
      this.#findingSection,
      this.#lineSection,
      this.#errorSection,
      this.#slowSection,
      element('section', { class: 'detail-section' }, element('h2', {}, 'Figures'), this.#figures.root, this.#network),
      this.#histogramSection,
      this.#requestSection,
    );
  }

  show(id: string, row: StatementRow | undefined, answer: DetailAnswer | undefined, connected: boolean): void {
    this.#id = id;
    setHidden(this.#gone, row !== undefined || answer === undefined);
    this.#showText(answer?.detail?.formatted ?? row?.text ?? '');
    for (const made of [this.#explain, this.#analyze]) {
      if (made.disabled === connected) made.disabled = !connected;
      setAttribute(made, 'title', connected ? undefined : 'Connect a database to see plans.');
    }
    const findings = answer?.findings ?? [];
    setHidden(this.#findingSection, findings.length === 0);
    this.#findings.show(findings);
    this.#figures.show(row);
    const detail = answer?.detail;
    this.#showNetwork(row?.measured, detail?.networkMs);
    const histogram = detail?.histogram ?? [];
    setHidden(this.#histogramSection, histogram.length === 0);
    this.#histogram.show(histogram);
    const lines = detail?.lines ?? [];
    setHidden(this.#lineSection, lines.length === 0);
    this.#lines.show(lines);
    const requests = detail?.requests ?? [];
    setHidden(this.#requestSection, requests.length === 0);
    this.#requests.show(requests);
    const errors = detail?.errors ?? [];
    setHidden(this.#errorSection, errors.length === 0);
    this.#errors.show(errors);
    const slow = detail?.slowest ?? [];
    setHidden(this.#slowSection, slow.length === 0);
    this.#slow.show(slow);
  }

  #showText(text: string): void {
    this.#text = text;
    if (text === this.#drawn) return;
    this.#drawn = text;
    this.#pre.replaceChildren(sqlElement(text));
  }

  #showNetwork(measured: Measured | undefined, networkMs: number | undefined): void {
    const known = networkMs !== undefined && measured !== undefined && measured.meanMs > 0;
    setHidden(this.#network, !known);
    if (!known) return;
    const share = Math.max(0, Math.min(1, networkMs / measured.meanMs));
    setText(this.#network, `${formatDuration(Math.max(0, networkMs))} of the ${formatDuration(measured.meanMs)} per call (${formatShare(share)}) pass between program and server: network, driver and waiting for the event loop.`);
  }
}

type FigureRow = [name: string, measured: (numbers: Measured) => string, counted: (numbers: Counted) => string];

const NOT_KNOWN = '–';

/** The server knows no percentiles: its spread and its slowest execution stand in their place. */
const FIGURES: readonly FigureRow[] = [
  ['Calls', ({ calls }) => formatCount(calls), ({ calls, atLeast }) => `${atLeast ? '≥\u00a0' : ''}${formatCount(calls)}`],
  ['Total', ({ totalMs }) => formatDuration(totalMs), ({ totalMs }) => formatDuration(totalMs)],
  ['Mean', ({ meanMs }) => formatDuration(meanMs), ({ meanMs, deviationMs }) => `${formatDuration(meanMs)} ± ${formatDuration(deviationMs)}`],
  ['p50', ({ p50Ms }) => formatDuration(p50Ms), () => NOT_KNOWN],
  ['p95', ({ p95Ms }) => formatDuration(p95Ms), () => NOT_KNOWN],
  ['p99', ({ p99Ms }) => formatDuration(p99Ms), () => NOT_KNOWN],
  ['Maximum', ({ maxMs }) => formatDuration(maxMs), ({ maxMs }) => formatDuration(maxMs)],
  ['Rows per call', ({ rows, calls }) => formatAverage(rows / Math.max(1, calls)), ({ rows, calls }) => formatAverage(rows / Math.max(1, calls))],
  ['Errors', ({ errors }) => formatCount(errors), () => NOT_KNOWN],
  ['Waited for a connection', ({ waitMs }) => formatDuration(waitMs), () => NOT_KNOWN],
  ['Read from cache', () => NOT_KNOWN, ({ blocksHit, blocksRead }) => (blocksHit + blocksRead === 0 ? NOT_KNOWN : formatShare(blocksHit / (blocksHit + blocksRead)))],
];

/** What the program measured beside what the server counted. */
class Figures {
  readonly root: HTMLElement;
  readonly #cells = FIGURES.map(() => ({ measured: element('td'), counted: element('td') }));
  readonly #note = element('p', { class: 'note' });

  constructor() {
    const head = element('tr', {}, element('th', { scope: 'col' }, element('span', { class: 'visually-hidden' }, 'Figure')), element('th', { scope: 'col' }, 'Your program'), element('th', { scope: 'col' }, 'The server'));
    const rows = FIGURES.map(([name], index) => element('tr', {}, element('th', { scope: 'row' }, name), this.#cells[index]!.measured, this.#cells[index]!.counted));
    this.root = element('div', {}, element('table', { class: 'figures' }, element('thead', {}, head), element('tbody', {}, ...rows)), this.#note);
  }

  show(row: StatementRow | undefined): void {
    FIGURES.forEach(([, measured, counted], index) => {
      const cells = this.#cells[index]!;
      setText(cells.measured, row?.measured === undefined ? NOT_KNOWN : measured(row.measured));
      setText(cells.counted, row?.counted === undefined ? NOT_KNOWN : counted(row.counted));
    });
    const notes = [
      ...(row?.counted === undefined ? [] : ['The server counts all programs, and knows no percentiles. Its maximum may be older than this session.']),
      ...(row?.counted?.atLeast === true ? ['Its counters went back meanwhile, so some calls may be missing.'] : []),
    ];
    setText(this.#note, notes.join(' '));
    setHidden(this.#note, notes.length === 0);
  }
}

/** A line or a request, and the statements that it ran. */
class GroupBody {
  readonly root: HTMLElement;
  readonly #title = element('h2', { class: 'group-title' });
  readonly #place: PlaceLink;
  readonly #facts = element('ul', { class: 'plain' });
  readonly #list = element('ul', { class: 'cards' });
  readonly #statements: KeyedList<StatementRow>;

  constructor(context: PanelContext, onStatement: (id: string) => void) {
    this.#place = new PlaceLink(context);
    this.#statements = new KeyedList(this.#list, ({ id }) => id, () => statementEntry(onStatement));
    this.root = element('div', {}, this.#title, this.#place.root, this.#facts, section('Statements', this.#list));
  }

  show(opened: Opened, store: SessionStore): void {
    const line = opened.grouping === 'lines' ? store.lines.get(opened.key) : undefined;
    const request = opened.grouping === 'requests' ? store.requests.get(opened.key) : undefined;
    setHidden(this.#place.root, line === undefined);
    setHidden(this.#title, request === undefined);
    setText(this.#title, request?.label ?? '');
    if (line !== undefined) this.#place.show(line.place);
    const facts = line !== undefined ? lineFacts(line) : request !== undefined ? requestFacts(request) : ['This is no longer part of the session.'];
    const shown = [...this.#facts.children].map(({ textContent }) => textContent);
    if (JSON.stringify(shown) !== JSON.stringify(facts)) this.#facts.replaceChildren(...facts.map((fact) => element('li', {}, fact)));
    const ids = line?.statements ?? request?.statements ?? [];
    this.#statements.show(ids.flatMap((id) => store.statements.get(id) ?? []));
  }
}

function lineFacts({ measured, share, requests, mostInOneRequest, sampled }: LineRow): string[] {
  return [
    `${formatNumberOf(measured.calls, 'execution')}, ${formatDuration(measured.totalMs)} in total, ${formatShare(share)} of all time`,
    `Mean ${formatDuration(measured.meanMs)}, p95 ${formatDuration(measured.p95Ms)}, at most ${formatDuration(measured.maxMs)}`,
    `${formatAverage(measured.rows / Math.max(1, measured.calls))} rows per call`,
    ...(requests === 0 ? [] : [`In ${formatNumberOf(requests, 'request')}, at most ${formatCount(mostInOneRequest)} times in one`]),
    ...(measured.errors === 0 ? [] : [formatNumberOf(measured.errors, 'error')]),
    ...(sampled ? ['Queries that several lines share were told apart by samples, so these counts are close but not exact.'] : []),
  ];
}

function requestFacts({ requests, queries, mostQueries, databaseMs, totalMs, errors, share }: RequestRow): string[] {
  return [
    `${formatNumberOf(requests, 'request')}, ${formatAverage(queries / Math.max(1, requests))} queries each, at most ${formatCount(mostQueries)}`,
    `${formatDuration(databaseMs)} in the database, ${formatShare(share)} of all time`,
    ...(totalMs === 0 ? [] : [`${formatShare(Math.min(1, databaseMs / totalMs))} of ${formatDuration(totalMs)} that these requests took`]),
    ...(errors === 0 ? [] : [formatNumberOf(errors, 'failed query', 'failed queries')]),
  ];
}

function lineEntry(context: PanelContext): Entry<LineRow> {
  const place = new PlaceLink(context);
  const facts = element('p', { class: 'note' });
  return {
    root: element('li', {}, place.root, facts),
    show: (line) => {
      place.show(line.place);
      const { measured, mostInOneRequest } = line;
      setText(facts, [formatNumberOf(measured.calls, 'call'), formatDuration(measured.totalMs), `p95 ${formatDuration(measured.p95Ms)}`, ...(mostInOneRequest > 1 ? [`at most ${formatCount(mostInOneRequest)} in one request`] : [])].join(' · '));
    },
  };
}

function requestEntry(): Entry<StatementDetail['requests'][number]> {
  const label = element('span', { class: 'request-label' });
  const facts = element('p', { class: 'note' });
  return {
    root: element('li', {}, label, facts),
    show: (request) => {
      setText(label, request.label);
      setText(facts, `${formatNumberOf(request.executions, 'execution')} in ${formatNumberOf(request.requests, 'request')} · ${formatDuration(request.totalMs)}`);
    },
  };
}

function errorEntry(): Entry<StatementDetail['errors'][number]> {
  const message = element('span', { class: 'error-text' });
  const facts = element('p', { class: 'note' });
  return {
    root: element('li', {}, message, facts),
    show: (error) => {
      setText(message, error.message);
      setText(facts, `${error.code === '' ? '' : `${error.code} · `}${formatCount(error.count)} ×`);
    },
  };
}

function slowEntry(): Entry<SlowExecution> {
  const values = element('code', { class: 'parameter-values' });
  const facts = element('p', { class: 'note' });
  return {
    root: element('li', {}, values, facts),
    show: (execution) => {
      setText(values, valueList(execution.values));
      setText(facts, `${formatDuration(execution.durationMs)} · ${formatClock(execution.at)}`);
    },
  };
}

function findingEntry({ send }: PanelContext): Entry<RelatedFinding> {
  let finding: RelatedFinding | undefined;
  const message = link('', () => {
    if (finding !== undefined) send({ type: 'openPlace', place: finding.place });
  });
  const rule = element('p', { class: 'note' });
  const fix = button('Fix…', () => {
    if (finding !== undefined) send({ type: 'fix', finding: { rule: finding.rule, place: finding.place } });
  });
  return {
    root: element('li', { class: 'card' }, element('div', { class: 'card-text' }, message, rule), fix),
    show: (shown) => {
      finding = shown;
      setText(message, shown.message);
      setText(rule, shown.rule);
      setHidden(fix, !shown.hasFix);
      setAttribute(fix, 'aria-label', `Fix: ${shown.message}`);
    },
  };
}

function statementEntry(onStatement: (id: string) => void): Entry<StatementRow> {
  let id = '';
  const text = link('', () => onStatement(id));
  text.classList.add('statement-link');
  const facts = element('p', { class: 'note' });
  return {
    root: element('li', { class: 'card' }, element('div', { class: 'card-text' }, text, facts)),
    show: (row) => {
      id = row.id;
      setText(text, oneLine(row.text));
      const numbers = row.measured ?? row.counted;
      setText(facts, numbers === undefined ? '' : `${formatNumberOf(numbers.calls, 'call')} · ${formatDuration(numbers.totalMs)} in all of the session`);
    },
  };
}
