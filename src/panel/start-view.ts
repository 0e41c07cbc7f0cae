import type { ConnectionState, SavedSession } from '../profiler/protocol.js';
import { ConnectionSection, wide } from './connection-section.js';
import type { PanelContext } from './context.js';
import { button, drawIcon, element } from './elements.js';
import type { FoundDatabase } from './messages.js';
import { SavedSessionsView } from './saved-sessions.js';

/** What can be chosen before a session. */
export interface Choices {
  found: FoundDatabase[];
  restricted: boolean;
  sessions: SavedSession[];
}

/** No session is shown: record one, connect a database, or open a saved one. */
export class StartView {
  readonly root: HTMLElement;
  readonly #connection: ConnectionSection;
  readonly #saved: SavedSessionsView;

  constructor(context: PanelContext) {
    const { send } = context;
    this.#connection = new ConnectionSection(context);
    this.#saved = new SavedSessionsView(context, false);
    const record = wide(button('Record', () => send({ type: 'record' })));
    record.classList.add('record');
    record.prepend(drawIcon('record'));
    this.root = element(
      'section',
      { class: 'start', 'aria-label': 'No session yet' },
      element(
        'div',
        { class: 'hero' },
        element('h1', {}, 'See what each query costs'),
        element('p', {}, 'Record a session and use your program as always. Each query shows up here and beside the line that ran it: how often, how long, how many rows.'),
        record,
        element('p', { class: 'note' }, 'While it records, Node programs that you start in new terminals, launches and tasks are watched. Your code stays as it is, no parameter values are kept, and nothing leaves this machine.'),
        wide(button('Open a watched terminal', () => send({ type: 'newTerminal' }), 'secondary')),
      ),
      this.#connection.root,
      this.#saved.root,
    );
  }

  show(connection: ConnectionState, { found, restricted, sessions }: Choices): void {
    this.#connection.show(connection, found, restricted);
    this.#saved.show(sessions, undefined);
  }
}
