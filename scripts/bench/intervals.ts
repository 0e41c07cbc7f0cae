/** A figure with the interval that holds it in 95 of 100 cases. */
export interface Interval {
  value: number;
  from: number;
  to: number;
}

const RESAMPLES = 1_000;

/**
 * The interval by the bootstrap's percentiles: groups are drawn again with replacement, and within them their members.
 * @param samples each a list of groups, such as the runs of a program, that holds what was measured in them
 * @param figure of all samples
 */
export function interval<T>(samples: readonly T[][][], figure: (samples: readonly T[][][]) => number): Interval {
  const again = <U>(list: readonly U[]): U[] => list.map(() => list[Math.floor(Math.random() * list.length)]!);
  const figures = Array.from({ length: RESAMPLES }, () => figure(samples.map((groups) => again(groups).map(again)))).sort((a, b) => a - b);
  return { value: figure(samples), from: figures[Math.floor(0.025 * RESAMPLES)]!, to: figures[Math.floor(0.975 * RESAMPLES)]! };
}
