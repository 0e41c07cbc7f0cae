import { modulesToParse, scanModule, type LexicalFacts, type Resolver } from '../analysis';

/** Which modules are parsed: decided by a scan of every module's imports and words, before any is. */
export class LexicalPass {
  readonly #scans = new Map<string, LexicalFacts>();
  #wanted: ReadonlySet<string> = new Set();

  constructor(private readonly resolver: Resolver) {}

  /**
   * Takes over what a module's text says, or what was kept of it. Returns whether another module may have to be parsed for it,
   * now that it says more than before: ask {@link wants} after {@link decide}.
   */
  set(file: string, source: string | LexicalFacts): boolean {
    const scan = typeof source === 'string' ? scanModule(source) : source;
    const before = this.#scans.get(file);
    this.#scans.set(file, scan);
    if (!before) return true;
    const marks = ['database', 'handle', 'waits', 'promises', 'handed', 'contexts', 'declares', 'actions'] as const;
    if (marks.some((mark) => scan[mark] && !before[mark]) || (before.client && !scan.client)) return true;
    const known = new Set([...before.sources, ...before.typeSources]);
    return scan.sources.some((source) => !before.sources.includes(source) && this.#resolves(file, source)) || scan.typeSources.some((source) => !known.has(source) && this.#resolves(file, source));
  }

  get(file: string): LexicalFacts | undefined {
    return this.#scans.get(file);
  }

  delete(file: string): void {
    this.#scans.delete(file);
  }

  /** Decides about all modules that were scanned. */
  decide(): void {
    this.#wanted = modulesToParse(this.#scans, this.resolver);
  }

  /** Whether the file is to be parsed. One that was not scanned is. */
  wants(file: string): boolean {
    return this.#wanted.has(file) || !this.#scans.has(file);
  }

  #resolves(file: string, source: string): boolean {
    return this.resolver.resolve(file, source) !== undefined;
  }
}

/** Whether the file is a module, which the pass decides about; what is SQL or a schema is always read. */
export function isModule(file: string): boolean {
  return !/\.(?:sql|prisma)$/.test(file);
}
