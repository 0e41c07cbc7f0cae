import assert from 'node:assert/strict';
import { statusText, type ShownStatus } from './status-text';

const words = (status: ShownStatus): string => {
  const { text, detail, severity, busy, link } = statusText(status);
  return [`${text} | ${detail}`, severity, busy ? 'busy' : 'still', link].join(' | ');
};
const ready = { state: 'ready', files: 812, findings: { error: 0, warning: 2, info: 1 }, problems: 0, configurationErrors: [] } as const;

describe('the words of the status item', () => {
  it('counts findings and files', () => {
    assert.equal(words({ ...ready, configurationErrors: [] }), 'Roundtrip: 3 findings | in 812 files | information | still | showLog');
    assert.equal(
      words({ ...ready, files: 1, findings: { error: 0, warning: 1, info: 0 }, problems: 1, configurationErrors: [] }),
      'Roundtrip: 1 finding | in 1 file, 1 file not or only partly checked | information | still | showLog',
    );
    assert.equal(
      words({ ...ready, findings: { error: 0, warning: 0, info: 0 }, configurationErrors: [] }),
      'Roundtrip: no findings | in 812 files | information | still | showLog',
    );
  });

  it('puts what is wrong with the configuration before the figures', () => {
    assert.equal(words({ ...ready, configurationErrors: ['No rule is called "x".'] }), 'Roundtrip: 3 findings | No rule is called "x". | warning | still | showLog');
  });

  it('says how far it is', () => {
    assert.equal(words({ state: 'starting' }), 'Roundtrip | starting | information | busy | showLog');
    assert.equal(words({ state: 'indexing', done: 0, total: 0 }), 'Roundtrip | finding files | information | busy | showLog');
    assert.equal(words({ state: 'indexing', done: 40, total: 812 }), 'Roundtrip | checking 40 of 812 files | information | busy | showLog');
  });

  it('offers the way on when something is wrong', () => {
    assert.match(words({ state: 'crashed' }), /crashed several times \| error \| still \| restartServer$/);
    assert.match(words({ state: 'error', message: 'no memory left' }), /no memory left \| error \| still \| showLog$/);
    assert.match(words({ state: 'stopped', findings: { error: 0, warning: 0, info: 0 } }), /cancelled \| information \| still \| checkWorkspace$/);
    assert.match(words({ state: 'idle' }), /open a folder/);
  });
});
