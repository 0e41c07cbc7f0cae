import { positionAt, rules, type Detection, type FileFacts, type Finding, type IgnoreFact, type RuleSettings, type Severity } from '../analysis';
import { ruleCatalog, UNEXPLAINED_IGNORE, UNUSED_IGNORE } from './rule-catalog';

/** What `roundtrip-ignore` comments leave of a file's detections, and what is to be said of the comments themselves. */
export interface Suppression {
  kept: Detection[];
  comments: Finding[];
}

/**
 * Drops what a comment with a reason ignores at its line. A comment without a rule or a reason ignores nothing. Comments
 * that ignore nothing are reported, unless their rule is off or the file does not parse (its findings may come back).
 */
export function suppress(facts: FileFacts, text: string, detections: readonly Detection[], settings: RuleSettings): Suppression {
  const comments: Finding[] = [];
  const used = new Set<string>();
  const kept = detections.filter((detection) => {
    const { line } = positionAt(facts, detection.start);
    let ignored = false;
    facts.ignores.forEach((ignore, index) => {
      if (ignore.line !== line || !ignore.rules.includes(detection.rule)) return;
      used.add(`${index} ${detection.rule}`);
      if (isExplained(ignore)) ignored = true;
    });
    return !ignored;
  });
  facts.ignores.forEach((ignore, index) => {
    if (!isExplained(ignore)) {
      comments.push(...commentFinding(UNEXPLAINED_IGNORE, facts, ignore, settings, {
        message: ignore.rules.length ? 'This comment gives no reason, so it ignores nothing.' : 'This comment names no rule, so it ignores nothing.',
        reason: 'Whoever reads it next cannot tell whether the finding was wrong, accepted or forgotten.',
        help: `Write it as: roundtrip-ignore ${ignore.rules.join(', ') || 'rule-id'}: why this is fine`,
      }));
      return;
    }
    if (facts.syntaxError) return;
    for (const rule of ignore.rules) {
      if (used.has(`${index} ${rule}`) || settings[rule]?.severity === 'off') continue;
      comments.push(...commentFinding(UNUSED_IGNORE, facts, ignore, settings, {
        message: rules.has(rule) ? `Nothing here is reported by ${rule}, so there is nothing to ignore.` : `No rule is called ${rule}, so this comment ignores nothing.`,
        reason: 'A comment that ignores nothing hides the next real finding on this line.',
        help: ignore.rules.length > 1 ? `Take ${rule} out of the comment.` : 'Remove the comment.',
      }, ignore.rules.length > 1 ? undefined : removal(facts, ignore, text)));
    }
  });
  return { kept, comments };
}

/** Whether a comment names a rule and a reason: others ignore nothing. */
export function isExplained(ignore: IgnoreFact): boolean {
  return ignore.rules.length > 0 && ignore.reason.trim() !== '';
}

function commentFinding(
  rule: string,
  facts: FileFacts,
  { start, end }: IgnoreFact,
  settings: RuleSettings,
  words: Pick<Finding, 'message' | 'reason' | 'help'>,
  edit?: { start: number; end: number },
): Finding[] {
  const severity = settings[rule]?.severity ?? (ruleCatalog().find(({ id }) => id === rule)?.severity as Severity);
  if (severity === 'off') return [];
  const fixes: Finding['fixes'] = edit
    ? [{ title: 'Remove the comment', safety: 'suggestion', edits: [{ file: facts.file, ...edit, text: '' }] }]
    : [];
  return [{ rule, severity, confidence: 'high', context: facts.context, file: facts.file, start, end, related: [], fixes, ...words }];
}

/** The comment's whole line when it stands alone, otherwise the comment and the blanks before it. */
function removal(facts: FileFacts, comment: IgnoreFact, text: string): { start: number; end: number } | undefined {
  const { line } = positionAt(facts, comment.start);
  const lineStart = facts.lineStarts[line - 1] ?? 0;
  const before = text.slice(lineStart, comment.start);
  const rest = /^[^\S\r\n]*(\r?\n|$)/.exec(text.slice(comment.end));
  if (!rest) return /^\/\*/.test(text.slice(comment.start)) ? { start: comment.start, end: comment.end } : undefined;
  if (before.trim() === '') return { start: lineStart, end: comment.end + rest[0].length };
  return { start: lineStart + before.trimEnd().length, end: comment.end };
}
