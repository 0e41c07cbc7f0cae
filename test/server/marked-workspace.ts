import type { FileReport, PlacedFinding, Position, Workspace, WorkspaceOptions } from '../../src/workspace';

/**
 * A stand-in for the workspace where order and timing are the matter: each `!name` in a text is a finding, and each
 * `uses FILE` makes a text depend on that file. The real workspace answers when it likes; this one when the test says so.
 */
export class MarkedWorkspace implements Workspace {
  readonly texts: Map<string, string>;
  readonly reported: string[] = [];
  readonly lines = 0;
  /** Called before a report is answered. */
  beforeReport: (file: string) => Promise<void> | void = () => {};
  beforeIndexed: (signal?: AbortSignal) => Promise<void> | void = () => {};
  ensureRoom: () => void = () => {};
  disposed = false;

  constructor(
    readonly options: WorkspaceOptions,
    disk: Record<string, string>,
  ) {
    this.texts = new Map(Object.entries(disk));
  }

  async index(onProgress?: (progress: { done: number; total: number }) => void, signal?: AbortSignal): Promise<void> {
    onProgress?.({ done: 1, total: this.texts.size });
    await this.beforeIndexed(signal);
    signal?.throwIfAborted();
  }

  files(): string[] {
    return [...this.texts.keys()].sort();
  }

  problems(): { file: string; message: string }[] {
    return [];
  }

  configurationErrors(): string[] {
    return [];
  }

  setBuffer(file: string, text: string): string[] {
    if (text.includes('explode')) throw new Error('the workspace exploded');
    this.texts.set(file, text);
    return [file, ...this.#users(file)];
  }

  closeBuffer(file: string): Promise<string[]> {
    return Promise.resolve([file, ...this.#users(file)]);
  }

  filesChanged(files: string[]): Promise<string[]> {
    return Promise.resolve(files.flatMap((file) => [file, ...this.#users(file)]));
  }

  async report(file: string): Promise<FileReport> {
    this.reported.push(file);
    const text = this.texts.get(file) ?? '';
    await this.beforeReport(file);
    const used = [...text.matchAll(/uses (\S+)/g)].flatMap((match) => findings(file, this.texts.get(match[1]!) ?? '', 'used '));
    return { file, findings: [...findings(file, text), ...used] };
  }

  text(file: string): Promise<string | undefined> {
    return Promise.resolve(this.texts.get(file));
  }

  fix(): Promise<never> {
    return Promise.reject(new Error('The editor applies fixes itself.'));
  }

  async saved(file: string): Promise<{ text: string; modified: number } | undefined> {
    const text = await this.text(file);
    return text === undefined ? undefined : { text, modified: 0 };
  }

  shows(): boolean {
    return true;
  }

  setTableSizes(): string[] {
    return [];
  }

  configure(): Promise<void> {
    return Promise.resolve();
  }

  dispose(): Promise<void> {
    this.disposed = true;
    return Promise.resolve();
  }

  #users(file: string): string[] {
    return this.files().filter((other) => this.texts.get(other)!.includes(`uses ${file}`));
  }
}

/** `!name` is a finding; `!name?` has a suggestion that removes it, `!name!` a safe fix. */
function findings(file: string, text: string, prefix = ''): PlacedFinding[] {
  return [...text.matchAll(/!(\w+)([?!]?)/g)].map((match) => {
    const start = match.index;
    const end = start + match[0].length;
    return {
      rule: 'marked',
      severity: 'warning',
      confidence: 'high',
      context: 'production',
      file,
      start,
      end,
      message: `${prefix}${match[1]}`,
      reason: 'It costs.',
      help: 'Remove it.',
      from: place(text, start),
      to: place(text, end),
      related: [],
      fixes: match[2] ? [{ title: `Remove ${match[1]}`, safety: match[2] === '!' ? 'safe' : 'suggestion', edits: [{ file, start, end, text: '' }] }] : [],
    };
  });
}

function place(text: string, offset: number): Position {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}
