import assert from 'node:assert/strict';
import { readMessageFromPanel, readMessageToPanel, type MessageFromPanel, type MessageToPanel } from '../../src/panel/messages.js';
import { COMPARISON, detail, place, sessionUpdate, start, update } from './sample.js';

const TO_PANEL: MessageToPanel[] = [
  start(),
  update(),
  update(sessionUpdate({ connection: { kind: 'failed', target: 'a', title: 'b', detail: '', steps: [{ text: 'c' }, { text: 'd', code: 'e' }], asksPassword: true } })),
  update(sessionUpdate({ connection: { kind: 'connected', target: 'a', server: 'b', lost: 'why', withoutStatements: { title: 'a', detail: 'b', steps: [] } } })),
  detail(),
  { type: 'detail', statement: 's0', detail: null, findings: [] },
  { type: 'reveal', statement: 's0' },
  { type: 'comparison', comparison: COMPARISON },
  { type: 'comparison', comparison: null },
  { type: 'answered', to: 'record' },
  { type: 'problem', title: 'a', detail: 'b' },
];

const FROM_PANEL: MessageFromPanel[] = [
  { type: 'ready' },
  { type: 'connect' },
  { type: 'connect', id: '1' },
  { type: 'retry' },
  { type: 'disconnect' },
  { type: 'record' },
  { type: 'pause', paused: true },
  { type: 'stop' },
  { type: 'clear' },
  { type: 'rename' },
  { type: 'openSession' },
  { type: 'openSession', file: 'a.json' },
  { type: 'compare', file: 'a.json' },
  { type: 'closeComparison' },
  { type: 'export' },
  { type: 'newTerminal' },
  { type: 'select', statement: 's0' },
  { type: 'select', statement: null },
  { type: 'openPlace', place: place('a.ts', 1) },
  { type: 'fix', finding: { rule: 'n-plus-one', place: place('a.ts', 1, 'f') } },
  { type: 'explain', statement: 's0', analyze: false },
  { type: 'cancel', pid: 7 },
  { type: 'copy', text: 'SELECT 1' },
  { type: 'showLog' },
];

/** Every way to spoil one value of a message: another type in its place, or nothing at all. */
function* spoilt(value: unknown, path: string): Generator<[string, unknown]> {
  if (Array.isArray(value)) {
    yield [path, 'text'];
    for (const [at, made] of value.length === 0 ? [] : spoilt(value[0], `${path}[0]`)) yield [at, [made, ...(value.slice(1) as unknown[])]];
    return;
  }
  if (typeof value !== 'object' || value === null) {
    yield [path, { nested: true }];
    if (typeof value === 'number') yield [`${path} NaN`, Number.NaN];
    return;
  }
  yield [path, 7];
  for (const [key, inner] of Object.entries(value)) for (const [at, made] of spoilt(inner, `${path}.${key}`)) yield [at, { ...value, [key]: made }];
}

describe('messages between extension and panel', () => {
  it('pass when they are right', () => {
    for (const message of TO_PANEL) assert.deepEqual(readMessageToPanel(structuredClone(message)), message);
    for (const message of FROM_PANEL) assert.deepEqual(readMessageFromPanel(structuredClone(message)), message);
  });

  it('are dropped when any value in them is spoilt', () => {
    let count = 0;
    for (const message of TO_PANEL) {
      for (const [at, made] of spoilt(message, message.type)) {
        assert.equal(readMessageToPanel(made), undefined, at);
        count += 1;
      }
    }
    for (const message of FROM_PANEL) for (const [at, made] of spoilt(message, message.type)) assert.equal(readMessageFromPanel(made), undefined, at);
    assert.ok(count > 300, `${count} ways were tried`);
  });

  it('are dropped when they are none', () => {
    for (const value of [undefined, null, [], 7, 'ready', {}, { type: 'other' }, { type: 'constructor' }, { type: 'pause' }, { type: 'select' }, { type: 'copy' }]) {
      assert.equal(readMessageFromPanel(value), undefined, JSON.stringify(value));
    }
    for (const value of [undefined, null, [], { type: 'update' }, { type: 'toString' }, { type: 'comparison' }]) assert.equal(readMessageToPanel(value), undefined, JSON.stringify(value));
  });
});
