import assert from 'node:assert/strict';
import { indexed, projectFolder, QUERY_LINE, QUERY_PER_ID, type ProjectFolder } from './project-folder';

const QUERY = '    const { rows }';

describe('roundtrip-ignore comments', () => {
  let project: ProjectFolder;
  afterEach(() => project.remove());

  /** What is reported of a module with a comment before its query, as `rule line: message`. */
  async function reported(comment: string, options: Parameters<typeof indexed>[1] = {}, text = QUERY_PER_ID.replace(QUERY, `    ${comment}\n${QUERY}`)): Promise<string[]> {
    project = projectFolder({ 'a.ts': text });
    const { workspace } = await indexed(project, options);
    const { findings } = await workspace.report(project.file('a.ts'));
    return findings.map(({ rule, from, message }) => (rule.endsWith('-ignore') ? `${rule} ${from.line}: ${message}` : `${rule} ${from.line}`));
  }

  it('ignore the findings of the next line, with a reason', async () => {
    assert.deepEqual(await reported('// roundtrip-ignore n-plus-one: at most three ids'), []);
  });

  it('ignore the findings of their own line', async () => {
    const line = QUERY_PER_ID.split('\n')[QUERY_LINE - 1]!;
    assert.deepEqual(await reported('', {}, QUERY_PER_ID.replace(line, `${line} // roundtrip-ignore n-plus-one: at most three ids`)), []);
  });

  it('ignore nothing without a reason, and say so', async () => {
    assert.deepEqual(await reported('// roundtrip-ignore n-plus-one'), [
      `unexplained-ignore ${QUERY_LINE}: This comment gives no reason, so it ignores nothing.`,
      `n-plus-one ${QUERY_LINE + 1}`,
    ]);
  });

  it('are reported when there is nothing to ignore', async () => {
    assert.deepEqual(await reported('// roundtrip-ignore sequential-write: rare'), [
      `unused-ignore ${QUERY_LINE}: Nothing here is reported by sequential-write, so there is nothing to ignore.`,
      `n-plus-one ${QUERY_LINE + 1}`,
    ]);
    project.remove();
    assert.deepEqual(await reported('// roundtrip-ignore n-plus-two: rare'), [
      `unused-ignore ${QUERY_LINE}: No rule is called n-plus-two, so this comment ignores nothing.`,
      `n-plus-one ${QUERY_LINE + 1}`,
    ]);
  });

  it('are left in peace when their rule is off, or when they are told to be', async () => {
    assert.deepEqual(await reported('// roundtrip-ignore n-plus-one: at most three ids', { overrides: { rules: { 'n-plus-one': 'off' } } }), []);
    project.remove();
    assert.deepEqual(await reported('// roundtrip-ignore sequential-write: rare', { overrides: { rules: { 'unused-ignore': 'off' } } }), [`n-plus-one ${QUERY_LINE + 1}`]);
  });

  it('offer their own removal when unused', async () => {
    const text = QUERY_PER_ID.replace(QUERY, `    // roundtrip-ignore sequential-write: rare\n${QUERY}`);
    await reported('', {}, text);
    const { workspace } = await indexed(project);
    const [unused] = (await workspace.report(project.file('a.ts'))).findings;
    const [edit] = unused!.fixes[0]!.edits;
    assert.equal(unused!.fixes[0]!.safety, 'suggestion');
    assert.equal(text.slice(0, edit!.start) + edit!.text + text.slice(edit!.end), QUERY_PER_ID);
  });
});
