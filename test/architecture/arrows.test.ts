import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const { forbidden } = createRequire(__filename)('../../.dependency-cruiser.cjs') as { forbidden: { name: string; comment: string }[] };

/** A small house in which every arrow is wrong: file, what it imports, and the rule that says so. */
const WRONG: [file: string, text: string, rule: string][] = [
  ['analysis/asks-workspace.ts', "import '../workspace/right';", 'analysis-arrows'],
  ['analysis/reads-file.ts', "import 'node:fs';", 'analysis-without-io'],
  ['analysis/asks-editor.ts', "import 'vscode';", 'only-extension-imports-vscode'],
  ['analysis/facts/asks-program.ts', "import '../program/right';", 'facts-know-one-file'],
  ['analysis/rules/database/one/rule.ts', "import '../two/rule';", 'rules-do-not-know-each-other'],
  ['analysis/parses.ts', "import '@typescript-eslint/typescript-estree';", 'only-syntax-imports-parsers'],
  ['analysis/syntax/sql-engine.ts', "import '../right';", 'sql-engine-alone'],
  ['workspace/asks-server.ts', "import '../server/right';", 'workspace-arrows'],
  ['database/asks-analysis.ts', "import '../analysis/right';", 'database-arrows'],
  ['profiler/asks-server.ts', "import '../server/right';", 'profiler-arrows'],
  ['probe/asks-profiler.ts', "import '../database/right';", 'probe-arrows'],
  ['server/asks-extension.ts', "import '../extension/right';", 'server-arrows'],
  ['cli/asks-server.ts', "import '../server/right';", 'cli-arrows'],
  ['cli/queries.ts', "import 'pg';", 'only-database-imports-pg'],
  ['extension/asks-workspace.ts', "import '../workspace/right';", 'extension-arrows'],
  ['extension/serves.ts', "import 'vscode-languageserver/node';", 'only-server-is-lsp-server'],
  ['server/calls-itself.ts', "import 'vscode-languageclient/node';", 'only-extension-is-lsp-client'],
  ['panel/asks-extension.ts', "import '../extension/right';", 'panel-arrows'],
  ['panel/reads-file.ts', "import 'node:fs';", 'panel-without-node'],
  ['misc/somewhere.ts', "import '../analysis/right';", 'declared-rooms'],
  ['analysis/borrows-test.ts', "import './right.test';", 'product-without-tests'],
  ['workspace/circle-back.ts', "import { a } from './circle'; export const b = () => a;", 'no-cycles'],
  ['workspace/leads-nowhere.ts', "import './nowhere';", 'resolvable'],
];

/** Arrows that are right, beside the wrong ones. */
const RIGHT: [file: string, text: string][] = [
  ...['analysis', 'workspace', 'database', 'server', 'extension'].map((room): [string, string] => [`${room}/right.ts`, 'export const right = 1;']),
  ['analysis/right.test.ts', 'export const test = 1;'],
  ['analysis/program/right.ts', "import '../facts/right';"],
  ['analysis/facts/right.ts', 'export const right = 1;'],
  ['analysis/rules/database/two/rule.ts', "import '../../../right';"],
  ['analysis/tree.ts', "import type { TSESTree } from '@typescript-eslint/typescript-estree'; export type Tree = TSESTree.Program;"],
  ['workspace/circle.ts', "import { b } from './circle-back'; export const a = () => b;"],
  ['workspace/asks-analysis.ts', "import '../analysis/right'; import 'node:fs';"],
  ['server/asks-workspace.ts', "import '../workspace/right'; import 'vscode-languageserver/node';"],
  ['server/protocol.ts', 'export const ready = 1;'],
  ['panel/messages.ts', 'export const hello = 1;'],
  ['extension/relays.ts', "import '../panel/messages'; import '../server/protocol'; import 'vscode'; import '../database/right';"],
];

const PROJECT = path.join(__dirname, '../..');

function wrongArrows(folder = PROJECT): string[] {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['scripts/architecture.mjs', folder], { cwd: PROJECT, encoding: 'utf8' });
  const sentences = stdout.split('\n').filter(Boolean);
  assert.equal(status, sentences.length ? 1 : 0, stderr);
  return sentences;
}

describe('architecture', () => {
  it('keeps the arrows of the house', () => {
    assert.deepEqual(wrongArrows(), []);
  });

  it('answers every wrong arrow with a sentence that says what to do, and no right one', () => {
    // Inside the project, so that packages resolve as they do for src.
    mkdirSync(path.join(PROJECT, '.cache'), { recursive: true });
    const folder = mkdtempSync(path.join(PROJECT, '.cache', 'house-'));
    try {
      for (const [file, text] of [...WRONG, ...RIGHT]) {
        const target = path.join(folder, 'src', file);
        mkdirSync(path.dirname(target), { recursive: true });
        writeFileSync(target, `${text}\n`);
      }
      const sentences = wrongArrows(folder);
      for (const [file, , rule] of WRONG) {
        const said = sentences.filter((sentence) => sentence.startsWith(`src/${file} `));
        assert.equal(said.length, 1, `${file}: ${said.join('\n') || 'nothing was said'}`);
        const comment = forbidden.find(({ name }) => name === rule)?.comment ?? '';
        assert.ok(said[0]!.includes(comment) && said[0]!.endsWith(`(${rule})`), said[0]);
      }
      const expected = new Set(WRONG.map(([file]) => file));
      assert.deepEqual(sentences.filter((sentence) => !expected.has(sentence.slice('src/'.length).split(' ')[0]!)), []);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('proves every rule by a wrong arrow', () => {
    assert.deepEqual(forbidden.map(({ name }) => name).filter((name) => !WRONG.some(([, , rule]) => rule === name)), []);
    for (const { name, comment } of forbidden) assert.match(comment, /^[A-Z].*: .*\.$/s, name);
  });
});
