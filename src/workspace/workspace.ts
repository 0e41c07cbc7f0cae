import { readFile, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { complete, contextOf, detect, extractFacts, initSql, positionAt, Program, withSql, type Detection, type FileFacts, type Finding, type RuleFailure, type RuleSettings, type TableSize } from '../analysis';
import { cacheFolder, cacheVersion, findingsCacheVersion } from './cache-location';
import { CachePack } from './cache-pack';
import { CompletionQueue } from './completion-queue';
import { isConfigurationFile, readConfiguration, type RootConfiguration } from './configuration';
import type { Configuration, FileProblem, FileReport, FixOutcome, PlacedFinding, Progress, Workspace, WorkspaceOptions } from './contract';
import { discover, FileFilter, repositoryOf, type DiscoveredFile } from './discovery';
import { extractFile, extractText, readSource, type Extraction, type ExtractionTask, type Scanned } from './extraction';
import { ExtractionPool } from './extraction-pool';
import { FindingsCache } from './findings-cache';
import { selectFixes, writeFixes } from './fix-application';
import { FactsCache } from './facts-cache';
import { decodeFacts, encodeExtraction, summaryOf, type EncodedExtraction, type EncodedFile, type Summary } from './facts-encoding';
import { fileName, isInside, relativeName } from './file-name';
import { LexicalPass } from './lexical-pass';
import { MemoryWatch } from './memory-watch';
import { ModuleResolver } from './module-resolution';
import { ReactCompilerDetector } from './react-compiler';
import { decodeSource, type SourceText } from './source-text';
import { isExplained, suppress } from './suppression';

/** Opens the folders. Nothing is read but the configuration until {@link Workspace.index} is called. */
export async function openWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const workspace = new IndexedWorkspace(options);
  await Promise.all([initSql(), workspace.configure(options.overrides ?? {})]);
  return workspace;
}

/** Fewer files than this are parsed here: starting threads would take longer. */
const WORTH_THREADS = 40;
/**
 * A thread for each core, although this one links meanwhile: on two cores, two parsing threads check a project of 4,000 files in four
 * fifths of the time of one, for 140 MB more.
 */
const MAX_THREADS = 8;
/** Fixes that touch each other are applied one after the other; nobody has more than this many in one place. */
const MAX_FIX_PASSES = 10;
/** Files of this thread's work between two breaths, so that messages and cancellation get through. */
const FILES_PER_TURN = 20;

/** What is known of a file without its facts. */
interface Source extends Summary {
  hash: string;
  size?: number;
  modified?: number;
}

interface Root {
  folder: string;
  configuration: RootConfiguration;
  filter: FileFilter;
  /** Every package.json that was found in it. */
  packages: string[];
}

class IndexedWorkspace implements Workspace {
  readonly #options: WorkspaceOptions;
  readonly #folders: string[];
  #roots: Root[] = [];
  readonly #program: Program;
  readonly #resolver: ModuleResolver;
  readonly #reactCompiler: ReactCompilerDetector;
  readonly #pool: ExtractionPool | undefined;
  readonly #completions: CompletionQueue;
  readonly #memory = new MemoryWatch();
  #fixCache: CachePack<string> | undefined;
  #findingsCache: FindingsCache | undefined;
  /** Files that are in the program, or about to be: found, and not refused. */
  readonly #known = new Set<string>();
  /** Known files that are not read: tests and the like, which are neither shown nor imported by what is. */
  readonly #aside = new Set<string>();
  readonly #lexical: LexicalPass;
  /** Files of the program that were not parsed, since the lexical pass saw nothing in them that matters. */
  readonly #outlined = new Set<string>();
  readonly #sources = new Map<string, Source>();
  readonly #buffers = new Map<string, string>();
  readonly #problems = new Map<string, string>();
  readonly #failures = new Set<string>();
  readonly #log: NonNullable<WorkspaceOptions['log']>;
  #saving: Promise<void> = Promise.resolve();
  #indexing: Promise<void> = Promise.resolve();
  #disposed = false;
  lines = 0;

