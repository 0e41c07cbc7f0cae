import { setFlagsFromString } from 'node:v8';

/**
 * Bytes of bytecode that a function runs before V8 optimizes it. At V8's own 66 KB the functions that walk trees are optimized before
 * they have met most kinds of nodes, given up and optimized again, on threads that the parsing needs: a fifth of a check's
 * processor time.
 */
const OPTIMIZE_AFTER_BYTES = 1_000_000;

/** The versions of V8 with this setting: those of Node.js 20. Later ones say on standard error that they do not know it. */
const HAS_BUDGET = /^11\./;

/** Makes V8 wait until it knows better what it optimizes: in this process, all of its threads. Call it at the start of a program that parses. */
export function optimizeLater(): void {
  if (HAS_BUDGET.test(process.versions.v8)) setFlagsFromString(`--interrupt-budget=${OPTIMIZE_AFTER_BYTES}`);
}
