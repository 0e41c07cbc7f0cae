import type { LiveTimings, TimingReport, TimingState } from '../../database/index';
import type { MessageToPanel, PanelState } from '../../panel/messages';
import { describeAddress } from '../../database/address';

type Explain = typeof import('../../database/index').explainProblem;

/** What the panel shows of a connection. `explain` comes with the database part, which is loaded on demand. */
export function stateForPanel(state: Exclude<LiveTimings['state'], { kind: 'disconnected' }>, explain: Explain): PanelState {
  const target = describeAddress(state.address);
  switch (state.kind) {
    case 'connecting':
      return { kind: 'connecting', target };
    case 'failed':
      return { kind: 'failed', target, ...explain(state.problem) };
    case 'connected':
      return {
        kind: 'connected',
        target,
        server: `PostgreSQL ${state.serverVersion}`,
        since: state.since,
        paused: state.paused,
        ...(state.lost === undefined ? {} : { lost: explain(state.lost).title }),
      };
  }
}

/** The numbers of a report, and the texts that this page was not told yet. `told` is brought up to date. */
export function timingsForPanel(report: TimingReport, told: Set<string>): MessageToPanel {
  const texts = [...report.texts].filter(([id]) => !told.has(id));
  for (const [id] of texts) told.add(id);
  return {
    type: 'timings',
    timings: {
      statements: report.statements.map(({ id, calls, totalMs, rows, atLeast }) => [id, calls, totalMs, rows, atLeast ? 1 : 0]),
      statementCount: report.statementCount,
      totalMs: report.totalMs,
      texts,
      notices: report.notices,
    },
  };
}

/** One line for the log. Nothing in it is secret. */
export function logLine(state: TimingState, explain: Explain): string {
  switch (state.kind) {
    case 'disconnected':
      return 'Disconnected from the database.';
    case 'connecting':
      return `Connecting to ${describeAddress(state.address)} as ${state.address.user}.`;
    case 'failed': {
      const { title, detail } = explain(state.problem);
      return `No connection to ${describeAddress(state.address)}: ${title} ${detail}`;
    }
    case 'connected':
      return state.lost === undefined
        ? `Connected to ${describeAddress(state.address)}, PostgreSQL ${state.serverVersion}.`
        : `${explain(state.lost).title} Trying again.`;
  }
}
