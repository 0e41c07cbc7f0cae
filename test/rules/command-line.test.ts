import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { rules } from '../../src/analysis';
import { findRules } from '../../scripts/rule-folders.mjs';
import { analyze, initSql } from '../analysis-host';
import { build, builtFile } from '../built';
import { fixtureOf } from './fixture';
import { readReadme } from './readme';

const PROJECT = path.join(__dirname, '../..');

/** Building the command, and one check of some hundred small files. */
const TIMEOUT_MS = 60_000;

interface Place {
  file: string;
  line: number;
  column: number;
  message: string;
}

interface Reported extends Place {
  rule: string;
  severity: string;
  confidence: string;
  endLine: number;
  endColumn: number;
  related: Place[];
  fixes: { title: string; safety: string; edits: { file: string; start: number; end: number; text: string }[] }[];
}

/** All fences of all pages, each in a folder of its own; those with options or an environment need a configuration of their own and stay out. */
function fixtureFiles(): Record<string, string>[] {
  return findRules(PROJECT).flatMap(({ id, folder }) =>
    readReadme(readFileSync(path.join(folder, 'README.md'), 'utf8'))
      .fences.filter(({ attributes }) => Object.keys(attributes).every((name) => name === 'fix'))
      .map((fence) => fixtureOf(rules.get(id)!, fence))
      // The configuration of a library speaks for the whole program, and all fences are one program here.
      .filter(({ files }) => !Object.keys(files).some((name) => /\.config\.ts$/.test(name)))
      .map(({ files, fence }) => Object.fromEntries(Object.entries(files).map(([name, text]) => [`${id}/line-${fence.line}/${name}`, text]))),
  );
}

function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

const order = (a: Reported, b: Reported): number => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column || (a.rule < b.rule ? -1 : 1));

describe('the command line', () => {
  before(function () {
    this.timeout(TIMEOUT_MS);
    return Promise.all([initSql(), build()]);
  });

  it('reports on every page what the analysis finds', function () {
    this.timeout(TIMEOUT_MS);
    const fixtures = fixtureFiles();
    const expected = fixtures.flatMap((files) =>
      analyze(files).findings.map(({ rule, severity, confidence, file, start, end, message, related, fixes }): Reported => {
        const [from, to] = [placeOf(files[file]!, start), placeOf(files[file]!, end)];
        return {
          ...{ rule, severity, confidence, file, line: from.line, column: from.column, endLine: to.line, endColumn: to.column, message, fixes },
          related: related.map((place) => ({ file: place.file, ...placeOf(files[place.file]!, place.start), message: place.message })),
        };
      }),
    );
    const folder = mkdtempSync(path.join(tmpdir(), 'roundtrip-pages-'));
    try {
      for (const [name, text] of fixtures.flatMap((files) => Object.entries(files))) {
        mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
        writeFileSync(path.join(folder, name), text);
      }
      const { status, stdout, stderr } = spawnSync(process.execPath, [builtFile('cli.js'), 'check', '--format', 'json', '--no-cache'], { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
      assert.equal(status, expected.length > 0 ? 1 : 0, stderr);
      const reported = (JSON.parse(stdout) as { findings: (Reported & { context: string })[] }).findings.map(
        ({ rule, severity, confidence, file, line, column, endLine, endColumn, message, related, fixes }): Reported => ({ rule, severity, confidence, file, line, column, endLine, endColumn, message, fixes, related }),
      );
      assert.deepEqual(reported.sort(order), expected.sort(order));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
