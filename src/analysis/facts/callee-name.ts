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

/** How the code names what a call calls: `stripe.charges.create`. */
export function calleePath(module: ModuleFacts, call: ValueId): string | undefined {
  const value = module.values[call]!;
  const names: string[] = [];
  for (let callee = value.kind === 'call' ? module.values[value.of]! : value; ; callee = module.values[callee.of]!) {
    if (callee.kind === 'member') {
      names.unshift(callee.name);
      continue;
    }
    if (callee.kind === 'variable') names.unshift(module.variables[callee.variable]!.name);
    else if (callee.kind === 'import') names.unshift(module.imports[callee.import]!.local);
    else if (callee.kind === 'global') names.unshift(callee.name);
    else if (callee.kind === 'this') names.unshift('this');
    return names.length ? names.join('.') : calleeName(module, call);
  }
}
