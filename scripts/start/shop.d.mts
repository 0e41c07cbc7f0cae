/** Folder of the shop. */
export declare const demo: string;

/**
 * Starts the shop's database and its customers and returns the address of the database. `cache` keeps the database for the next
 * time; `started` is told what to stop at the end.
 */
export declare function startShop(
  cache: string,
  step: <T>(name: string, work: () => Promise<T>) => Promise<T>,
  started: (stop: () => Promise<unknown>) => void,
): Promise<string>;
