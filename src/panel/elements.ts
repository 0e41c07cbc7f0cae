import { visibleText } from './visible-text.js';

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
    if (value !== undefined) made.setAttribute(name, visibleText(value));
  }
  for (const child of children) {
    if (child !== undefined) made.append(typeof child === 'string' ? visibleText(child) : child);
  }
  return made;
}

/**
 * Calls back once for a double click. The first press may have put another control where it was: Record where Stop stood, or
 * Go on where Pause did.
 */
function onSinglePress(target: HTMLElement, onPress: () => void): void {
  target.addEventListener('click', ({ detail }) => {
    if (detail < 2) onPress();
  });
}

/** A button of VS Code's look that answers to mouse and keyboard. */
export function button(label: string, onPress: () => void, look: 'primary' | 'secondary' = 'primary'): HTMLElement & { disabled: boolean } {
  const made = element('vscode-button', look === 'secondary' ? { secondary: '' } : {}, label) as HTMLElement & { disabled: boolean };
  onSinglePress(made, onPress);
  return made;
}

/** A button that reads like a link. */
export function link(label: string, onPress: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = element('button', { type: 'button', class: 'link', ...attributes }, label);
  made.addEventListener('click', onPress);
  return made;
}

/** A button that is only an icon, with its name as tooltip and for screen readers. */
export function iconButton(icon: IconName, label: string, onPress: () => void): HTMLButtonElement {
  const made = element('button', { class: 'icon-button', type: 'button' });
  onSinglePress(made, onPress);
  setIcon(made, icon, label);
  return made;
}

export function setIcon(target: HTMLButtonElement, icon: IconName, label: string): void {
  if (target.dataset.icon === icon) return;
  target.dataset.icon = icon;
  setAttribute(target, 'title', label);
  setAttribute(target, 'aria-label', label);
  target.replaceChildren(drawIcon(icon));
}

const SVG = 'http://www.w3.org/2000/svg';

/** Outlines on a 16 × 16 grid, drawn with the colour of the text around them. */
const ICONS = {
  ascending: ['M8 13V3.5', 'M4.5 7L8 3.5 11.5 7'],
  back: ['M9.5 3.5L5 8l4.5 4.5'],
  close: ['M3.8 3.8l8.4 8.4', 'M12.2 3.8l-8.4 8.4'],
  copy: ['M5.5 5.5h8v8h-8z', 'M3.5 10.5h-1v-8h8v1'],
  database: ['M3 4c0-1.1 2.2-2 5-2s5 .9 5 2-2.2 2-5 2-5-.9-5-2z', 'M3 4v8c0 1.1 2.2 2 5 2s5-.9 5-2V4', 'M3 8c0 1.1 2.2 2 5 2s5-.9 5-2'],
  descending: ['M8 3v9.5', 'M4.5 9L8 12.5 11.5 9'],
  detail: ['M6.5 3.5L11 8l-4.5 4.5'],
  pause: ['M5.5 3v10', 'M10.5 3v10'],
  record: ['M8 3a5 5 0 1 0 0 10 5 5 0 0 0 0-10z'],
  repeat: ['M3 7.5V6.3c0-1.2.9-2.1 2-2.1h8', 'M10.8 2l2.2 2.2-2.2 2.2', 'M13 8.5v1.2c0 1.2-.9 2.1-2 2.1H3', 'M5.2 14L3 11.8l2.2-2.2'],
  resume: ['M4.5 3l8 5-8 5z'],
  stop: ['M4 4h8v8H4z'],
  terminal: ['M1.8 2.8h12.4v10.4H1.8z', 'M4.5 6l2.2 2-2.2 2', 'M8.2 10.2h3'],
  warning: ['M8 2l6.5 11.5h-13z', 'M8 6.5v3.5', 'M8 11.6v.4'],
} as const;

export type IconName = keyof typeof ICONS;

export function drawIcon(name: IconName): SVGSVGElement {
  const icon = drawing('0 0 16 16', 'icon');
  icon.append(...ICONS[name].map((outline) => svg('path', { d: outline })));
  return icon;
}

/** An empty picture that screen readers skip; what it shows is said in words beside it. */
export function drawing(viewBox: string, name: string): SVGSVGElement {
  return svg('svg', { viewBox, class: name, 'aria-hidden': 'true' });
}

export function svg<K extends keyof SVGElementTagNameMap>(tag: K, attributes: Record<string, string>): SVGElementTagNameMap[K] {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

/** Sets a text only when it differs, so that selections and screen readers are left in peace. */
export function setText(target: Element, text: string): void {
  const shown = visibleText(text);
  const { firstChild: child } = target;
  // A text that is made anew costs the browser more than one that says something else.
  if (child instanceof Text && child.nextSibling === null) {
    if (child.data !== shown) child.data = shown;
  } else if (target.textContent !== shown) target.textContent = shown;
}

/** Sets, or with undefined removes, an attribute when it differs. */
export function setAttribute(target: Element, name: string, value: string | undefined): void {
  if (value === undefined) {
    if (target.hasAttribute(name)) target.removeAttribute(name);
    return;
  }
  const shown = visibleText(value);
  if (target.getAttribute(name) !== shown) target.setAttribute(name, shown);
}

export function setHidden(target: HTMLElement, hidden: boolean): void {
  if (target.hidden !== hidden) target.hidden = hidden;
}
