/** What the cases are called with, by the name of their second parameter; each case runs with every entry. */
export const INPUTS: Record<string, Record<string, unknown>> = {
  orders: {
    empty: [],
    one: [{ id: 3, customerId: 4 }],
    many: [5, 2, 9, 1, 12, 7].map((n) => ({ id: n, customerId: n })),
    duplicates: [4, 2, 4, 4, 2].map((n, i) => ({ id: (i % 2) + 8, customerId: n })),
    missing: [1, 999, 2, 998].map((n) => ({ id: n, customerId: n })),
    'NULL keys': [1, null, 2, null].map((n, i) => ({ id: i + 1, customerId: n })),
    'a key that the database refuses': [1, 2 ** 40].map((n) => ({ id: n, customerId: n })),
  },
  ids: {
    empty: [],
    one: [3],
    many: [5, 2, 9, 1, 12, 7],
    duplicates: [4, 2, 4, 4, 2],
    missing: [1, 999, 2, 998],
    'NULL keys': [1, null, 2],
    'a key that the database refuses': [1, 'x'],
  },
  emails: {
    empty: [],
    one: ['c3@example.org'],
    many: [5, 2, 9, 1, 12, 7].map((n) => `c${n}@example.org`),
    duplicates: [4, 2, 4].map((n) => `c${n}@example.org`),
    missing: ['c1@example.org', 'nobody@example.org'],
    'NULL keys': ['c1@example.org', null],
  },
  items: {
    empty: [],
    one: [{ sku: 'a', quantity: 1 }],
    many: [3, 1, 2, 5, 4, 6].map((n) => ({ sku: `sku-${n}`, quantity: n })),
    duplicates: [1, 2, 1, 1].map((n) => ({ sku: `sku-${n}`, quantity: n })),
    'a row that the database refuses': [{ sku: 'a', quantity: 1 }, { sku: null, quantity: 2 }],
  },
};
