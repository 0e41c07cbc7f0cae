import { modulesToParse, type LexicalFacts, type Resolver } from '../analysis';

/** What makes other modules worth parsing. */
const MARKS = ['database', 'handle', 'waits', 'promises', 'handed', 'contexts', 'declares', 'actions'] as const;

/** Which modules are parsed: decided by what a scan of every module's imports and words says. */
export class LexicalPass {
  readonly #scans = new Map<string, LexicalFacts>();
  /** Undefined when more may be wanted than before. */
  #wanted: ReadonlySet<string> | undefined;

  constructor(private readonly resolver: Resolver) {}

  /** Takes over what a module says. */
  set(file: string, scan: LexicalFacts): void {
    const before = this.#scans.get(file);
    this.#scans.set(file, scan);
    if (!before || this.#saysMore(file, scan, before)) this.#wanted = undefined;
  }

  delete(file: string): void {
    this.#scans.delete(file);
  }

  /** Imports may lead elsewhere now. */
  resolutionChanged(): void {
    this.#wanted = undefined;
  }

  /** Whether the file is to be parsed. One that was not scanned is. */
  wants(file: string): boolean {
    this.#wanted ??= modulesToParse(this.#scans, this.resolver);
    return this.#wanted.has(file) || !this.#scans.has(file);
  }

  /** Whether another module may have to be parsed for what this one says now. Imports that lead nowhere, as while they are typed, do not count. */
  #saysMore(file: string, scan: LexicalFacts, before: LexicalFacts): boolean {
    if (MARKS.some((mark) => scan[mark] && !before[mark]) || (before.client && !scan.client)) return true;
    const known = new Set([...before.sources, ...before.typeSources]);
    const isNew = (source: string): boolean => this.resolver.resolve(file, source) !== undefined;
    return scan.sources.some((source) => !before.sources.includes(source) && isNew(source)) || scan.typeSources.some((source) => !known.has(source) && isNew(source));
  }
}
