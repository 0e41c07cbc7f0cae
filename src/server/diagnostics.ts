import { DiagnosticSeverity, type Diagnostic } from 'vscode-languageserver/node';
import { rules } from '../analysis';
import type { PlacedFinding } from '../workspace';
import { rangeOf, uriOf } from './locations';
import type { DiagnosticData, FindingCounts, InitializationOptions } from './protocol';

/** Shown by the editor beside every finding. */
export const DIAGNOSTIC_SOURCE = 'roundtrip';

const SEVERITIES = {
  info: DiagnosticSeverity.Information,
  warning: DiagnosticSeverity.Warning,
  error: DiagnosticSeverity.Error,
} as const;

/** A finding as the editor shows it: what is wrong, why it costs and what to do, one below the other. */
export function diagnosticOf(finding: PlacedFinding, { rulePage }: InitializationOptions): Diagnostic {
  const { rule, start, end } = finding;
  const data: DiagnosticData = { rule, start, end };
  return {
    range: rangeOf(finding.from, finding.to),
    severity: SEVERITIES[finding.severity],
    source: DIAGNOSTIC_SOURCE,
    code: rule,
    ...(rulePage && hasPage(rule) && { codeDescription: { href: rulePage.replaceAll('{rule}', encodeURIComponent(rule)) } }),
    message: [finding.message, finding.reason, finding.help].filter(Boolean).join('\n'),
    ...(finding.related.length && {
      relatedInformation: finding.related.map(({ file, message, from, to }) => ({
        location: { uri: uriOf(file), range: rangeOf(from, to) },
        message,
      })),
    }),
    data,
  };
}

/** Whether a rule has a page of its own. The rules about `roundtrip-ignore` comments have none: their message says it all. */
export function hasPage(rule: string): boolean {
  return rules.has(rule);
}

export function countFindings(findings: readonly PlacedFinding[]): FindingCounts {
  const counts: FindingCounts = { error: 0, warning: 0, info: 0 };
  for (const { severity } of findings) counts[severity]++;
  return counts;
}
