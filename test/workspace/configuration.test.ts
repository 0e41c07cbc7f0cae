import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readConfiguration, type RootConfiguration } from '../../src/workspace/configuration';
import type { Configuration } from '../../src/workspace';
import { indexed, projectFolder, QUERY_LINE, QUERY_PER_ID, rulesAndLines, type ProjectFolder } from './project-folder';

const json = JSON.stringify;

describe('the configuration', () => {
  let project: ProjectFolder;
  afterEach(() => project.remove());

  function read(files: Record<string, string>, overrides: Partial<Configuration> = {}, root = ''): Promise<RootConfiguration> {
    project = projectFolder(files);
    return readConfiguration(project.file(root).replace(/\/$/, ''), project.folder, overrides);
  }

  it('is read from JSON, YAML and package.json', async () => {
    const forms: Record<string, string>[] = [
      { 'roundtrip.config.json': json({ rules: { 'n-plus-one': 'error' }, include: ['tests'] }) },
      { 'roundtrip.config.yaml': 'rules:\n  n-plus-one: error\ninclude: [tests]\n' },
      { 'package.json': json({ roundtrip: { rules: { 'n-plus-one': 'error' }, include: ['tests'] } }) },
    ];
    for (const files of forms) {
      const { settings, contexts, errors } = await read(files);
      assert.deepEqual(errors, []);
      assert.equal(settings['n-plus-one']?.severity, 'error');
      assert.deepEqual([...contexts], ['production', 'test']);
      project.remove();
    }
  });

  it('is found above the root, up to the top of the repository', async () => {
    const { settings, excludeFrom } = await read({ 'roundtrip.config.json': json({ rules: { 'n-plus-one': 'off' } }), 'app/package.json': '{}' }, {}, 'app');
    assert.equal(settings['n-plus-one']?.severity, 'off');
    assert.equal(excludeFrom, project.folder);
  });

  it('never runs code', async () => {
    const { errors } = await read({ 'roundtrip.config.js': "require('node:fs').writeFileSync(__dirname + '/ran', '');\nmodule.exports = {};" });
    assert.deepEqual(errors, [`${project.file('roundtrip.config.js')}: it is code, and Roundtrip never runs a workspace's code. Write it as roundtrip.config.json or roundtrip.config.yaml.`]);
    assert.equal(existsSync(project.file('ran')), false);
  });

  it('says what is wrong, where, and what is allowed', async () => {
    const cases: [object | string, RegExp][] = [
      [{ rules: { 'no-such': 'error' } }, /: no rule is called "no-such"\. The rules are: .*n-plus-one/],
      [{ rules: { 'n-plus-one': 'loud' } }, /: rules\.n-plus-one is "loud", but must be one of: off, info, warning, error\.$/],
      [{ rules: { 'n-plus-one': { severity: 3 } } }, /: rules\.n-plus-one\.severity is 3, but must be one of: off, info, warning, error\.$/],
      [{ rules: { 'n-plus-one': { nonsense: 1 } } }, /: rules\.n-plus-one has no setting "nonsense"\. Known are: severity/],
      [{ include: ['everything'] }, /: include\.0 is "everything", but must be one of: tests, seeds, migrations, scripts, generated\.$/],
      [{ exclude: 'legacy' }, /: exclude is "legacy", but must be of type array\.$/],
      [{ ruels: {} }, /: there is no setting "ruels"\. Known are: rules, include, confidence, exclude\.$/],
      ['{ "rules": ', /roundtrip\.config\.json: it is not valid JSON: /],
    ];
    for (const [content, expected] of cases) {
      const { errors, settings } = await read({ 'roundtrip.config.json': typeof content === 'string' ? content : json(content) });
      assert.equal(errors.length, 1, json(errors));
      assert.match(errors[0]!, expected);
      assert.ok(errors[0]!.startsWith(project.file('roundtrip.config.json')));
      assert.deepEqual(settings, {});
      project.remove();
    }
    project = projectFolder();
  });

  it('yields to settings, which keep the options that it gave', async () => {
    const { settings, exclude, contexts } = await read(
      { 'roundtrip.config.json': json({ rules: { 'n-plus-one': { severity: 'error' }, 'unbounded-query': 'error' }, exclude: ['legacy'], include: ['tests'] }) },
      { rules: { 'n-plus-one': 'info' }, exclude: ['old'] },
    );
    assert.equal(settings['n-plus-one']?.severity, 'info');
    assert.equal(settings['unbounded-query']?.severity, 'error');
    assert.deepEqual(exclude, ['legacy', 'old']);
    assert.deepEqual([...contexts], ['production', 'test']);
  });

  it('decides what is reported, also when it changes', async () => {
    project = projectFolder({ 'a.ts': QUERY_PER_ID, 'a.test.ts': QUERY_PER_ID, 'legacy/b.ts': QUERY_PER_ID, 'roundtrip.config.json': json({ exclude: ['legacy'] }) });
    const { workspace } = await indexed(project);
    const found = [`n-plus-one ${QUERY_LINE}`];
    assert.deepEqual(workspace.files(), [project.file('a.ts')]);
    assert.deepEqual(await rulesAndLines(workspace, project.file('a.ts')), found);
    assert.deepEqual(await rulesAndLines(workspace, project.file('a.test.ts')), []);

    project.write('roundtrip.config.json', json({ include: ['tests'], rules: { 'n-plus-one': 'error' } }));
    const changed = await workspace.filesChanged([project.file('roundtrip.config.json')]);
    assert.deepEqual(changed.sort(), [project.file('a.test.ts'), project.file('a.ts'), project.file('legacy/b.ts')]);
    assert.deepEqual(await rulesAndLines(workspace, project.file('a.test.ts')), found);
    assert.deepEqual(await rulesAndLines(workspace, project.file('legacy/b.ts')), found);

    await workspace.configure({ rules: { 'n-plus-one': 'off' } });
    assert.deepEqual(await rulesAndLines(workspace, project.file('a.ts')), []);
  });

  it('leaves files aside that are not shown, until one that is shown imports them', async () => {
    project = projectFolder({
      'a.ts': `import { ask } from './test/ask';\nexport async function all(ids: number[]) {\n  for (const id of ids) await ask(id);\n}\n`,
      'b.ts': 'export const b = 1;\n',
      'test/ask.ts': `import { pool } from './pool';\nexport const ask = (id: number) => pool.query('SELECT 1 FROM t WHERE id = $1', [id]);\n`,
      'test/pool.ts': `import { Pool } from 'pg';\nexport const pool = new Pool();\n`,
      'test/more.ts': `import { ask } from './ask';\nexport const more = ask;\n`,
      'test/a.test.ts': QUERY_PER_ID,
    });
    const { workspace } = await indexed(project);
    assert.deepEqual(workspace.files().map((file) => file.slice(project.folder.length + 1)), ['a.ts', 'b.ts', 'test/ask.ts', 'test/pool.ts']);
    assert.deepEqual(await rulesAndLines(workspace, project.file('a.ts')), ['n-plus-one 3']);

    workspace.setBuffer(project.file('b.ts'), `import { more } from './test/more';\nexport async function all(ids: number[]) {\n  for (const id of ids) await more(id);\n}\n`);
    assert.ok(workspace.files().includes(project.file('test/more.ts')));
    assert.deepEqual(await rulesAndLines(workspace, project.file('b.ts')), ['n-plus-one 3']);
  });

  it('counts for nothing when it is wrong, and the log says so', async () => {
    project = projectFolder({ 'a.ts': QUERY_PER_ID, 'roundtrip.config.json': json({ rules: { 'n-plus-one': 'loud' } }) });
    const { workspace, log } = await indexed(project);
    assert.deepEqual(await rulesAndLines(workspace, project.file('a.ts')), [`n-plus-one ${QUERY_LINE}`]);
    assert.equal(workspace.configurationErrors().length, 1);
    assert.deepEqual(log, workspace.configurationErrors().map((error) => `error ${error}`));
  });
});
