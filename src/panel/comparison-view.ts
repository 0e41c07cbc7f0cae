import type { Change, Comparison, RuntimeRepetition, SavedSession } from '../profiler/protocol.js';
import type { PanelContext } from './context.js';
import { element, iconButton, link } from './elements.js';
import { difference, formatCount, formatDuration, formatExact, formatMoment } from './number-format.js';
import { PlaceLink } from './place-link.js';
import { oneLine } from './visible-text.js';

/** A first look; the rest comes with each press of the button. */
const PAGE = 50;

const KINDS: Record<Change['kind'], string> = { new: 'New', gone: 'Gone', more: 'More calls', less: 'Fewer calls', slower: 'Slower', faster: 'Faster', same: 'Same' };

/** Two sessions beside each other: what became better, what worse, and what is only noise. */
export function comparisonView(comparison: Comparison, context: PanelContext): HTMLElement {
  const { before, after, summary, totals, statements, lines, repetitionsGone, repetitionsNew } = comparison;
  return element(
    'section',
    { class: 'comparison', 'aria-label': 'Comparison' },
    element('header', { class: 'detail-head' }, iconButton('back', 'Back to the session', () => context.send({ type: 'closeComparison' })), element('h1', {}, 'Before and after')),
    element(
      'div',
      { class: 'comparison-body' },
      element('div', { class: 'summary-sentences' }, ...summary.map((sentence) => element('p', {}, sentence))),
      totalsTable(before, after, totals),
      repetitionList('N+1s that are gone', 'gone', repetitionsGone, context),
      repetitionList('New N+1s', 'new', repetitionsNew, context),
      changeList('Statements', statements, context),
      changeList('Lines', lines, context),
      element('p', { class: 'note' }, 'Strong: more than noise. Quiet: it may be chance.'),
    ),
  );
}

function totalsTable(before: SavedSession, after: SavedSession, totals: Comparison['totals']): HTMLElement {
  const row = (name: string, format: (value: number) => string, value: (side: Comparison['totals']['before']) => number): HTMLElement =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, name),
      element('td', {}, format(value(totals.before))),
      element('td', {}, format(value(totals.after))),
      element('td', { class: 'difference' }, difference(value(totals.before), value(totals.after))),
    );
  const side = ({ name, startedAt }: SavedSession): HTMLElement => element('th', { scope: 'col' }, name, element('span', { class: 'note' }, formatMoment(startedAt)));
  return element(
    'table',
    { class: 'figures totals' },
    element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, element('span', { class: 'visually-hidden' }, 'Figure')), side(before), side(after), element('th', { scope: 'col' }, 'Change'))),
    element(
      'tbody',
      {},
      row('Queries', formatCount, ({ calls }) => calls),
      row('Time', formatDuration, ({ totalMs }) => totalMs),
      row('N+1s', formatExact, ({ repetitions }) => repetitions),
    ),
  );
}

function repetitionList(title: string, kind: 'gone' | 'new', repetitions: readonly RuntimeRepetition[], context: PanelContext): HTMLElement | undefined {
  if (repetitions.length === 0) return undefined;
  const items = repetitions.map((repetition) => {
    const place = new PlaceLink(context);
    place.show(repetition.place);
    const facts = `${repetition.label ?? 'in a transaction'} · ${formatCount(repetition.most)} at most in one · ${formatDuration(repetition.wastedMs)}`;
    return element('li', { class: `change significant ${kind}` }, element('div', { class: 'change-head' }, place.root), element('p', { class: 'note' }, facts));
  });
  return element('section', {}, element('h2', {}, title), element('ul', { class: 'changes' }, ...items));
}

function changeList(title: string, changes: readonly Change[], context: PanelContext): HTMLElement | undefined {
  const changed = changes.filter(({ kind }) => kind !== 'same');
  const same = changes.length - changed.length;
  if (changes.length === 0) return undefined;
  const list = element('ul', { class: 'changes' });
  let shown = 0;
  const more = link('', () => showMore());
  const showMore = (): void => {
    const first = list.children.length;
    list.append(...changed.slice(shown, shown + PAGE).map((change) => changeItem(change, context)));
    shown = Math.min(changed.length, shown + PAGE);
    const rest = changed.length - shown;
    const hadFocus = document.activeElement === more;
    more.hidden = rest === 0;
    more.textContent = `Show ${formatExact(Math.min(PAGE, rest))} more`;
    if (hadFocus && more.hidden) list.children[first]?.querySelector('button')?.focus();
  };
  showMore();
  return element('section', {}, element('h2', {}, title), list, more, element('p', { class: 'note' }, same === 0 ? '' : `${formatExact(same)} unchanged`));
}

function changeItem({ kind, text, place, before, after, significant }: Change, context: PanelContext): HTMLElement {
  const head = element('div', { class: 'change-head' }, element('span', { class: 'change-kind' }, KINDS[kind]));
  if (place === undefined) head.append(element('code', { title: text.slice(0, 1_000) }, oneLine(text)));
  else {
    const link = new PlaceLink(context);
    link.show(place);
    head.append(link.root);
  }
  const parts = [
    pair('calls', before?.calls, after?.calls, formatCount),
    pair('total', before?.totalMs, after?.totalMs, formatDuration),
    pair('p95', before?.p95Ms, after?.p95Ms, formatDuration),
  ];
  return element(
    'li',
    { class: `change ${kind}${significant ? ' significant' : ''}` },
    head,
    element('p', { class: 'change-numbers' }, ...parts),
    significant ? undefined : element('span', { class: 'visually-hidden' }, 'may be chance'),
  );
}

function pair(name: string, before: number | undefined, after: number | undefined, format: (value: number) => string): HTMLElement | undefined {
  if (before === undefined && after === undefined) return undefined;
  const sides = [before, after].flatMap((value) => (value === undefined ? [] : [format(value)]));
  return element('span', {}, `${name} `, [...new Set(sides)].join(' → '));
}
