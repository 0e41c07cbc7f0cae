import type { Notice } from '../profiler/protocol.js';
import type { PanelContext } from './context.js';
import { element, iconButton } from './elements.js';

/** Things to do, each with the command to copy. */
export function stepList(steps: readonly Notice[], { send }: PanelContext): HTMLElement {
  return element(
    'ul',
    { class: 'steps' },
    ...steps.map(({ text, code }) =>
      element(
        'li',
        {},
        text,
        code === undefined ? undefined : element('div', { class: 'command' }, element('code', {}, code), iconButton('copy', 'Copy', () => send({ type: 'copy', text: code }))),
      ),
    ),
  );
}
