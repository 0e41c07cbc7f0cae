// suggestion: Read all order items in one query (keys are compared exactly)
import type { PrismaClient } from "../../generated/prisma/client"
import type { Order } from "../shop/types"

export async function run(prisma: PrismaClient, orders: readonly Order[]) {
  const totals: Record<number, number> = {}
  const ids = [...new Set(orders.map(({ id }) => id))]
  // Prisma takes at most 32,767 parameters in one ordered query.
  const orderItemChunks = []
  for (let i = 0; i < ids.length; i += 10_000) {
    const chunk = await prisma.orderItem.findMany({
      where: { orderId: { in: ids.slice(i, i + 10_000) }, quantity: { gt: 1 } },
      orderBy: { id: "desc" },
    })
    orderItemChunks.push(chunk)
  }
  const orderItems = orderItemChunks.flat()
  const orderItemsByOrderId = new Map<(typeof orderItems)[number]["orderId"], typeof orderItems>()
  for (const orderItem of orderItems) {
    const group = orderItemsByOrderId.get(orderItem.orderId)
    if (group) group.push(orderItem)
    else orderItemsByOrderId.set(orderItem.orderId, [orderItem])
  }
  for (const { id } of orders) {
    const items = orderItemsByOrderId.get(id) ?? []
    totals[id] = items.reduce((sum, item) => sum + item.quantity, 0)
  }
  return totals
}
