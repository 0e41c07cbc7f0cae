import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const MODULE = path.join(__dirname, '../../src/workspace/optimization.ts');

describe('the setting for what V8 optimizes', () => {
  it('is one that this version of V8 knows: of others it would complain to the user', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--require', 'tsx/cjs', '-e', `require(${JSON.stringify(MODULE)}).optimizeLater(); console.log('went on');`], { encoding: 'utf8' });
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: 'went on\n', stderr: '' });
  });
});
