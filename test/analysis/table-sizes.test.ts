import assert from 'node:assert/strict';
import { TableSizes } from '../../src/analysis/schema/table-sizes';
import { analyze, initSql, programOf } from '../analysis-host';

const ORDERS = `import { PrismaClient } from '@prisma/client';
const prisma = new PrismaClient();
export const all = () => prisma.order.findMany();
export async function paid() {
  const rows = await prisma.order.findMany();
  return rows.filter((row) => row.paid);
}
`;
const REPORT = 'SELECT id, total FROM orders ORDER BY id;\nSELECT o.id, c.name FROM orders o CROSS JOIN customers c;\n';

function found(rows: number | undefined): string[] {
  const tableSizes = rows === undefined ? [] : [{ name: 'public.orders', rows }];
  const { findings, failures } = analyze({ 'src/orders.ts': ORDERS, 'reports/orders.sql': REPORT }, { tableSizes });
  assert.deepEqual(failures, []);
  return findings.map(({ rule, severity, file, message }) => `${severity} ${rule} ${file}${/about [\d,]+ rows?/.exec(message)?.[0].replace('about', ':') ?? ''}`);
}

describe('row counts of a connected database', () => {
  before(initSql);

  it('leave everything as it is where there are none', () => {
    assert.deepEqual(found(undefined), ['info unbounded-query src/orders.ts', 'warning filter-in-memory src/orders.ts', 'info unbounded-select reports/orders.sql', 'info unbounded-select reports/orders.sql']);
    assert.deepEqual(found(-1), found(undefined));
  });

  it('silence whole reads of small tables, unless another table is read with them', () => {
    assert.deepEqual(found(20), ['info unbounded-select reports/orders.sql: 20 rows']);
    assert.deepEqual(found(100), ['info unbounded-select reports/orders.sql: 100 rows']);
    assert.equal(found(110).length, 4);
  });

  it('make whole reads of large tables loud', () => {
    assert.deepEqual(found(10_123_456), [
      'warning unbounded-query src/orders.ts: 10,000,000 rows',
      'warning filter-in-memory src/orders.ts',
      'warning unbounded-select reports/orders.sql: 10,000,000 rows',
      'warning unbounded-select reports/orders.sql: 10,000,000 rows',
    ]);
    assert.deepEqual(found(99_000).filter((one) => one.startsWith('warning unbounded')), []);
  });

  it('are found by names of tables and of models, and not where two tables may be meant', () => {
    const sizes = new TableSizes([
      { name: 'public.order_items', rows: 5 },
      { name: 'public."AuditLog"', rows: 6 },
      { name: 'public.categories', rows: 7 },
      { name: 'public.addresses', rows: 8 },
      { name: 'sales.orders', rows: 9 },
      { name: 'archive.orders', rows: 1_000_000 },
      { name: 'public.unknown', rows: -1 },
    ]);
    for (const [name, rows] of [
      ['order_items', 5], ['orderItem', 5], ['OrderItems', 5], ['public.order_items', 5], ['auditLog', 6], ['audit_logs', 6], ['category', 7], ['address', 8],
      ['sales.orders', 9], ['orders', undefined], ['order', undefined], ['unknown', undefined], ['missing', undefined], ['', undefined],
    ] as const) assert.equal(sizes.rowsOf(name), rows, name);
    assert.equal(sizes.areSmall([]), false);
  });

  it('change what a program finds only when they change in their first two digits', () => {
    const program = programOf(new Map([['a.ts', ORDERS], ['b.ts', '']]));
    assert.deepEqual(program.setTableSizes([{ name: 'public.orders', rows: 60_123 }]), ['a.ts', 'b.ts']);
    assert.deepEqual(program.setTableSizes([{ name: 'public.orders', rows: 60_124 }]), []);
    assert.deepEqual(program.setTableSizes([{ name: 'public.orders', rows: 71_000 }]), ['a.ts', 'b.ts']);
    assert.deepEqual(program.setTableSizes([]), ['a.ts', 'b.ts']);
    assert.deepEqual(program.setTableSizes([]), []);
  });
});
