import type { RuntimeRepetition } from '../profiler/protocol.js';
import type { PanelContext } from './context.js';
import { drawIcon, element, iconButton, link, setAttribute, setHidden, setText } from './elements.js';
import { KeyedList, type Entry } from './keyed-list.js';
import { formatCount, formatDuration, formatExact, formatNumberOf, sentenceCase } from './number-format.js';
import { PlaceLink } from './place-link.js';
import { fullPlace } from './places.js';
import { oneLine } from './visible-text.js';

/** More push the table out of a small view; the rest is one press away. */
const SHOWN_AT_FIRST = 3;

/** With the text of its statement, which tells two of the same line apart. */
export interface ShownRepetition extends RuntimeRepetition {
  text: string;
}

/** N+1s that happened, the most costly first. */
export class RepetitionsView {
  readonly root: HTMLElement;
  readonly #title = element('h2');
  readonly #cost = element('span', { class: 'note' });
  readonly #list = element('ul', { class: 'cards' });
  readonly #cards: KeyedList<ShownRepetition>;
  readonly #more: HTMLButtonElement;
  #repetitions: readonly ShownRepetition[] = [];
  #all = false;

  constructor(context: PanelContext, onStatement: (id: string) => void) {
    this.#cards = new KeyedList(this.#list, keyOf, () => card(context, onStatement));
    this.#more = link('', () => {
      this.#all = !this.#all;
      this.#draw();
    });
    this.root = element('section', { class: 'repetitions', 'aria-label': 'N+1s seen while running' }, element('header', { class: 'section-head' }, this.#title, this.#cost), this.#list, this.#more);
    this.root.hidden = true;
  }

  show(repetitions: readonly ShownRepetition[]): void {
    this.#repetitions = repetitions;
    this.#draw();
  }

  #draw(): void {
    const all = this.#repetitions;
    setHidden(this.root, all.length === 0);
    setText(this.#title, describeRepetitions(all));
    setText(this.#cost, `${formatDuration(all.reduce((sum, { wastedMs }) => sum + wastedMs, 0))} could be saved`);
    this.#cards.show(this.#all ? all : all.slice(0, SHOWN_AT_FIRST));
    setHidden(this.#more, all.length <= SHOWN_AT_FIRST);
    setText(this.#more, this.#all ? 'Show fewer' : `Show ${formatExact(all.length - SHOWN_AT_FIRST)} more`);
    setAttribute(this.#more, 'aria-expanded', String(this.#all));
  }
}

/** `3 N+1s and 1 repeated query` */
export function describeRepetitions(repetitions: readonly RuntimeRepetition[]): string {
  const loops = repetitions.filter(({ kind }) => kind === 'n-plus-one').length;
  const repeated = repetitions.length - loops;
  const parts = [
    ...(loops === 0 ? [] : [`${loops} ${loops === 1 ? 'N+1' : 'N+1s'}`]),
    ...(repeated === 0 ? [] : [`${repeated} repeated ${repeated === 1 ? 'query' : 'queries'}`]),
  ];
  return parts.join(' and ');
}

export function keyOf({ kind, statement, place, label }: RuntimeRepetition): string {
  return JSON.stringify([kind, statement, fullPlace(place), label]);
}

function card(context: PanelContext, onStatement: (id: string) => void): Entry<ShownRepetition> {
  const place = new PlaceLink(context);
  const wasted = element('strong', { class: 'wasted', title: 'Time that one execution each would have saved' });
  const sql = element('code', { class: 'card-sql' });
  const facts = element('p', { class: 'note' });
  let statement = '';
  const open = iconButton('detail', 'Show the statement', () => onStatement(statement));
  const text = element('div', { class: 'card-text' }, element('div', { class: 'card-head' }, place.root, wasted), sql, facts);
  return {
    root: element('li', { class: 'card' }, drawIcon('repeat'), text, open),
    show: (repetition) => {
      statement = repetition.statement;
      place.show(repetition.place);
      setText(sql, oneLine(repetition.text));
      setHidden(sql, repetition.text === '');
      setText(wasted, formatDuration(repetition.wastedMs));
      setText(facts, describe(repetition));
    },
  };
}

/** `Up to 50 × in GET /orders · 18 412 × in 211 requests` */
function describe({ kind, label, most, executions, requests }: RuntimeRepetition): string {
  const parts = [
    ...(kind === 'repeated' ? ['Same parameters'] : []),
    `up to ${formatCount(most)} × in ${label ?? 'one transaction or run without a pause'}`,
    `${formatCount(executions)} × in ${formatNumberOf(requests, label === undefined ? 'run' : 'request')}`,
  ];
  return sentenceCase(parts.join(' · '));
}
