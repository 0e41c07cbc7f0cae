import { orderItems } from "../shop/schema";
import type { Database, NewItem } from "../shop/types";

export async function run(db: Database, items: NewItem[]) {
	for (const { sku, quantity } of items) {
		// Boxes hold two.
		const boxes = Math.ceil(quantity / 2);
		await db
			.insert(orderItems)
			.values({ orderId: 3, sku, quantity: boxes, tags: [sku, "box"] })
			.onConflictDoNothing();
	}
}
