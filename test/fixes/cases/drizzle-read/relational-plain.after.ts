// safe: Read all order items in one query
import { eq, inArray } from 'drizzle-orm'
import { orderItems } from '../shop/schema'
import type { Database } from '../shop/types'

export async function run(db: Database, ids: number[]) {
  const result = new Map<number, number>()
  const allIds = new Set(ids)
  const uniqueIds = [...allIds]
  // PostgreSQL takes at most 65,535 parameters in one query.
  const orderItemChunks = []
  for (let i = 0; i < uniqueIds.length; i += 10_000) {
    const chunk = await db.query.orderItems.findMany({ where: inArray(orderItems.orderId, uniqueIds.slice(i, i + 10_000)), columns: { orderId: true, quantity: true } })
    orderItemChunks.push(chunk)
  }
  const orderItemRows = orderItemChunks.flat()
  const orderItemsByOrderId = new Map<(typeof orderItemRows)[number]['orderId'], typeof orderItemRows>()
  for (const orderItem of orderItemRows) {
    const group = orderItemsByOrderId.get(orderItem.orderId)
    if (group) group.push(orderItem)
    else orderItemsByOrderId.set(orderItem.orderId, [orderItem])
  }
  for (const id of allIds) {
    result.set(
      id,
      (orderItemsByOrderId.get(id) ?? []).reduce((sum, item) => sum + item.quantity, 0),
    )
  }
  return [...result]
}
