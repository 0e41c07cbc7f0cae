import * as vscode from 'vscode';
import type { StatementDetail } from '../../profiler/protocol';
import { LANGUAGES } from '../manifest';
import type { Profiler } from '../session/profiler';
import { EvidenceInCode, type MeasuredLine } from './evidence-in-code';
import { HOVER_COMMANDS, hoverText } from './hover-text';
import { noteOf, noteText, type NoteKind } from './note-text';

const SELECTOR = LANGUAGES.filter((language) => language !== 'sql').map((language) => ({ scheme: 'file', language }));

/** A hover that waits longer for the profiler shows what is known without it. */
const DETAIL_PATIENCE_MS = 2_000;

const NOTE_COLOURS: Record<NoteKind, string> = {
  quiet: 'roundtrip.noteForeground',
  hot: 'roundtrip.hotNoteForeground',
  repeated: 'roundtrip.repeatedNoteForeground',
  stale: 'roundtrip.staleNoteForeground',
};

/** What the margin shows, as the settings have it. */
interface Shown {
  notes: boolean;
  ruler: boolean;
  codeLens: boolean;
}

/** Notes behind lines that issued queries, marks of the hottest ones in the ruler, hovers, and lenses where they are asked for. */
export class Margin implements vscode.Disposable {
  readonly #profiler: Profiler;
  readonly #evidence = new EvidenceInCode();
  readonly #notes: Record<NoteKind, vscode.TextEditorDecorationType>;
  readonly #marks: Record<'hot' | 'repeated', vscode.TextEditorDecorationType>;
  readonly #lensesChanged = new vscode.EventEmitter<void>();
  readonly #disposables: vscode.Disposable[];
  #shown = readSettings();

  constructor(profiler: Profiler) {
    this.#profiler = profiler;
    const note = (kind: NoteKind): vscode.TextEditorDecorationType =>
      vscode.window.createTextEditorDecorationType({
        after: { color: new vscode.ThemeColor(NOTE_COLOURS[kind]), margin: '0 0 0 3em', ...(kind === 'stale' ? { fontStyle: 'italic' } : {}) },
        rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
      });
    const mark = (colour: string): vscode.TextEditorDecorationType =>
      vscode.window.createTextEditorDecorationType({ overviewRulerColor: new vscode.ThemeColor(colour), overviewRulerLane: vscode.OverviewRulerLane.Right });
    this.#notes = { quiet: note('quiet'), hot: note('hot'), repeated: note('repeated'), stale: note('stale') };
    this.#marks = { hot: mark('roundtrip.hotLineRuler'), repeated: mark('roundtrip.repeatedLineRuler') };
    this.#disposables = [
      this.#evidence,
      ...Object.values(this.#notes),
      ...Object.values(this.#marks),
      this.#evidence.onDidChange((uri) => this.#redraw(uri)),
      profiler.onDidGetEvidence((evidence) => void this.#evidence.take(evidence)),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#redraw(undefined)),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (!change.affectsConfiguration('roundtrip.margin')) return;
        this.#shown = readSettings();
        this.#redraw(undefined);
      }),
      vscode.languages.registerHoverProvider(SELECTOR, { provideHover: (document, position, token) => this.#hover(document, position, token) }),
      vscode.languages.registerCodeLensProvider(SELECTOR, { onDidChangeCodeLenses: this.#lensesChanged.event, provideCodeLenses: (document) => this.#lenses(document) }),
    ];
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
    this.#lensesChanged.dispose();
  }

  #redraw(uri: vscode.Uri | undefined): void {
    for (const editor of vscode.window.visibleTextEditors) if (uri === undefined || editor.document.uri.toString() === uri.toString()) this.#draw(editor);
    if (this.#shown.codeLens) this.#lensesChanged.fire();
  }

  #draw(editor: vscode.TextEditor): void {
    const { document } = editor;
    const notes: Record<NoteKind, vscode.DecorationOptions[]> = { quiet: [], hot: [], repeated: [], stale: [] };
    const marks: Record<'hot' | 'repeated', vscode.Range[]> = { hot: [], repeated: [] };
    for (const { line, rows, repetitions } of this.#evidence.lines(document)) {
      const { kind, text } = noteOf(rows, repetitions);
      const end = document.lineAt(line).range.end;
      if (this.#shown.notes) notes[kind].push({ range: new vscode.Range(end, end), renderOptions: { after: { contentText: text } } });
      if (this.#shown.ruler && (kind === 'hot' || kind === 'repeated')) marks[kind].push(document.lineAt(line).range);
    }
    for (const [kind, type] of Object.entries(this.#notes)) editor.setDecorations(type, notes[kind as NoteKind]);
    for (const [kind, type] of Object.entries(this.#marks)) editor.setDecorations(type, marks[kind as 'hot' | 'repeated']);
  }

  async #hover(document: vscode.TextDocument, position: vscode.Position, token: vscode.CancellationToken): Promise<vscode.Hover | undefined> {
    const found = this.#evidence.lines(document).find(({ line }) => line === position.line);
    if (found === undefined || !this.#shown.notes) return undefined;
    const range = hoverRange(document, found, position);
    if (range === undefined) return undefined;
    const [first] = found.rows;
    const statement = first?.row.statements[0];
    if (first === undefined) return undefined;
    const detail = statement === undefined ? undefined : await this.#detail(statement, first.row.key);
    if (token.isCancellationRequested) return undefined;
    const others = new Set(found.rows.flatMap(({ row }) => row.statements)).size - 1;
    const text = statement === undefined ? undefined : this.#evidence.text(statement);
    const markdown = new vscode.MarkdownString(hoverText({ row: first.row, stale: first.stale, repetitions: found.repetitions, detail, text, others }));
    markdown.isTrusted = { enabledCommands: Object.values(HOVER_COMMANDS) };
    return new vscode.Hover(markdown, range);
  }

  async #detail(statement: string, line: string): Promise<StatementDetail | undefined> {
    const asked = this.#profiler.isRunning ? this.#profiler.request('detail', { statement, line }).catch(() => null) : Promise.resolve(null);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), DETAIL_PATIENCE_MS)));
    const detail = await Promise.race([asked, patience]);
    clearTimeout(timer);
    return detail ?? undefined;
  }

  #lenses(document: vscode.TextDocument): vscode.CodeLens[] {
    if (!this.#shown.codeLens) return [];
    return this.#evidence.lines(document).map(({ line, rows, repetitions }) => {
      const title = noteText(
        rows.map(({ row }) => row),
        repetitions,
      );
      const statement = rows[0]?.row.statements[0];
      return new vscode.CodeLens(document.lineAt(line).range, { title, command: statement === undefined ? '' : HOVER_COMMANDS.reveal, arguments: statement === undefined ? [] : [statement] });
    });
  }
}

/** The note behind the line, and the word that made the call; elsewhere in the line other hovers have the floor. */
function hoverRange(document: vscode.TextDocument, { line, rows }: MeasuredLine, position: vscode.Position): vscode.Range | undefined {
  const { range } = document.lineAt(line);
  if (position.character >= range.end.character - 1) return new vscode.Range(position, range.end);
  const word = document.getWordRangeAtPosition(position);
  const calls = rows.map(({ row }) => row.place.column - 1);
  return word !== undefined && calls.some((column) => word.contains(new vscode.Position(line, column))) ? word : undefined;
}

function readSettings(): Shown {
  const settings = vscode.workspace.getConfiguration('roundtrip.margin');
  return { notes: settings.get('notes', true), ruler: settings.get('ruler', true), codeLens: settings.get('codeLens', false) };
}
