import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import type { WireFrame } from '../../probe/wire.js';
import { callSite } from './call-site.js';
import { SourceMaps } from './source-maps.js';

const SOURCE = `interface Order { id: number }

export async function load(db: { query(text: string): Promise<Order[]> }): Promise<Order[]> {
  const unused: string = 'types go away';
  return db.query('SELECT * FROM orders');
}
`;

describe('source maps', () => {
  let folder: string;
  let source: string;
  const maps = new SourceMaps();

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'roundtrip source maps '));
    source = path.join(folder, 'src/orders.ts');
    mkdirSync(path.join(folder, 'src'));
    writeFileSync(source, SOURCE);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Compiles the source and finds the frame of its query. */
  function built(out: string, sourcemap: 'inline' | 'linked' | 'external', change: (text: string) => string = (text) => text): WireFrame {
    const file = path.join(folder, out);
    buildSync({ entryPoints: [source], outfile: file, sourcemap, format: 'esm', minify: true, absWorkingDir: folder });
    const text = change(readFileSync(file, 'utf8'));
    writeFileSync(file, text);
    const lines = text.split('\n');
    const line = lines.findIndex((one) => one.includes('query('));
    return { file, line: line + 1, column: lines[line]!.indexOf('query(') + 1, raw: true };
  }
  const site = (frame: WireFrame): string | undefined => {
    const place = callSite([frame], folder, maps);
    return place && `${path.relative(folder, place.file)}:${place.line}:${place.column}`;
  };

  it('lead from generated code to its source', () => {
    const linked = built('dist/linked.js', 'linked');
    assert.equal(site(linked), 'src/orders.ts:5:13');
    assert.equal(site(built('dist/inline.js', 'inline')), 'src/orders.ts:5:13');
    assert.equal(site({ ...linked, file: `${pathToFileURL(linked.file).href}?t=17` }), 'src/orders.ts:5:13');
  });

  it('are not asked where the program maps its stacks itself', () => {
    const { raw: _, ...frame } = built('dist/mapped.js', 'linked');
    assert.equal(site(frame), `dist/mapped.js:${frame.line}:${frame.column}`);
  });

  it('find the sources of bundlers, which have schemes of their own', () => {
    for (const name of ['webpack://shop/./src/orders.ts', 'webpack:///src/orders.ts?1234', 'webpack://_N_E/src/orders.ts']) {
      const frame = built('dist/webpack.js', 'linked');
      const map = JSON.parse(readFileSync(`${frame.file}.map`, 'utf8')) as { sources: string[] };
      writeFileSync(`${frame.file}.map`, JSON.stringify({ ...map, sources: [name] }));
      assert.equal(callSite([frame], folder, new SourceMaps())!.file, source.replaceAll('\\', '/'), name);
    }
  });

  it('that are missing or broken leave the generated line', () => {
    const broken: Record<string, WireFrame> = {
      missing: built('dist/missing.js', 'external'),
      'not there': built('dist/gone.js', 'external', (text) => `${text}\n//# sourceMappingURL=nowhere.js.map\n`),
      'on the network': built('dist/net.js', 'external', (text) => `${text}\n//# sourceMappingURL=https://example.org/x.map\n`),
      garbage: built('dist/garbage.js', 'external', (text) => `${text}\n//# sourceMappingURL=data:application/json;base64,bm9uc2Vuc2U=\n`),
      'no address': built('dist/address.js', 'external', (text) => `${text}\n//# sourceMappingURL=http://[\n`),
      itself: built('dist/itself.js', 'external', (text) => `${text}\n//# sourceMappingURL=itself.js\n`),
    };
    for (const [name, frame] of Object.entries(broken)) assert.equal(site(frame), `${path.relative(folder, frame.file)}:${frame.line}:${frame.column}`, name);
    assert.equal(site({ file: path.join(folder, 'never.js'), line: 3, column: 4, raw: true }), 'never.js:3:4');
  });

  it('are read again when the file was built anew', () => {
    const first = built('dist/again.js', 'linked');
    assert.equal(site(first), 'src/orders.ts:5:13');
    writeFileSync(source, `\n\n${SOURCE}`);
    const second = built('dist/again.js', 'linked');
    writeFileSync(source, SOURCE);
    assert.equal(site(second), 'src/orders.ts:7:13');
  });
});

describe('call site', () => {
  const maps = new SourceMaps();
  const frames = (...files: string[]): WireFrame[] => files.map((file, index) => ({ file, line: index + 1, column: 1 }));
  const cases: [name: string, frames: WireFrame[], line: number | undefined][] = [
    ['the innermost of the user', frames('/p/src/a.ts', '/p/src/b.ts'), 1],
    ['below packages and Node', frames('node:internal/process/task_queues', '/p/node_modules/pg/lib/client.js', 'C:/p/node_modules/x.js', '/p/src/a.ts'), 4],
    ['below the client of Prisma', frames('/p/src/generated/prisma/runtime/client.js', '/p/db/runtime/library.js', '/p/src/a.ts'), 3],
    ['generated code, when there is nothing else', frames('node:fs', '/p/src/generated/queries.ts'), 2],
    ['none', frames('node:fs', '/p/node_modules/x/y.js', '<anonymous>', 'evalmachine.<anonymous>'), undefined],
    ['none without frames', [], undefined],
    ['none for an address that is no file', frames('file://%'), undefined],
  ];
  for (const [name, given, line] of cases) it(name, () => assert.equal(callSite(given, '/p', maps)?.line, line));

  it('has the path of a file address, with slashes, and the name of the function', () => {
    assert.deepEqual(callSite([{ file: 'file:///p/src/my%20file.ts', line: 2, column: 0, function: 'load' }], '/p', maps), { file: '/p/src/my file.ts', line: 2, column: 1, function: 'load' });
  });
});
