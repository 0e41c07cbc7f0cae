/** `1 row`, `about 60,000 rows`: counts of a database are estimates. */
export function aboutRows(rows: number): string {
  return rows === 1 ? 'about 1 row' : `about ${rows.toLocaleString('en-US')} rows`;
}
