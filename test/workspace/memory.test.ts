import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const WATCH = path.join(__dirname, '../../src/workspace/memory-watch.ts');

/** Fills the memory turn by turn, with what stays (`kept`) or with what can be thrown away, three times as much as there is. */
const filling = (kept: boolean): string => `
  const { MemoryWatch } = require(${JSON.stringify(WATCH)});
  const watch = new MemoryWatch();
  const all = [];
  const fill = async () => {
    for (let turn = 1; turn <= 600; turn++) {
      const megabyte = Array.from({ length: 16_000 }, (_, at) => ({ at, turn }));
      if (${kept}) all.push(megabyte);
      await new Promise(setImmediate);
      watch.ensureRoom(turn);
    }
    return 'filled';
  };
  fill().catch(({ message }) => message).then(console.log).finally(() => watch.end());
`;

describe('the watch over the memory', function () {
  this.timeout(60_000);
  const run = (kept: boolean): { status: number | null; stdout: string } =>
    spawnSync(process.execPath, ['--max-old-space-size=200', '--require', 'tsx/cjs', '-e', filling(kept)], { encoding: 'utf8' });

  it('says in time that a project does not fit, and what to do', () => {
    const { status, stdout } = run(true);
    assert.match(stdout, /^The project does not fit into the \d+ MB of memory that Node\.js may use here \(\d+ files were read\)\. Leave out folders .* or allow more: NODE_OPTIONS=--max-old-space-size=\d+/);
    assert.equal(status, 0);
  });

  it('does not mind what can be thrown away', () => {
    assert.deepEqual(run(false).stdout, 'filled\n');
  });
});
