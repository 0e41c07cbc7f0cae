import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { ruleCatalog } from '../../src/workspace';
import { projectFolder, QUERY_PER_ID, type ProjectFolder } from '../workspace/project-folder';
import { roundtrip, SHOP } from './command';

/** Each test starts the command, some of them several times; the first one builds it. */
const TIMEOUT_MS = 60_000;

interface Region {
  startLine: number;
  startColumn: number;
  endLine: number;
  endColumn: number;
}

interface Sarif {
  runs: [{
    tool: { driver: { rules: { id: string; help: { text: string } }[] } };
    invocations: [{ toolExecutionNotifications: { message: { text: string } }[] }];
    originalUriBaseIds: Record<string, { uri: string }>;
    results: {
      ruleId: string;
      ruleIndex: number;
      level: string;
      message: { text: string };
      locations: [{ physicalLocation: { artifactLocation: { uri: string; uriBaseId: string }; region: Region } }];
      relatedLocations?: { physicalLocation: { artifactLocation: { uri: string } }; message: { text: string } }[];
      fixes?: { artifactChanges: { artifactLocation: { uri: string }; replacements: { deletedRegion: Region; insertedContent: { text: string } }[] }[] }[];
      partialFingerprints: Record<string, string>;
    }[];
  }];
}

/** The schema of the standard itself (OASIS, errata 01). It is written for draft 4, where `$id` was called `id`. */
function validator(): (log: unknown) => string[] {
  const { id, $schema, ...schema } = JSON.parse(readFileSync(path.join(__dirname, 'sarif-schema-2.1.0.json'), 'utf8')) as Record<string, unknown>;
  assert.match(String($schema), /draft-04/);
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const validate = ajv.compile({ $id: String(id), ...schema });
  return (log) => (validate(log) ? [] : validate.errors!.map(({ instancePath, message }) => `${instancePath} ${message}`));
}

describe('SARIF', function () {
  this.timeout(TIMEOUT_MS);
  let project: ProjectFolder;
  afterEach(() => project.remove());

  async function sarif(folder = project.folder): Promise<Sarif> {
    const { stdout, stderr } = await roundtrip(folder, ['check', '--format', 'sarif']);
    assert.equal(stderr, '');
    const log = JSON.parse(stdout) as Sarif;
    assert.deepEqual(validator()(log), []);
    return log;
  }

  it('conforms to the schema of the standard, which can tell', async () => {
    project = projectFolder({ ...SHOP, 'src/own name/ü.ts': QUERY_PER_ID, 'movie.ts': Buffer.from([0]) });
    const log = await sarif();
    const { runs: [run] } = log;
    assert.deepEqual(run.results.map(({ ruleId, level, locations: [{ physicalLocation: { artifactLocation, region } }] }) => [ruleId, level, artifactLocation.uri, region.startLine]), [
      ['n-plus-one', 'warning', 'src/orders.ts', 3],
      ['n-plus-one', 'warning', 'src/own%20name/%C3%BC.ts', 6],
    ]);
    assert.deepEqual(run.results[0]!.relatedLocations!.map(({ physicalLocation, message }) => [physicalLocation.artifactLocation.uri, message.text]), [['src/users.ts', 'the query runs here']]);
    assert.deepEqual(run.invocations[0].toolExecutionNotifications.map(({ message }) => message.text), ['not analysed: it is a binary file']);
    for (const { ruleId, ruleIndex, message } of run.results) {
      assert.equal(run.tool.driver.rules[ruleIndex]!.id, ruleId);
      assert.match(message.text, /\.$/);
    }
    assert.notDeepEqual(validator()({ ...log, runs: [{ ...run, results: [{ level: 'loud' }] }] }), []);
  });

  it('describes every rule', async () => {
    project = projectFolder({ 'a.ts': 'export {};\n' });
    const { runs: [{ tool }] } = await sarif();
    assert.deepEqual(tool.driver.rules.map(({ id }) => id), ruleCatalog().map(({ id }) => id));
    assert.match(tool.driver.rules.find(({ id }) => id === 'n-plus-one')!.help.text, /^# /m);
  });

  it('gives fixes by line and column, and they make the same text', async () => {
    project = projectFolder({ 'a.ts': QUERY_PER_ID });
    const { runs: [{ results }] } = await sarif();
    const [change] = results[0]!.fixes![0]!.artifactChanges;
    assert.equal(change!.artifactLocation.uri, 'a.ts');
    const lines = QUERY_PER_ID.split('\n');
    const offset = (line: number, column: number): number => lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0) + column - 1;
    const fixed = [...change!.replacements].reverse().reduce((text, { deletedRegion: at, insertedContent }) =>
      text.slice(0, offset(at.startLine, at.startColumn)) + insertedContent.text + text.slice(offset(at.endLine, at.endColumn)), QUERY_PER_ID);
    assert.equal((await roundtrip(project.folder, ['check', '--fix'])).status, 0);
    assert.equal(project.read('a.ts'), fixed);
  });

  it('names files from the top of the repository, wherever it runs', async () => {
    project = projectFolder({ '.git/HEAD': '', 'app/a.ts': QUERY_PER_ID });
    const { runs: [{ results, originalUriBaseIds }] } = await sarif(project.file('app'));
    const { uri, uriBaseId } = results[0]!.locations[0].physicalLocation.artifactLocation;
    assert.equal(uri, 'app/a.ts');
    assert.equal(originalUriBaseIds[uriBaseId]!.uri, `file://${project.folder}/`);
  });

  it('keeps a fingerprint when lines move, and gives each finding its own', async () => {
    project = projectFolder({ 'a.ts': QUERY_PER_ID + QUERY_PER_ID.slice(QUERY_PER_ID.indexOf('export')).replace('namesOf', 'others') });
    const fingerprints = async (): Promise<string[]> => (await sarif()).runs[0].results.map(({ partialFingerprints }) => partialFingerprints['roundtripFinding/v1']!);
    const before = await fingerprints();
    assert.equal(new Set(before).size, 2);
    project.write('a.ts', `// moved\n${project.read('a.ts')}`);
    assert.deepEqual(await fingerprints(), before);
  });
});
