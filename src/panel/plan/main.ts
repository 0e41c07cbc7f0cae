/** The page of a plan: what stands out in words, and PEV2 below. A page of its own, so that the panel stays small. */
import '@vscode-elements/elements/dist/vscode-button/index.js';
import 'bootstrap/dist/css/bootstrap.min.css';
import 'pev2/dist/pev2.css';
import './plan.css';
import { Plan } from 'pev2';
import { createApp, type App } from 'vue';
import type { PlanReport } from '../../profiler/protocol.js';
import { visibleText } from '../visible-text.js';
import { harmless } from './harmless.js';
import { isShownPlan, readMessageToPlan, type MessageFromPlan, type ShownPlan } from './messages.js';

interface VsCodeApi {
  postMessage(message: MessageFromPlan): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

const vscode = acquireVsCodeApi();

const KINDS: Record<PlanReport['kind'], string> = {
  plain: 'What the planner expects. Nothing was run.',
  generic: 'What the planner expects for values that it does not know. Nothing was run.',
  analyze: 'Was run once to be measured, and rolled back.',
};

let app: App | undefined;

function show({ report, mayAnalyze }: ShownPlan): void {
  app?.unmount();
  const facts = element('ul', 'facts', ...report.facts.map((fact) => element('li', '', fact)));
  const copy = button('Copy Plan as JSON', () => vscode.postMessage({ type: 'copy', text: JSON.stringify(report.plan, null, 2) }));
  const analyze = mayAnalyze && report.kind !== 'analyze' ? [button('Run and Measure…', () => vscode.postMessage({ type: 'analyze' }))] : [];
  const head = element('header', '', element('h1', '', report.target), element('p', 'kind', KINDS[report.kind]), element('div', 'actions', ...analyze, copy));
  const place = element('div', 'plan-view');
  document.body.replaceChildren(element('main', '', head, ...(report.facts.length > 0 ? [facts] : []), place));
  app = createApp(Plan, { planSource: JSON.stringify(harmless(report.plan)), planQuery: visibleText(report.text) });
  app.mount(place);
}

function element(name: string, className: string, ...children: (Node | string)[]): HTMLElement {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  made.append(...children.map((child) => (typeof child === 'string' ? visibleText(child) : child)));
  return made;
}

function button(label: string, press: () => void): HTMLElement {
  const made = element('vscode-button', '', label);
  made.setAttribute('secondary', '');
  made.addEventListener('click', press);
  return made;
}

/** Bootstrap's colours follow the editor's theme; everything else of them is set in plan.css. */
function followTheme(): void {
  const { classList } = document.body;
  const dark = classList.contains('vscode-dark') || (classList.contains('vscode-high-contrast') && !classList.contains('vscode-high-contrast-light'));
  document.documentElement.dataset['bsTheme'] = dark ? 'dark' : 'light';
}

followTheme();
new MutationObserver(followTheme).observe(document.body, { attributeFilter: ['class'] });

window.addEventListener('message', (event: MessageEvent<unknown>) => {
  const message = readMessageToPlan(event.data);
  if (message === undefined) return;
  // What is kept is written to a file, and recorded values are in none: such a plan is gone with its window.
  vscode.setState(message.plan.report.values === undefined ? message.plan : null);
  show(message.plan);
});

const kept = vscode.getState();
if (isShownPlan(kept)) show(kept);
vscode.postMessage({ type: 'ready' });
