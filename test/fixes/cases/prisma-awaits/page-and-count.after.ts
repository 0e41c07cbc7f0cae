// suggestion: Start these 2 reads together (each takes a connection; when one fails, the others still run)
import type { PrismaClient } from '../../generated/prisma/client'

export async function run(prisma: PrismaClient, customerId: number) {
	const [orders, total] = await Promise.all([
		prisma.order.findMany({
			where: { customerId },
			orderBy: { id: 'asc' },
			take: 5,
		}),
		prisma.order.count({ where: { customerId } }),
	])
	return { orders, total }
}
