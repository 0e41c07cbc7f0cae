/** What the extension and the page of a plan say to each other. Both sides check what they receive. */
import type { PlanReport } from '../../profiler/protocol.js';

/** A plan with what the page may offer. */
export interface ShownPlan {
  report: PlanReport;
  /** The statement can be run to be measured. */
  mayAnalyze: boolean;
}

export type MessageToPlan = { type: 'plan'; plan: ShownPlan };

export type MessageFromPlan = { type: 'ready' } | { type: 'analyze' } | { type: 'copy'; text: string };

/** The message, or undefined when it is none. */
export function readMessageToPlan(value: unknown): MessageToPlan | undefined {
  return isRecord(value) && value.type === 'plan' && isShownPlan(value.plan) ? { type: 'plan', plan: value.plan } : undefined;
}

/** The message, or undefined when it is none. */
export function readMessageFromPlan(value: unknown): MessageFromPlan | undefined {
  if (!isRecord(value)) return undefined;
  if (value.type === 'ready' || value.type === 'analyze') return { type: value.type };
  return value.type === 'copy' && typeof value.text === 'string' ? { type: 'copy', text: value.text } : undefined;
}

/** Also what was kept over a reload of the window has this shape, or is left alone. */
export function isShownPlan(value: unknown): value is ShownPlan {
  if (!isRecord(value) || typeof value.mayAnalyze !== 'boolean' || !isRecord(value.report)) return false;
  const { kind, target, text, facts } = value.report;
  const isKind = kind === 'plain' || kind === 'generic' || kind === 'analyze';
  return isKind && typeof target === 'string' && typeof text === 'string' && Array.isArray(facts) && facts.every((fact) => typeof fact === 'string') && 'plan' in value.report;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
