import type { Tier } from '../../generated/prisma/client';
import { prisma } from './client';

/** Moves customers to another tier, as the monthly review decided. */
export async function setTier(customerIds: number[], tier: Tier): Promise<void> {
  await Promise.all(customerIds.map((id) => prisma.customer.update({ where: { id }, data: { tier } })));
}

/** Everybody of a country to the next tier at once. */
export async function promoteCountry(country: string): Promise<number> {
  const { count } = await prisma.customer.updateMany({ where: { country, tier: 'standard' }, data: { tier: 'silver' } });
  return count;
}

export async function customersByTier(): Promise<Map<Tier, number>> {
  const groups = await prisma.customer.groupBy({ by: ['tier'], _count: true });
  return new Map(groups.map((group) => [group.tier, group._count]));
}
