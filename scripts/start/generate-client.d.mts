/** Writes the shop's Prisma client into demo/generated, unless it is newer than its schema. Needs no network. */
export declare function generateClient(): Promise<void>;
