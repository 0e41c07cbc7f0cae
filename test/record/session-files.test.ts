import assert from 'node:assert/strict';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { listSessions, readSession, saveSession, SAVED_SESSIONS_KEPT, SessionFileError, writeSession } from '../../src/profiler/record';
import { whyNotWritten } from '../../src/profiler/record/session-files';
import { session, statement } from './snapshots';

const ROOTS = ['/shop'];
const RECORD = path.join(__dirname, '../../src/profiler/record/index.ts');
const TSX = pathToFileURL(require.resolve('tsx')).href;

describe('session files', () => {
  let folder: string;
  beforeEach(() => (folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'roundtrip-sessions-')))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const inFolder = (name: string): string => path.join(folder, name);
  const written = async (given = session(), roots: readonly string[] = ROOTS): Promise<string> => {
    await writeSession(given, inFolder('a.json'), roots);
    return readFileSync(inFolder('a.json'), 'utf8');
  };
  const refusal = async (content: string | Buffer): Promise<string> => {
    writeFileSync(inFolder('b.json'), content);
    const error = await readSession(inFolder('b.json'), ROOTS).then(() => assert.fail('it was read'), (reason: unknown) => reason);
    assert.ok(error instanceof SessionFileError, String(error));
    assert.ok(error.message.startsWith(`The file ${inFolder('b.json')} `), error.message);
    return error.message.slice(`The file ${inFolder('b.json')} `.length);
  };

  it('bring back what was saved, in another checkout too', async () => {
    const saved = session();
    await written(saved);
    const read = await readSession(inFolder('a.json'), ROOTS);
    assert.deepEqual(read.statements.map(({ id }) => id), ['s1', 's2'], 'in the order of the texts');
    const [insert, select] = [saved.statements[1]!, saved.statements[0]!];
    assert.deepEqual(read, {
      ...saved,
      statements: [{ ...insert, counted: { ...insert.counted!, totalMs: 9.1235 }, errors: [{ code: '22P02', message: 'invalid input syntax for type integer: …', count: 2 }] }, select],
      programs: [{ ...saved.programs[0]!, command: 'src/server.ts …' }],
    });
    const elsewhere = await readSession(inFolder('a.json'), ['/home/other/checkout']);
    assert.equal(elsewhere.statements[1]!.sites[0]!.place.file, '/home/other/checkout/src/orders.ts');
    assert.equal(elsewhere.lines[0]!.key, '/home/other/checkout/src/orders.ts:12:20');
    assert.equal(elsewhere.repetitions[0]!.place.file, '/home/other/checkout/src/orders.ts');
  });

  it('are the same text whatever the order of keys and statements, with a statement per line or more', async () => {
    const saved = session();
    const text = await written(saved);
    const reversed = Object.fromEntries(Object.entries(saved).reverse()) as unknown as typeof saved;
    assert.equal(await written({ ...reversed, statements: saved.statements.toReversed() }), text);
    assert.match(text, /^\{\n {2}"format": "roundtrip-session",\n {2}"version": 1,\n {2}"id": "a1b2",\n {2}"name": "Checkout, before",/);
    assert.ok(text.split('\n').every((line) => line.length < 400), 'no endless lines');
    assert.match(text, /\n {6}"text": "SELECT \* FROM orders WHERE id = \$1",\n/);
  });

  it('hold no path of this machine, no value and no password', async () => {
    const text = await written();
    for (const secret of ['/shop/', 'geheim', '4711-secret', '--database']) assert.ok(!text.includes(secret), `${secret} in\n${text}`);
    const outside = await written(session({ lines: [{ key: '/shop-lib/src/a.ts:1:2', requests: 1, mostInOneRequest: 1 }] }));
    assert.ok(outside.includes('"../shop-lib/src/a.ts:1:2"'));
  });

  it('keep out what a session does not have, and numbers that are none', async () => {
    const given = { ...session(), environment: { PGPASSWORD: 'geheim' }, recordedMs: Infinity };
    const text = await written(given);
    assert.ok(!text.includes('geheim'));
    assert.equal((await readSession(inFolder('a.json'), ROOTS)).recordedMs, 0);
  });

  it('are listed with their head, the newest first, and nothing else is', async () => {
    const at = session().startedAt;
    const first = await saveSession(session(), { folder, roots: ROOTS });
    const second = await saveSession(session({ name: 'Später: <b>/etc</b>', startedAt: at + 5_000 }), { folder, roots: ROOTS });
    assert.deepEqual([first, second].map((file) => path.basename(file)), ['2026-11-21-193112-checkout-before.roundtrip.json', '2026-11-21-193117-spa-ter-b-etc-b.roundtrip.json']);
    // Laid out anew, so that its head is not where it was written.
    writeFileSync(inFolder('old.roundtrip.json'), JSON.stringify({ ...(JSON.parse(readFileSync(first, 'utf8')) as object), startedAt: 5, target: undefined }, null, 8));
    for (const [name, content] of [['other.json', '{}'], ['foreign.roundtrip.json', '{"format":"other"}'], ['half.roundtrip.json', '{"format":"roundtrip-session","na'], ['binary.roundtrip.json', '\0\xff']] as const) writeFileSync(inFolder(name), content);
    mkdirSync(inFolder('folder.roundtrip.json'));
    assert.deepEqual(await listSessions(folder), [
      { file: second, name: 'Später: <b>/etc</b>', startedAt: at + 5_000, recordedMs: 60_000, calls: 20, target: 'shop at localhost:5432' },
      { file: first, name: 'Checkout, before', startedAt: at, recordedMs: 60_000, calls: 20, target: 'shop at localhost:5432' },
      { file: inFolder('old.roundtrip.json'), name: 'Checkout, before', startedAt: 5, recordedMs: 60_000, calls: 20 },
    ]);
    assert.deepEqual(await listSessions(inFolder('nowhere')), []);
  });

  it('do not replace each other, and are replaced when they are saved again', async () => {
    const first = await saveSession(session(), { folder, roots: ROOTS });
    const second = await saveSession(session({ id: 'other' }), { folder, roots: ROOTS });
    assert.equal(path.basename(second), '2026-11-21-193112-checkout-before-2.roundtrip.json');
    assert.equal(await saveSession(session({ name: 'Renamed' }), { folder, roots: ROOTS, file: first }), first);
    assert.deepEqual((await listSessions(folder)).map(({ name }) => name).sort(), ['Checkout, before', 'Renamed']);
    assert.deepEqual(readdirSync(folder).filter((name) => name.startsWith('.')), [], 'nothing unfinished is left');
  });

  it('of two windows that end in the same second are both kept', async () => {
    const windows = Array.from({ length: 8 }, (_, n) => session({ id: `window ${n}` }));
    const files = await Promise.all(windows.map((one) => saveSession(one, { folder, roots: ROOTS })));
    assert.equal(new Set(files).size, windows.length);
    const read = await Promise.all(files.map((file) => readSession(file, ROOTS)));
    assert.deepEqual(read.map(({ id }) => id), windows.map(({ id }) => id));
    assert.equal((await listSessions(folder)).length, windows.length);
  });

  it('go when there are too many, the oldest first; other files stay', async () => {
    writeFileSync(inFolder('mine.json'), '{}');
    const first = await saveSession(session({ startedAt: 1 }), { folder, roots: ROOTS });
    const text = readFileSync(first, 'utf8');
    for (let n = 2; n <= SAVED_SESSIONS_KEPT + 1; n++) writeFileSync(inFolder(`n${n}.roundtrip.json`), text.replace('"startedAt": 1,', `"startedAt": ${n},`));
    const newest = await saveSession(session({ startedAt: 1_000 }), { folder, roots: ROOTS });
    const left = (await listSessions(folder)).map(({ startedAt }) => startedAt);
    assert.equal(left.length, SAVED_SESSIONS_KEPT);
    assert.equal(left.at(-1), 3);
    assert.ok(readdirSync(folder).includes(path.basename(newest)) && readdirSync(folder).includes('mine.json'));
  });

  it('are refused with a sentence when they are foreign, damaged or newer', async () => {
    const text = await written();
    assert.equal(await refusal(''), 'is empty.');
    assert.equal(await refusal('name,calls\n'), 'is no session of Roundtrip: it is no JSON.');
    assert.equal(await refusal('[]'), 'is no session of Roundtrip.');
    assert.equal(await refusal('null'), 'is no session of Roundtrip.');
    assert.equal(await refusal('{"format":"other"}'), 'is no session of Roundtrip.');
    assert.equal(await refusal(text.replace('"version": 1', '"version": 2')), 'was saved by a newer version of Roundtrip. Update Roundtrip to open it.');
    assert.equal(await refusal(text.replace('"calls": 20', '"calls": "many"')), 'is damaged: “calls” must be number.');
    assert.equal(await refusal(text.replace('"calls":10', '"calls":-1')), 'is damaged: “statements.0.measured.calls” must be >= 0.');
    for (const length of [40, text.length / 2, text.length - 2]) assert.match(await refusal(text.slice(0, length)), /^is damaged: it breaks off/);
    assert.equal(await refusal(Buffer.from([0xff, 0xfe, 0x00, 0x41])), 'is no session of Roundtrip: it is no JSON.');
    assert.match(await refusal('['.repeat(100_000)), /no JSON/);
    await assert.rejects(readSession(inFolder('nowhere.json'), ROOTS), /nowhere\.json does not exist\.$/);
    await assert.rejects(readSession(folder, ROOTS), /is a folder\.$/);
  });

  it('bring nothing along that the format does not know', async () => {
    const text = await written();
    writeFileSync(inFolder('c.json'), text.replace('"version": 1,', '"version": 1, "__proto__": { "evil": 1 }, "constructor": 2, "extra": { "a": [1] },'));
    const read = await readSession(inFolder('c.json'), ROOTS);
    assert.deepEqual(read, await readSession(inFolder('a.json'), ROOTS));
    assert.equal(({} as { evil?: number }).evil, undefined);
    const hostile = session({ name: '</script>\u001b[31m', statements: [statement('x', 'SELECT \'\u2028</script>" [x](javascript:1)')] });
    await written(hostile);
    const { name, statements } = await readSession(inFolder('a.json'), ROOTS);
    assert.deepEqual([name, statements[0]!.text], [hostile.name, hostile.statements[0]!.text]);
  });

  it('say why they cannot be written, and leave the old file as it was', async () => {
    await written();
    writeFileSync(inFolder('file'), '');
    mkdirSync(inFolder('folder.json'));
    await assert.rejects(writeSession(session(), inFolder('file/b.json'), ROOTS), /could not be saved: .* is a file, or lies in one\. Choose another folder\.$/);
    await assert.rejects(saveSession(session(), { folder: inFolder('file'), roots: ROOTS }), /is a file, or lies in one\. Choose another folder\. Nothing that was recorded is lost meanwhile\.$/);
    await assert.rejects(writeSession(session(), inFolder('folder.json'), ROOTS), /could not be saved: a folder has its name already/);
  });

  describe('that do not fit', () => {
    let text: string;
    beforeEach(async () => {
      text = await written();
      const many = Array.from({ length: 2_000 }, (_, n) => statement(`s${n}`, `SELECT ${'x'.repeat(100)} FROM t${n}`));
      writeFileSync(inFolder('many.json'), JSON.stringify(session({ statements: many })));
    });

    /** Saves the large session as `saved/a.json` and as a new file, in a shell that has prepared something, and tells what came of it and what is there. */
    const saving = (prepare: string, command: readonly string[] = []): SpawnSyncReturns<string> => {
      const script = `
        process.on('SIGXFSZ', () => {});
        const { writeSession, saveSession } = require(${JSON.stringify(RECORD)});
        const { readFileSync, readdirSync } = require('node:fs');
        const many = JSON.parse(readFileSync('many.json', 'utf8'));
        const tell = (work) => work.then(() => console.log('written'), (error) => console.log(error.message));
        (async () => {
          await tell(writeSession(many, 'saved/a.json', []));
          await tell(saveSession(many, { folder: 'saved', roots: [] }));
          console.log(JSON.stringify({ names: readdirSync('saved'), text: readFileSync('saved/a.json', 'utf8') }));
        })();`;
      const [program = 'bash', ...given] = [...command, ...(command.length > 0 ? ['bash'] : [])];
      return spawnSync(program, [...given, '-c', `mkdir saved; ${prepare}; cp a.json saved/a.json || exit 77; exec "$0" --import "$1" -e "$2"`, process.execPath, TSX, script], { cwd: folder, encoding: 'utf8' });
    };
    const checkSaving = ({ stdout, stderr }: SpawnSyncReturns<string>, why: RegExp): void => {
      const [first, second, left] = stdout.trimEnd().split('\n');
      assert.match(first ?? '', why, stderr);
      assert.ok(second?.startsWith(first!) && second.endsWith(' Nothing that was recorded is lost meanwhile.'), second);
      assert.deepEqual(JSON.parse(left ?? ''), { names: ['a.json'], text }, 'the old file is what it was, and nothing unfinished is left');
    };

    it('on a full disk say so, and leave the old file as it was', function () {
      const unshare = ['unshare', '--user', '--map-root-user', '--mount'];
      const full = saving('mount -t tmpfs -o size=64k tmpfs saved || exit 77', unshare);
      // Only Linux gives a disk of one's own, and not everywhere.
      if (full.error !== undefined || full.status === 77 || full.stderr.startsWith('unshare:')) {
        console.warn(`      no disk to fill up here: ${full.error?.message ?? full.stderr.trim()}`);
        return this.skip();
      }
      checkSaving(full, /^The session could not be saved: no space is left on the disk of saved\. Free some, or choose another folder\.$/);
    });

    it('within the system’s limit say so, and leave the old file as it was', function () {
      if (process.platform === 'win32') return this.skip();
      checkSaving(saving('ulimit -f 100'), /^The session could not be saved: .*EFBIG.*\.$/);
    });
  });

  it('say what helps when the disk is full or a folder cannot be written', async () => {
    for (const [code, sentence] of [['ENOSPC', /no space is left on the disk of \/data\. Free some, or choose another folder\.$/], ['EROFS', /\/data cannot be written\. Choose another folder/], ['EACCES', /cannot be written/]] as const) {
      assert.match(whyNotWritten(Object.assign(new Error(code), { code }), '/data'), sentence);
    }
    assert.equal(statSync(await saveSession(session(), { folder: inFolder('new/deep'), roots: ROOTS })).mode & 0o077, 0, 'nobody else may read it');
  });
});
