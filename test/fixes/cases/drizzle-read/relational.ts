import { eq } from "drizzle-orm";
import { orders } from "../shop/schema";
import type { Database } from "../shop/types";

export async function run(db: Database, ids: number[]) {
	const found = [];
	for (const id of ids) {
		const order = await db.query.orders.findFirst({
			where: (table, { eq }) => eq(table.id, id),
			with: { items: true },
		});
		found.push(order?.items.length);
	}
	return { found, table: eq(orders.id, 1) !== undefined };
}
