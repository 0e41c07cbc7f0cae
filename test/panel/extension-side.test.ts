import assert from 'node:assert/strict';
import { DatabaseConnection, explainProblem, LiveTimings, parseDatabaseUrl, type DatabaseLogin, type TimingReport, type TimingState } from '../../src/database/index.js';
import { panelPage } from '../../src/extension/panel/page.js';
import { logLine, stateForPanel, timingsForPanel } from '../../src/extension/panel/state-for-panel.js';
import { readMessageToPanel } from '../../src/panel/messages.js';

const SECRET = 'tr0ub4dor&3';

function login(url: string): DatabaseLogin {
  const parsed = parseDatabaseUrl(url);
  assert.ok(parsed.ok);
  return parsed.login;
}

describe('what the panel and the log are told', () => {
  const { address } = login('postgresql://app:x@localhost/shop');

  it('is a message that the panel understands, for every state', () => {
    const states: Exclude<TimingState, { kind: 'disconnected' }>[] = [
      { kind: 'connecting', address },
      { kind: 'failed', address, problem: { kind: 'extension-missing', host: 'localhost', available: true, preloaded: false, mayCreate: true } },
      { kind: 'failed', address, problem: { kind: 'refused', address } },
      { kind: 'connected', address, serverVersion: '18.4', since: 1, paused: false },
      { kind: 'connected', address, serverVersion: '18.4', since: 1, paused: true, lost: { kind: 'lost', address, detail: 'x' } },
    ];
    for (const state of states) {
      const message = { type: 'state', state: stateForPanel(state, explainProblem) };
      assert.deepEqual(readMessageToPanel(message), message);
      assert.match(logLine(state, explainProblem), /shop at localhost:5432|localhost:5432/);
    }
  });

  it('contains each text once', () => {
    const report: TimingReport = {
      statements: [{ id: '7', calls: 2, totalMs: 3, meanMs: 1.5, rows: 4, atLeast: true }],
      statementCount: 1,
      totalMs: 3,
      texts: new Map([['7', 'SELECT 1']]),
      notices: [],
      readMs: 1,
    };
    const told = new Set<string>();
    const first = timingsForPanel(report, told);
    assert.deepEqual(first, {
      type: 'timings',
      timings: { statements: [['7', 2, 3, 4, 1]], statementCount: 1, totalMs: 3, texts: [['7', 'SELECT 1']], notices: [] },
    });
    assert.deepEqual(readMessageToPanel(first), first);
    const second = timingsForPanel(report, told);
    assert.deepEqual(second.type === 'timings' && second.timings.texts, []);
  });

  it('never contains a password, whatever goes wrong', async () => {
    const wrong = login(`postgresql://app:${encodeURIComponent(SECRET)}@127.0.0.1:1/shop`);
    const told: string[] = [];
    const live: LiveTimings = new LiveTimings({
      onChange: (state) => {
        if (state.kind !== 'disconnected') told.push(JSON.stringify(stateForPanel(state, explainProblem)));
        told.push(logLine(state, explainProblem));
      },
    });
    await live.connect(wrong);
    await live.disconnect();
    const failed = await DatabaseConnection.open(wrong);
    told.push(JSON.stringify(failed));
    assert.ok(told.length >= 6);
    assert.ok(!told.join('\n').includes('tr0ub4dor'));
  });
});

describe('the panel’s page', () => {
  it('may load its own script and style, and nothing else', () => {
    const page = panelPage({ script: 'https://host/panel.js', style: 'https://host/panel.css', cspSource: 'https://host', nonce: 'n0nce' });
    assert.match(page, /content="default-src 'none'; script-src 'nonce-n0nce'; style-src https:\/\/host; base-uri 'none'; form-action 'none'"/);
    assert.ok(!/unsafe|style="|<style|onload|<script(?! nonce="n0nce" src=)/.test(page));
  });
});
