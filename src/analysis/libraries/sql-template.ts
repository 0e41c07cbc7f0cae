import type { ValueView } from '../program/value-view';
import { isIntactSql } from '../syntax/sql';
import { type HandleKind, type LibraryId, type Query } from './library';
import { queryOfSql, tablesInHoles } from './sql-query';

/** Fragments inside of fragments: deeper ones are left as holes. */
const MAX_NESTING = 6;

const STATEMENT = /^(?:[\s(]|--[^\n]*(?:\n|$)|\/\*(?:[^*]|\*(?!\/))*\*\/)*(?:select|insert|update|delete|merge|with|values|table|truncate|create|alter|drop|refresh|explain|copy|call|do|lock|set|show|begin|start|commit|rollback|savepoint|listen|notify|vacuum|analyze|grant|revoke|comment)\b/i;
/** Behind these, only a name can stand. */
const NAME_FOLLOWS = /(?:\b(?:from|join|into|update|table|only|view|truncate)\s+|\.|")$/i;
/** Behind these, a value can stand: a hole there is no piece of SQL, and where it is one, it is a condition or a column. */
const VALUE_FOLLOWS = /(?:[=<>(,+\-*/|%~[]|\b(?:where|having|on|and|or|not|like|ilike|any|between|then|else|when|case|is|limit|offset|by|interval|select|distinct|returning))\s*$/i;
/** Behind these, a value alone would be wrong. */
const HELPER_FOLLOWS = /\binsert\s+into\s+[^\s()]+\s*$|\b(?:set|in|values)\s*$/i;
const INSERT_FOLLOWS = /\binsert\s+into\s+[^\s()]+\s*$/i;
const SET_FOLLOWS = /\bset\s*$/i;

/** The tags of one library: what one of them makes is a fragment in a hole of another. */
export interface Tags {
  library: LibraryId;
  isTag(root: string): boolean;
}

/** A template with its fragments put in. `whole` is false when some hole may hold a piece of SQL that is not known. */
interface Composed {
  text: string;
  whole: boolean;
}

/**
 * The query of a tagged template, fragments and helpers put in their places; undefined for a mere fragment. A template
 * that begins with a hole is taken for a query of which nothing is known.
 */
export function queryOfTemplate(tags: Tags, label: string, handle: HandleKind, template: string, holes: readonly ValueView[]): Query | undefined {
  const composed = compose(tags, template, holes, 0, '', { next: 1 });
  if (!STATEMENT.test(composed.text)) {
    return /^[\s(]*\$1/.test(template) && /^[\s(]*\$1/.test(composed.text) && template.trim() !== '$1' ? queryOfSql(tags.library, label, handle, undefined, 'when-awaited') : undefined;
  }
  const { setParameters: composedNumbers, ...known } = queryOfSql(tags.library, label, handle, composed.text, 'when-awaited');
  // Only numbers of the template as it is written are those of its holes.
  const setParameters = composed.text === template ? composedNumbers : queryOfSql(tags.library, label, handle, template).setParameters;
  const query: Query = { ...known, ...tablesInHoles(template, holes), ...(setParameters && { setParameters }) };
  return composed.whole ? query : { ...query, filtered: true, exact: false, ordered: query.ordered === 'no' ? 'unknown' : query.ordered, bound: query.bound === 'limited' || query.bound === 'none' ? query.bound : 'unknown' };
}

function compose(tags: Partial<Tags>, template: string, holes: readonly ValueView[], depth: number, before: string, numbers: { next: number }): Composed {
  // Where all holes are values, PostgreSQL itself tells.
  let text = '';
  let whole = true;
  let position = 0;
  for (const [index, hole] of holes.entries()) {
    const mark = `$${index + 1}`;
    const at = template.indexOf(mark, position);
    if (at < 0) break;
    text += template.slice(position, at);
    position = at + mark.length;
    const put = fill(tags, hole, before + text, depth, numbers);
    text += put.text;
    whole &&= put.whole;
  }
  return { text: text + template.slice(position), whole };
}

/** What stands in a hole, behind the text `before` it. */
function fill(tags: Partial<Tags>, hole: ValueView, before: string, depth: number, numbers: { next: number }): Composed {
  const steps = hole.steps();
  const first = steps?.steps[0];
  if (steps !== undefined && steps.library === tags.library && tags.isTag?.(steps.root) && first?.args && first.name === '' && steps.steps.length === 1) {
    if (first.template === undefined) return { text: helper(first.args, before, numbers), whole: true };
    if (depth < MAX_NESTING) return compose(tags, first.template, first.args, depth + 1, before, numbers);
  }
  if (NAME_FOLLOWS.test(before)) return { text: `"${hole.text() || '…'}"`, whole: true };
  // A helper of a tag whose origin is out of sight: `${sql(rows)}`
  if (HELPER_FOLLOWS.test(before)) return { text: helper(hole.call()?.args ?? [hole], before, numbers), whole: true };
  if (VALUE_FOLLOWS.test(before)) return { text: `$${numbers.next++}`, whole: true };
  return { text: '', whole: false };
}

/** `sql(rows)`, `sql(row, 'id', 'name')`, `sql(name)`, `sql(ids)`: what it writes depends on where it stands. */
function helper(args: readonly ValueView[], before: string, numbers: { next: number }): string {
  const parameter = (): string => `$${numbers.next++}`;
  if (INSERT_FOLLOWS.test(before)) return `("…") VALUES (${parameter()})${args[0]?.isList() ? `, (${parameter()})` : ''}`;
  if (SET_FOLLOWS.test(before)) return `"…" = ${parameter()}`;
  if (/\bvalues\s*$/i.test(before)) return `(${parameter()})${args[0]?.isList() ? `, (${parameter()})` : ''}`;
  if (/\bin\s*$/i.test(before)) return `(${parameter()})`;
  if (/\bin\s*\(\s*$/i.test(before)) return parameter();
  const name = args[0]?.text();
  return name === undefined ? '"…"' : name.split('.').map((part) => `"${part}"`).join('.');
}

/** The template is a whole statement, as PostgreSQL's parser reads it, its holes filled with what they seem to stand for. */
export function isStatement(template: string, holes: readonly ValueView[]): boolean {
  if (!STATEMENT.test(template)) return false;
  const { text } = compose({}, template, holes, 0, '', { next: 1 });
  return isIntactSql(text);
}
