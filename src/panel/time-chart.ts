import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { ChartData } from './chart-data.js';
import { element, setAttribute, setHidden, setText } from './elements.js';
import { formatClock, formatTime } from './number-format.js';
import { themeColor } from './theme.js';

export interface ChartLine {
  label: string;
  /** Custom property of panel.css with its colour. */
  color: string;
  filled?: boolean;
}

export interface ChartOptions {
  title: string;
  lines: readonly ChartLine[];
  format(value: number): string;
  /** The vertical axis reaches at least this far, so that next to nothing looks like it. */
  atLeast: number;
}

/** As in session.css. */
const HEIGHT = 76;
const AXIS_WIDTH = 50;
const AXIS_HEIGHT = 18;
/** Half of the longest moment on the axis, in pixels: nearer to the right edge it would be cut off. */
const HALF_MOMENT = 32;
/** A session that just began does not fill the width with its first two seconds. */
const LEAST_SPAN_SECONDS = 30;

/** Lines over time. Values are also said in words, and read point by point with the arrow keys. */
export class TimeChart {
  readonly root: HTMLElement;
  readonly #options: ChartOptions;
  readonly #frame: HTMLElement;
  readonly #place = element('div', { class: 'chart-place', 'aria-hidden': 'true' });
  readonly #when = element('span', { class: 'chart-when' });
  readonly #values: HTMLElement[];
  readonly #keys: HTMLElement[];
  #plot: uPlot | undefined;
  #data: ChartData = [[]];
  /** What is drawn is not the latest. */
  #isStale = false;
  #isInView = true;
  /** Index of the point that is read, while one is. */
  #reading: number | undefined;

