import assert from 'node:assert/strict';
import { nodeOptionsOf, watchedEnvironment } from '../../src/extension/session/node-options';

const arming = { nodeOptions: '--require "/a b/probe.cjs"', variables: { ROUNDTRIP_PROBE: '{"socket":"s"}' } };

describe('the environment of a launch that is watched', () => {
  it('has the probe in front of the options that the launch has', () => {
    assert.deepEqual(watchedEnvironment({ NODE_OPTIONS: '--enable-source-maps', PORT: '3000' }, { NODE_OPTIONS: '--inherited' }, arming), {
      NODE_OPTIONS: '--require "/a b/probe.cjs" --enable-source-maps',
      PORT: '3000',
      ROUNDTRIP_PROBE: '{"socket":"s"}',
    });
  });

  it('keeps the options that the launch would have inherited, unless it takes them away', () => {
    assert.equal(watchedEnvironment({}, { NODE_OPTIONS: '--inherited' }, arming)['NODE_OPTIONS'], '--require "/a b/probe.cjs" --inherited');
    assert.equal(watchedEnvironment({ NODE_OPTIONS: null }, { NODE_OPTIONS: '--inherited' }, arming)['NODE_OPTIONS'], '--require "/a b/probe.cjs"');
    assert.equal(watchedEnvironment({}, {}, arming)['NODE_OPTIONS'], '--require "/a b/probe.cjs"');
  });

  it('is armed once', () => {
    const once = watchedEnvironment({ NODE_OPTIONS: '-r x' }, {}, arming);
    assert.deepEqual(watchedEnvironment(once, {}, arming), once);
  });

  it('leaves variables alone that are taken away', () => {
    assert.deepEqual(Object.entries(watchedEnvironment({ DEBUG: null, EMPTY: '', NONE: undefined }, {}, arming)).filter(([name]) => name !== 'NODE_OPTIONS' && name !== 'ROUNDTRIP_PROBE'), [
      ['DEBUG', null],
      ['EMPTY', ''],
    ]);
  });

  it('knows the options of an environment file', () => {
    assert.equal(nodeOptionsOf('A=1\nNODE_OPTIONS="--max-old-space-size=4096"\n'), '--max-old-space-size=4096');
    assert.equal(nodeOptionsOf('\0'), undefined);
  });
});
