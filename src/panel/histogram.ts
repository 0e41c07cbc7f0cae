import type { StatementDetail } from '../profiler/protocol.js';
import { spread } from './bars.js';
import { drawing, element, setText, svg } from './elements.js';
import { formatCount, formatDuration } from './number-format.js';

/** More bars than this are thinner than a pixel is useful for. */
const BARS = 40;
const BAR = { width: 8, gap: 2, height: 64 };

/** How durations are spread: short ones left, each bar the same factor wider than the one before. */
export class Histogram {
  readonly root: HTMLElement;
  readonly #picture = drawing(`0 0 ${BARS * BAR.width} ${BAR.height}`, 'bars');
  readonly #from = element('span');
  readonly #to = element('span');
  #drawn = '';

  constructor() {
    this.#picture.setAttribute('preserveAspectRatio', 'none');
    this.#picture.removeAttribute('aria-hidden');
    this.#picture.setAttribute('role', 'img');
    this.root = element('figure', { class: 'histogram' }, this.#picture, element('figcaption', { 'aria-hidden': 'true' }, this.#from, this.#to));
  }

  show(histogram: StatementDetail['histogram']): void {
    const key = JSON.stringify(histogram);
    this.root.hidden = histogram.length === 0;
    if (key === this.#drawn || histogram.length === 0) return;
    this.#drawn = key;
    const { from, to, bars } = spread(histogram, BARS);
    const most = Math.max(...bars);
    const rects = bars.flatMap((count, index) => {
      if (count === 0) return [];
      // The rarest executions are the slow ones: they must be seen.
      const height = Math.max(2, (count / most) * BAR.height);
      const box = { x: index * BAR.width, y: BAR.height - height, width: BAR.width - BAR.gap, height };
      return [svg('rect', Object.fromEntries(Object.entries(box).map(([name, value]) => [name, value.toFixed(1)])))];
    });
    this.#picture.replaceChildren(...rects);
    this.#picture.setAttribute('aria-label', describeHistogram(histogram));
    setText(this.#from, formatDuration(from));
    setText(this.#to, formatDuration(to));
  }
}

function describeHistogram(histogram: StatementDetail['histogram']): string {
  const filled = histogram.filter(([, , executions]) => executions > 0);
  const [from, to, count] = filled.reduce((a, b) => (b[2] > a[2] ? b : a), filled[0] ?? [0, 0, 0]);
  const shortest = filled[0]?.[0] ?? 0;
  const longest = filled.at(-1)?.[1] ?? 0;
  return `Durations from ${formatDuration(shortest)} to ${formatDuration(longest)}; the most frequent, ${formatCount(count)} times, between ${formatDuration(from)} and ${formatDuration(to)}.`;
}
