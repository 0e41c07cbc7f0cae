import type { Comparison, SessionUpdate, TargetResult } from '../../profiler/protocol';
import type { SessionSnapshot } from '../../profiler/snapshot';
import type { BudgetResult } from './budgets';
import type { Ending } from './run-program';

/** What a profiled run came to. Files are absolute. */
export interface ProfileOutcome {
  /** The program with its arguments. */
  command: readonly string[];
  ending: Ending;
  seconds: number;
  session: SessionUpdate;
  snapshot: SessionSnapshot;
  budgets: BudgetResult[];
  targets: TargetResult[];
  comparison?: Comparison;
  /** Folder that printed names are relative to. */
  folder: string;
}

/** Whether something got worse by more than noise. */
export function hasRegressed(comparison: Comparison | undefined): boolean {
  if (!comparison) return false;
  return comparison.repetitionsNew.length > 0 || comparison.statements.some(({ significant, kind }) => significant && (kind === 'slower' || kind === 'more'));
}
