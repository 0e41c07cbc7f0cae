import { CachePack } from './cache-pack';
import type { PlacedFinding } from './contract';
import { hashText } from './source-text';

/**
 * Findings of an earlier run. They are used again only where everything is the same that any finding depends on, since what a
 * single one depends on lies all over the program: callers, implementations, schemas, contexts.
 */
export class FindingsCache {
  /** Stands for the state that the project was in when it was indexed; undefined as soon as something has changed. */
  #state: string | undefined;

  private constructor(private readonly pack: CachePack<string>) {}

  static async open(file: string, version: string, log: Parameters<typeof CachePack.open>[2]): Promise<FindingsCache> {
    return new FindingsCache(await CachePack.open<string>(file, version, log));
  }

  /** @param state everything that findings depend on; findings of another state are dropped */
  begin(state: Iterable<string>): void {
    const key = hashText([...state].join('\n'));
    this.#state = key;
    this.pack.keep((_file, meta) => meta === key);
  }

  /** Something has changed: nothing is given or kept until the next {@link begin}. */
  end(): void {
    this.#state = undefined;
  }

  get(file: string): PlacedFinding[] | undefined {
    const known = this.#state === undefined ? undefined : this.pack.get(file);
    if (!known) return undefined;
    if (known.bytes.byteLength === 0) return [];
    try {
      return JSON.parse(Buffer.from(known.bytes).toString('utf8')) as PlacedFinding[];
    } catch {
      return undefined;
    }
  }

  set(file: string, findings: readonly PlacedFinding[]): void {
    if (this.#state !== undefined) this.pack.set(file, this.#state, findings.length ? Buffer.from(JSON.stringify(findings)) : new Uint8Array());
  }

  save(log: Parameters<CachePack<string>['save']>[0]): Promise<void> {
    return this.pack.save(log);
  }
}
