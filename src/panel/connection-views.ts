import { button, drawIcon, element } from './elements.js';
import type { MessageFromPanel, PanelState } from './messages.js';
import { stepList } from './steps.js';

type StateOf<K extends PanelState['kind']> = Extract<PanelState, { kind: K }>;
type Send = (message: MessageFromPanel) => void;

/** Nothing is connected: the databases that were found, the first one as the button to press. */
export function disconnectedView(state: StateOf<'disconnected'>, send: Send): HTMLElement {
  const [first, ...others] = state.found;
  const view = element('section', { class: 'message', 'aria-label': 'Not connected' }, element('div', { class: 'picture' }, drawIcon('database')));
  view.append(
    element('h2', {}, 'See what each query costs'),
    element('p', {}, 'Connect to your development database to watch calls, time and rows of every statement while your application runs. The session is read-only.'),
  );
  if (first === undefined) {
    view.append(wide(button('Connect…', () => send({ type: 'connect' }))));
  } else {
    view.append(wide(button(`Connect to ${first.name}`, () => send({ type: 'connect', id: first.id }))), source(first.source));
    for (const { id, name, source: from } of others) {
      view.append(wide(button(`Connect to ${name}`, () => send({ type: 'connect', id }), 'secondary')), source(from));
    }
    view.append(link('Connect to another database…', () => send({ type: 'connect' })));
  }
  if (state.restricted) {
    view.append(element('p', { class: 'hint' }, 'Environment files are not read, because this folder is not trusted.'));
  }
  return view;
}

export function connectingView(state: StateOf<'connecting'>, send: Send): HTMLElement {
  return element(
    'section',
    { class: 'message', 'aria-label': 'Connecting' },
    element('vscode-progress-bar', { indeterminate: '', 'aria-label': 'Connecting' }),
    element('h2', {}, `Connecting to ${state.target}…`),
    wide(button('Cancel', () => send({ type: 'disconnect' }), 'secondary')),
  );
}

/** It did not work: why, what to do, and another try. */
export function failedView(state: StateOf<'failed'>, send: Send): HTMLElement {
  return element(
    'section',
    { class: 'message failed', 'aria-label': 'Not connected' },
    element('p', { class: 'target' }, drawIcon('warning'), state.target),
    element('h2', {}, state.title),
    state.detail === '' ? undefined : element('p', {}, state.detail),
    state.steps.length === 0 ? undefined : stepList(state.steps, (text) => send({ type: 'copy', text })),
    wide(button('Try again', () => send({ type: 'retry' }))),
    wide(button('Connect to another database…', () => send({ type: 'connect' }), 'secondary')),
    link('Show log', () => send({ type: 'showLog' })),
  );
}

function wide(made: HTMLElement): HTMLElement {
  made.setAttribute('block', '');
  return made;
}

function source(text: string): HTMLElement {
  return element('p', { class: 'source' }, `from ${text}`);
}

function link(label: string, onPress: () => void): HTMLElement {
  const made = element('button', { type: 'button', class: 'link' }, label);
  made.addEventListener('click', onPress);
  return made;
}
