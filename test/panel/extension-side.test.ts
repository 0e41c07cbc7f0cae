import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import { DatabaseConnection, explainProblem, LiveTimings, parseDatabaseUrl, type DatabaseLogin, type TimingReport, type TimingState } from '../../src/database/index.js';
import { urlsInEnvironment, urlsInEnvironmentFile } from '../../src/extension/panel/environment-files.js';
import { panelPage } from '../../src/extension/panel/page.js';
import { RememberedDatabase } from '../../src/extension/panel/remembered-database.js';
import { logLine, stateForPanel, timingsForPanel } from '../../src/extension/panel/state-for-panel.js';
import { readMessageToPanel } from '../../src/panel/messages.js';

const SECRET = 'tr0ub4dor&3';

function login(url: string): DatabaseLogin {
  const parsed = parseDatabaseUrl(url);
  assert.ok(parsed.ok);
  return parsed.login;
}

describe('environment files', () => {
  it('are read as they are written', () => {
    const text = `# the shop\r\nexport DATABASE_URL="postgresql://a:b@localhost/shop" # local\r\nPOSTGRES_URL='postgresql://c@localhost/other'\nOTHER=x\n`;
    assert.deepEqual(urlsInEnvironmentFile(text), [
      { variable: 'DATABASE_URL', url: 'postgresql://a:b@localhost/shop' },
      { variable: 'POSTGRES_URL', url: 'postgresql://c@localhost/other' },
    ]);
  });

  it('may refer to their other variables, and are never run', () => {
    const text = 'PASSWORD=geheim\nDATABASE_URL=postgresql://app:${PASSWORD}@localhost/${MISSING}$(touch /tmp/run)\n';
    assert.deepEqual(urlsInEnvironmentFile(text), [{ variable: 'DATABASE_URL', url: 'postgresql://app:geheim@localhost/${MISSING}$(touch /tmp/run)' }]);
  });

  it('may hold anything', () => {
    for (const text of ['', '\0\0binary', 'DATABASE_URL', 'DATABASE_URL=', '=x', '{"json": true}']) assert.deepEqual(urlsInEnvironmentFile(text), [], JSON.stringify(text));
    assert.deepEqual(urlsInEnvironment({ DATABASE_URL: undefined }), []);
  });
});

describe('the database typed last', () => {
  /** A stand-in for the editor's storage, which unit tests do not have: two maps, as it documents itself. */
  const storage = () => {
    const state = new Map<string, unknown>();
    const secrets = new Map<string, string>();
    const context = {
      workspaceState: { get: (key: string) => state.get(key), update: async (key: string, value: unknown) => void state.set(key, value) },
      secrets: {
        get: async (key: string) => secrets.get(key),
        store: async (key: string, value: string) => void secrets.set(key, value),
        delete: async (key: string) => void secrets.delete(key),
      },
    } as unknown as Pick<vscode.ExtensionContext, 'workspaceState' | 'secrets'>;
    return { state, secrets, context };
  };

  it('is remembered with its password in the secret storage alone', async () => {
    const { state, secrets, context } = storage();
    const typed = login(`postgresql://app:${encodeURIComponent(SECRET)}@db:6000/shop?sslmode=require`);
    await new RememberedDatabase(context).set(typed);
    assert.deepEqual(await new RememberedDatabase(context).get(), typed);
    assert.ok(!JSON.stringify([...state, ...secrets.keys()]).includes('tr0ub4dor'));
    assert.deepEqual([...secrets.values()], [SECRET]);
  });

  it('forgets a password that is no longer needed', async () => {
    const { secrets, context } = storage();
    const remembered = new RememberedDatabase(context);
    await remembered.set(login('postgresql://app:old@db/shop'));
    await remembered.set(login('postgresql://app@db/shop'));
    assert.equal(secrets.size, 0);
    assert.equal((await remembered.get())?.password, undefined);
  });
});

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
