import type { SeriesPoint, SessionState } from '../profiler/protocol.js';
import { chartData } from './chart-data.js';
import { element } from './elements.js';
import { formatAverage, formatDuration } from './number-format.js';
import { onThemeChange } from './theme.js';
import { TimeChart } from './time-chart.js';

/** While it records, what happens now is of interest; a stopped session is shown as a whole. */
const LIVE_MS = 5 * 60_000;

/** Queries per second, and how long they took. */
export class Charts {
  readonly root: HTMLElement;
  readonly #rate = new TimeChart({
    title: 'Queries per second',
    lines: [{ label: '', color: '--chart-rate', filled: true }],
    format: formatAverage,
    atLeast: 4,
  });
  readonly #latency = new TimeChart({
    title: 'Duration',
    lines: [
      { label: 'p50', color: '--chart-median' },
      { label: 'p95', color: '--chart-high' },
      { label: 'mean', color: '--chart-rate' },
    ],
    format: formatDuration,
    atLeast: 0.5,
  });
  #shown: readonly SeriesPoint[] | undefined;
  #state: SessionState = 'none';

  constructor() {
    this.root = element('div', { class: 'charts' }, this.#rate.root, this.#latency.root);
    onThemeChange(() => {
      this.#rate.restyle();
      this.#latency.restyle();
    });
  }

  show(series: readonly SeriesPoint[], state: SessionState): void {
    if (series === this.#shown && state === this.#state) return;
    this.#shown = series;
    this.#state = state;
    const from = state === 'stopped' ? -Infinity : (series.at(-1)?.at ?? 0) - LIVE_MS;
    const points = series.filter(({ at }) => at > from);
    const [rate, latency] = chartData(points);
    this.#rate.show(rate);
    this.#latency.show(latency);
  }
}
