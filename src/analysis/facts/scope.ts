/** What a name in a scope stands for. */
export type Binding =
  | { kind: 'import'; import: number }
  | { kind: 'variable'; variable: number }
  | { kind: 'function'; function: number }
  | { kind: 'class'; class: number };

/** Names of one block; looked up from the inside out. */
export class Scope {
  readonly #names = new Map<string, Binding>();

  constructor(
    readonly parent: Scope | undefined,
    /** Function whose code this is; `var`s belong to its outermost scope. */
    readonly owner: number,
  ) {}

  declare(name: string, binding: Binding): void {
    this.#names.set(name, binding);
  }

  own(name: string): Binding | undefined {
    return this.#names.get(name);
  }

  resolve(name: string): Binding | undefined {
    return this.#names.get(name) ?? this.parent?.resolve(name);
  }
}
