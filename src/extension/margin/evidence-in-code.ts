import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { Evidence, LineRow, RuntimeRepetition } from '../../profiler/protocol';
import { byLine, FileAnchors, type AnchoredRow } from './anchors';

/** A line of an open file, with what it issued. */
export interface MeasuredLine {
  /** From 0. */
  line: number;
  rows: AnchoredRow[];
  repetitions: RuntimeRepetition[];
}

const NOTHING: Evidence = { lines: [], repetitions: [], tables: [], texts: {} };

/** What the session saw of each file, kept at its lines while people edit. */
export class EvidenceInCode implements vscode.Disposable {
  readonly #files = new Map<string, FileAnchors>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri | undefined>();
  readonly #disposables: vscode.Disposable[];
  #evidence = NOTHING;
  #work: Promise<void> = Promise.resolve();

  /** Something moved in a file; without one, the numbers changed. */
  readonly onDidChange = this.#changed.event;

  constructor() {
    this.#disposables = [
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => this.#follow(document, contentChanges)),
      vscode.workspace.onDidOpenTextDocument((document) => {
        this.#files.get(keyOf(document.uri))?.settle(linesOf(document));
        this.#changed.fire(document.uri);
      }),
    ];
  }

  /** The profiler tells everything each time; files are read one after the other, in the order in which they were told. */
  take(evidence: Evidence): Promise<void> {
    this.#work = this.#work.then(() => this.#take(evidence));
    return this.#work;
  }

  text(statement: string): string | undefined {
    return this.#evidence.texts[statement];
  }

  /** In the order of the file. */
  lines(document: vscode.TextDocument): MeasuredLine[] {
    const anchors = document.uri.scheme === 'file' ? this.#files.get(keyOf(document.uri)) : undefined;
    if (anchors === undefined) return [];
    const rows = anchors.rows((line) => (line < document.lineCount ? document.lineAt(line).text : undefined));
    return [...byLine(rows)]
      .sort(([a], [b]) => a - b)
      .map(([line, here]) => ({ line, rows: here, repetitions: here.flatMap(({ row }) => this.#repetitionsOf(row)) }));
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
    this.#changed.dispose();
  }

  #repetitionsOf({ place }: LineRow): RuntimeRepetition[] {
    return this.#evidence.repetitions.filter(({ place: there }) => there.file === place.file && there.line === place.line && there.column === place.column);
  }

  async #take(evidence: Evidence): Promise<void> {
    this.#evidence = evidence;
    const byFile = new Map<string, LineRow[]>();
    for (const row of evidence.lines) {
      const key = keyOf(vscode.Uri.file(row.place.file));
      byFile.set(key, [...(byFile.get(key) ?? []), row]);
    }
    for (const key of this.#files.keys()) if (!byFile.has(key)) this.#files.delete(key);
    for (const [key, rows] of byFile) {
      const anchors = this.#files.get(key) ?? new FileAnchors();
      this.#files.set(key, anchors);
      const saved = anchors.unknown(rows).length > 0 ? await savedLines(rows[0]!.place.file) : undefined;
      const open = vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'file' && keyOf(uri) === key);
      anchors.update(rows, saved, open === undefined ? undefined : linesOf(open));
    }
    this.#changed.fire(undefined);
  }

  #follow(document: vscode.TextDocument, changes: readonly vscode.TextDocumentContentChangeEvent[]): void {
    const anchors = document.uri.scheme === 'file' ? this.#files.get(keyOf(document.uri)) : undefined;
    if (anchors === undefined || changes.length === 0) return;
    for (const { range, text } of changes) anchors.edit({ start: range.start, end: range.end, text });
    this.#changed.fire(document.uri);
  }
}

/** The same for a file however its path was spelled: with `\` or `/`, with a drive in upper or lower case. */
function keyOf(uri: vscode.Uri): string {
  return vscode.Uri.file(uri.fsPath).toString();
}

function linesOf(document: vscode.TextDocument): string[] {
  return document.getText().split(/\r\n|\r|\n/);
}

async function savedLines(file: string): Promise<string[] | undefined> {
  try {
    return (await readFile(file, 'utf8')).split(/\r\n|\r|\n/);
  } catch {
    return undefined;
  }
}
