/** The door of the profiler: live sessions of programs and servers, in this process. `main.ts` serves them to another one. */
import { Profiler, type ProfilerOptions } from './profiler.js';

export { histogramBounds } from './store/histogram.js';
export { ELSEWHERE, OTHER_STATEMENTS } from './store/store.js';
export { SNAPSHOT_VERSION, type SessionSnapshot, type StatementSnapshot, type MeasuredSnapshot, type HistogramSnapshot } from './snapshot.js';
export type { Notify, Profiler, ProfilerOptions } from './profiler.js';

/**
 * Opens a profiler in this process. Programs can report to it as soon as a session has been started.
 * @throws Error with a sentence for a person when no socket can be opened
 */
export function openProfiler(options: ProfilerOptions): Promise<Profiler> {
  return Profiler.open(options);
}
