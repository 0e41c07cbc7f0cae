import type { TSESTree } from '@typescript-eslint/typescript-estree';
import type { Confidence, Detection, Explanation, Fix, FixSafety, Related, Severity, Span } from '../finding';
import type { FileFacts } from '../facts/facts';
import type { Program } from '../program/program';

/** A setting of one rule. `default` also gives its type. */
export interface RuleOption {
  description: string;
  default: number | boolean | string | string[];
  /** Smallest accepted number. */
  minimum?: number;
}

export type RuleOptions = Record<string, number | boolean | string | string[]>;

/** What a rule returns for one problem; the engine adds rule id and file. */
export interface Detected<Data> extends Span {
  data: Data;
  /** Overrides the rule's own confidence. */
  confidence?: Confidence;
  related?: Related[];
}

/** A file's text with its tree, for fixes: they depend on nothing else but the detection's data. */
export interface SourceFile {
  file: string;
  text: string;
  /** ESTree with ranges and parents; undefined for files that are not TypeScript or JavaScript. */
  tree?: TSESTree.Program;
}

/** Rewrites that were found equal (or say what changes), or the condition that failed, as an end of the sentence "No fix is offered: …". */
export type FixOutcome = { fixes: Fix[] } | { refused: string };

/**
 * One rule. `detect` is pure and returns data; `explain` words it; `rewrite` edits the text.
 * Nothing here reads a clock, a file system or a network.
 */
export interface Rule<Data = never> {
  id: string;
  family: 'database' | 'react' | 'sql';
  /** One line without a full stop: the README table, the settings and SARIF show it. */
  summary: string;
  severity: Severity;
  confidence: Confidence;
  fix: FixSafety | 'none';
  options: Record<string, RuleOption>;
  /** `isLike` tells of another rule whether it is as loud as this one: then one finding may speak for both. */
  detect(file: FileFacts, program: Program, options: RuleOptions, isLike: (rule: string) => boolean): Iterable<Detected<Data>>;
  /** `refusal` is why no fix is offered, when `rewrite` refused. */
  explain(data: Data, refusal?: string): Explanation;
  rewrite?(detection: Detection<Data>, source: SourceFile): FixOutcome;
}

/** Keeps the type of the rule's data between detection, wording and fix. */
export function defineRule<Data>(rule: Rule<Data>): Rule {
  return rule as unknown as Rule;
}
