import type { FileStyle } from '../file-style';

/** A name as the key of an object literal. */
export function keyText(name: string, { quote }: FileStyle): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : `${quote}${name}${quote}`;
}
