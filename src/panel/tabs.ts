import { element, setAttribute, setHidden, setText } from './elements.js';

interface TabParts {
  button: HTMLButtonElement;
  badge: HTMLElement;
  panel: HTMLElement;
}

/** Tabs as the ARIA practices have them: one stop of the Tab key, arrows between them. */
export class Tabs<T extends string> {
  readonly list: HTMLElement;
  readonly #tabs = new Map<T, TabParts>();
  readonly #onSelect: (tab: T) => void;

  constructor(label: string, tabs: readonly { id: T; title: string; panel: HTMLElement }[], onSelect: (tab: T) => void) {
    this.#onSelect = onSelect;
    this.list = element('div', { role: 'tablist', class: 'tabs', 'aria-label': label });
    for (const { id, title, panel } of tabs) {
      const badge = element('span', { class: 'badge' });
      badge.hidden = true;
      const button = element('button', { type: 'button', role: 'tab', id: `tab-${id}`, 'aria-controls': `panel-${id}` }, title, badge);
      button.addEventListener('click', () => onSelect(id));
      panel.id = `panel-${id}`;
      panel.setAttribute('role', 'tabpanel');
      panel.setAttribute('aria-labelledby', button.id);
      this.#tabs.set(id, { button, badge, panel });
      this.list.append(button);
    }
    this.list.addEventListener('keydown', (event) => this.#onKey(event));
  }

  show(selected: T): void {
    for (const [id, { button, panel }] of this.#tabs) {
      setAttribute(button, 'aria-selected', String(id === selected));
      setAttribute(button, 'tabindex', id === selected ? '0' : '-1');
      setHidden(panel, id !== selected);
    }
  }

  /** A number beside the title, and what it counts. */
  setBadge(tab: T, count: number, meaning: string): void {
    const badge = this.#tabs.get(tab)?.badge;
    if (badge === undefined) return;
    setHidden(badge, count === 0);
    setText(badge, String(count));
    setAttribute(badge, 'title', meaning);
    setAttribute(badge, 'aria-label', meaning);
  }

  #onKey(event: KeyboardEvent): void {
    const ids = [...this.#tabs.keys()];
    const current = ids.findIndex((id) => this.#tabs.get(id)!.button === event.target);
    const target = { ArrowRight: current + 1, ArrowLeft: current - 1, Home: 0, End: ids.length - 1 }[event.key];
    if (current === -1 || target === undefined) return;
    event.preventDefault();
    const id = ids[(target + ids.length) % ids.length]!;
    this.#onSelect(id);
    this.#tabs.get(id)!.button.focus();
  }
}
