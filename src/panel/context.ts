import type { MessageFromPanel } from './messages.js';

/** What every part of the panel may do. */
export interface PanelContext {
  send(message: MessageFromPanel): void;
  /** Says it to screen readers, after what they are saying. */
  announce(text: string): void;
}
