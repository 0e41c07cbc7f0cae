/** Why nothing was run, in one sentence for standard error. */
export class UsageError extends Error {}
