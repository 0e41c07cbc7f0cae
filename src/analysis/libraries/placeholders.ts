/** Stands in SQL for a name that is bound. */
export const NAMELESS = 'bound_name';

/**
 * SQL whose values stand as `?` (and, where an object of values is `bound`, as `:name`), with `$1` in their places; `??`
 * and `:name:` stand for names.
 */
export function numbered(text: string, bound: boolean): string {
  const plain = text.replace(/\\\?|\?\??/g, (mark) => (mark === '\\?' ? '?' : mark === '??' ? NAMELESS : '$1'));
  return bound ? plain.replace(/(?<![:\w]):([a-z_]\w*)(:(?!:))?/gi, (_, _name, isName) => (isName ? NAMELESS : '$1')) : plain;
}
