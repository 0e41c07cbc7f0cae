import type { Recorder } from '../recorder';

/** What the probe knows of one library. */
export interface Library {
  name: string;
  /** Files of it that {@link watch} wants to see, `/` between folders; with or without ending, or the bare name of a package. */
  modules: RegExp;
  /** Classes and functions of its ES modules that {@link watch} and {@link replace} need, under these names. Without it the library is CommonJS. */
  classes?: readonly string[];
  /** It loads other modules itself, through `node:vm`. */
  compiles?: true;
  /** Takes hold of a module's exports. True when it is now watched, and the profiler may say so. */
  watch(exports: unknown, recorder: Recorder): boolean;
  /**
   * Looks at an event emitter that is being made, and takes hold of its class when it is one of the library's that no module has handed
   * over: bundlers put drivers into the program's own file. True when it is now watched.
   */
  made?(emitter: object, recorder: Recorder): boolean;
  /** Looks at the text of the program's main file, into which a bundler may have put the library. */
  bundled?(script: Buffer, recorder: Recorder): void;
  /** What everybody gets instead of a module's exports, where they cannot be changed in place. */
  replace?(exports: unknown, recorder: Recorder): object | undefined;
}

/** The object on the prototype chain that has this property itself. */
export function ownerOf(object: object, name: string): object | undefined {
  for (let owner: object | null = object; owner; owner = Object.getPrototypeOf(owner) as object | null) if (Object.hasOwn(owner, name)) return owner;
  return undefined;
}

/** Replaces a method where it is, with everything else about it as it was: its name, its length and its place. */
export function replaceMethod<T extends object>(owner: T, name: string, wrap: (original: (...args: unknown[]) => unknown) => (...args: never[]) => unknown): boolean {
  const descriptor = Object.getOwnPropertyDescriptor(owner, name);
  if (!descriptor || typeof descriptor.value !== 'function' || !(descriptor.configurable || descriptor.writable)) return false;
  const original = descriptor.value as (...args: unknown[]) => unknown;
  const replacement = wrap(original);
  Object.defineProperty(replacement, 'name', { value: original.name, configurable: true });
  Object.defineProperty(replacement, 'length', { value: original.length, configurable: true });
  Object.defineProperty(owner, name, { ...descriptor, value: replacement });
  return true;
}
