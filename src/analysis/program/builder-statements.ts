import { ELSEWHERE, type Step } from '../libraries/library';
import type { ModuleFacts, SiteFact, ValueId } from '../facts/facts';
import type { Meanings } from './meaning';
import { View } from './value-view';

/**
 * Statements that add steps to a builder in a variable: `query = query.limit(10)`, or `query.limit(10)` alone, for
 * builders that change in place.
 */
export class BuilderStatements {
  readonly #chains = new Map<ModuleFacts, Map<number, SiteFact[]>>();

  constructor(private readonly meanings: Meanings) {}

  forget(module: ModuleFacts): void {
    this.#chains.delete(module);
  }

  forgetAll(): void {
    this.#chains.clear();
  }

  /** Steps that each later statement adds to the builder, whether or not its condition holds. */
  of(module: ModuleFacts, variable: number): Step[][] {
    const added: Step[][] = [];
    for (const site of this.#chainsFrom(module).get(variable) ?? []) {
      if (site.use.kind === 'dropped' || (site.use.kind === 'assigned' && site.use.variable === variable)) added.push(this.#steps(module, site.value));
    }
    if (this.#changesElsewhere(module, variable)) added.push([{ name: ELSEWHERE, args: [] }]);
    return added;
  }

  /** Another function was given the builder, or the variable may hold a builder that was made elsewhere. */
  #changesElsewhere(module: ModuleFacts, variable: number): boolean {
    const { uses, value } = module.variables[variable]!;
    const all = module.values[value]!;
    const starts = (all.kind === 'either' ? all.of : [value]).filter((id) => rootVariable(module, id) !== variable);
    if (starts.length > 1) return true;
    return uses.givenTo?.some((call) => this.meanings.of(module, call)?.is !== 'library' && !isPromiseCall(module, call)) ?? false;
  }

  #steps(module: ModuleFacts, id: ValueId): Step[] {
    const value = module.values[id]!;
    switch (value.kind) {
      case 'call': {
        const callee = module.values[value.of]!;
        if (callee.kind !== 'member') return [];
        return [...this.#steps(module, callee.of), { name: callee.name, args: value.args.map((argument) => new View(this.meanings, module, argument)) }];
      }
      case 'member':
        return [...this.#steps(module, value.of), { name: value.name }];
      case 'cast':
        return this.#steps(module, value.of);
      default:
        return [];
    }
  }

  #chainsFrom(module: ModuleFacts): Map<number, SiteFact[]> {
    let chains = this.#chains.get(module);
    if (!chains) {
      chains = new Map();
      for (const site of module.sites) {
        const variable = rootVariable(module, site.value);
        if (variable === undefined) continue;
        const known = chains.get(variable);
        if (known) known.push(site);
        else chains.set(variable, [site]);
      }
      this.#chains.set(module, chains);
    }
    return chains;
  }
}

/** The variable that a chain of calls and members starts from. */
function rootVariable(module: ModuleFacts, id: ValueId): number | undefined {
  let value = module.values[id]!;
  for (;;) {
    if (value.kind === 'variable') return value.variable;
    if (value.kind !== 'call' && value.kind !== 'member' && value.kind !== 'cast') return undefined;
    value = module.values[value.of]!;
  }
}

function isPromiseCall(module: ModuleFacts, id: ValueId): boolean {
  const call = module.values[id]!;
  const callee = call.kind === 'call' ? module.values[call.of] : undefined;
  const of = callee?.kind === 'member' ? module.values[callee.of] : undefined;
  return of?.kind === 'global' && of.name === 'Promise';
}
