/** Messages about the connection alone, from before there were sessions. They go when the extension speaks the ones of messages.ts. */
import type { FoundDatabase } from './messages.js';
import { flag, listOf, number, optional, record, text, tuple, variants, type Shape } from './shape.js';

/** One thing to do, and what to copy for it. */
export interface PanelStep {
  text: string;
  code?: string;
}

/** What the panel shows apart from the numbers. */
export type PanelState =
  | { kind: 'disconnected'; found: FoundDatabase[]; restricted: boolean }
  | { kind: 'connecting'; target: string }
  | { kind: 'failed'; target: string; title: string; detail: string; steps: PanelStep[] }
  | {
      kind: 'connected';
      target: string;
      /** `PostgreSQL 18.4` */
      server: string;
      /** Milliseconds since 1970. */
      since: number;
      paused: boolean;
      /** Why the connection was lost, while it is sought again. */
      lost?: string;
    };

/** One statement's numbers since the start: id, calls, milliseconds in total, rows, and 1 where calls may be missing. */
export type PanelStatement = [id: string, calls: number, totalMs: number, rows: number, atLeast: 0 | 1];

export interface PanelTimings {
  /** Those with the most time first. */
  statements: PanelStatement[];
  /** All statements that were called, listed or not. */
  statementCount: number;
  /** Milliseconds of all statements, listed or not. */
  totalMs: number;
  /** Texts of ids that the panel was not told yet. */
  texts: [id: string, text: string][];
  notices: PanelStep[];
}

export type FormerToPanel = { type: 'state'; state: PanelState } | { type: 'timings'; timings: PanelTimings };
export type FormerFromPanel = { type: 'startAfresh' };

const step = record<PanelStep>({ text, code: optional(text) });
const zeroOrOne = number as Shape<0 | 1>;

export const isFormerToPanel = variants<FormerToPanel, 'type'>('type', {
  state: {
    state: variants<PanelState, 'kind'>('kind', {
      disconnected: { found: listOf(record<FoundDatabase>({ id: text, name: text, source: text })), restricted: flag },
      connecting: { target: text },
      failed: { target: text, title: text, detail: text, steps: listOf(step) },
      connected: { target: text, server: text, since: number, paused: flag, lost: optional(text) },
    }),
  },
  timings: {
    timings: record<PanelTimings>({
      statements: listOf(tuple<PanelStatement>(text, number, number, number, zeroOrOne)),
      statementCount: number,
      totalMs: number,
      texts: listOf(tuple<[string, string]>(text, text)),
      notices: listOf(step),
    }),
  },
});

export const isFormerFromPanel = variants<FormerFromPanel, 'type'>('type', { startAfresh: {} });
