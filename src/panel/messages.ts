/**
 * Everything that the extension and the timings panel say to each other. Both sides check what they receive: the panel is a web
 * page, and a message may come from an older version of the other side.
 */

/** One thing to do, and what to copy for it. */
export interface PanelStep {
  text: string;
  code?: string;
}

/** A database that was found, e.g. in an environment file. */
export interface FoundDatabase {
  id: string;
  /** `shop at localhost:5432` */
  name: string;
  /** `DATABASE_URL in .env` */
  source: string;
}

/** What the panel shows apart from the numbers. */
export type PanelState =
  | { kind: 'disconnected'; found: FoundDatabase[]; /** Environment files are not read in a folder that is not trusted. */ restricted: boolean }
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

export type MessageToPanel = { type: 'state'; state: PanelState } | { type: 'timings'; timings: PanelTimings };

export type MessageFromPanel =
  | { type: 'ready' }
  /** Without an id, a person chooses or types the database. */
  | { type: 'connect'; id?: string }
  | { type: 'retry' }
  | { type: 'disconnect' }
  | { type: 'pause'; paused: boolean }
  | { type: 'startAfresh' }
  | { type: 'copy'; text: string }
  | { type: 'showLog' };

/** The message, or undefined when it is none. */
export function readMessageToPanel(value: unknown): MessageToPanel | undefined {
  if (!isRecord(value)) return undefined;
  if (value.type === 'state' && isState(value.state)) return { type: 'state', state: value.state };
  if (value.type === 'timings' && isTimings(value.timings)) return { type: 'timings', timings: value.timings };
  return undefined;
}

/** The message, or undefined when it is none. */
export function readMessageFromPanel(value: unknown): MessageFromPanel | undefined {
  if (!isRecord(value)) return undefined;
  switch (value.type) {
    case 'ready':
    case 'retry':
    case 'disconnect':
    case 'startAfresh':
    case 'showLog':
      return { type: value.type };
    case 'connect':
      if (value.id === undefined) return { type: 'connect' };
      return isText(value.id) ? { type: 'connect', id: value.id } : undefined;
    case 'pause':
      return typeof value.paused === 'boolean' ? { type: 'pause', paused: value.paused } : undefined;
    case 'copy':
      return isText(value.text) ? { type: 'copy', text: value.text } : undefined;
    default:
      return undefined;
  }
}

function isState(value: unknown): value is PanelState {
  if (!isRecord(value)) return false;
  switch (value.kind) {
    case 'disconnected':
      return isListOf(value.found, isFoundDatabase) && typeof value.restricted === 'boolean';
    case 'connecting':
      return isText(value.target);
    case 'failed':
      return isText(value.target) && isText(value.title) && isText(value.detail) && isListOf(value.steps, isStep);
    case 'connected':
      return (
        isText(value.target) && isText(value.server) && isNumber(value.since) && typeof value.paused === 'boolean' && (value.lost === undefined || isText(value.lost))
      );
    default:
      return false;
  }
}

function isTimings(value: unknown): value is PanelTimings {
  return (
    isRecord(value) &&
    isListOf(value.statements, isStatement) &&
    isNumber(value.statementCount) &&
    isNumber(value.totalMs) &&
    isListOf(value.texts, (pair): pair is [string, string] => Array.isArray(pair) && pair.length === 2 && pair.every(isText)) &&
    isListOf(value.notices, isStep)
  );
}

function isStatement(value: unknown): value is PanelStatement {
  return Array.isArray(value) && value.length === 5 && isText(value[0]) && value.slice(1).every(isNumber);
}

function isFoundDatabase(value: unknown): value is FoundDatabase {
  return isRecord(value) && isText(value.id) && isText(value.name) && isText(value.source);
}

function isStep(value: unknown): value is PanelStep {
  return isRecord(value) && isText(value.text) && (value.code === undefined || isText(value.code));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isListOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(isItem);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
