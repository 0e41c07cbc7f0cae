import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import { connectingView, disconnectedView, failedView } from './connection-views.js';
import { element, setText } from './elements.js';
import { readMessageToPanel, type MessageFromPanel, type PanelState } from './messages.js';
import './panel.css';
import { readSettings, TimingsView } from './timings-view.js';

interface VsCodeApi {
  postMessage(message: MessageFromPanel): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

const vscode = acquireVsCodeApi();
// The focus rests here when the control that had it is gone.
const main = element('main', { tabindex: '-1' });
const status = element('p', { class: 'visually-hidden', role: 'status', 'aria-live': 'polite' });
let timingsView: TimingsView | undefined;
let shownState = '';

const send = (message: MessageFromPanel): void => {
  vscode.postMessage(message);
  if (message.type === 'copy') announce('Copied');
};

const announce = (text: string): void => setText(status, text);

function replaceView(view: HTMLElement): void {
  const hadFocus = main.contains(document.activeElement);
  main.replaceChildren(view);
  if (hadFocus) main.focus();
}

function show(state: PanelState): void {
  if (state.kind === 'connected') {
    if (timingsView === undefined) {
      timingsView = new TimingsView(readSettings(vscode.getState()), { send, announce, onSettings: (settings) => vscode.setState(settings) });
      replaceView(timingsView.root);
      announce(`Connected to ${state.target}`);
    }
    timingsView.showState(state);
    shownState = '';
    return;
  }
  timingsView = undefined;
  // The same state may be sent again; drawing it anew would take the focus away.
  const key = JSON.stringify(state);
  if (key === shownState) return;
  shownState = key;
  switch (state.kind) {
    case 'disconnected':
      replaceView(disconnectedView(state, send));
      announce('Not connected');
      break;
    case 'connecting':
      replaceView(connectingView(state, send));
      announce(`Connecting to ${state.target}`);
      break;
    case 'failed':
      replaceView(failedView(state, send));
      announce(state.title);
      break;
  }
}

window.addEventListener('message', (event: MessageEvent<unknown>) => {
  const message = readMessageToPanel(event.data);
  if (message?.type === 'state') show(message.state);
  else if (message?.type === 'timings') timingsView?.showTimings(message.timings);
});

document.body.append(main, status);
vscode.postMessage({ type: 'ready' });
