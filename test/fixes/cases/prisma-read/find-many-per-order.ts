import type { PrismaClient } from "../../generated/prisma/client"
import type { Order } from "../shop/types"

export async function run(prisma: PrismaClient, orders: readonly Order[]) {
  const totals: Record<number, number> = {}
  for (const { id } of orders) {
    const items = await prisma.orderItem.findMany({
      where: { orderId: id, quantity: { gt: 1 } },
      orderBy: { id: "desc" },
    })
    totals[id] = items.reduce((sum, item) => sum + item.quantity, 0)
  }
  return totals
}
