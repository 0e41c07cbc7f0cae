import picocolors from 'picocolors';
import type { PlacedFinding, Position } from '../../workspace';
import { count, shownName, type Outcome, type Reporter } from '../outcome';
import { printable, wantsColors, width } from '../terminal-text';

const colors = picocolors.createColors(wantsColors(process.stdout.isTTY, process.env));
const SEVERITY_COLOR = { error: colors.red, warning: colors.yellow, info: colors.cyan };
/** Lines shown around a finding. */
const CONTEXT_LINES = 1;
/** Longer source lines are cut to the part around the finding. */
const MAX_LINE = 160;
/** More files that could not be analysed are only counted. */
const MAX_PROBLEMS = 10;

/** For a person at a terminal: each finding with its code, its chain, and what to do; a summary at the end. */
export const reportPretty: Reporter = async (outcome) => {
  const lines: string[] = [];
  for (const finding of outcome.findings) lines.push(...(await findingLines(finding, outcome)), '');
  lines.push(...problemLines(outcome), summary(outcome), '');
  return lines.join('\n');
};

async function findingLines(finding: PlacedFinding, outcome: Outcome): Promise<string[]> {
  const place = `${printable(shownName(outcome.folder, finding.file))}:${finding.from.line}:${finding.from.column}`;
  const color = SEVERITY_COLOR[finding.severity];
  const lines = [
    `${colors.bold(place)}  ${color(finding.severity)}  ${colors.dim(finding.rule)}${finding.context === 'production' ? '' : colors.dim(` (${finding.context})`)}`,
    `  ${printable(finding.message)}`,
    ...frame(await outcome.text(finding.file), finding, CONTEXT_LINES, '  ', color),
  ];
  for (const related of finding.related) {
    lines.push(`    ${colors.dim('→')} ${printable(shownName(outcome.folder, related.file))}:${related.from.line}:${related.from.column}  ${printable(related.message)}`);
    lines.push(...frame(await outcome.text(related.file), related, 0, '      ', colors.blue));
  }
  if (finding.reason) lines.push(`  ${colors.dim('Why:')} ${printable(finding.reason)}`);
  if (finding.help) lines.push(`  ${colors.dim('Help:')} ${printable(finding.help)}`);
  for (const fix of finding.fixes) {
    lines.push(`  ${colors.dim('Fix:')} ${printable(fix.title)}${fix.safety === 'safe' ? colors.dim(' (safe: --fix applies it)') : ''}`);
  }
  return lines;
}

/** The lines around a place, with carets under its first line. */
function frame(text: string | undefined, { from, to }: { from: Position; to: Position }, around: number, indent: string, color: (text: string) => string): string[] {
  const all = text?.split(/\r\n|\n/);
  if (!all || from.line > all.length) return [];
  const first = Math.max(1, from.line - around);
  const last = Math.min(all.length, from.line + around);
  const gutter = String(last).length;
  const lines: string[] = [];
  for (let number = first; number <= last; number++) {
    const line = all[number - 1] ?? '';
    const marked = number === from.line;
    const cut = marked ? Math.max(0, from.column - 1 - MAX_LINE / 2) : 0;
    const visible = line.slice(cut, cut + MAX_LINE);
    const shown = `${cut > 0 ? '…' : ''}${printable(visible)}${line.length > cut + MAX_LINE ? '…' : ''}`;
    lines.push(`${indent}${colors.dim(`${String(number).padStart(gutter)} │`)} ${shown}`.trimEnd());
    if (!marked) continue;
    const end = to.line === from.line ? to.column - 1 : line.trimEnd().length;
    const before = (cut > 0 ? 1 : 0) + width(printable(line.slice(cut, from.column - 1)));
    const length = Math.max(1, width(printable(line.slice(from.column - 1, Math.min(end, cut + MAX_LINE)))));
    lines.push(`${indent}${' '.repeat(gutter)} ${colors.dim('│')} ${' '.repeat(before)}${color('^'.repeat(length))}`);
  }
  return lines;
}

function problemLines({ problems, folder }: Outcome): string[] {
  if (!problems.length) return [];
  const shown = problems.slice(0, MAX_PROBLEMS).map(({ file, message }) => `${colors.dim(`${printable(shownName(folder, file))}:`)} ${printable(message)}`);
  if (problems.length > MAX_PROBLEMS) shown.push(colors.dim(`and ${count(problems.length - MAX_PROBLEMS, 'file')} more (all of them with --format json)`));
  return [...shown, ''];
}

function summary({ findings, fixed, files, lines, seconds }: Outcome): string {
  const counts = (['error', 'warning', 'info'] as const)
    .map((severity) => [severity, findings.filter((finding) => finding.severity === severity).length] as const)
    .filter(([, number]) => number > 0)
    .map(([severity, number]) => SEVERITY_COLOR[severity](severity === 'info' ? `${number} info` : count(number, severity)));
  const found = findings.length ? `${count(findings.length, 'finding')} (${counts.join(', ')})` : colors.green('No findings');
  const repaired = fixed.length ? `${count(fixed.length, 'finding')} fixed, ` : '';
  return `${repaired}${found} in ${count(files, 'file')}, ${count(lines, 'line')}, ${seconds.toFixed(1)} s`;
}
