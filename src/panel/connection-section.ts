import type { ConnectionState } from '../profiler/protocol.js';
import type { PanelContext } from './context.js';
import { button, drawIcon, element, link } from './elements.js';
import type { FoundDatabase } from './messages.js';
import { stepList } from './steps.js';

/** The connection to a database: what can be chosen, what is going on, or what went wrong and what to do. */
export class ConnectionSection {
  readonly root = element('section', { class: 'connection', 'aria-label': 'Database' });
  readonly #context: PanelContext;
  #drawn = '';

  constructor(context: PanelContext) {
    this.#context = context;
  }

  show(connection: ConnectionState, found: readonly FoundDatabase[], restricted: boolean): void {
    // Drawing the same anew would take the focus away.
    const key = JSON.stringify(connection.kind === 'none' ? [found, restricted] : connection);
    if (key === this.#drawn) return;
    this.#drawn = key;
    this.root.replaceChildren(...this.#draw(connection, found, restricted));
  }

  #draw(connection: ConnectionState, found: readonly FoundDatabase[], restricted: boolean): HTMLElement[] {
    switch (connection.kind) {
      case 'none':
        return this.#choice(found, restricted);
      case 'connecting':
        return this.#connecting(connection.target);
      case 'failed':
        return this.#failed(connection);
      case 'connected':
        return this.#connected(connection);
    }
  }

  #choice(found: readonly FoundDatabase[], restricted: boolean): HTMLElement[] {
    const { send } = this.#context;
    return [
      element('h2', {}, 'Connect a database'),
      element('p', { class: 'note' }, 'Optional. It adds what the server counts of every program, what blocks what, and query plans. The connection is read-only.'),
      ...found.map(({ id, name, source }) =>
        element('div', { class: 'found' }, wide(button(`Connect to ${name}`, () => send({ type: 'connect', id }), 'secondary')), element('p', { class: 'source' }, `from ${source}`)),
      ),
      ...(found.length === 0
        ? [wide(button('Connect…', () => send({ type: 'connect' }), 'secondary'))]
        : [link('Connect to another database…', () => send({ type: 'connect' }))]),
      ...(restricted ? [element('p', { class: 'note' }, 'Environment files are not read, because this folder is not trusted.')] : []),
    ];
  }

  #connecting(target: string): HTMLElement[] {
    return [
      element('h2', {}, `Connecting to ${target}…`),
      element('vscode-progress-bar', { indeterminate: '', 'aria-label': 'Connecting' }),
      wide(button('Cancel', () => this.#context.send({ type: 'disconnect' }), 'secondary')),
    ];
  }

  #failed({ target, title, detail, steps, asksPassword }: Extract<ConnectionState, { kind: 'failed' }>): HTMLElement[] {
    const { send } = this.#context;
    return [
      element('p', { class: 'target failed' }, drawIcon('warning'), target),
      element('h2', {}, title),
      ...(detail === '' ? [] : [element('p', {}, detail)]),
      ...(steps.length === 0 ? [] : [stepList(steps, this.#context)]),
      wide(button(asksPassword ? 'Enter the password…' : 'Try again', () => send({ type: 'retry' }), 'secondary')),
      link('Connect to another database…', () => send({ type: 'connect' })),
      link('Show log', () => send({ type: 'showLog' })),
    ];
  }

  #connected({ target, server, withoutStatements, lost }: Extract<ConnectionState, { kind: 'connected' }>): HTMLElement[] {
    const { send } = this.#context;
    return [
      element('h2', {}, target),
      element('p', { class: 'target' }, drawIcon('database'), lost === undefined ? `Connected, ${server}` : lost),
      ...(lost === undefined ? [] : [element('p', { class: 'note' }, 'It is tried again until it works.')]),
      ...(withoutStatements === undefined
        ? []
        : [
            element(
              'details',
              { class: 'fold' },
              element('summary', {}, withoutStatements.title),
              element('p', {}, withoutStatements.detail),
              stepList(withoutStatements.steps, this.#context),
            ),
          ]),
      link('Connect to another database…', () => send({ type: 'connect' })),
      link('Disconnect', () => send({ type: 'disconnect' })),
    ];
  }
}

export function wide<T extends HTMLElement>(made: T): T {
  made.setAttribute('block', '');
  return made;
}
