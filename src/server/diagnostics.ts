import { DiagnosticSeverity, type Diagnostic } from 'vscode-languageserver/node';
import { rules } from '../analysis';
import type { ShownFinding } from './evidence';
import { rangeOf, uriOf } from './locations';
import type { DiagnosticData, FindingCounts, InitializationOptions } from './protocol';

/** Shown by the editor beside every finding. */
export const DIAGNOSTIC_SOURCE = 'roundtrip';

const SEVERITIES = {
  hint: DiagnosticSeverity.Hint,
  info: DiagnosticSeverity.Information,
  warning: DiagnosticSeverity.Warning,
  error: DiagnosticSeverity.Error,
} as const;

/** A finding as the editor shows it: what is wrong, what was seen of it, why it costs and what to do, one below the other. */
export function diagnosticOf(finding: ShownFinding, { rulePage }: InitializationOptions): Diagnostic {
  const { rule, start, end } = finding;
  const data: DiagnosticData = { rule, start, end };
  return {
    range: rangeOf(finding.from, finding.to),
    severity: SEVERITIES[finding.severity],
    source: DIAGNOSTIC_SOURCE,
    code: rule,
    ...(rulePage && hasPage(rule) && { codeDescription: { href: rulePage.replaceAll('{rule}', encodeURIComponent(rule)) } }),
    message: [finding.message, finding.evidence, finding.reason, finding.help].filter(Boolean).join('\n'),
    ...(finding.related.length && {
      relatedInformation: finding.related.map(({ file, message, from, to }) => ({
        location: { uri: uriOf(file), range: rangeOf(from, to) },
        message,
      })),
    }),
    data,
  };
}

/** Whether a rule has a page of its own. What is said of `roundtrip-ignore` comments, and what was only seen, has none: the message says it all. */
export function hasPage(rule: string): boolean {
  return rules.has(rule);
}

/** Hints are not counted: they are there for who looks at the line. */
export function countFindings(findings: readonly ShownFinding[]): FindingCounts {
  const counts: FindingCounts = { error: 0, warning: 0, info: 0 };
  for (const { severity } of findings) if (severity !== 'hint') counts[severity]++;
  return counts;
}
