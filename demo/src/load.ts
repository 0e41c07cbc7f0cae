/** Visits the shop the way its people do, gently and without end, so that a connected panel has something to show. */
import { setTimeout as pause } from 'node:timers/promises';
import { pool } from './catalog/pool';
import { bestSellers, productPage } from './catalog/products';
import { availability } from './catalog/stock';
import { prisma } from './customers/client';
import { CustomerService } from './customers/customer-service';
import { setTier } from './customers/loyalty';
import { placeOrder } from './orders/checkout';
import { openOrders, turnover } from './orders/dashboard';
import { connections } from './orders/database';
import { OrderHistory } from './orders/history';

const history = new OrderHistory(new CustomerService(prisma));
const categories = ['Kitchen', 'Living', 'Bedroom', 'Garden', 'Office'];

/** What happens in one turn, by how often: every visitor browses, few buy, the staff looks in now and then. */
const visits: { every: number; visit: (turn: number) => Promise<unknown> }[] = [
  { every: 1, visit: async (turn) => availability(await productPage(categories[turn % categories.length]!, (turn * 24) % 900)) },
  { every: 3, visit: (turn) => placeOrder(1 + (turn % 5000), [1, 2, 3, 4].map((line) => ({ productId: 1 + ((turn * 7 + line * 31) % 1000), quantity: line }))) },
  { every: 4, visit: () => history.page() },
  { every: 7, visit: (turn) => setTier([1, 2, 3, 4, 5].map((n) => 1 + ((turn + n) % 5000)), 'silver') },
  { every: 9, visit: () => bestSellers() },
  { every: 11, visit: () => turnover() },
  { every: 15, visit: () => openOrders() },
];

const TURN_MS = 400;
let open = true;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => (open = false));
process.on('disconnect', () => (open = false));

for (let turn = 1; open; turn += 1) {
  for (const { every, visit } of visits) {
    if (turn % every === 0) await visit(turn);
  }
  if (turn === 1) process.send?.('first turn done');
  await pause(TURN_MS);
}
await Promise.all([pool.end(), connections.end(), prisma.$disconnect()]);
