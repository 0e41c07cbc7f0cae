import type { PrismaClient } from '../../generated/prisma/client'

export async function run(prisma: PrismaClient, customerId: number) {
	const orders = await prisma.order.findMany({
		where: { customerId },
		orderBy: { id: 'asc' },
		take: 5,
	})
	const total = await prisma.order.count({ where: { customerId } })
	return { orders, total }
}
