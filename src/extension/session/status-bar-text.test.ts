import assert from 'node:assert/strict';
import type { ConnectionState, SessionState } from '../../profiler/protocol';
import { statusBarText } from './status-bar-text';

const connected: ConnectionState = { kind: 'connected', target: 'shop at localhost:5432', server: 'PostgreSQL 18.4' };

function words(state: SessionState, connection: ConnectionState): string | undefined {
  const shown = statusBarText({ state, name: 'Checkout' }, connection);
  return shown && [shown.text, shown.tooltip.replace('\n', ' / '), ...(shown.warns ? ['warns'] : [])].join(' | ');
}

describe('the words of the session in the status bar', () => {
  it('are none while there is nothing to tell', () => {
    assert.equal(words('none', { kind: 'none' }), undefined);
    assert.equal(words('stopped', { kind: 'none' }), undefined);
  });

  it('say whether something records, and from where', () => {
    assert.equal(words('recording', connected), '$(record) Recording | Roundtrip: recording “Checkout” / Roundtrip: connected to shop at localhost:5432, PostgreSQL 18.4');
    assert.equal(words('paused', { kind: 'none' }), '$(debug-pause) Paused | Roundtrip: paused “Checkout” / Not connected to a database: only programs are watched');
  });

  it('say how the connection is', () => {
    assert.equal(words('none', { kind: 'connecting', target: 'shop' }), '$(loading~spin) Database | Roundtrip: connecting to shop');
    assert.equal(words('none', { ...connected, lost: 'The server was restarted.' }), '$(debug-disconnect) Database | Roundtrip: The server was restarted. Trying again. | warns');
    assert.equal(
      words('none', { kind: 'failed', target: 'shop', title: 'Nothing answers.', detail: '', steps: [], asksPassword: false }),
      '$(debug-disconnect) Database | Roundtrip: no connection to shop. Nothing answers. | warns',
    );
  });
});
