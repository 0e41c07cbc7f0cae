import assert from 'node:assert/strict';
import { readMessageToPanel, type MessageToPanel } from '../../src/panel/messages.js';
import { FakeProbe } from '../profiler/fake-probe.js';
import { Bench } from '../profiler/session-folder.js';
import { panelOfTests } from './shared-panel.js';

describe('a session of the real profiler', () => {
  const panel = panelOfTests();
  let bench: Bench;

  before(() => {
    bench = new Bench();
  });

  after(() => bench.close());

  it('is understood by the panel, and shown', async () => {
    const profiler = await bench.open();
    const { arming } = await profiler.start({ ...bench.sessionOptions, name: 'Before the fix' });
    const nothingYet = profiler.update();
    const probe = await FakeProbe.open(arming);
    probe.batch({
      texts: [[1, 'SELECT * FROM orders LIMIT 10'], [2, 'select name from users where id = $1'], [3, 'SELECT 1/0']],
      sites: [[1, [{ file: '/project/src/orders.ts', line: 12, column: 9, function: 'list' }]], [2, [{ file: '/project/src/users.ts', line: 30, column: 3 }]]],
      requests: [[1, 'GET /orders/17', 100]],
      queries: [
        [1, 1, 101, 4, 0, 10, 0, 1, 0, 0],
        ...Array.from({ length: 10 }, (_, index): [number, number, number, number, number, number, number, number, number, number] => [2, 2, 110 + index * 2, 1.5, 0.25, 1, 0, 1, 0, index + 1]),
        [3, 0, 150, 0.4, 0, -1, 0, 0, 0, 0],
      ],
      ended: [[1, 140, 200]],
      libraries: ['pg 8.23.1'],
      overhead: [12, 0.024],
    });
    await probe.end();
    await bench.until('evidence', ({ lines }) => lines.length === 2);
    const update = profiler.update();
    const users = update.statements.find(({ tables }) => tables[0] === 'users')!;
    const messages: MessageToPanel[] = [
      { type: 'update', update: nothingYet },
      { type: 'update', update },
      { type: 'detail', statement: users.id, detail: await profiler.detail({ statement: users.id }), findings: [] },
    ];
    // Between the processes everything is JSON, which knows neither undefined nor infinity.
    const arrived = messages.map((message) => JSON.parse(JSON.stringify(message)) as MessageToPanel);
    for (const message of arrived) assert.notEqual(readMessageToPanel(message), undefined, message.type);

    await panel.open({ width: 1_200 });
    await panel.post(...arrived.slice(0, 2));
    assert.equal(await panel.page.locator('h1').textContent(), 'Before the fix');
    assert.ok(await panel.page.getByText('Up to 10 × in GET /orders/:id').isVisible());
    await panel.page.locator(`[data-key="${users.id}"]`).click();
    await panel.post(arrived[2]!);
    const shown = await panel.page.getByRole('complementary', { name: 'Details' }).textContent();
    assert.match(shown ?? '', /src\/users\.ts:30.*10\u00a0executions in 1\u00a0request/s);
  });
});
