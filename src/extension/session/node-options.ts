import { parseEnv } from 'node:util';
import type { Arming } from '../../profiler/protocol';

/** Variables of a launch; a null takes an inherited one away. */
export type LaunchEnvironment = Readonly<Record<string, string | null | undefined>>;

/**
 * The environment of a program that is to be watched: what it has, with the probe in front of its `NODE_OPTIONS`.
 * @param own what the launch sets itself
 * @param inherited where the variable comes from when the launch does not set it
 */
export function watchedEnvironment(own: LaunchEnvironment, inherited: Readonly<NodeJS.Dict<string>>, { nodeOptions, variables }: Arming): Record<string, string | null> {
  const before = own['NODE_OPTIONS'] === undefined ? inherited['NODE_OPTIONS'] : own['NODE_OPTIONS'];
  const result: Record<string, string | null> = {};
  for (const [name, value] of Object.entries(own)) if (value !== undefined) result[name] = value;
  return { ...result, ...variables, NODE_OPTIONS: withProbe(before ?? '', nodeOptions) };
}

/** Once is enough: what was armed before is left as it is. */
function withProbe(before: string, nodeOptions: string): string {
  if (before.includes(nodeOptions)) return before;
  return before.trim() === '' ? nodeOptions : `${nodeOptions} ${before}`;
}

/** `NODE_OPTIONS` of an environment file, which a launch's own variables would hide. */
export function nodeOptionsOf(environmentFile: string): string | undefined {
  try {
    return parseEnv(environmentFile)['NODE_OPTIONS'];
  } catch {
    return undefined;
  }
}
