import type { Confidence, Detection, Finding, RuleFailure, Severity } from './finding';
import type { FileFacts } from './facts/facts';
import type { Program } from './program/program';
import { rules } from './rules/registry';
import type { FixOutcome, Rule, RuleOptions, SourceFile } from './rules/rule';
import { parseModule } from './syntax/typescript';

/** What the configuration says of one rule in one file. */
export interface RuleSetting {
  /** Of all its findings; without it, those of high confidence are as loud as the rule says, all others information. */
  severity?: Severity | 'off';
  options?: RuleOptions;
}

/** Settings by rule id; a rule that is missing has its own default. */
export type RuleSettings = Record<string, RuleSetting>;

/** By rule: they are asked for each file. */
const defaults = new Map<Rule, RuleOptions>();

const RANKS: Record<Confidence, number> = { low: 0, medium: 1, high: 2 };

/**
 * Everything that the rules see in one file, of this confidence at least, before wording and rewriting. Cheap; needs the
 * whole program.
 */
export function detect(program: Program, file: string, settings: RuleSettings = {}, least: Confidence = 'medium'): { detections: Detection[]; failures: RuleFailure[] } {
  const facts = program.facts(file);
  const detections: Detection[] = [];
  const failures: RuleFailure[] = [];
  if (!facts) return { detections, failures };
  for (const rule of rules.values()) {
    const setting = settings[rule.id];
    if (setting?.severity === 'off') continue;
    try {
      const options = { ...defaultOptions(rule), ...setting?.options };
      const isLike = (other: string): boolean => settings[other]?.severity === setting?.severity;
      for (const detected of rule.detect(facts, program, options, isLike)) {
        const detection = { rule: rule.id, file, confidence: rule.confidence, related: [], ...detected };
        if (RANKS[detection.confidence] >= RANKS[least]) detections.push(detection);
      }
    } catch (error) {
      failures.push({ rule: rule.id, file, message: error instanceof Error ? error.message : String(error) });
    }
  }
  detections.sort((a, b) => a.start - b.start || a.end - b.end);
  return { detections, failures };
}

/**
 * Words the detections of one file and works out their fixes. Depends on the file's text and the detections alone, so
 * it may run anywhere and be cached; parses the text once, and only when some rule rewrites.
 */
export function complete(
  facts: Pick<FileFacts, 'file' | 'context'>,
  text: string,
  detections: readonly Detection[],
  settings: RuleSettings = {},
): { findings: Finding[]; failures: RuleFailure[] } {
  const failures: RuleFailure[] = [];
  const findings: Finding[] = [];
  let source: (SourceFile & { broken: boolean }) | undefined;
  for (const detection of detections) {
    const rule = rules.get(detection.rule);
    if (!rule) continue;
    const failed = (error: unknown): void => void failures.push({ rule: rule.id, file: facts.file, message: error instanceof Error ? error.message : String(error) });
    let outcome: FixOutcome = { fixes: [] };
    try {
      if (rule.rewrite) {
        source ??= sourceOf(facts.file, text);
        outcome = source.broken ? { refused: 'the file has a syntax error.' } : rule.rewrite(detection as Detection<never>, source);
      }
    } catch (error) {
      // The problem stands without its fix.
      failed(error);
    }
    try {
      const severity = settings[rule.id]?.severity;
      findings.push({
        rule: rule.id,
        severity: severity && severity !== 'off' ? severity : detection.confidence === 'high' ? rule.severity : 'info',
        confidence: detection.confidence,
        context: facts.context,
        file: facts.file,
        start: detection.start,
        end: detection.end,
        related: detection.related,
        ...rule.explain(detection.data as never, 'refused' in outcome ? outcome.refused : undefined),
        fixes: 'fixes' in outcome ? outcome.fixes : [],
      });
    } catch (error) {
      failed(error);
    }
  }
  return { findings, failures };
}

/** A tree that was made in spite of errors is good enough to find problems, and not to edit the text by. */
function sourceOf(file: string, text: string): SourceFile & { broken: boolean } {
  if (file.endsWith('.sql')) return { file, text, broken: false };
  const { tree, syntaxError } = parseModule(file, text);
  return { file, text, tree, broken: syntaxError !== undefined };
}

function defaultOptions(rule: Rule): RuleOptions {
  let options = defaults.get(rule);
  if (!options) defaults.set(rule, (options = Object.fromEntries(Object.entries(rule.options).map(([name, option]) => [name, option.default]))));
  return options;
}
