import { cacheFolder, cacheVersion } from './cache-location';
import { CachePack, type PackEntry } from './cache-pack';
import type { DiscoveredFile } from './discovery';
import { readSource, type Scanned } from './extraction';
import type { EncodedFile, Summary } from './facts-encoding';
import { fileName, relativeName } from './file-name';

/** What the cache says of a file besides its facts, which need not be decoded as long as nobody asks for them. */
export interface CachedFile extends Scanned {
  hash: string;
  size: number;
  modified: number;
  summary: Summary;
}

/** A file written this shortly before the cache may have been written again within the clock's grain. */
const CLOCK_GRAIN_MS = 2_000;

/** Facts of a root's files from earlier runs. */
export class FactsCache {
  private constructor(
    readonly root: string,
    private readonly pack: CachePack<CachedFile>,
  ) {}

  static async open(root: string, log: Parameters<typeof CachePack.open>[2]): Promise<FactsCache> {
    return new FactsCache(root, await CachePack.open<CachedFile>(`${cacheFolder(root)}/facts.pack`, cacheVersion(), log));
  }

  /** Whether it has anything of a file, of whatever text. */
  knows(file: string): boolean {
    return this.pack.get(relativeName(this.root, file)) !== undefined;
  }

  /** What it has of a file, if that was made of the text that the file has now. */
  get({ file, size, modified }: DiscoveredFile): PackEntry<CachedFile> | undefined {
    const name = relativeName(this.root, file);
    const entry = this.pack.get(name);
    if (!entry || entry.meta.size !== size) return undefined;
    if (entry.meta.modified === modified && modified <= this.pack.written - CLOCK_GRAIN_MS) return entry;
    const source = readSource(file);
    if (!('text' in source) || source.hash !== entry.meta.hash) return undefined;
    if (entry.meta.modified !== modified) this.pack.set(name, { ...entry.meta, modified }, entry.bytes);
    return entry;
  }

  set({ file, size, modified }: DiscoveredFile, { bytes, hash, summary, scan, outlined }: EncodedFile): void {
    const meta: CachedFile = { hash, size, modified, summary, ...(scan && { scan }), ...(outlined && { outlined }) };
    this.pack.set(relativeName(this.root, file), meta, bytes);
  }

  keep(wanted: (file: string) => boolean): void {
    this.pack.keep((name) => wanted(fileName(this.root, name)));
  }

  save(log: Parameters<CachePack<CachedFile>['save']>[0]): Promise<void> {
    return this.pack.save(log);
  }
}
