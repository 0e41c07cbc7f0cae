import type { Confidence, Finding, FixSafety, Severity, TableSize } from '../analysis';

export interface WorkspaceOptions {
  /** Absolute folders; each is searched on its own for configuration and files. */
  roots: string[];
  /** Worker threads for parsing; defaults to one less than the machine's cores. 0 works in this thread. */
  workers?: number;
  /** False reads and writes no cache on disk. */
  cache?: boolean;
  /**
   * Takes findings from an earlier run, where nothing has changed since that any finding depends on. For who asks once: which
   * files a later change concerns is known only to a program that has worked out its findings itself.
   */
  reuseFindings?: boolean;
  log?: (level: 'debug' | 'info' | 'warn' | 'error', message: string) => void;
  /** Read instead of the configuration that would be found; absolute. */
  configurationFile?: string;
  /** Settings that win over the configuration file: the editor's settings, or the command line's flags. */
  overrides?: Partial<Configuration>;
}

/** What `roundtrip.config.*` and the editor's settings may say: one schema for both. */
export interface Configuration {
  /** Rule id → severity, `off`, or severity with options. */
  rules: Record<string, Severity | 'off' | { severity?: Severity | 'off'; [option: string]: unknown }>;
  /** Contexts shown besides production code. */
  include: ('tests' | 'seeds' | 'migrations' | 'scripts' | 'generated')[];
  /** Globs of files that are not analysed, besides .gitignore, node_modules and build folders. */
  exclude: string[];
  /** Findings that are less sure than this are not shown; `medium` by default. */
  confidence: Confidence;
}

export interface Progress {
  done: number;
  total: number;
}

/** A file that could not be analysed, or only in part. */
export interface FileProblem {
  file: string;
  message: string;
}

export interface Position {
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 code units. */
  column: number;
}

/** A finding with everything placed: what an editor or a reporter needs. `file`s are absolute with `/`. */
export interface PlacedFinding extends Omit<Finding, 'related'> {
  from: Position;
  to: Position;
  related: { file: string; message: string; from: Position; to: Position }[];
}

export interface FileReport {
  file: string;
  /** Shown findings: in an included context, not switched off, not ignored by a comment. */
  findings: PlacedFinding[];
}

export interface Workspace {
  /** Finds, reads and parses all files. Resolves when findings of every file can be asked; rejects as {@link Workspace.ensureRoom} throws. */
  index(onProgress?: (progress: Progress) => void, signal?: AbortSignal): Promise<void>;
  /** Analysed files, absolute with `/`, sorted. */
  files(): string[];
  /** Lines of all analysed files. */
  readonly lines: number;
  problems(): FileProblem[];
  /** What is wrong with the configuration, in whole sentences. What they speak of does not count: defaults hold instead. */
  configurationErrors(): string[];
  /** Text of an unsaved buffer; wins over the disk until closed. Returns files whose findings may have changed, this one first. */
  setBuffer(file: string, text: string): string[];
  closeBuffer(file: string): Promise<string[]>;
  /** Tells of files that were made, changed or deleted on disk. Returns files whose findings may have changed. */
  filesChanged(files: string[]): Promise<string[]>;
  /** Throws a `ProjectTooLargeError` when so little memory is left that going on would end the process. Ask between reports. */
  ensureRoom(): void;
  /** Findings of one file, complete with fixes. Never throws. */
  report(file: string): Promise<FileReport>;
  /** Text that the findings of a file refer to, without byte order mark. */
  text(file: string): Promise<string | undefined>;
  /** What is saved of a file, whatever the buffers hold: running programs are made of it. `modified` is in milliseconds since 1970. */
  saved(file: string): Promise<{ text: string; modified: number } | undefined>;
  /** Whether a rule's findings at a line would be shown: its context is included, the rule is not switched off, and no comment ignores it there. */
  shows(file: string, rule: string, line: number): boolean;
  /**
   * Writes safe fixes of the given files to the disk, several passes until nothing is left to fix. What was changed
   * meanwhile is left alone and told of.
   */
  fix(files: readonly string[]): Promise<FixOutcome>;
  /** Replaces the overrides (settings changed in the editor). Files that they let in are found by the next {@link index}. */
  configure(overrides: Partial<Configuration>): Promise<void>;
  /** Replaces the row counts that a connected database tells; without one there are none. Returns files whose findings may have changed. */
  setTableSizes(sizes: readonly TableSize[]): string[];
  dispose(): Promise<void>;
}

export interface FixOutcome {
  /** Findings that are gone now, as they stood before. */
  fixed: PlacedFinding[];
  /** Files that were written. */
  written: string[];
  /** Files that could not be fixed, and why. */
  problems: FileProblem[];
}

/** Which fixes to apply when all of a file are asked for: only `safe` ones unless suggestions are named by rule. */
export type FixSelection = { safety: FixSafety; rule?: string };
