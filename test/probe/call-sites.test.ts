import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { startPostgres, type RunningPostgres } from '../postgres';
import { Listener } from './listener';
import { buildProbe, PROGRAMS, run } from './program';

/** Queries per line of a program's text, as its marks promise: `//: 2` stands behind a line that issues two. */
function promised(text: string): Record<number, number> {
  return Object.fromEntries(text.split('\n').flatMap((line, index) => {
    const mark = /\/\/: (\d+)$/.exec(line);
    return mark ? [[index + 1, Number(mark[1])]] : [];
  }));
}

describe('call sites', () => {
  let postgres: RunningPostgres;
  before(async function () {
    this.timeout(60_000);
    [postgres] = await Promise.all([startPostgres(), buildProbe()]);
  });
  after(() => postgres.stop());

  it('pg: each query at its line', async () => {
    const listener = await Listener.open();
    const script = path.join(PROGRAMS, 'pg.mjs');
    const finished = await run(script, { env: { ...listener.environment(), DATABASE_URL: postgres.url } });
    await listener.quiet();
    await listener.close();
    assert.deepEqual(finished, { status: 0, signal: null, output: '', errors: '' });
    const found: Record<number, number> = {};
    for (const { frames } of listener.queries) found[frames![0]!.line] = (found[frames![0]!.line] ?? 0) + 1;
    assert.deepEqual(found, promised(readFileSync(script, 'utf8')));
    assert.deepEqual(listener.programs[0]!.notes, []);
  });
});
