/** People in the shop: they ask its server for pages, gently and without end. */
import { setTimeout as pause } from 'node:timers/promises';

const shop = `http://localhost:${process.env.PORT ?? 3000}`;
const categories = ['Kitchen', 'Living', 'Bedroom', 'Garden', 'Office'];
const names = ['Anna', 'Ben', 'Clara', 'David'];

/** What is asked for in one turn, by how often. */
const pages: { every: number; ask: (turn: number) => Promise<Response> }[] = [
  { every: 1, ask: (turn) => fetch(`${shop}/api/products?category=${categories[turn % categories.length]}&after=${(turn * 24) % 900}`) },
  { every: 3, ask: (turn) => fetch(`${shop}/api/orders`, { method: 'POST', body: JSON.stringify({ customerId: 1 + (turn % 5000), lines: [1, 2, 3, 4].map((n) => ({ productId: 1 + ((turn * 7 + n * 31) % 1000), quantity: n })) }) }) },
  { every: 4, ask: () => fetch(`${shop}/api/history`) },
  { every: 5, ask: (turn) => fetch(`${shop}/api/customers?name=${names[turn % names.length]}`) },
  { every: 7, ask: (turn) => fetch(`${shop}/api/tiers`, { method: 'POST', body: JSON.stringify([1, 2, 3, 4, 5, 6, 7, 8].map((n) => 1 + ((turn + n) % 5000))) }) },
  { every: 9, ask: () => fetch(`${shop}/api/best-sellers`) },
  { every: 11, ask: () => fetch(`${shop}/api/turnover`) },
  { every: 15, ask: () => fetch(`${shop}/api/open-orders`) },
];

const TURN_MS = 400;
// The first turn asks for everything, so that there is something to see at once.
for (let turn = 0; ; turn += 1) {
  const due = pages.filter(({ every }) => turn % every === 0);
  // The server may still be starting.
  await Promise.allSettled(due.map(async ({ ask }) => (await ask(turn)).arrayBuffer()));
  await pause(TURN_MS);
}
