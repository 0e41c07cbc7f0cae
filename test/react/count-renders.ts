import { createRequire } from 'node:module';
import { transformSync } from 'esbuild';
import { act, createContext, createElement, type ComponentType, type ReactNode } from 'react';

const require = createRequire(__filename);

interface Renderer {
  createContainer(...options: unknown[]): unknown;
  updateContainer(element: ReactNode, root: unknown, parent: null, done: null): void;
}

/** React's own reconciler over a host that shows nothing: components render as anywhere, and nothing else happens. */
function rendererOf(): Renderer {
  const makeRenderer = require('react-reconciler') as (host: unknown) => Renderer;
  let priority = 0;
  const host: Record<string, unknown> = {
    supportsMutation: true, supportsPersistence: false, supportsHydration: false, isPrimaryRenderer: true, supportsMicrotasks: true,
    scheduleMicrotask: queueMicrotask, scheduleTimeout: setTimeout, cancelTimeout: clearTimeout, noTimeout: -1,
    NotPendingTransition: null, HostTransitionContext: createContext(null),
    createInstance: (type: string) => ({ type }), createTextInstance: (text: string) => ({ text }), getRootHostContext: () => ({}), getChildHostContext: () => ({}),
    setCurrentUpdatePriority: (next: number) => void (priority = next), getCurrentUpdatePriority: () => priority, resolveUpdatePriority: () => priority || 32,
    finalizeInitialChildren: () => false, shouldSetTextContent: () => false, maySuspendCommit: () => false, shouldAttemptEagerTransition: () => false,
  };
  return makeRenderer(new Proxy(host, { get: (known, key) => (key in known ? known[key as string] : () => null) }));
}

/** A module of the program as it runs, with React and nothing else. */
export function load(tsx: string): Record<string, ComponentType<{ children?: ReactNode }>> {
  const { code } = transformSync(tsx, { loader: 'tsx', format: 'cjs', jsx: 'automatic' });
  const module = { exports: {} as Record<string, ComponentType<{ children?: ReactNode }>> };
  new Function('require', 'module', 'exports', code)(require, module, module.exports);
  return module.exports;
}

/**
 * Renders `Provider` around `children`, then runs the steps one after another, each in an `act`. Returns `count()` after
 * the first render and after each step.
 */
export async function rendersPerStep(Provider: ComponentType<{ children?: ReactNode }>, children: ReactNode, count: () => number, steps: readonly (() => void)[]): Promise<number[]> {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
  const renderer = rendererOf();
  const fail = (error: unknown): void => {
    throw error;
  };
  const root = renderer.createContainer({}, 1, null, false, null, '', fail, fail, fail, null);
  const counts: number[] = [];
  const run = async (step: () => void): Promise<void> => {
    await act(async () => step());
    counts.push(count());
  };
  await run(() => renderer.updateContainer(createElement(Provider, null, children), root, null, null));
  for (const step of steps) await run(step);
  await act(async () => renderer.updateContainer(null, root, null, null));
  return counts;
}
