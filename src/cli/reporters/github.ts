import { repositoryOf, type PlacedFinding } from '../../workspace';
import { count, shownName, type Reporter } from '../outcome';

const COMMANDS: Record<PlacedFinding['severity'], string> = { error: 'error', warning: 'warning', info: 'notice' };

/** Workflow commands that GitHub shows as annotations. Names are relative to the repository, as GitHub wants them. */
export const reportGithub: Reporter = async ({ findings, problems, folder }) => {
  const top = repositoryOf(folder) ?? folder;
  const lines = findings.map((finding) => {
    const { from, to } = finding;
    const chain = finding.related.map(({ file, from: at, message }) => `${shownName(top, file)}:${at.line}: ${message}`);
    const properties = {
      file: shownName(top, finding.file),
      line: from.line,
      // GitHub takes columns only within one line.
      ...(from.line === to.line && { col: from.column }),
      endLine: to.line,
      ...(from.line === to.line && { endColumn: to.column }),
      title: finding.rule,
    };
    return command(COMMANDS[finding.severity], properties, [finding.message, finding.reason, finding.help, ...chain].filter(Boolean).join('\n'));
  });
  const notes = problems.map(({ file, message }) => command('notice', { file: shownName(top, file) }, message));
  return [...lines, ...notes, `${count(findings.length, 'finding')}`, ''].join('\n');
};

function command(name: string, properties: Record<string, string | number>, message: string): string {
  const list = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(String(value))}`);
  return `::${name} ${list.join(',')}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
