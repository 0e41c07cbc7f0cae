/**
 * What the extension and the language server say to each other beyond the protocol's own messages. Plain names and
 * shapes: both sides import this file and nothing else of each other.
 */

/** Section of the editor's settings that the server asks for. */
export const SETTINGS_SECTION = 'roundtrip';

/** `roundtrip.*` as the editor holds them. Nothing in them is trusted: the server checks each value. */
export interface EditorSettings {
  rules?: Record<string, unknown> | null;
  include?: string[] | null;
  exclude?: string[] | null;
  confidence?: string | null;
  /** Milliseconds between the last keystroke and the findings. */
  delay?: number | null;
}

/** What the client tells about itself when it starts the server. All of it is optional: other editors send nothing. */
export interface InitializationOptions {
  /**
   * Address of a rule's page; every `{rule}` in it is replaced by the rule's id. Findings link to it. Without one they
   * have no link.
   */
  rulePage?: string;
  /** Command of the client that shows a rule's page, called with the rule's id. Without one the action is not offered. */
  openRulePage?: string;
}

/** Notification, server to client: what the server is doing. Sent whenever it changes. */
export const STATUS = 'roundtrip/status';

export interface FindingCounts {
  error: number;
  warning: number;
  info: number;
}

export type ServerStatus =
  /** No folder is open, so there is nothing to check. */
  | { state: 'idle' }
  | { state: 'indexing'; done: number; total: number }
  | {
      state: 'ready';
      files: number;
      findings: FindingCounts;
      /** Files that could not be checked, or only in part. */
      problems: number;
      /** Whole sentences. */
      configurationErrors: string[];
    }
  /** Indexing was cancelled by the user: only opened files are checked. */
  | { state: 'stopped'; findings: FindingCounts }
  | { state: 'error'; message: string };

/** Request without parameters, client to server: read and check the whole workspace again. Answers with the status after it. */
export const CHECK_WORKSPACE = 'roundtrip/checkWorkspace';

/**
 * Notification, client to server: what the profiling session has seen so far, as `Evidence` of src/profiler/protocol.ts, complete each
 * time. Sent again after the server has started; without lines and tables when there is no session and no connection any more.
 */
export const EVIDENCE = 'roundtrip/evidence';

/** Request, client to server: the statement at a place of a file, for a plan of it. Its parameters are {@link StatementAtParams}, its answer {@link StatementAtAnswer}. */
export const STATEMENT_AT = 'roundtrip/statementAt';

export interface StatementAtParams {
  uri: string;
  /** As the editor has it, saved or not. */
  text: string;
  /** UTF-16 code units from the start of the text. */
  offset: number;
}

/** A text that PostgreSQL takes, with `$1`, `$2`, … for parameters; or a sentence that says why there is none. */
export type StatementAtAnswer = { text: string } | { reason: string };

/** What a published diagnostic carries for the code actions on it. */
export interface DiagnosticData {
  rule: string;
  /** Offsets of the finding in the text that was checked, in UTF-16 code units. */
  start: number;
  end: number;
}

/** The kind of the action that applies every safe fix of a file; `editor.codeActionsOnSave` names it. */
export const FIX_ALL_KIND = 'source.fixAll.roundtrip';

/** Kinds of the actions that silence a finding, and that mend all of a rule: a client can tell them from one that mends this very finding. */
export const IGNORE_KIND = 'quickfix.ignore';
export const FIX_ALL_OF_RULE_KIND = 'quickfix.fixAll';

/**
 * Files that the server wants to hear about when they change on disk: sources, and what decides which of them are
 * checked and how. Glob patterns of the protocol.
 */
export const WATCHED_FILES = [
  '**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs,sql,prisma}',
  '**/{package.json,tsconfig*.json,jsconfig*.json,pnpm-workspace.yaml,.gitignore}',
  '**/roundtrip.config.{json,yaml,yml}',
] as const;
