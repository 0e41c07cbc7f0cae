import assert from 'node:assert/strict';
import type { MessageToPlan, ShownPlan } from '../../src/panel/plan/messages.js';
import { panelOfTests } from './shared-panel.js';
import { HOSTILE, HOSTILE_SHOWN } from './sample.js';
import { THEMES, type ThemeName } from './themes.js';

/** A join as PostgreSQL tells it, with `name` wherever a user chooses names. */
function plan(name: string): unknown {
  const costs = { 'Startup Cost': 0.29, 'Total Cost': 812.5, 'Plan Rows': 1_000, 'Plan Width': 36, 'Actual Startup Time': 0.02, 'Actual Total Time': 41.2, 'Actual Rows': 90_000, 'Actual Loops': 1 };
  const scan = { 'Parent Relationship': 'Outer', 'Parallel Aware': false, Schema: name, Alias: name, Output: [name], ...costs };
  return [
    {
      Plan: {
        'Node Type': 'Nested Loop', 'Join Type': 'Inner', 'Join Filter': name, ...costs,
        Plans: [
          { ...scan, 'Node Type': 'Seq Scan', 'Relation Name': name, Filter: name, 'Rows Removed by Filter': 12 },
          { ...scan, 'Node Type': 'Index Scan', 'Relation Name': name, 'Index Name': name, 'Index Cond': name, 'Parent Relationship': 'Inner' },
          { ...scan, 'Node Type': 'CTE Scan', 'CTE Name': name, 'Subplan Name': name, 'Parent Relationship': 'InitPlan' },
        ],
      },
      'Planning Time': 0.4, 'Execution Time': 42.1,
      Triggers: [{ 'Trigger Name': name, Relation: name, Time: 1, Calls: 1 }],
    },
  ];
}

function shown(name: string, more: Partial<ShownPlan> = {}): MessageToPlan {
  return { type: 'plan', plan: { report: { kind: 'plain', target: `shop at ${name}`, text: `SELECT * FROM "${name}"`, plan: plan(name), facts: [`${name} is read whole.`] }, mayAnalyze: true, ...more } };
}

describe('the page of a plan', () => {
  const panel = panelOfTests();

  it('says what stands out, offers to measure, and copies the plan', async () => {
    await panel.openPlan({ width: 1_000 });
    await panel.post(shown('orders'));
    const { page } = panel;
    assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'shop at orders');
    assert.deepEqual(await page.locator('.facts li').allTextContents(), ['orders is read whole.']);
    assert.ok(await page.locator('.plan-view').getByText('Nested Loop').first().isVisible());
    await page.getByRole('button', { name: 'Copy Plan as JSON' }).click();
    await page.getByRole('button', { name: 'Run and Measure…' }).click();
    assert.deepEqual(await panel.sent(), [{ type: 'ready' }, { type: 'copy', text: JSON.stringify(plan('orders'), null, 2) }, { type: 'analyze' }]);
    const measured = shown('orders');
    await panel.post({ type: 'plan', plan: { ...measured.plan, report: { ...measured.plan.report, kind: 'analyze' } } });
    assert.equal(await page.getByRole('button', { name: 'Run and Measure…' }).count(), 0);
    assert.ok(await page.getByText('rolled back').isVisible());
  });

  it('never takes a name for markup, in none of its views', async () => {
    await panel.openPlan({ width: 1_200, height: 1_000 });
    await panel.post(shown(HOSTILE));
    const { page } = panel;
    const place = page.locator('.plan-view');
    const isHarmless = async (where: string): Promise<void> => {
      const made = await page.evaluate(() => [...document.querySelectorAll('img:not([src^="data:"]), script:not([nonce]), [onerror]')].map(({ outerHTML }) => outerHTML));
      assert.deepEqual(made, [], where);
      assert.equal(await page.evaluate(() => 'hacked' in window), false, where);
      assert.ok((await place.textContent())?.replaceAll('\u2060', '').includes('<img src=x onerror='), `${where}: the name is shown`);
    };
    assert.equal(await page.locator('.facts li').textContent(), `${HOSTILE_SHOWN} is read whole.`);
    await isHarmless('plan');
    assert.equal(await place.locator('.plan-node').count(), 4);
    // Nodes with such names lie over each other.
    const press = (selector: string): Promise<void> => place.locator(selector).evaluateAll((elements) => elements.forEach((element) => (element as HTMLElement).click()));
    await press('.plan-node header');
    await isHarmless('nodes with their details');
    for (const tab of ['General', 'IO & Buffers', 'Output', 'Workers', 'Misc']) {
      await place.locator('.plan-node .nav-link', { hasText: tab }).evaluateAll((links) => links.forEach((link) => (link as HTMLElement).click()));
      await isHarmless(tab);
    }
    await place.locator('.plan-diagram tr.node').nth(1).hover();
    await isHarmless('tooltip');
    for (const view of ['grid', 'raw', 'query', 'stats']) {
      await place.locator(`.nav-pills .nav-link[href="#${view}"]`).click();
      await isHarmless(view);
    }
  });

  it('shows again after a reload what it showed before', async () => {
    await panel.openPlan({ width: 1_000 });
    await panel.post(shown('orders'));
    await panel.page.reload();
    assert.equal(await panel.page.getByRole('heading', { level: 1 }).textContent(), 'shop at orders');
  });

  it('keeps no plan that was made for recorded values', async () => {
    await panel.openPlan({ width: 1_000 });
    await panel.post(shown('orders'));
    const { plan: made } = shown('orders');
    await panel.post({ type: 'plan', plan: { ...made, report: { ...made.report, values: ['s3cret'], facts: ['This is for $1 = s3cret.'] } } });
    assert.ok(await panel.page.getByText('s3cret').isVisible());
    assert.equal(await panel.page.evaluate(() => JSON.stringify({ ...sessionStorage }).includes('s3cret')), false);
    await panel.page.reload();
    assert.equal(await panel.page.getByRole('heading', { level: 1 }).count(), 0);
  });

  for (const theme of Object.keys(THEMES) as ThemeName[]) {
    it(`follows the theme: ${theme}`, async () => {
      await panel.openPlan({ theme, width: 1_000 });
      await panel.post(shown('orders'));
      const isDark = theme === 'dark' || theme === 'high-contrast';
      assert.equal(await panel.page.evaluate(() => document.documentElement.dataset.bsTheme), isDark ? 'dark' : 'light');
    });
  }
});
