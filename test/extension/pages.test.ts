import assert from 'node:assert/strict';
import { panelPage } from '../../src/extension/panel/page';
import { planPage } from '../../src/extension/plans/plan-page';
import { isShownPlan, readMessageFromPlan, readMessageToPlan } from '../../src/panel/plan/messages';

const parts = { script: 'https://host/page.js', style: 'https://host/page.css', cspSource: 'https://host', nonce: 'n0nce' };

describe('the pages of web views', () => {
  it('may load their own script and style; the panel nothing else', () => {
    const page = panelPage(parts);
    assert.match(page, /content="default-src 'none'; script-src 'nonce-n0nce'; style-src https:\/\/host; base-uri 'none'; form-action 'none'"/);
    assert.ok(!/unsafe|style="|<style|onload|<script(?! nonce="n0nce" src=)/.test(page));
  });

  it('may have styles inline in a plan, but no code and no network', () => {
    const page = planPage(parts);
    assert.match(page, /default-src 'none'; script-src 'nonce-n0nce'; style-src https:\/\/host 'unsafe-inline'; img-src data:; font-src https:\/\/host; base-uri 'none'/);
    assert.ok(!/unsafe-eval|connect-src|onload|<script(?! nonce="n0nce" src=)/.test(page));
  });
});

describe('what the extension and the page of a plan say to each other', () => {
  const plan = { report: { kind: 'plain', target: 'shop', text: 'SELECT 1', plan: [], facts: ['A fact.'] }, mayAnalyze: true };

  it('is understood', () => {
    assert.deepEqual(readMessageToPlan({ type: 'plan', plan }), { type: 'plan', plan });
    for (const message of [{ type: 'ready' }, { type: 'analyze' }, { type: 'copy', text: 'x' }]) assert.deepEqual(readMessageFromPlan(message), message);
  });

  it('is left alone when it is something else', () => {
    for (const value of [undefined, null, 1, [], {}, { type: 'copy' }, { type: 'evil' }]) assert.equal(readMessageFromPlan(value), undefined);
    for (const broken of [{}, { ...plan, mayAnalyze: 1 }, { ...plan, report: { ...plan.report, kind: 'x' } }, { ...plan, report: { ...plan.report, facts: [1] } }]) assert.ok(!isShownPlan(broken), JSON.stringify(broken));
    assert.equal(readMessageToPlan({ type: 'plan', plan: null }), undefined);
  });
});
