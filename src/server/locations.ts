import type { Position as LspPosition, Range } from 'vscode-languageserver/node';
import { URI } from 'vscode-uri';
import type { Position } from '../workspace';

/** The workspace's name of a document: absolute, with `/`. Undefined for documents that are no files on disk. */
export function fileOf(uri: string): string | undefined {
  const parsed = URI.parse(uri);
  if (parsed.scheme !== 'file') return undefined;
  return process.platform === 'win32' ? parsed.fsPath.replaceAll('\\', '/') : parsed.fsPath;
}

export function uriOf(file: string): string {
  return URI.file(file).toString();
}

/** Lines and columns count from 0 in the protocol, and from 1 in the workspace. */
export function rangeOf(from: Position, to: Position): Range {
  return { start: lspPosition(from), end: lspPosition(to) };
}

function lspPosition({ line, column }: Position): LspPosition {
  return { line: line - 1, character: column - 1 };
}

export function touches(a: Range, b: Range): boolean {
  return !isBefore(a.end, b.start) && !isBefore(b.end, a.start);
}

function isBefore(a: LspPosition, b: LspPosition): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}
