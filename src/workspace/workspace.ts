import { readFile } from 'node:fs/promises';
import { complete, detect, initSql, positionAt, Program, type Detection, type FileFacts, type Finding, type RuleSettings } from '../analysis';
import type { Configuration, FileProblem, FileReport, PlacedFinding, Progress, Workspace, WorkspaceOptions } from './contract';
import { discover, FileFilter, type DiscoveredFile } from './discovery';
import { extractFile, extractText, type Extraction, type ExtractionTask } from './extraction';
import { fileName, isInside, relativeName } from './file-name';
import { ModuleResolver } from './module-resolution';
import { decodeSource } from './source-text';

/** Opens the folders. Nothing is read but the configuration until {@link Workspace.index} is called. */
export async function openWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  await initSql();
  return new IndexedWorkspace(options);
}

interface Source {
  hash: string;
  byteOrderMark: boolean;
}

class IndexedWorkspace implements Workspace {
  readonly #filters: FileFilter[];
  readonly #program: Program;
  readonly #sources = new Map<string, Source>();
  readonly #buffers = new Map<string, string>();
  readonly #problems = new Map<string, string>();
  readonly #log: NonNullable<WorkspaceOptions['log']>;
  #settings: RuleSettings = {};
  lines = 0;

  constructor(options: WorkspaceOptions) {
    this.#log = options.log ?? (() => {});
    // The innermost root owns a file.
    const roots = [...new Set(options.roots.map((root) => fileName(root)))].sort((a, b) => b.length - a.length);
    this.#filters = roots.map((root) => new FileFilter(root));
    this.#program = new Program(new ModuleResolver((file) => this.#program.facts(file) !== undefined), () => ({ reactCompiler: 'off' }));
    void (options.overrides satisfies Partial<Configuration> | undefined);
  }

  async index(onProgress?: (progress: Progress) => void, signal?: AbortSignal): Promise<void> {
    const roots = this.#filters.map((filter) => filter.root);
    const found: DiscoveredFile[] = [];
    for (const filter of this.#filters) {
      const { files, problems } = await discover(filter, filter.root, roots, signal);
      found.push(...files);
      for (const { file, message } of problems) this.#problem(file, message);
    }
    let done = 0;
    for (const { file } of found) {
      if (!this.#buffers.has(file)) this.#take(file, extractFile(this.#task(file)));
      done++;
      if (done % 50 === 0) {
        onProgress?.({ done, total: found.length });
        await new Promise(setImmediate);
        signal?.throwIfAborted();
      }
    }
    this.#program.resolutionChanged();
    onProgress?.({ done, total: found.length });
  }

  files(): string[] {
    return [...this.#program.files()].sort();
  }

  problems(): FileProblem[] {
    return [...this.#problems].map(([file, message]) => ({ file, message })).sort((a, b) => (a.file < b.file ? -1 : 1));
  }

  setBuffer(file: string, text: string): string[] {
    const name = fileName(file);
    if (!this.#program.facts(name) && !this.#filters.some((filter) => filter.accepts(name))) return [];
    const source = decodeSource(name, Buffer.from(text));
    this.#buffers.set(name, text);
    return this.#take(name, 'refused' in source ? { problem: source.refused } : extractText(this.#task(name), source));
  }

  async closeBuffer(file: string): Promise<string[]> {
    const name = fileName(file);
    if (!this.#buffers.delete(name)) return [];
    return this.filesChanged([name]);
  }

  async filesChanged(files: string[]): Promise<string[]> {
    const changed = new Set<string>();
    for (const file of files.map((each) => fileName(each))) {
      if (this.#buffers.has(file)) continue;
      if (!this.#program.facts(file) && !this.#filters.some((filter) => filter.accepts(file))) continue;
      for (const other of this.#take(file, extractFile(this.#task(file)))) changed.add(other);
    }
    return [...changed];
  }

  async report(file: string): Promise<FileReport> {
    const name = fileName(file);
    const facts = this.#program.facts(name);
    if (!facts || facts.context !== 'production') return { file: name, findings: [] };
    const text = await this.text(name);
    if (text === undefined) return { file: name, findings: [] };
    const { detections, failures } = detect(this.#program, name, this.#settings);
    const completed = complete(facts, text, detections as Detection[], this.#settings);
    for (const failure of [...failures, ...completed.failures]) {
      this.#log('error', `rule ${failure.rule} failed in ${failure.file}: ${failure.message}`);
    }
    return { file: name, findings: completed.findings.map((finding) => this.#place(finding, facts)) };
  }

  async text(file: string): Promise<string | undefined> {
    const name = fileName(file);
    const buffer = this.#buffers.get(name);
    if (buffer !== undefined) return buffer;
    try {
      const source = decodeSource(name, await readFile(name));
      return 'refused' in source ? undefined : source.text;
    } catch {
      return undefined;
    }
  }

  async configure(): Promise<void> {}

  async dispose(): Promise<void> {}

  #task(file: string): ExtractionTask {
    const root = this.#filters.find((filter) => isInside(filter.root, file))?.root ?? '/';
    return { file, name: relativeName(root, file) };
  }

  /** Takes over what was extracted of a file. Returns the files whose findings may have changed. */
  #take(file: string, extraction: Extraction): string[] {
    const before = this.#program.facts(file);
    this.#problems.delete(file);
    if ('facts' in extraction) {
      this.#sources.set(file, extraction);
      this.lines += extraction.facts.lineStarts.length - (before?.lineStarts.length ?? 0);
      return this.#program.update(extraction.facts);
    }
    if ('problem' in extraction) this.#problem(file, extraction.problem);
    if (!before) return [];
    this.lines -= before.lineStarts.length;
    this.#sources.delete(file);
    return this.#program.remove(file);
  }

  #place(finding: Finding, facts: FileFacts): PlacedFinding {
    return {
      ...finding,
      from: positionAt(facts, finding.start),
      to: positionAt(facts, finding.end),
      related: finding.related.map(({ file, message, start, end }) => {
        const there = this.#program.facts(file) ?? facts;
        return { file, message, from: positionAt(there, start), to: positionAt(there, end) };
      }),
    };
  }

  #problem(file: string, message: string): void {
    this.#problems.set(file, message);
    this.#log('warn', `${file}: ${message}`);
  }
}
