/** `0.42 ms`, `12 ms`, `1.9 s`, `12 min` */
export function duration(milliseconds: number): string {
  if (milliseconds < 10) return `${Number(milliseconds.toPrecision(2))} ms`;
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  return milliseconds < 100_000 ? `${Number((milliseconds / 1_000).toPrecision(2))} s` : `${Math.round(milliseconds / 60_000)} min`;
}

/** `1,234`, `0.4` */
export function number(value: number): string {
  return (Math.abs(value) < 10 ? Number(value.toFixed(1)) : Math.round(value)).toLocaleString('en-US');
}

/** `1 query`, `2 queries` */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

/** One line of a statement, cut. */
export function shortText(text: string, length = 80): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > length ? `${line.slice(0, length - 1).trimEnd()}…` : line;
}

/** `a`, `a and b`, `a, b and c` */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
