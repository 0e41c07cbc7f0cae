import type { Rows } from '../libraries/library';
import type { Meanings } from './meaning';
import { isClassEntity, listOf, type Meaning } from './meaning-kinds';

/** Rows are instances of their entity's class, where it has one. */
export function rowMeaning(meanings: Meanings, from: Meaning & { is: 'library' }, rows: Rows): Meaning | undefined {
  switch (rows.is) {
    case 'one':
      if (isClassEntity(rows.of)) return { is: 'instance', module: rows.of.module, class: rows.of.class, ...(rows.of.loaded && { loaded: rows.of.loaded }) };
      return rows.root === undefined ? undefined : { is: 'library', library: from.library, root: rows.root, of: rows.of, steps: [] };
    case 'list':
      return listOf(rowMeaning(meanings, from, { ...rows, is: 'one' }));
    case 'parts': {
      const parts: Record<string, Meaning> = {};
      for (const [name, part] of Object.entries(rows.parts)) {
        const meaning = rowMeaning(meanings, from, part);
        if (meaning) parts[name] = meaning;
      }
      return { is: 'parts', parts };
    }
    case 'member':
      return from.of && isClassEntity(from.of) ? meanings.member({ is: 'instance', module: from.of.module, class: from.of.class }, rows.name) : undefined;
  }
}

/** Stands for all associations of a row. */
const ALL = '*';

/** A member of a row that was read together with these associations: one of them does not have to be loaded any more. */
export function asLoaded(member: Meaning | undefined, name: string, loaded: readonly string[]): Meaning | undefined {
  const below = loaded.includes(ALL) ? [ALL] : loaded.filter((path) => path.startsWith(`${name}.`)).map((path) => path.slice(name.length + 1));
  if (!below.length && !loaded.includes(name)) return member;
  if (member?.is === 'instance') return { ...member, loaded: below };
  const root = member?.is === 'library' && !member.steps.length ? member.library.loaded?.(member.root) : undefined;
  return member?.is === 'library' && root !== undefined ? { ...member, root, ...(member.of && { of: { ...member.of, loaded: below } }) } : member;
}
