import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { roundtrip } from '../cli/command';
import { readMarkers } from '../rules/markers';
import { readReadme, splitFiles, splitFix } from '../rules/readme';
import { Editor } from './editor';

const ROOT = path.join(__dirname, '../..');
const RULES = path.join(ROOT, 'src/analysis/rules');
/** Severities of the language server protocol. */
const SEVERITIES = ['', 'error', 'warning', 'info'];

interface Reported {
  rule: string;
  severity: string;
  file: string;
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  message: string;
  related: { file: string; line: number; column: number; message: string }[];
}

/** Writes the shop and every example of every rule's page, each example in a folder of its own. Returns the names of all files. */
function writeProject(folder: string): string[] {
  cpSync(path.join(ROOT, 'demo'), folder, { recursive: true, filter: (name) => !/\/(generated|node_modules)(\/|$)/.test(name) });
  for (const family of readdirSync(RULES, { withFileTypes: true })) {
    if (!family.isDirectory()) continue;
    for (const rule of readdirSync(path.join(RULES, family.name), { withFileTypes: true })) {
      if (!rule.isDirectory()) continue;
      const { fences } = readReadme(readFileSync(path.join(RULES, family.name, rule.name, 'README.md'), 'utf8'));
      for (const fence of fences) {
        const body = fence.kind === 'fix' ? splitFix(fence).before : fence.body;
        for (const file of splitFiles(fence.file, body).map(readMarkers)) {
          const target = path.join(folder, 'pages', rule.name, String(fence.line), file.name);
          mkdirSync(path.dirname(target), { recursive: true });
          writeFileSync(target, file.text);
        }
      }
    }
  }
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(tsx?|jsx?|sql)$/.test(entry.name))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}

const order = (a: Reported, b: Reported): number => `${a.file} ${a.rule}`.localeCompare(`${b.file} ${b.rule}`) || a.line - b.line || a.column - b.column || a.endColumn - b.endColumn;

describe('the editor and the command line', function () {
  this.timeout(120_000);
  let folder = '';
  let editor: Editor | undefined;

  after(async () => {
    await editor?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('find the same in the shop and in every example of every rule', async () => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'roundtrip-parity-')));
    const files = writeProject(folder);
    const { stdout } = await roundtrip(folder, ['check', '--format', 'json', '.']);
    const fromCommand = (JSON.parse(stdout) as { findings: Reported[] }).findings
      .map(({ rule, severity, file, line, column, endLine, endColumn, message, related }): Reported => ({ rule, severity, file, line, column, endLine, endColumn, message, related }))
      .sort(order);

    editor = await Editor.start({ folders: [folder], settings: {} });
    await editor.ready();
    const fromEditor = files
      .flatMap((file) =>
        editor!.diagnostics(path.join(folder, file)).map(({ code, severity, range: { start, end }, message, relatedInformation = [] }): Reported => ({
          rule: String(code),
          severity: SEVERITIES[severity ?? 0] ?? '',
          file,
          line: start.line + 1,
          column: start.character + 1,
          endLine: end.line + 1,
          endColumn: end.character + 1,
          message: String(message).split('\n')[0]!,
          related: relatedInformation.map(({ location, message: said }) => ({
            file: path.relative(folder, decodeURIComponent(new URL(location.uri).pathname)),
            line: location.range.start.line + 1,
            column: location.range.start.character + 1,
            message: said,
          })),
        })),
      )
      .sort(order);

    assert.ok(new Set(fromCommand.map(({ rule }) => rule)).size >= 5, 'every rule finds something');
    assert.deepEqual(fromEditor, fromCommand);
  });
});
