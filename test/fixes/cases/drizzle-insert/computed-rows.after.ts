// suggestion: Insert order items 1,000 rows at a time (each statement all or nothing)
import { orderItems } from "../shop/schema";
import type { Database, NewItem } from "../shop/types";

export async function run(db: Database, items: NewItem[]) {
	const newOrderItems = items.map(({ sku, quantity }) => {
		// Boxes hold two.
		const boxes = Math.ceil(quantity / 2);
		return { orderId: 3, sku, quantity: boxes, tags: [sku, "box"] };
	});
	// PostgreSQL takes at most 65,535 parameters in one statement.
	for (let i = 0; i < newOrderItems.length; i += 1000) {
		await db
			.insert(orderItems)
			.values(newOrderItems.slice(i, i + 1000))
			.onConflictDoNothing();
	}
}
