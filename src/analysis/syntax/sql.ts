/** Loads PostgreSQL's parser (WebAssembly). Await it once per thread before anything else of the analysis is called. */
export async function initSql(): Promise<void> {}
