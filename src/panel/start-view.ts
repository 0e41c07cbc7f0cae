import type { ConnectionState, Notice, SavedSession } from '../profiler/protocol.js';
import { ConnectionSection, wide } from './connection-section.js';
import type { PanelContext } from './context.js';
import { button, drawIcon, element, setHidden } from './elements.js';
import type { FoundDatabase } from './messages.js';
import { SavedSessionsView } from './saved-sessions.js';
import { stepList } from './steps.js';

/** What can be chosen before a session. */
export interface Choices {
  found: FoundDatabase[];
  restricted: boolean;
  sessions: SavedSession[];
}

/** No session is shown: record one, connect a database, or open a saved one. */
export class StartView {
  readonly root: HTMLElement;
  readonly #context: PanelContext;
  readonly #notices = element('section', { class: 'start-notices', 'aria-label': 'Notices' });
  readonly #connection: ConnectionSection;
  readonly #saved: SavedSessionsView;
  #drawn = '';

  constructor(context: PanelContext) {
    const { send } = context;
    this.#context = context;
    this.#connection = new ConnectionSection(context);
    this.#saved = new SavedSessionsView(context, false);
    const record = wide(button('Record', () => send({ type: 'record' })));
    record.classList.add('record');
    record.prepend(drawIcon('record'));
    this.root = element(
      'section',
      { class: 'start', 'aria-label': 'No session yet' },
      this.#notices,
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

  show(connection: ConnectionState, notices: readonly Notice[], { found, restricted, sessions }: Choices): void {
    const key = JSON.stringify(notices);
    if (key !== this.#drawn) this.#notices.replaceChildren(...(notices.length === 0 ? [] : [stepList(notices, this.#context)]));
    this.#drawn = key;
    setHidden(this.#notices, notices.length === 0);
    this.#connection.show(connection, found, restricted);
    this.#saved.show(sessions, undefined);
  }
}