  constructor(options: ChartOptions) {
    this.#options = options;
    this.#values = options.lines.map(() => element('span', { class: 'chart-value' }));
    this.#keys = options.lines.map(({ label, color }, index) =>
      element('span', { class: `chart-key ${color.slice(2)}` }, element('span', { class: 'chart-swatch', 'aria-hidden': 'true' }), label === '' ? undefined : `${label} `, this.#values[index]),
    );
    // A slider is what screen readers know to be read step by step.
    this.#frame = element('div', { class: 'chart-frame', role: 'slider', tabindex: '0', 'aria-label': options.title, 'aria-valuemin': '0', 'aria-readonly': 'true' }, this.#place);
    this.root = element('figure', { class: 'chart' }, element('figcaption', {}, element('span', { class: 'chart-title' }, options.title), this.#when, ...this.#keys), this.#frame);
    this.#frame.addEventListener('keydown', (event) => this.#onKey(event));
    this.#frame.addEventListener('focus', () => this.#describePoint());
    this.#frame.addEventListener('blur', () => this.#read(undefined));
    new ResizeObserver(() => this.#resize()).observe(this.#place);
    new IntersectionObserver((entries) => {
      this.#isInView = entries.at(-1)!.isIntersecting;
      this.#draw();
    }).observe(this.#frame);
  }

  show(data: ChartData): void {
    this.#data = data;
    if (this.#reading !== undefined && this.#reading >= data[0].length) this.#reading = undefined;
    this.#isStale = true;
    if (this.#plot === undefined) this.#resize();
    // The frame of an update is the table's.
    else requestAnimationFrame(() => this.#draw());
    setAttribute(this.#frame, 'aria-valuemax', String(Math.max(0, data[0].length - 1)));
    setAttribute(this.#frame, 'aria-description', this.#describe());
    if (document.activeElement !== this.#frame) this.#describePoint();
    this.#showValues();
  }

  /** Draws the latest data, unless nobody would see it: who reads the table has mostly scrolled past the charts. */
  #draw(): void {
    if (!this.#isStale || !this.#isInView || this.#plot === undefined) return;
    this.#isStale = false;
    this.#plot.setData(this.#data as uPlot.AlignedData);
  }

  /** Draws anew with the colours of the theme. */
  restyle(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    this.#resize();
  }

  #resize(): void {
    const width = this.#place.clientWidth;
    if (width === 0) return;
    if (this.#plot === undefined) this.#plot = this.#make(width);
    else if (this.#plot.width !== width) this.#plot.setSize({ width, height: HEIGHT });
  }

  #make(width: number): uPlot {
    this.#isStale = false;
    const { lines, format, atLeast } = this.#options;
    const quiet = themeColor('--quiet');
    const grid = themeColor('--chart-grid');
    const font = `11px ${getComputedStyle(document.body).fontFamily}`;
    const none = { show: false };
    return new uPlot(
      {
        width,
        height: HEIGHT,
        padding: [6, 4, 0, 0],
        legend: none,
        cursor: { y: false, drag: { x: false, y: false } },
        scales: { x: { time: true, range: (_plot, first, last) => [Math.min(first ?? 0, (last ?? 0) - LEAST_SPAN_SECONDS), last ?? 0] }, y: { range: (_plot, _low, high) => [0, Math.max(high ?? 0, atLeast) * 1.05] } },
        axes: [
          { stroke: quiet, font, size: AXIS_HEIGHT, gap: 2, space: 70, grid: none, ticks: none, values: moments },
          { stroke: quiet, font, size: AXIS_WIDTH, gap: 4, space: 26, grid: { stroke: grid, width: 1 }, ticks: none, values: (_plot, splits) => splits.map((value) => (value === 0 ? '' : short(format(value)))) },
        ],
        series: [
          {},
          ...lines.map(({ label, color, filled }) => ({
            label,
            stroke: themeColor(color),
            width: 1.5,
            points: none,
            ...(filled === true ? { fill: themeColor(`${color}-area`) } : {}),
          })),
        ],
        hooks: {
          setCursor: [
            (plot) => {
              if (document.activeElement !== this.#frame) this.#reading = plot.cursor.idx ?? undefined;
              this.#showValues();
            },
          ],
        },
      },
      this.#data as uPlot.AlignedData,
      this.#place,
    );
  }

  /** The values at the cursor, else the latest ones. */
  #showValues(): void {
    const [at] = this.#data;
    const index = this.#reading ?? at.length - 1;
    const when = this.#reading === undefined ? undefined : at[index];
    setText(this.#when, when === undefined ? '' : exactClock(when));
    this.#options.lines.forEach((_line, line) => {
      const values = this.#data[line + 1];
      setHidden(this.#keys[line]!, values === undefined || values.every((value) => value === null));
      setText(this.#values[line]!, this.#formatAt(line, index));
    });
  }

  #formatAt(line: number, index: number): string {
    const value = this.#data[line + 1]?.[index];
    return value === undefined || value === null ? '–' : this.#options.format(value);
  }

  #onKey(event: KeyboardEvent): void {
    const last = this.#data[0].length - 1;
    if (last < 0) return;
    const current = this.#reading ?? last;
    const target = { ArrowLeft: current - 1, ArrowRight: current + 1, PageUp: current - 10, PageDown: current + 10, Home: 0, End: last }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    this.#read(Math.max(0, Math.min(last, target)));
  }

  #read(index: number | undefined): void {
    this.#reading = index;
    const plot = this.#plot;
    const at = index === undefined ? undefined : this.#data[0][index];
    plot?.setCursor(at === undefined ? { left: -10, top: -10 } : { left: plot.valToPos(at, 'x'), top: HEIGHT / 2 });
    this.#reading = index;
    this.#showValues();
    this.#describePoint();
  }

  #describePoint(): void {
    const [at] = this.#data;
    const index = this.#reading ?? at.length - 1;
    const when = at[index];
    setAttribute(this.#frame, 'aria-valuenow', String(Math.max(0, index)));
    const values = this.#options.lines.flatMap(({ label }, line) => {
      const text = this.#formatAt(line, index);
      return text === '–' ? [] : [`${label} ${text}`.trim()];
    });
    setAttribute(this.#frame, 'aria-valuetext', when === undefined ? 'Nothing yet' : `${exactClock(when)}: ${values.length === 0 ? 'nothing' : values.join(', ')}`);
  }

  #describe(): string {
    const [at, ...lines] = this.#data;
    const first = at[0];
    const last = at.at(-1);
    if (first === undefined || last === undefined) return 'Nothing was recorded yet.';
    const parts = this.#options.lines.flatMap(({ label }, line) => {
      const values = (lines[line] ?? []).filter((value) => value !== null);
      if (values.length === 0) return [];
      const most = values.reduce((a, b) => Math.max(a, b));
      return [`${label} at most ${this.#options.format(most)}, last ${this.#options.format(values.at(-1) ?? 0)}`.trim()];
    });
    return `From ${exactClock(first)} to ${exactClock(last)}: ${parts.join('; ') || 'nothing'}. The arrow keys read it point by point.`;
  }
}

function moments(plot: uPlot, splits: number[]): string[] {
  const clock = clockOf(splits);
  const room = plot.bbox.width / window.devicePixelRatio - HALF_MOMENT;
  return splits.map((seconds) => (plot.valToPos(seconds, 'x') > room ? '' : clock(seconds)));
}

/** `2.00 ms` → `2 ms` */
function short(text: string): string {
  return text.replace(/\.0+(?!\d)/, '');
}

/** Says moments of an axis: with seconds where two of them fall into one minute. */
function clockOf(moments: readonly number[]): (seconds: number) => string {
  const [first = 0, second = Infinity] = moments;
  return second - first < 60 ? exactClock : (seconds) => formatTime(seconds * 1000);
}

function exactClock(seconds: number): string {
  return formatClock(seconds * 1000);
}
