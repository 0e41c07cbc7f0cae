/** How loud a finding is. */
export type Severity = 'info' | 'warning' | 'error';

/** How sure the rule is that the finding is real: `high` is what a maintainer would accept unseen. */
export type Confidence = 'high' | 'medium' | 'low';

/** What a file is for, judged from its path and header. Findings are shown for `production` unless asked otherwise. */
export type FileContext = 'production' | 'test' | 'seed' | 'migration' | 'script' | 'generated';

/** A half-open range in UTF-16 code units of a text whose byte order mark, if any, has been removed. */
export interface Span {
  start: number;
  end: number;
}

/** Replaces `span` of `file` by `text`. Edits of one fix never overlap. */
export interface TextEdit extends Span {
  file: string;
  text: string;
}

/** `safe`: same result for every input, comments kept. `suggestion`: something changes, and the title says what. */
export type FixSafety = 'safe' | 'suggestion';

/** One rewrite of one finding, applied as a whole. */
export interface Fix {
  title: string;
  safety: FixSafety;
  edits: TextEdit[];
}

/** Another place that explains a finding, such as a step of the chain from the loop to the query. */
export interface Related extends Span {
  file: string;
  message: string;
}

/** The three sentences a person reads: what is wrong, why it costs, what to do (or why no fix is offered). */
export interface Explanation {
  message: string;
  reason: string;
  help: string;
}

/** One problem, complete and rendered. `file` is the name under which the file was given to the program. */
export interface Finding extends Span, Explanation {
  rule: string;
  severity: Severity;
  confidence: Confidence;
  context: FileContext;
  file: string;
  related: Related[];
  fixes: Fix[];
}

/** What a rule saw, before anything is worded or rewritten: plain, serialisable data. */
export interface Detection<Data = unknown> extends Span {
  rule: string;
  file: string;
  confidence: Confidence;
  related: Related[];
  data: Data;
}

/** A rule that threw. It is logged once and never stops the other rules. */
export interface RuleFailure {
  rule: string;
  file: string;
  message: string;
}
