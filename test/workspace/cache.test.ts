import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import type { PlacedFinding } from '../../src/workspace';
import { CachePack } from '../../src/workspace/cache-pack';
import { indexed, projectFolder, QUERY_LINE, QUERY_PER_ID, rulesAndLines, type ProjectFolder } from './project-folder';

const PACK = 'node_modules/.cache/roundtrip/facts.pack';
const FIXES = 'node_modules/.cache/roundtrip/fixes.pack';
/** Long enough ago that the clock's grain cannot matter. */
const LONG_AGO = new Date('2020-01-01T00:00:00Z');

describe('the cache on disk', () => {
  let project: ProjectFolder;
  beforeEach(() => {
    project = projectFolder({ 'a.ts': QUERY_PER_ID, 'b.ts': 'export {};\n' });
    mkdirSync(project.file('node_modules'));
    for (const name of ['a.ts', 'b.ts']) utimesSync(project.file(name), LONG_AGO, LONG_AGO);
  });
  afterEach(() => project.remove());

  async function run(): Promise<{ findings: PlacedFinding[]; log: string[] }> {
    const { workspace, log } = await indexed(project, { cache: true });
    const { findings } = await workspace.report(project.file('a.ts'));
    await workspace.dispose();
    return { findings, log };
  }

  it('lies with the installed packages, and gives the same findings', async () => {
    const cold = await run();
    assert.equal(cold.findings.length, 1);
    assert.ok(existsSync(project.file(PACK)));
    assert.ok(existsSync(project.file(FIXES)));
    assert.deepEqual(await run(), cold);
  });

  it('is what a second run reads, instead of the files', async () => {
    await run();
    // Same size and time: only the cache can tell of what the file held before.
    project.write('a.ts', QUERY_PER_ID.replaceAll('namesOf', 'fetchOf').replaceAll('users', 'clubs'));
    utimesSync(project.file('a.ts'), LONG_AGO, LONG_AGO);
    const [finding] = (await run()).findings;
    assert.match(finding!.message, /users/);
  });

  it('notices a change by time, by size and by content', async () => {
    await run();
    project.write('a.ts', `// one line more\n${QUERY_PER_ID}`);
    assert.equal((await run()).findings[0]!.from.line, QUERY_LINE + 1);
    // Touched, but the same: nothing is read anew, and nothing is wrong.
    utimesSync(project.file('a.ts'), new Date(), new Date());
    assert.equal((await run()).findings[0]!.from.line, QUERY_LINE + 1);
  });

  it('is ignored when it is damaged, cut short or of another version, with a line in the log', async () => {
    const { findings } = await run();
    const intact = readFileSync(project.file(PACK));
    for (const [content, expected] of [
      [Buffer.from('garbage'), /^warn cache .* is not used: it is not a cache file$/],
      [intact.subarray(0, intact.length - 10), /^warn cache .* is not used: it is cut short$/],
      [intact.subarray(0, 40), /^warn cache .* is not used: /],
      [Buffer.from(intact.toString('latin1').replace(/"version":"[^"]+"/, (found) => found.replace(/[^":]/g, 'x').replace(/^"x+"/, '"version"')), 'latin1'), /^info cache .* was written by another version: starting afresh$/],
    ] as const) {
      writeFileSync(project.file(PACK), content);
      const again = await run();
      assert.equal(again.log.length, 1);
      assert.match(again.log[0]!, expected);
      assert.deepEqual(again.findings, findings);
      assert.equal(statSync(project.file(PACK)).size, intact.length, 'it is written anew');
    }
  });

  it('forgets files that are gone', async () => {
    await run();
    project.write('c.ts', 'export const unmistakable = 1;\n');
    const { workspace } = await indexed(project, { cache: true });
    await workspace.dispose();
    assert.ok(readFileSync(project.file(PACK), 'utf8').includes('c.ts'));
    project.write('.gitignore', 'c.ts\n');
    await run();
    assert.ok(!readFileSync(project.file(PACK), 'utf8').includes('c.ts'));
  });

  it('takes values of any size, none among them', async () => {
    const pack = await CachePack.open<number>(project.file('some.pack'), 'v', () => {});
    pack.set('empty', 0, new Uint8Array());
    pack.set('one', 1, Buffer.from('ä'));
    await pack.save(() => {});
    const again = await CachePack.open<number>(project.file('some.pack'), 'v', () => {});
    assert.deepEqual([again.get('empty')!.meta, again.get('empty')!.bytes.byteLength], [0, 0]);
    assert.equal(Buffer.from(again.get('one')!.bytes).toString(), 'ä');
  });

  it('that cannot be written costs nothing but a line in the log', async () => {
    const lines: string[] = [];
    const pack = await CachePack.open<number>(project.file('a.ts/inside.pack'), 'v', () => {});
    pack.set('one', 1, Buffer.from('x'));
    await pack.save((level, message) => lines.push(`${level} ${message}`));
    assert.equal(lines.length, 1);
    assert.match(lines[0]!, /^info cache not written to /);
  });

  it('is not touched when it is not wanted', async () => {
    const { workspace } = await indexed(project, { cache: false });
    await rulesAndLines(workspace, project.file('a.ts'));
    await workspace.dispose();
    assert.equal(existsSync(project.file('node_modules/.cache')), false);
  });
});
