import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describeError, isMissing } from './discovery';

type Log = (level: 'debug' | 'info' | 'warn', message: string) => void;

const MAGIC = 'roundtrip pack 2\n';
/** Size of the field that says how long the table of contents is. */
const LENGTH_BYTES = 8;

/** Systems take at most 1,024 buffers at once. */
const PARTS_PER_WRITE = 1_000;

interface Contents<Meta> {
  version: string;
  /** Milliseconds since 1970, when it was written. */
  written: number;
  /** Length of everything after the table. */
  bytes: number;
  entries: [key: string, meta: Meta, length: number][];
}

export interface PackEntry<Meta> {
  meta: Meta;
  bytes: Uint8Array;
}

/** Many small values in one file: read at once, written at once and atomically. What cannot be read is no error but an empty pack. */
export class CachePack<Meta> {
  readonly #entries = new Map<string, PackEntry<Meta>>();
  #dirty = false;
  /** When the file was written; 0 for a new one. */
  written = 0;

  private constructor(
    readonly file: string,
    readonly version: string,
  ) {}

  /** @param version a pack of another version is not used */
  static async open<Meta>(file: string, version: string, log: Log): Promise<CachePack<Meta>> {
    const pack = new CachePack<Meta>(file, version);
    try {
      const content = await readFile(file);
      if (content.toString('latin1', 0, MAGIC.length) !== MAGIC) throw new Error('it is not a cache file');
      const tableAt = MAGIC.length + LENGTH_BYTES;
      const tableEnd = tableAt + Number(content.readBigUInt64LE(MAGIC.length));
      const contents = JSON.parse(content.toString('utf8', tableAt, tableEnd)) as Contents<Meta>;
      if (contents.version !== version) {
        log('info', `cache ${file} was written by another version: starting afresh`);
        pack.#dirty = true;
        return pack;
      }
      if (content.length !== tableEnd + contents.bytes) throw new Error('it is cut short');
      let at = tableEnd;
      for (const [key, meta, length] of contents.entries) {
        pack.#entries.set(key, { meta, bytes: content.subarray(at, at + length) });
        at += length;
      }
      if (at !== content.length) throw new Error('its table does not fit its content');
      pack.written = contents.written;
    } catch (error) {
      pack.#entries.clear();
      if (!isMissing(error)) log('warn', `cache ${file} is not used: ${describeError(error)}`);
    }
    return pack;
  }

  get(key: string): PackEntry<Meta> | undefined {
    return this.#entries.get(key);
  }

  set(key: string, meta: Meta, bytes: Uint8Array): void {
    this.#entries.set(key, { meta, bytes });
    this.#dirty = true;
  }

  /** Drops every entry whose key is not wanted any more. */
  keep(wanted: (key: string, meta: Meta) => boolean): void {
    for (const [key, { meta }] of this.#entries) {
      if (wanted(key, meta)) continue;
      this.#entries.delete(key);
      this.#dirty = true;
    }
  }

  /** Writes the file, if something changed. A cache that cannot be written costs time, nothing else. */
  async save(log: Log): Promise<void> {
    if (!this.#dirty) return;
    this.#dirty = false;
    const entries = [...this.#entries];
    const contents: Contents<Meta> = {
      version: this.version,
      written: Date.now(),
      bytes: entries.reduce((sum, [, { bytes }]) => sum + bytes.byteLength, 0),
      entries: entries.map(([key, { meta, bytes }]) => [key, meta, bytes.byteLength]),
    };
    const table = Buffer.from(JSON.stringify(contents));
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeBigUInt64LE(BigInt(table.length));
    const temporary = `${this.file}.${randomBytes(6).toString('hex')}.tmp`;
    try {
      await mkdir(dirname(this.file), { recursive: true });
      const handle = await open(temporary, 'w');
      try {
        const parts = [Buffer.from(MAGIC, 'latin1'), length, table, ...entries.map(([, { bytes }]) => bytes)];
        for (let at = 0; at < parts.length; at += PARTS_PER_WRITE) await handle.writev(parts.slice(at, at + PARTS_PER_WRITE));
      } finally {
        await handle.close();
      }
      await rename(temporary, this.file);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      log('info', `cache not written to ${this.file}: ${describeError(error)}`);
    }
  }
}
