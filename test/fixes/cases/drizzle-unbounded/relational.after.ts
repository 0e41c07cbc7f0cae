// suggestion: Read at most 100 customers (returns fewer rows)
import type { Database } from "../shop/types"

export const run = async (db: Database) => {
  const found = await db.query.customers.findMany({ columns: { id: true }, orderBy: (table, { asc }) => asc(table.id), limit: 100 })
  return found
}
