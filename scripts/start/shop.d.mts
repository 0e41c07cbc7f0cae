/** Folder of the shop. */
export declare const demo: string;

/** The file that is opened first, with the line of its problem: `/…/history.ts:23`. */
export declare const firstFile: string;

/** Settings of the person's own, for a VS Code that was started for the shop alone. */
export declare const userSettings: Record<string, unknown>;

/**
 * Prepares the shop's database and Prisma client and returns the environment that the shop is run in. `cache` keeps the database
 * for the next time; `started` is told what to stop at the end.
 */
export declare function prepareShop(
  cache: string,
  step: <T>(name: string, work: () => Promise<T>) => Promise<T>,
  started: (stop: () => Promise<unknown>) => void,
): Promise<{ DATABASE_URL: string; PORT: string }>;
