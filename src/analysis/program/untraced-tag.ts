import type { ModuleFacts, ValueId } from '../facts/facts';
import type { Meaning } from './meaning-kinds';

/**
 * Whether the tag of a template comes from where nothing is known of it: a caller, or a package's base class. What a file
 * imports by name is known, and so is what a call gives, which builders of SQL have for tags.
 */
export function isUntracedTag(module: ModuleFacts, id: ValueId, meaning: Meaning | undefined): boolean {
  let start = module.values[id]!;
  while (start.kind === 'member' || start.kind === 'cast') start = module.values[start.of]!;
  if (meaning) return meaning.is === 'package' && start.kind === 'this';
  return start.kind === 'variable' || start.kind === 'this';
}
