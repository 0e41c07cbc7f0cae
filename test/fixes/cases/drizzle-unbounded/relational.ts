import type { Database } from "../shop/types"

export const run = async (db: Database) => {
  const found = await db.query.customers.findMany({ columns: { id: true } })
  return found
}
