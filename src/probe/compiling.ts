import type vm from 'node:vm';

/** Takes what a module's function was called with, its module among it, before anybody got the exports. */
export type TakeEvaluated = (file: string, args: readonly unknown[]) => void;

/** Each gives what a script evaluates to. */
const RUNS = ['runInContext', 'runInNewContext', 'runInThisContext'] as const;

type Callable = (...args: unknown[]) => unknown;

/**
 * For programs that load modules themselves: they compile a module's text as the body of a function, and call that with a module of
 * their own. All other scripts are compiled as they were.
 */
export function watchCompiling(isWanted: (file: string) => boolean, take: TakeEvaluated): void {
  // Loaded where it is needed, which is in few programs.
  const loaded = require('node:vm') as typeof vm;
  const { Script, compileFunction } = loaded;
  const mutable = loaded as unknown as Record<'Script' | 'compileFunction', object>;
  mutable.Script = new Proxy(Script, {
    construct: (target, args, newTarget) => {
      let script: vm.Script;
      try {
        script = Reflect.construct(target, args, newTarget) as vm.Script;
      } catch (error) {
        hideOwnFrames(error);
        throw error;
      }
      const file = fileOf(args[1]);
      if (isWanted(file)) for (const name of RUNS) watchRun(script, name, (result) => watchedResult(result, file, take));
      return script;
    },
  });
  mutable.compileFunction = new Proxy(compileFunction, {
    apply: (target, self, args: unknown[]) => {
      let compiled: unknown;
      try {
        compiled = Reflect.apply(target, self, args);
      } catch (error) {
        hideOwnFrames(error);
        throw error;
      }
      const file = fileOf(args[2]);
      return isWanted(file) ? watchedResult(compiled, file, take) : compiled;
    },
  });
}

function fileOf(options: unknown): string {
  const file: unknown = typeof options === 'object' && options !== null ? (options as vm.ScriptOptions).filename : options;
  return typeof file === 'string' ? file.replaceAll('\\', '/') : '';
}

function watchRun(script: vm.Script, name: (typeof RUNS)[number], watched: (result: unknown) => unknown): void {
  const original = script[name] as Callable;
  const value = new Proxy(original, { apply: (target, self, args) => watched(Reflect.apply(target, self, args)) });
  Object.defineProperty(script, name, { value, writable: true, configurable: true });
}

/** A script gives the function, or an object that holds it. */
function watchedResult(result: unknown, file: string, take: TakeEvaluated): unknown {
  if (typeof result === 'function') return watchedBody(result as Callable, file, take);
  if (typeof result !== 'object' || result === null) return result;
  for (const [name, { value, writable }] of Object.entries(Object.getOwnPropertyDescriptors(result) as Record<string, PropertyDescriptor>)) {
    if (typeof value === 'function' && writable) (result as Record<string, unknown>)[name] = watchedBody(value as Callable, file, take);
  }
  return result;
}

function watchedBody(body: Callable, file: string, take: TakeEvaluated): Callable {
  return new Proxy(body, {
    apply: (target, self, args: unknown[]) => {
      const result: unknown = Reflect.apply(target, self, args);
      take(file, args);
      return result;
    },
  });
}

/** A text that cannot be compiled is reported with the stack of its compiling. */
function hideOwnFrames(error: unknown): void {
  const { stack } = (typeof error === 'object' && error !== null ? error : {}) as { stack?: unknown };
  if (typeof stack !== 'string' || !stack.includes(__filename)) return;
  const others = stack.split('\n').filter((line) => !(line.startsWith('    at ') && line.includes(__filename)));
  Object.defineProperty(error, 'stack', { value: others.join('\n'), writable: true, configurable: true });
}
