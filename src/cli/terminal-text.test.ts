import assert from 'node:assert/strict';
import { wantsColors } from './terminal-text';

describe('colours', () => {
  it('are for terminals, unless the environment says otherwise', () => {
    assert.equal(wantsColors(true, {}), true);
    assert.equal(wantsColors(true, { TERM: 'dumb' }), false);
    assert.equal(wantsColors(true, { NO_COLOR: '1', FORCE_COLOR: '1' }), false);
    assert.equal(wantsColors(true, { FORCE_COLOR: '0' }), false);
    assert.equal(wantsColors(undefined, { FORCE_COLOR: '1' }), true);
  });

  it('are not for pipes, in continuous integration either', () => {
    assert.equal(wantsColors(undefined, {}), false);
    assert.equal(wantsColors(false, { CI: 'true' }), false);
  });
});
