/** Builds some of the outputs (`cli`, `worker`, `probe`, …) as people get them, with what they load, into a folder of their own. */
export function buildInto(folder: string, names: readonly string[]): Promise<void>;
