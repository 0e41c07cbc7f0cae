/** A thin space that does not break: `12 345`. */
const SEPARATOR = '\u202f';
/** A no-break space between number and unit. */
const GAP = '\u00a0';

/** Whole numbers in groups of three; from a million on, shortened: `12 345`, `3.4 M`. */
export function formatCount(count: number): string {
  for (const [unit, size] of [['T', 1e12], ['G', 1e9], ['M', 1e6]] as const) {
    if (count >= size) return `${significant(count / size)}${GAP}${unit}`;
  }
  return grouped(Math.round(count));
}

/** Every digit, in groups of three. */
export function formatExact(count: number): string {
  return grouped(Math.round(count));
}

/** A duration with three significant digits, in the unit that reads best: `0.04 ms`, `12.3 ms`, `1.25 s`, `3 min 20 s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds === 0) return `0${GAP}ms`;
  if (milliseconds < 0.001) return `<${GAP}1${GAP}µs`;
  if (milliseconds < 0.0995) return `${significant(milliseconds * 1000)}${GAP}µs`;
  if (milliseconds < 999.5) return `${significant(milliseconds)}${GAP}ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 59.95) return `${significant(seconds)}${GAP}s`;
  const minutes = Math.floor(Math.round(seconds) / 60);
  if (minutes < 60) return `${minutes}${GAP}min${GAP}${Math.round(seconds) % 60}${GAP}s`;
  return `${grouped(Math.floor(minutes / 60))}${GAP}h${GAP}${minutes % 60}${GAP}min`;
}

/** A share from 0 to 1 in percent: `43 %`, `0.4 %`, `< 0.1 %`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return `<${GAP}0.1${GAP}%`;
  return `${percent < 9.95 ? percent.toFixed(1).replace(/\.0$/, '') : Math.round(percent)}${GAP}%`;
}

// Made once: they take longer to make than to use.
const MINUTES = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const SECONDS = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit', second: '2-digit' });

/** The time of day as the reader's clock shows it: `10:32`. */
export function formatTime(milliseconds: number): string {
  return MINUTES.format(milliseconds);
}

/** The time of day with seconds: `10:32:07`. */
export function formatClock(milliseconds: number): string {
  return SECONDS.format(milliseconds);
}

function significant(value: number): string {
  if (value >= 99.95) return grouped(Math.round(value));
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, SEPARATOR);
}

/** How long something has gone on, in whole seconds: `4 s`, `5 min`, `5 min 20 s`, `1 h 4 min`. */
export function formatElapsed(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${seconds}${GAP}s`;
  if (minutes >= 60) return `${grouped(Math.floor(minutes / 60))}${GAP}h${GAP}${minutes % 60}${GAP}min`;
  return seconds % 60 === 0 ? `${minutes}${GAP}min` : `${minutes}${GAP}min${GAP}${seconds % 60}${GAP}s`;
}

/** Day and time as the reader's calendar shows them: `21 Nov, 10:32`. */
export function formatMoment(milliseconds: number): string {
  return new Date(milliseconds).toLocaleString(undefined, { day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' });
}

/** A number of few digits that need not be whole: `0.4`, `12.5`, `1 204`. */
export function formatAverage(value: number): string {
  if (value >= 1e6) return formatCount(value);
  if (value >= 99.95 || Number.isInteger(value)) return grouped(Math.round(value));
  if (value > 0 && value < 0.05) return `<${GAP}0.1`;
  return value.toFixed(1).replace(/\.0$/, '');
}

/** A count with its noun: `1 query`, `12 queries`. */
export function formatNumberOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)}${GAP}${count === 1 ? one : many}`;
}

export function sentenceCase(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** `−43 %`, or `× 12` where it grew many times over. */
export function difference(before: number, after: number): string {
  if (before === after) return `±${GAP}0`;
  if (before === 0) return 'new';
  const factor = after / before;
  if (factor >= 3) return `×${GAP}${factor >= 10 ? grouped(Math.round(factor)) : factor.toFixed(1)}`;
  const percent = Math.round((factor - 1) * 100);
  return `${percent > 0 ? '+' : percent < 0 ? '−' : '±'}${Math.abs(percent)}${GAP}%`;
}
