import { desc, inArray, lt } from 'drizzle-orm';
import type { Contact, CustomerService } from '../customers/customer-service';
import { db } from './database';
import { type Order, orderItems, orders } from './schema';

export interface HistoryEntry {
  order: Order;
  customer: Contact;
  pieces: number;
}

/** The list of latest orders that the support team works with. */
export class OrderHistory {
  constructor(private readonly customers: CustomerService) {}

  /** Orders before `before`, latest first. */
  async page(before = new Date(), size = 50): Promise<HistoryEntry[]> {
    const latest = await db.select().from(orders).where(lt(orders.placedAt, before)).orderBy(desc(orders.placedAt)).limit(size);
    const pieces = await this.piecesOf(latest);

    const entries: HistoryEntry[] = [];
    for (const order of latest) {
      const customer = await this.customers.contact(order.customerId);
      entries.push({ order, customer, pieces: pieces.get(order.id) ?? 0 });
    }
    return entries;
  }

  /** One query for the whole page. */
  private async piecesOf(page: Order[]): Promise<Map<number, number>> {
    const pieces = new Map<number, number>();
    if (page.length === 0) return pieces;
    const ids = page.map((order) => order.id);
    const items = await db.select({ orderId: orderItems.orderId, quantity: orderItems.quantity }).from(orderItems).where(inArray(orderItems.orderId, ids));
    for (const item of items) pieces.set(item.orderId, (pieces.get(item.orderId) ?? 0) + item.quantity);
    return pieces;
  }
}
