import { readFileSync } from 'node:fs';
import path from 'node:path';
import { rules } from '../../src/analysis';
import { findRules } from '../../scripts/rule-folders.mjs';
import { initSql } from '../analysis-host';
import { analyzeFixture, fixtureOf } from '../rules/fixture';
import { readReadme } from '../rules/readme';
import { tokenEnds } from '../rules/source-pieces';

const PROJECT = path.join(__dirname, '../..');

/** Analysing each fixture once per token takes as long as all other tests of the rules: it is a suite of its own. */
const TRUNCATION_TIMEOUT_MS = 120_000;

/** Pages begin alike: an eighth of the texts is the same. */
const seen = new Set<string>();

/** Their pages hold half of all texts: two processes share the work. */
const ABOUT_LOOPS = new Set(['n-plus-one', 'sequential-write', 'sequential-await', 'repeated-query']);

/** Tests the rules about loops, or all others. */
export function testHalfTyped({ aboutLoops }: { aboutLoops: boolean }): void {
  before(initSql);

  for (const { id, folder } of findRules(PROJECT)) {
    if (ABOUT_LOOPS.has(id) === aboutLoops) describe(id, () => testRule(id, folder));
  }
}

function testRule(id: string, folder: string): void {
  it('never throws on a text that breaks off after any token', function () {
    this.timeout(TRUNCATION_TIMEOUT_MS);
    const rule = rules.get(id)!;
    const file = path.join(folder, 'README.md');
    for (const fence of readReadme(readFileSync(file, 'utf8')).fences) {
      const fixture = fixtureOf(rule, fence);
      for (const [name, text] of Object.entries(fixture.files)) {
        for (const end of tokenEnds(name, text)) {
          const files = { ...fixture.files, [name]: text.slice(0, end) };
          const input = JSON.stringify([id, files, fixture.options, fixture.environment, fixture.tableSizes]);
          if (seen.has(input)) continue;
          seen.add(input);
          try {
            analyzeFixture(rule, fixture, files);
          } catch (error) {
            throw new Error(`${path.relative(PROJECT, file)}:${fence.line}: ${name} broken off after “${text.slice(0, end).split('\n').at(-1)}”`, { cause: error });
          }
        }
      }
    }
  });
}
