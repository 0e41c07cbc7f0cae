import { shownName, type Reporter } from '../outcome';

/** The contract with other tools; fields are only ever added. */
export const reportJson: Reporter = async ({ files, lines, seconds, problems, findings, folder }) => {
  const name = (file: string): string => shownName(folder, file);
  return `${JSON.stringify({
    version: 1,
    files,
    lines,
    seconds: Math.round(seconds * 1000) / 1000,
    errors: problems.map(({ file, message }) => ({ file: name(file), message })),
    findings: findings.map((finding) => ({
      rule: finding.rule,
      severity: finding.severity,
      confidence: finding.confidence,
      context: finding.context,
      file: name(finding.file),
      line: finding.from.line,
      column: finding.from.column,
      endLine: finding.to.line,
      endColumn: finding.to.column,
      message: finding.message,
      related: finding.related.map(({ file, from, message }) => ({ file: name(file), line: from.line, column: from.column, message })),
      fixes: finding.fixes.map(({ title, safety, edits }) => ({
        title,
        safety,
        edits: edits.map(({ file, start, end, text }) => ({ file: name(file), start, end, text })),
      })),
    })),
  }, undefined, 2)}\n`;
};
