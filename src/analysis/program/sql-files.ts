import type { SqlFileFacts } from '../facts/facts';
import type { Meaning } from './meaning-kinds';

/** The whole text of a `.sql` file. */
export function sqlOf(facts: SqlFileFacts): string {
  return facts.sql[0]?.text ?? '';
}

/** The text of a block, by the name that the file has or by the same name in camel case. */
export function sqlBlock(facts: SqlFileFacts, name: string): Meaning | undefined {
  const block = facts.blocks?.find((one) => one.name === name || one.name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()) === name);
  return block && { is: 'text', text: sqlOf(facts).slice(block.start, block.end) };
}
