import { eq } from 'drizzle-orm'
import { orderItems } from '../shop/schema'
import type { Database } from '../shop/types'

export async function run(db: Database, ids: number[]) {
  const result = new Map<number, number>()
  for (const id of new Set(ids)) {
    result.set(
      id,
      (await db.query.orderItems.findMany({ where: eq(orderItems.orderId, id), columns: { quantity: true } })).reduce((sum, item) => sum + item.quantity, 0),
    )
  }
  return [...result]
}
