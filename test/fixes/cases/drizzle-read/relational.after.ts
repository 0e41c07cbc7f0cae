// safe: Read all orders in one query
import { eq } from "drizzle-orm";
import { orders } from "../shop/schema";
import type { Database } from "../shop/types";

export async function run(db: Database, ids: number[]) {
	const found = [];
	const uniqueIds = [...new Set(ids)];
	// PostgreSQL takes at most 65,535 parameters in one query.
	const orderChunks = [];
	for (let i = 0; i < uniqueIds.length; i += 10_000) {
		const chunk = await db.query.orders.findMany({
			where: (table, { inArray }) => inArray(table.id, uniqueIds.slice(i, i + 10_000)),
			with: { items: true },
		});
		orderChunks.push(chunk);
	}
	const orderRows = orderChunks.flat();
	const ordersById = new Map(orderRows.map((order) => [order.id, order]));
	for (const id of ids) {
		const order = ordersById.get(id);
		found.push(order?.items.length);
	}
	return { found, table: eq(orders.id, 1) !== undefined };
}
