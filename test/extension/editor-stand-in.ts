/** What a window's session asks of the editor, for tests that have none: events, settings as they come, and no folder open. */

export class EventEmitter<T> {
  readonly #listeners = new Set<(event: T) => void>();

  readonly event = (listener: (event: T) => void): { dispose(): void } => {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  };

  fire(event: T): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

export const Uri = { joinPath: ({ fsPath }: { fsPath: string }, ...parts: string[]) => ({ fsPath: [fsPath, ...parts].join('/') }) };

export const commands = { executeCommand: () => Promise.resolve() };

export const workspace = {
  getConfiguration: () => ({ get: (_name: string, fallback?: unknown) => fallback }),
  onDidChangeConfiguration: () => ({ dispose: () => undefined }),
};
