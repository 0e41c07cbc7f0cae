import type { ModuleFacts, ValueId } from './facts';

/** Last name of what a call calls: `inArray` of `sql.inArray(…)`; undefined when it has none. */
export function calleeName(module: ModuleFacts, id: ValueId): string | undefined {
  const call = module.values[id];
  const callee = call?.kind === 'call' ? module.values[call.of] : undefined;
  if (callee?.kind === 'member') return callee.name;
  if (callee?.kind === 'variable') return module.variables[callee.variable]!.name;
  if (callee?.kind === 'import') return module.imports[callee.import]!.imported === 'default' ? module.imports[callee.import]!.local : module.imports[callee.import]!.imported;
  if (callee?.kind === 'function') return module.functions[callee.function]!.name;
  return callee?.kind === 'global' ? callee.name : undefined;
}
