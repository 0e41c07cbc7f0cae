import { type HandleKind, interpretSteps, type Query } from '../libraries/library';
import type { ModuleFacts } from '../facts/facts';
import type { Meanings } from './meaning';
import { type Meaning, queryIn } from './meaning-kinds';

/** What kind of handle a value is, if it is one. */
export function handleKind(meaning: Meaning | undefined): HandleKind | undefined {
  if (meaning?.is !== 'library') return undefined;
  const interpretation = interpretSteps(meaning.library, meaning.root, meaning.steps, meaning.of);
  return interpretation?.is === 'handle' ? interpretation.handle : undefined;
}

/** The handles that run one query at a time. */
export function isOneConnection(kind: HandleKind | undefined): boolean {
  return kind === 'transaction' || kind === 'connection';
}

/** The query that starts a transaction, of a function that is its callback: its parameter is the transaction, or the call says so. */
export function transactionOf(meanings: Meanings, module: ModuleFacts, index: number): Pick<Query, 'label' | 'library'> | undefined {
  const { inline } = module.functions[index]!;
  if (!inline) return undefined;
  const query = queryIn(meanings.of(module, inline.call))?.query;
  if (query) return query.verb === 'transaction' ? query : undefined;
  const handle = parameterMeanings(meanings, module, index).find((meaning) => handleKind(meaning) === 'transaction');
  return handle?.is === 'library' ? { library: handle.library.id, label: 'transaction' } : undefined;
}

/** A function, or one that runs it in place, that is given a transaction or a single connection, or is the callback of one. */
export function runsOnOneConnection(meanings: Meanings, module: ModuleFacts, index: number): boolean {
  for (let current = index; ; ) {
    if (transactionOf(meanings, module, current) || parameterMeanings(meanings, module, current).some((meaning) => isOneConnection(handleKind(meaning)))) return true;
    const { inline } = module.functions[current]!;
    if (!inline) return false;
    current = inline.parent;
  }
}

function parameterMeanings(meanings: Meanings, module: ModuleFacts, index: number): (Meaning | undefined)[] {
  return module.functions[index]!.parameters.map((_, position) => meanings.parameter(module, index, position));
}
