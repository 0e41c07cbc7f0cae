import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { isShownPlan, readMessageFromPlan, type MessageToPlan, type ShownPlan } from '../../panel/plan/messages';
import type { PlanReport } from '../../profiler/protocol';
import { planPage } from './plan-page';

const VIEW_TYPE = 'roundtrip.plan';

/** Characters of a statement in the title of its tab. */
const TITLE_CHARACTERS = 40;

/** What to measure again: a statement that the profiler knows, or a text. */
export interface Explained {
  statement?: string;
  text?: string;
  /** Of the text's parameters. */
  values?: string[];
}

/** Editor tabs with plans. */
export class PlanTabs implements vscode.Disposable, vscode.WebviewPanelSerializer {
  readonly #extensionUri: vscode.Uri;
  readonly #log: vscode.LogOutputChannel;
  readonly #analyze: (explained: Explained) => Promise<PlanReport | undefined>;
  readonly #registered: vscode.Disposable;

  /** @param analyze asks the person, runs the statement and gives its plan; undefined when the person does not want that */
  constructor(extensionUri: vscode.Uri, analyze: (explained: Explained) => Promise<PlanReport | undefined>, log: vscode.LogOutputChannel) {
    this.#extensionUri = extensionUri;
    this.#analyze = analyze;
    this.#log = log;
    this.#registered = vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, this);
  }

  show(report: PlanReport, explained: Explained): void {
    const panel = vscode.window.createWebviewPanel(VIEW_TYPE, titleOf(report), vscode.ViewColumn.Active);
    this.#fill(panel, { report, mayAnalyze: true }, explained);
  }

  /** After a reload of the window the page itself has kept the plan. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    if (!isShownPlan(state)) panel.dispose();
    else this.#fill(panel, state, { text: state.report.text });
  }

  dispose(): void {
    this.#registered.dispose();
  }

  #fill(panel: vscode.WebviewPanel, plan: ShownPlan, explained: Explained): void {
    const { webview } = panel;
    const dist = vscode.Uri.joinPath(this.#extensionUri, 'dist');
    let shown = plan;
    const post = (): void => {
      const message: MessageToPlan = { type: 'plan', plan: shown };
      void webview.postMessage(message);
    };
    const analyze = async (): Promise<void> => {
      const report = await this.#analyze(explained);
      if (report === undefined) return;
      shown = { ...shown, report };
      panel.title = titleOf(report);
      post();
    };
    webview.options = { enableScripts: true, localResourceRoots: [dist] };
    webview.onDidReceiveMessage((value: unknown) => {
      const message = readMessageFromPlan(value);
      if (message?.type === 'ready') post();
      else if (message?.type === 'copy') void vscode.env.clipboard.writeText(message.text);
      else if (message?.type === 'analyze') {
        analyze().catch((error: unknown) => {
          this.#log.error(error instanceof Error ? error : String(error));
          void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
        });
      } else this.#log.warn('The page of a plan sent a message that is none. It was ignored.');
    });
    const media = vscode.Uri.joinPath(this.#extensionUri, 'media');
    // Other than in the activity bar, a tab shows the colours of the file.
    panel.iconPath = { light: vscode.Uri.joinPath(media, 'roundtrip.svg'), dark: vscode.Uri.joinPath(media, 'roundtrip-dark.svg') };
    webview.html = planPage({
      script: webview.asWebviewUri(vscode.Uri.joinPath(dist, 'plan.js')).toString(),
      style: webview.asWebviewUri(vscode.Uri.joinPath(dist, 'plan.css')).toString(),
      cspSource: webview.cspSource,
      nonce: randomBytes(16).toString('base64'),
    });
  }
}

function titleOf({ text }: PlanReport): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return `Plan: ${line.length > TITLE_CHARACTERS ? `${line.slice(0, TITLE_CHARACTERS)}…` : line}`;
}
