/** An item's element, and how it is brought up to date in place. */
export interface Entry<T> {
  root: HTMLElement;
  show(item: T): void;
}

/**
 * Keeps the children of an element equal to a list. An item keeps its element for as long as its key is in the list, so that focus,
 * selection and screen readers stay where they are.
 */
export class KeyedList<T> {
  readonly #parent: HTMLElement;
  readonly #keyOf: (item: T) => string;
  readonly #make: (item: T) => Entry<T>;
  readonly #entries = new Map<string, Entry<T>>();

  constructor(parent: HTMLElement, keyOf: (item: T) => string, make: (item: T) => Entry<T>) {
    this.#parent = parent;
    this.#keyOf = keyOf;
    this.#make = make;
  }

  show(items: readonly T[]): void {
    const wanted = new Map<string, HTMLElement>();
    for (const item of items) {
      const key = this.#keyOf(item);
      let entry = this.#entries.get(key);
      if (entry === undefined) this.#entries.set(key, (entry = this.#make(item)));
      entry.show(item);
      wanted.set(key, entry.root);
    }
    for (const key of this.#entries.keys()) if (!wanted.has(key)) this.#entries.delete(key);
    placeChildren(this.#parent, [...wanted.values()]);
  }
}

/** Where the selection begins, while there is one. To answer the same, the browser would lay out the page with each update. */
let selected: Node | null = null;

document.addEventListener('selectionchange', () => {
  const selection = document.getSelection();
  selected = selection === null || selection.isCollapsed ? null : selection.anchorNode;
});

/** Makes `wanted` the children of `parent`, in this order, around the child that has the focus or the selection: moving it would lose both. */
export function placeChildren(parent: HTMLElement, wanted: readonly HTMLElement[]): void {
  const keep = new Set<Element>(wanted);
  for (const child of [...parent.children]) if (!keep.has(child)) child.remove();
  const fixed = childOf(parent, document.activeElement) ?? childOf(parent, selected);
  const place = fixed === undefined ? -1 : wanted.indexOf(fixed);
  let next: ChildNode | null = place === -1 ? null : fixed!;
  for (let index = (place === -1 ? wanted.length : place) - 1; index >= 0; index -= 1) {
    const child = wanted[index]!;
    if (child.parentNode !== parent || child.nextSibling !== next) parent.insertBefore(child, next);
    next = child;
  }
  if (place === -1) return;
  let previous: ChildNode = fixed!;
  for (const child of wanted.slice(place + 1)) {
    if (previous.nextSibling !== child) parent.insertBefore(child, previous.nextSibling);
    previous = child;
  }
}

function childOf(parent: HTMLElement, node: Node | null): HTMLElement | undefined {
  let current = node;
  while (current !== null && current.parentNode !== parent) current = current.parentNode;
  return current instanceof HTMLElement ? current : undefined;
}