  constructor(options: WorkspaceOptions) {
    this.#options = options;
    this.#log = options.log ?? (() => {});
    // The innermost root owns a file.
    this.#folders = [...new Set(options.roots.map((root) => fileName(root)))].sort((a, b) => b.length - a.length);
    const threads = options.workers ?? Math.min(availableParallelism(), MAX_THREADS);
    this.#pool = threads > 0 ? new ExtractionPool(threads) : undefined;
    this.#completions = new CompletionQueue(this.#pool, () => this.#fixCache);
    this.#reactCompiler = new ReactCompilerDetector(this.#folders);
    this.#resolver = new ModuleResolver((file) => this.#known.has(file), (level, message) => this.#log(level, message));
    this.#lexical = new LexicalPass(this.#resolver);
    this.#program = new Program(this.#resolver, (file) => ({ reactCompiler: this.#reactCompiler.modeOf(file) }), this.#memory.mostDecodedBytes);
  }

  async configure(overrides: Partial<Configuration>): Promise<void> {
    this.#findingsCache?.end();
    const known = new Set(this.configurationErrors());
    this.#roots = await Promise.all(this.#folders.map(async (folder): Promise<Root> => {
      const top = repositoryOf(folder) ?? folder;
      const configuration = await readConfiguration(folder, top, overrides, this.#options.configurationFile);
      const filter = new FileFilter(folder, configuration.exclude, configuration.excludeFrom);
      return { folder, configuration, filter, packages: this.#roots.find((root) => root.folder === folder)?.packages ?? [] };
    }));
    this.#options.overrides = overrides;
    for (const error of this.configurationErrors()) if (!known.has(error)) this.#log('error', error);
    for (const file of this.files()) {
      const root = this.#rootOf(file);
      if (!root?.filter.accepts(file)) this.#take(file, { gone: true });
    }
  }

  /** One after another: a change of the configuration may ask for it while it runs. */
  index(onProgress?: (progress: Progress) => void, signal?: AbortSignal): Promise<void> {
    const run = this.#indexing.then(() => this.#indexAll(onProgress, signal));
    this.#indexing = run.catch(() => {});
    return run;
  }

  async #indexAll(onProgress?: (progress: Progress) => void, signal?: AbortSignal): Promise<void> {
    const found = new Map<string, DiscoveredFile>();
    this.#problems.clear();
    await this.#saving;
    const caches = new Map<Root, FactsCache | undefined>();
    let unknown = 0;
    for (const root of this.#roots) {
      root.filter.refresh();
      const cache = await this.#openCache(root);
      caches.set(root, cache);
      const { files, packages, problems } = await discover(root.filter, root.folder, this.#folders, signal, ({ file }) => {
        const isNew = !this.#sources.has(file) && !cache?.knows(file) && this.#isShown(file);
        if (isNew && ++unknown === WORTH_THREADS) this.#pool?.start();
      });
      root.packages = packages;
      for (const file of files) found.set(file.file, file);
      for (const { file, message } of problems) this.#problem(file, message);
    }
    for (const file of this.files()) if (!found.has(file) && !this.#buffers.has(file)) this.#take(file, { gone: true });
    for (const file of this.#aside) if (!found.has(file)) this.#known.delete(file);
    this.#aside.clear();
    for (const file of found.keys()) {
      this.#known.add(file);
      if (!this.#sources.has(file) && !this.#isShown(file) && !this.#declaresTables(file)) this.#aside.add(file);
    }
    this.#resolver.refresh(this.#roots.flatMap(({ packages }) => packages));
    this.#lexical.resolutionChanged();
    this.#reactCompiler.refresh();
    this.#program.resolutionChanged();

    let done = this.#aside.size;
    const count = (): void => {
      done++;
      if (done % FILES_PER_TURN === 0 || done === found.size) onProgress?.({ done, total: found.size });
    };
    onProgress?.({ done, total: found.size });
    let wanted = [...found.values()].filter(({ file }) => !this.#aside.has(file));
    while (wanted.length) {
      for (const [root, cache] of caches) await this.#extract(wanted.filter(({ file }) => this.#rootOf(file) === root), cache, count, signal);
      // Now that all are scanned, modules that were left out may be wanted.
      wanted = [...found.values()].filter(({ file }) => (this.#aside.has(file) && this.#program.isImported(file)) || (this.#outlined.has(file) && this.#lexical.wants(file)));
      for (const { file } of wanted) this.#aside.delete(file);
      done -= wanted.length;
    }
    const names = new Set(found.keys());
    for (const cache of caches.values()) cache?.keep((file) => names.has(file));
    this.#fixCache?.keep((file) => names.has(file));
    this.#saving = this.#save([...caches.values()]);
    const refused = [...this.#known].filter((file) => !this.#sources.has(file) && !this.#aside.has(file));
    if (refused.length) {
      // What imports them leads elsewhere now.
      for (const file of refused) this.#known.delete(file);
      this.#resolver.filesChanged();
      this.#program.resolutionChanged();
    }
    if (!this.#buffers.size) this.#findingsCache?.begin(this.#state());
  }

  async #save(caches: readonly (FactsCache | undefined)[]): Promise<void> {
    for (const cache of caches) await cache?.save(this.#log);
  }

  /** Whether findings of the file can be shown, as far as its place tells. */
  #isShown(file: string): boolean {
    const root = this.#rootOf(file);
    return root === undefined || root.configuration.contexts.has(contextOf(relativeName(root.folder, file), ''));
  }

  /** Migrations in SQL tell what columns the tables have, also where nothing is said about the migrations themselves. */
  #declaresTables(file: string): boolean {
    const root = this.#rootOf(file);
    return file.endsWith('.sql') && root !== undefined && contextOf(relativeName(root.folder, file), '') === 'migration';
  }

  async #extract(files: readonly DiscoveredFile[], cache: FactsCache | undefined, count: () => void, signal?: AbortSignal): Promise<void> {
    const waiting = new Map<string, DiscoveredFile>();
    const tasks: ExtractionTask[] = [];
    for (const found of files) {
      const { file, size, modified } = found;
      const source = this.#sources.get(file);
      const whole = this.#outlined.has(file) && this.#lexical.wants(file);
      const isSame = !whole && source?.size === size && source.modified === modified;
      if (isSame || this.#buffers.has(file) || (cache && !whole && this.#takeCached(found, cache))) count();
      else {
        waiting.set(file, found);
        tasks.push(this.#task(file, whole));
      }
    }
    const take = (found: DiscoveredFile, result: EncodedExtraction): void => {
      this.ensureRoom();
      count();
      if (!('bytes' in result)) {
        this.#take(found.file, result);
        return;
      }
      if (!this.#buffers.has(found.file)) {
        this.#takeEncoded(found, result);
        // While threads parse, this one has time to decode what is going to be asked for.
        if (this.#program.hasRoom) this.#program.facts(found.file);
      }
      cache?.set(found, result);
    };
    let here: readonly ExtractionTask[] = tasks;
    if (this.#pool && tasks.length >= WORTH_THREADS) {
      here = await this.#pool.extract(tasks, (task, result) => take(waiting.get(task.file)!, result), signal);
      if (this.#pool.unavailable) this.#log('warn', `no threads for parsing (${this.#pool.unavailable}): going on in one`);
    }
    for (const [index, task] of here.entries()) {
      take(waiting.get(task.file)!, encodeExtraction(await withSql(() => extractFile(task))));
      if (index % FILES_PER_TURN === 0) {
        await new Promise(setImmediate);
        signal?.throwIfAborted();
      }
    }
  }

  /** Takes a file's facts from the cache, when its text is the one that they were made of. */
  #takeCached(found: DiscoveredFile, cache: FactsCache): boolean {
    const entry = cache.get(found);
    if (entry) this.#takeEncoded(found, { ...entry.meta, bytes: entry.bytes });
    return entry !== undefined;
  }

  #takeEncoded({ file, size, modified }: DiscoveredFile, { hash, summary, bytes, ...scanned }: EncodedFile): void {
    this.#noteTaken(file, { hash, size, modified, ...summary }, scanned);
    const { sources, contributions } = summary;
    this.#program.add({ file, sources, contributions, size: bytes.byteLength, decode: () => this.#decode(file, bytes) });
  }

  #decode(file: string, bytes: Uint8Array): FileFacts {
    try {
      const facts = decodeFacts(bytes);
      facts.file = file;
      return facts;
    } catch {
      this.#log('warn', `${file}: what the cache says of it is damaged: it is read again`);
      const extraction = extractFile(this.#task(file, true));
      return 'facts' in extraction ? extraction.facts : extractFacts(file, '');
    }
  }

  async #openCache(root: Root): Promise<FactsCache | undefined> {
    if (this.#options.cache === false) return undefined;
    this.#fixCache ??= await CachePack.open<string>(`${cacheFolder(this.#folders[0]!)}/fixes.pack`, cacheVersion(), this.#log);
    if (this.#options.reuseFindings) this.#findingsCache ??= await FindingsCache.open(`${cacheFolder(this.#folders[0]!)}/findings.pack`, findingsCacheVersion(), this.#log);
    return FactsCache.open(root.folder, this.#log);
  }

  files(): string[] {
    return [...this.#program.files()];
  }

  problems(): FileProblem[] {
    const problems = new Map(this.#problems);
    for (const [file, { flaw }] of this.#sources) if (flaw !== undefined) problems.set(file, flaw);
    return [...problems].map(([file, message]) => ({ file, message })).sort((a, b) => (a.file < b.file ? -1 : 1));
  }

  configurationErrors(): string[] {
    return [...new Set(this.#roots.flatMap(({ configuration }) => configuration.errors))];
  }

  setBuffer(file: string, text: string): string[] {
    const name = fileName(file);
    if (!this.#belongs(name)) return [];
    const source = decodeSource(name, Buffer.from(text));
    this.#buffers.set(name, 'text' in source ? source.text : text);
    return this.#takeAndRelink(name, 'refused' in source ? { problem: source.refused } : source);
  }

  async closeBuffer(file: string): Promise<string[]> {
    const name = fileName(file);
    if (!this.#buffers.delete(name)) return [];
    return this.filesChanged([name]);
  }

  async filesChanged(files: string[]): Promise<string[]> {
    const names = files.map((file) => fileName(file));
    if (names.some((name) => this.#decidesForMany(name))) return this.#startAfresh();
    const changed = new Set<string>();
    for (const name of names) {
      if (this.#buffers.has(name)) continue;
      const status = await stat(name).catch(() => undefined);
      if (status?.isDirectory()) {
        const root = this.#rootOf(name);
        if (!root || !root.filter.entersDeep(name)) continue;
        const inside = await discover(root.filter, name, this.#folders);
        for (const found of inside.files) for (const other of this.#reread(found.file)) changed.add(other);
      } else if (!status) {
        // A folder that went is told of once, not file by file.
        for (const gone of this.files()) {
          if (isInside(name, gone) && !this.#buffers.has(gone)) for (const other of this.#takeAndRelink(gone, { gone: true })) changed.add(other);
        }
        this.#problems.delete(name);
        if (this.#aside.delete(name)) this.#known.delete(name);
      } else if (this.#belongs(name)) {
        for (const other of this.#reread(name)) changed.add(other);
      }
    }
    return [...changed];
  }

  /** Reads configuration and files anew. Returns every file. */
  async #startAfresh(): Promise<string[]> {
    const before = this.files();
    await this.configure(this.#options.overrides ?? {});
    await this.index();
    return [...new Set([...this.files(), ...before])];
  }

  ensureRoom(): void {
    this.#memory.ensureRoom(this.#sources.size);
  }

  async report(file: string): Promise<FileReport> {
    const name = fileName(file);
    try {
      return { file: name, findings: this.#findingsCache?.get(name) ?? (await this.#findings(name, 2)) };
    } catch (error) {
      this.#log('error', `${name}: no findings: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      return { file: name, findings: [] };
    }
  }

  async #findings(file: string, attempts: number): Promise<PlacedFinding[]> {
    const seen = await withSql(() => this.#detect(file));
    if (!seen) return this.#keep(file, [], []);
    const { facts, source, settings, detections, failures } = seen;
    this.#logFailures(failures);
    if (!detections.length && !facts.ignores.length) return this.#keep(file, [], failures);
    const text = facts.ignores.length || this.#buffers.has(file) ? await this.text(file) : undefined;
    const { kept, comments } = suppress(facts, text ?? '', detections, settings);
    const completion = !kept.length
      ? { findings: [], failures: [] }
      : this.#buffers.has(file) && text !== undefined
        ? await withSql(() => complete(facts, text, kept, settings))
        : await this.#completions.complete({ file, context: facts.context, hash: source.hash, detections: kept, settings });
    if ('changed' in completion) {
      // Nobody waits for the answer any more, and thousands may be under way.
      if (this.#disposed) return [];
      // Written since it was read: what was seen of it counts no more.
      this.#reread(file);
      return attempts > 0 ? this.#findings(file, attempts - 1) : [];
    }
    this.#logFailures(completion.failures);
    const findings = [...completion.findings, ...comments].sort((a, b) => a.start - b.start || a.end - b.end);
    return this.#keep(file, findings.map((finding) => this.#place(finding, facts)), [...failures, ...completion.failures]);
  }

  #detect(file: string): { facts: FileFacts; source: Source; settings: RuleSettings; detections: Detection[]; failures: RuleFailure[] } | undefined {
    this.#program.makeRoom();
    const facts = this.#program.facts(file);
    const source = this.#sources.get(file);
    const configuration = this.#rootOf(file)?.configuration;
    if (!facts || !source || !configuration?.contexts.has(facts.context)) return undefined;
    const { settings, confidence } = configuration;
    return { facts, source, settings, ...detect(this.#program, file, settings, confidence) };
  }

  /** For a later run. One in which a rule has failed is not to be repeated in silence. */
  #keep(file: string, findings: PlacedFinding[], failures: readonly RuleFailure[]): PlacedFinding[] {
    if (!failures.length) this.#findingsCache?.set(file, findings);
    return findings;
  }

  async text(file: string): Promise<string | undefined> {
    const name = fileName(file);
    return this.#buffers.get(name) ?? (await this.saved(name))?.text;
  }

  async saved(file: string): Promise<{ text: string; modified: number } | undefined> {
    const name = fileName(file);
    try {
      const [{ mtimeMs }, bytes] = await Promise.all([stat(name), readFile(name)]);
      const source = decodeSource(name, bytes);
      return 'refused' in source ? undefined : { text: source.text, modified: mtimeMs };
    } catch {
      return undefined;
    }
  }

  shows(file: string, rule: string, line: number): boolean {
    const name = fileName(file);
    const facts = this.#program.facts(name);
    const configuration = this.#rootOf(name)?.configuration;
    if (!facts || !configuration?.contexts.has(facts.context) || configuration.settings[rule]?.severity === 'off') return false;
    return !facts.ignores.some((ignore) => ignore.line === line && ignore.rules.includes(rule) && isExplained(ignore));
  }

  async fix(files: readonly string[]): Promise<FixOutcome> {
    const outcome: FixOutcome = { fixed: [], written: [], problems: [] };
    const written = new Set<string>();
    for (let pass = 0; pass < MAX_FIX_PASSES; pass++) {
      const refused = new Set(outcome.problems.map(({ file }) => file));
      const reports = await Promise.all(files.filter((file) => !refused.has(fileName(file))).map((file) => this.report(file)));
      const chosen = selectFixes(reports.flatMap(({ findings }) => findings)).filter(({ fix }) => fix.edits.every(({ file }) => !refused.has(file)));
      if (!chosen.length) break;
      const result = await writeFixes(chosen, (file) => this.#sources.get(file)?.hash);
      outcome.fixed.push(...result.fixed);
      outcome.problems.push(...result.problems);
      for (const file of result.written) written.add(file);
      for (const file of [...result.written, ...result.problems.map((problem) => problem.file)]) this.#reread(file);
    }
    outcome.written = [...written].sort();
    return outcome;
  }

  setTableSizes(sizes: readonly TableSize[]): string[] {
    this.#findingsCache?.end();
    return this.#program.setTableSizes(sizes);
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#memory.end();
    this.#pool?.close();
    await this.#saving;
    await this.#fixCache?.save(this.#log);
    await this.#findingsCache?.save(this.#log);
  }

  #rootOf(file: string): Root | undefined {
    return this.#roots.find(({ folder }) => isInside(folder, file));
  }

  #belongs(file: string): boolean {
    return this.#sources.has(file) || this.#rootOf(file)?.filter.accepts(file) === true;
  }

  /** Whether a change of this file may change what is analysed, how imports resolve or what is reported everywhere. */
  #decidesForMany(file: string): boolean {
    if (file.includes('/node_modules/') || !this.#rootOf(file)) return false;
    return isConfigurationFile(file) || ReactCompilerDetector.reads(file) || /\/(?:\.gitignore|[jt]sconfig[^/]*\.json)$/.test(file);
  }

  #task(file: string, whole: boolean): ExtractionTask {
    return { file, name: relativeName(this.#rootOf(file)?.folder ?? '/', file), whole };
  }

  #reread(file: string): string[] {
    return this.#takeAndRelink(file, readSource(file));
  }

  /** As {@link #take}; when a file came or went, imports that now lead elsewhere count too. */
  #takeAndRelink(file: string, source: SourceText | { problem: string } | { gone: true }): string[] {
    const was = this.#known.has(file);
    const changed = new Set(this.#take(file, 'text' in source ? extractText(this.#task(file, true), source) : source));
    const came = was !== this.#known.has(file);
    if (came) {
      const moved = this.#resolver.filesChanged();
      this.#program.resolutionChanged();
      this.#lexical.resolutionChanged();
      for (const [other, sources] of this.#program.sources()) if (sources.some((source) => moved.has(other, source))) changed.add(other);
    }
    // It may import what was left aside until now, or reach a database for others.
    for (const other of this.#outlined) if (this.#lexical.wants(other)) for (const one of this.#take(other, extractFile(this.#task(other, true)))) changed.add(one);
    for (const other of this.#aside) {
      if (this.#aside.has(other) && this.#program.isImported(other)) for (const one of this.#reread(other)) changed.add(one);
    }
    return [...changed];
  }

  /** Takes over what was extracted of a file. Returns the files whose findings may have changed. */
  #take(file: string, extraction: Extraction, found?: { size: number; modified: number }): string[] {
    if ('facts' in extraction) {
      this.#noteTaken(file, { hash: extraction.hash, ...found, ...summaryOf(extraction.facts) }, extraction);
      return this.#program.update(extraction.facts);
    }
    this.#findingsCache?.end();
    this.#problems.delete(file);
    if ('problem' in extraction) this.#problem(file, extraction.problem);
    const before = this.#sources.get(file);
    if (!before) return [];
    this.lines -= before.lines;
    this.#sources.delete(file);
    this.#known.delete(file);
    this.#outlined.delete(file);
    this.#lexical.delete(file);
    return this.#program.remove(file);
  }

  #noteTaken(file: string, source: Source, { scan, outlined }: Scanned): void {
    this.#findingsCache?.end();
    this.#problems.delete(file);
    this.lines += source.lines - (this.#sources.get(file)?.lines ?? 0);
    this.#sources.set(file, source);
    this.#known.add(file);
    this.#aside.delete(file);
    if (scan) this.#lexical.set(file, scan);
    if (outlined) this.#outlined.add(file);
    else this.#outlined.delete(file);
  }

  /** Everything that findings depend on besides this program itself. */
  *#state(): Generator<string> {
    yield this.#program.tableSizes.key;
    for (const { folder, configuration: { settings, contexts, confidence } } of this.#roots) yield JSON.stringify([folder, settings, [...contexts].sort(), confidence]);
    const files = [...this.#program.sources()].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [file, sources] of files) {
      const { hash, compiled } = this.#sources.get(file)!;
      yield JSON.stringify([file, hash, sources.map((source) => this.#resolver.resolve(file, source) ?? ''), compiled ? this.#reactCompiler.modeOf(file) : '']);
    }
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

  /** A rule that fails is told of once per file, not at every keystroke. */
  #logFailures(failures: readonly RuleFailure[]): void {
    for (const { rule, file, message } of failures) {
      const line = `rule ${rule} failed in ${file}: ${message}`;
      if (this.#failures.has(line)) continue;
      this.#failures.add(line);
      this.#log('error', line);
    }
  }
}
