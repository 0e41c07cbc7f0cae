import { element, iconButton } from './elements.js';
import type { PanelStep } from './messages.js';

/** Things to do, each with the command to copy. */
export function stepList(steps: readonly PanelStep[], onCopy: (text: string) => void): HTMLElement {
  return element(
    'ul',
    { class: 'steps' },
    ...steps.map(({ text, code }) =>
      element(
        'li',
        {},
        text,
        code === undefined ? undefined : element('div', { class: 'command' }, element('code', {}, code), iconButton('copy', 'Copy', () => onCopy(code))),
      ),
    ),
  );
}
