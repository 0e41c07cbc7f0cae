type Child = Node | string | undefined;

interface Attributes {
  class?: string;
  [attribute: string]: string | undefined;
}

/** Makes an element. Texts become text nodes, never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(tag: K, attributes?: Attributes, ...children: Child[]): HTMLElementTagNameMap[K];
export function element(tag: string, attributes?: Attributes, ...children: Child[]): HTMLElement;
export function element(tag: string, attributes: Attributes = {}, ...children: Child[]): HTMLElement {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** A button of VS Code's look that answers to mouse and keyboard. */
export function button(label: string, onPress: () => void, look: 'primary' | 'secondary' = 'primary'): HTMLElement {
  const made = element('vscode-button', look === 'secondary' ? { secondary: '' } : {}, label);
  made.addEventListener('click', onPress);
  return made;
}

/** A button that is only an icon, with its name as tooltip and for screen readers. */
export function iconButton(icon: IconName, label: string, onPress: () => void): HTMLButtonElement {
  const made = element('button', { class: 'icon-button', type: 'button' });
  made.addEventListener('click', onPress);
  setIcon(made, icon, label);
  return made;
}

export function setIcon(target: HTMLButtonElement, icon: IconName, label: string): void {
  if (target.dataset.icon === icon) return;
  target.dataset.icon = icon;
  target.title = label;
  target.setAttribute('aria-label', label);
  target.replaceChildren(drawIcon(icon));
}

/** Outlines on a 16 × 16 grid, drawn with the colour of the text around them. */
const ICONS = {
  pause: ['M5.5 3v10', 'M10.5 3v10'],
  resume: ['M4.5 3l8 5-8 5z'],
  restart: ['M13.2 8a5.2 5.2 0 1 1-1.6-3.7', 'M12.2 1.5v3.2H9'],
  disconnect: ['M6 1.8v3', 'M10 1.8v3', 'M4 4.8h8v2.4a4 4 0 0 1-8 0z', 'M8 11.2v3', 'M2 2l12 12'],
  copy: ['M5.5 5.5h8v8h-8z', 'M3.5 10.5h-1v-8h8v1'],
  database: ['M3 4c0-1.1 2.2-2 5-2s5 .9 5 2-2.2 2-5 2-5-.9-5-2z', 'M3 4v8c0 1.1 2.2 2 5 2s5-.9 5-2V4', 'M3 8c0 1.1 2.2 2 5 2s5-.9 5-2'],
  warning: ['M8 2l6.5 11.5h-13z', 'M8 6.5v3.5', 'M8 11.6v.4'],
} as const;

export type IconName = keyof typeof ICONS;

export function drawIcon(name: IconName): SVGSVGElement {
  const namespace = 'http://www.w3.org/2000/svg';
  const icon = document.createElementNS(namespace, 'svg');
  icon.setAttribute('viewBox', '0 0 16 16');
  icon.setAttribute('class', 'icon');
  icon.setAttribute('aria-hidden', 'true');
  for (const outline of ICONS[name]) {
    const path = document.createElementNS(namespace, 'path');
    path.setAttribute('d', outline);
    icon.append(path);
  }
  return icon;
}

/** Sets a text only when it differs, so that selections and screen readers are left in peace. */
export function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}
