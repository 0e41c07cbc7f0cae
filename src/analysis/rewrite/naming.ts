import { isFunction, type Code, type Node } from './code';

/** Singular of an English noun as programmers name things; `item` when it is none. */
export function singular(name: string): string {
  const irregular = /^(.*)(people|children)$/i.exec(name);
  if (irregular) return irregular[1]! + (/^p/i.test(irregular[2]!) ? irregular[2]![0]! + 'erson' : irregular[2]!.slice(0, -3));
  if (/ies$/i.test(name) && name.length > 4) return `${name.slice(0, -3)}y`;
  if (/(ss|x|ch|sh|zz)es$/i.test(name)) return name.slice(0, -2);
  if (/(us|ss|is)$/i.test(name)) return name;
  if (/s$/i.test(name) && name.length > 2) return name.slice(0, -1);
  return name;
}

export function plural(name: string): string {
  if (/person$/i.test(name)) return `${name.slice(0, -5)}eople`;
  if (/child$/i.test(name)) return `${name}ren`;
  if (/(data|info|media|news|series|children|people)$/i.test(name)) return name;
  if (/[^aeiou]y$/i.test(name)) return `${name.slice(0, -1)}ies`;
  if (/(s|x|ch|sh|z)$/i.test(name)) return singular(name) === name ? `${name}es` : name;
  return `${name}s`;
}

/** `order_items` and `OrderItems` as variables are spelled: `orderItems`. */
export function camel(...words: string[]): string {
  const parts = words.flatMap((word) => word.split(/[^A-Za-z0-9]+/)).filter(Boolean);
  return parts.map((part, i) => (i === 0 ? part[0]!.toLowerCase() : part[0]!.toUpperCase()) + part.slice(1)).join('');
}

/** Gives names that nothing in the file uses, so that no new name can shadow or be shadowed. */
export class Names {
  readonly #code: Code;
  readonly #taken: Set<string>;

  constructor(code: Code) {
    this.#code = code;
    this.#taken = new Set(code.names);
  }

  /** Like {@link fresh}, for a name that lives only inside one new statement before `statement`: it may be used elsewhere. */
  inner(statement: Node, ...wishes: string[]): string {
    const visible = new Set<string>();
    for (const scope of [this.#code.tree, ...this.#code.ancestorsOf(statement)]) {
      this.#code.walk(scope, (node) => {
        if (node.type === 'Identifier') visible.add(node.name);
        return node === scope || !(isFunction(node) || node.type === 'BlockStatement' || /^For/.test(node.type));
      });
    }
    return wishes.find((wish) => !visible.has(wish) && !RESERVED.has(wish)) ?? this.fresh(...wishes);
  }

  /** The first wish that is free, else the first one with a number; it is taken from now on. */
  fresh(...wishes: string[]): string {
    let name = wishes.find((wish) => !this.#taken.has(wish) && !RESERVED.has(wish));
    for (let i = 2; name === undefined; i++) if (!this.#taken.has(`${wishes[0]!}${i}`)) name = `${wishes[0]!}${i}`;
    this.#taken.add(name);
    return name;
  }
}

const RESERVED = new Set(
  ('as async await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in ' +
    'instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield').split(' '),
);
