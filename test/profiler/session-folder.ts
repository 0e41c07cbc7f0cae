import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openProfiler, type Notify, type Profiler, type ProfilerOptions } from '../../src/profiler/index.js';
import { DEFAULT_TARGETS, type ProfilerNotifications, type SessionOptions } from '../../src/profiler/protocol.js';

type Told = { [Name in keyof ProfilerNotifications]: [name: Name, value: ProfilerNotifications[Name]] }[keyof ProfilerNotifications];

/** A profiler in a folder of its own, and what it tells. */
export class Bench {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'roundtrip test profiler '));
  readonly told: Told[] = [];
  readonly #opened: Profiler[] = [];
  #wake: (() => void)[] = [];

  readonly notify: Notify = (name, value) => {
    this.told.push([name, value] as Told);
    for (const wake of this.#wake.splice(0)) wake();
  };

  get sessionOptions(): SessionOptions & { folder: string } {
    return { folder: path.join(this.folder, 'sessions'), workspaceFolders: [], parameters: false, targets: DEFAULT_TARGETS };
  }

  async open(options: Partial<ProfilerOptions> = {}): Promise<Profiler> {
    const probe = path.join(this.folder, 'probe.cjs');
    writeFileSync(probe, '');
    const profiler = await openProfiler({ probe, storage: path.join(this.folder, 'storage'), notify: this.notify, updateIntervalMs: 10, evidenceIntervalMs: 10, ...options });
    this.#opened.push(profiler);
    return profiler;
  }

  /** The first notification of a name that matches. */
  async until<Name extends keyof ProfilerNotifications>(name: Name, matches: (value: ProfilerNotifications[Name]) => boolean): Promise<ProfilerNotifications[Name]> {
    for (let from = 0; ; ) {
      for (; from < this.told.length; from += 1) {
        const [told, value] = this.told[from]!;
        if (told === name && matches(value as ProfilerNotifications[Name])) return value as ProfilerNotifications[Name];
      }
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  logs(): string[] {
    return this.told.flatMap(([name, value]) => (name === 'log' ? [value.message] : []));
  }

  async close(): Promise<void> {
    for (const profiler of this.#opened.splice(0)) await profiler.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
