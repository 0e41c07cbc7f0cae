import assert from 'node:assert/strict';
import { readMessageFromPanel, readMessageToPanel, type MessageFromPanel, type MessageToPanel } from '../../src/panel/messages.js';
import { CONNECTED, timings } from './sample.js';

describe('messages between extension and panel', () => {
  it('pass when they are right', () => {
    const toPanel: MessageToPanel[] = [
      { type: 'state', state: { kind: 'disconnected', found: [{ id: '1', name: 'a', source: 'b' }], restricted: false } },
      { type: 'state', state: { kind: 'connecting', target: 'a' } },
      { type: 'state', state: { kind: 'failed', target: 'a', title: 'b', detail: '', steps: [{ text: 'c' }, { text: 'd', code: 'e' }] } },
      { type: 'state', state: { ...CONNECTED, lost: 'why' } },
      timings(),
    ];
    for (const message of toPanel) assert.deepEqual(readMessageToPanel(structuredClone(message)), message);
    const fromPanel: MessageFromPanel[] = [
      { type: 'ready' }, { type: 'connect' }, { type: 'connect', id: '1' }, { type: 'retry' }, { type: 'disconnect' }, { type: 'pause', paused: true },
      { type: 'startAfresh' }, { type: 'copy', text: 'SELECT 1' }, { type: 'showLog' },
    ];
    for (const message of fromPanel) assert.deepEqual(readMessageFromPanel(structuredClone(message)), message);
  });

  it('are dropped when they are not', () => {
    for (const value of [
      undefined, null, [], 'ready', { type: 'other' }, { type: 'connect', id: 7 }, { type: 'pause' }, { type: 'pause', paused: 'yes' }, { type: 'copy' }, { type: 'copy', text: {} },
    ]) {
      assert.equal(readMessageFromPanel(value), undefined, JSON.stringify(value));
    }
    const [first] = (timings() as Extract<MessageToPanel, { type: 'timings' }>).timings.statements;
    for (const value of [
      undefined, { type: 'state', state: { kind: 'other' } }, { type: 'state', state: { ...CONNECTED, since: 'today' } }, { type: 'state', state: { ...CONNECTED, lost: 1 } },
      { type: 'state', state: { kind: 'failed', target: 'a', title: 'b', detail: 'c', steps: [{ code: 'd' }] } },
      { type: 'timings', timings: { statements: [first?.slice(0, 4)], statementCount: 1, totalMs: 1, texts: [], notices: [] } },
      { type: 'timings', timings: { statements: [['1', 1, Number.NaN, 1, 0]], statementCount: 1, totalMs: 1, texts: [], notices: [] } },
      { type: 'timings', timings: { statements: [], statementCount: 1, totalMs: 1, texts: [['1']], notices: [] } },
    ]) {
      assert.equal(readMessageToPanel(value), undefined, JSON.stringify(value));
    }
  });
});
