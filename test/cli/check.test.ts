import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { version } from '../../package.json';
import { projectFolder, QUERY_LINE, QUERY_PER_ID, type ProjectFolder } from '../workspace/project-folder';
import { build } from '../built';
import { COMMAND } from './start';
import { roundtrip, SHOP } from './command';

/** Each test starts the command, some of them several times; the first one builds it. */
const TIMEOUT_MS = 60_000;

const ESCAPE = '\u001B';
/** Their findings fill a pipe (64 KiB) twice. */
const MANY_FILES = 150;

interface Json {
  version: number;
  files: number;
  lines: number;
  seconds: number;
  errors: { file: string; message: string }[];
  findings: Record<string, unknown>[];
}

describe('roundtrip check', function () {
  this.timeout(TIMEOUT_MS);
  let project: ProjectFolder;
  afterEach(() => project.remove());

  async function json(args: readonly string[], status: number): Promise<Json> {
    const outcome = await roundtrip(project.folder, ['check', '--format', 'json', ...args]);
    assert.equal(outcome.status, status, outcome.stderr);
    return JSON.parse(outcome.stdout) as Json;
  }

  it('prints findings as JSON, with exactly the fields of its contract', async () => {
    project = projectFolder(SHOP);
    const report = await json([], 1);
    assert.deepEqual(Object.keys(report), ['version', 'files', 'lines', 'seconds', 'errors', 'findings']);
    assert.deepEqual([report.version, report.files, report.lines, report.errors], [1, 2, 12, []]);
    assert.ok(report.seconds > 0);
    assert.equal(report.findings.length, 1);
    const { message, ...finding } = report.findings[0]!;
    assert.match(String(message), /nameOf/);
    assert.deepEqual(finding, {
      rule: 'n-plus-one',
      severity: 'warning',
      confidence: 'high',
      context: 'production',
      file: 'src/orders.ts',
      line: 3,
      column: 44,
      endLine: 3,
      endColumn: 64,
      related: [{ file: 'src/users.ts', line: 4, column: 26, message: 'the query runs here' }],
      fixes: [],
    });
  });

  it('shows the code, the chain and a summary to a person', async () => {
    project = projectFolder(SHOP);
    const { status, stdout, stderr } = await roundtrip(project.folder, ['check']);
    assert.equal(status, 1);
    assert.equal(stderr, '');
    const lines = stdout.split('\n');
    assert.equal(lines[0], 'src/orders.ts:3:44  warning  n-plus-one');
    assert.deepEqual(lines.slice(2, 6), [
      '  2 │ export async function buyers(orders: { userId: number }[]): Promise<string[]> {',
      '  3 │   return Promise.all(orders.map((order) => nameOf(order.userId)));',
      '    │                                            ^^^^^^^^^^^^^^^^^^^^',
      '  4 │ }',
    ]);
    assert.deepEqual(lines.slice(6, 9), [
      '    → src/users.ts:4:26  the query runs here',
      "      4 │   const { rows } = await pool.query('SELECT name FROM users WHERE id = $1', [id]);",
      `        │                          ${'^'.repeat(56)}`,
    ]);
    assert.match(stdout, /\n {2}Why: .+\n {2}Help: .+\n/);
    assert.match(stdout, /\n1 finding \(1 warning\) in 2 files, 12 lines, \d+\.\d s\n$/);
  });

  it('uses colours only when it is told to, or on a terminal', async () => {
    project = projectFolder({ 'a.ts': QUERY_PER_ID });
    const [plain, coloured] = await Promise.all([roundtrip(project.folder, ['check']), roundtrip(project.folder, ['check'], { NO_COLOR: '', FORCE_COLOR: '1' })]);
    assert.equal(plain.stdout.includes(ESCAPE), false);
    assert.ok(coloured.stdout.includes(`${ESCAPE}[33mwarning${ESCAPE}[39m`));
  });

  it('prints annotations for GitHub, escaped', async () => {
    project = projectFolder({ 'src/a,b:c%.ts': QUERY_PER_ID });
    const { status, stdout } = await roundtrip(project.folder, ['check', '--format', 'github']);
    assert.equal(status, 1);
    const [first] = stdout.split('\n');
    assert.ok(first!.startsWith(`::warning file=src/a%2Cb%3Ac%25.ts,line=${QUERY_LINE},col=28,endLine=${QUERY_LINE},endColumn=88,title=n-plus-one::One query per id`), first);
    assert.match(first!, /%0A/);
  });

  it('exits with 0 when there is nothing to find', async () => {
    project = projectFolder({ 'a.ts': 'export {};\n' });
    const { status, stdout } = await roundtrip(project.folder, ['check']);
    assert.equal(status, 0);
    assert.match(stdout, /^No findings in 1 file, 2 lines, \d+\.\d s\n$/);
  });

  it('shows only the findings in the paths, of a project that it knows whole', async () => {
    project = projectFolder({ ...SHOP, 'other.ts': QUERY_PER_ID, 'srcs/x.ts': QUERY_PER_ID });
    const report = await json(['src'], 1);
    assert.equal(report.files, 4);
    assert.deepEqual(report.findings.map(({ file }) => file), ['src/orders.ts']);
    assert.deepEqual((await json(['other.ts', './srcs/'], 1)).findings.map(({ file }) => file), ['other.ts', 'srcs/x.ts']);
    const { status, stderr } = await roundtrip(project.file('src'), ['check', '../other.ts']);
    assert.equal(status, 1, stderr);
    project.write('note.md', '');
    const nothing = await roundtrip(project.folder, ['check', 'note.md']);
    assert.deepEqual([nothing.status, nothing.stderr], [0, 'roundtrip: There is nothing to check in “note.md”: tests, seeds, migrations and scripts count only with --include.\n']);
  });

  it('changes severities, and shows other contexts, when asked to', async () => {
    project = projectFolder({ 'a.ts': QUERY_PER_ID, 'a.test.ts': QUERY_PER_ID, 'scripts/b.ts': QUERY_PER_ID });
    const [severe, off, contexts] = await Promise.all([json(['--rule', 'n-plus-one=error'], 1), json(['--rule', 'n-plus-one=off'], 0), json(['--include', 'tests,scripts'], 1)]);
    assert.deepEqual(severe.findings.map(({ severity }) => severity), ['error']);
    assert.deepEqual(off.findings, []);
    assert.deepEqual(contexts.findings.map(({ context }) => context), ['test', 'production', 'script']);
  });

  it('says in one sentence why it could not run, and exits with 2', async () => {
    project = projectFolder({ 'a.ts': QUERY_PER_ID, 'bad.json': '{"rules":{"n-plus-one":"loud"}}', 'code.js': 'throw new Error("ran");', 'baseline.json': '{' });
    const cases: [string[], RegExp][] = [
      [['check', 'nowhere'], /^roundtrip: nowhere does not exist\.\n$/],
      [['check', '--format', 'xml'], /^roundtrip: .*'xml' is invalid\. Allowed choices are pretty, json, sarif, github\.\n$/],
      [['check', '--rule', 'no-such=off'], /^roundtrip: .*No rule is called "no-such"\. The rules are: .*\n$/],
      [['check', '--rule', 'n-plus-one=loud'], /^roundtrip: .*Severities are: off, info, warning, error\.\n$/],
      [['check', '--include', 'all'], /^roundtrip: .*"all" is not one of: tests, .*\n$/],
      [['check', '--config', 'nowhere.json'], /^roundtrip: The configuration nowhere\.json does not exist\.\n$/],
      [['check', '--config', 'bad.json'], /^roundtrip: .*bad\.json: rules\.n-plus-one is "loud", but must be one of: off, info, warning, error\.\n$/],
      [['check', '--config', 'code.js'], /^roundtrip: .*code\.js: it is code, and Roundtrip never runs a workspace's code\..*\n$/],
      [['check', '--baseline', 'baseline.json'], /^roundtrip: The baseline baseline\.json is not valid JSON\. .*\n$/],
      [['check', '--colour'], /^roundtrip: Unknown option '--colour'.*\n$/],
      [['chekc'], /^roundtrip: Unknown command 'chekc'/],
    ];
    const outcomes = await Promise.all(cases.map(([args]) => roundtrip(project.folder, args)));
    outcomes.forEach(({ status, stdout, stderr }, index) => {
      const [args, expected] = cases[index]!;
      assert.equal(status, 2, args.join(' '));
      assert.equal(stdout, '');
      assert.match(stderr, expected);
    });
  });

  it('prints its version and its help', async () => {
    project = projectFolder();
    assert.deepEqual(await roundtrip(project.folder, ['--version']), { status: 0, stdout: `${version}\n`, stderr: '' });
    const help = await roundtrip(project.folder, ['check', '--help']);
    assert.equal(help.status, 0);
    for (const option of ['--format', '--fix', '--rule', '--include', '--baseline', '--no-cache', '--config']) assert.ok(help.stdout.includes(option), option);
    const bare = await roundtrip(project.folder, []);
    assert.equal(bare.status, 2);
    assert.match(bare.stdout, /^Usage: roundtrip/);
  });

  it('lists files that it could not analyse, and goes on', async () => {
    project = projectFolder({ 'a.ts': QUERY_PER_ID, 'movie.ts': Buffer.from([0]), 'half.ts': "import 'pg';\nexport function half( {\n" });
    const { findings, errors } = await json([], 1);
    assert.equal(findings.length, 1);
    assert.deepEqual(errors.map(({ file }) => file), ['half.ts', 'movie.ts']);
    const pretty = await roundtrip(project.folder, ['check']);
    assert.match(pretty.stdout, /\nmovie\.ts: not analysed: it is a binary file\n/);
    assert.equal(pretty.stderr, '');
  });

  it('lets no text of a file reach the terminal as a command', async () => {
    project = projectFolder({ 'a.ts': QUERY_PER_ID.replace('[id]);', "[id]); // \u001B[31mred\u202E") });
    const { stdout } = await roundtrip(project.folder, ['check']);
    assert.equal(stdout.includes(ESCAPE) || stdout.includes('\u202E'), false);
    assert.match(stdout, /\\u\{1b\}\[31mred\\u\{202e\}/);
  });

  it('puts carets under wide characters and tabs', async () => {
    project = projectFolder({ 'a.ts': QUERY_PER_ID.replace('    const { rows }', "\t/* 値😀 */ const { rows }") });
    const lines = (await roundtrip(project.folder, ['check'])).stdout.split('\n');
    const at = lines.findIndex((line) => line.includes('^'));
    assert.equal(lines[at - 1], "  6 │     /* 値😀 */ const { rows } = await pool.query('SELECT id, name FROM users WHERE id = $1', [id]);");
    // Two of the characters before it take two columns each, one of them is two code units already.
    assert.equal(lines[at]!.indexOf('^'), lines[at - 1]!.indexOf('pool') + 1);
  });

  it('ends quietly when its reader goes away', async () => {
    project = projectFolder(Object.fromEntries(Array.from({ length: MANY_FILES }, (_, i) => [`f${i}.ts`, QUERY_PER_ID])));
    await build();
    const command = spawn('sh', ['-c', `"$0" "$@" | head -n 1`, process.execPath, COMMAND, 'check', '--no-cache'], {
      cwd: project.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    command.stdout.setEncoding('utf8').on('data', (data: string) => (output += data));
    let errors = '';
    command.stderr.setEncoding('utf8').on('data', (data: string) => (errors += data));
    await new Promise((resolve) => command.on('close', resolve));
    assert.match(output, /n-plus-one\n$/);
    assert.equal(errors, '');
  });
});
