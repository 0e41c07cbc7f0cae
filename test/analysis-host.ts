import { posix } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { complete, contributionsOf, detect, extractFacts, initSql, isModule, modulesToParse, outlineModule, Program, scanModule, sourcesOf, type Confidence, type Environment, type FileFacts, type Finding, type LexicalFacts, type Resolver, type RuleFailure, type RuleSettings, type TableSize } from '../src/analysis';
import type { Query } from '../src/analysis/libraries/library';
import { decodeSource } from '../src/workspace/source-text';
import { suppress } from '../src/workspace/suppression';

/** Await it once before any {@link analyze}. */
export { extractFacts, initSql };

export interface HostOptions {
  settings?: RuleSettings;
  environment?: Environment;
  /** Of a connected database. */
  tableSizes?: TableSize[];
  /** The least sure findings that are shown; those of a project without a configuration by default. */
  confidence?: Confidence;
}

export interface Analysis {
  /** Of production code, ignore comments obeyed, in the order of files and positions. */
  findings: Finding[];
  /** Rules that threw. */
  failures: RuleFailure[];
  /** First syntax error of each file that has one. */
  syntaxErrors: string[];
}

/** Analyses files that exist in memory only, by the same doors that the workspace uses. Keys are names with `/`. */
export function analyze(files: Record<string, string>, { settings = {}, environment = { reactCompiler: 'off' }, tableSizes = [], confidence }: HostOptions = {}): Analysis {
  const texts = new Map(Object.entries(files).map(([file, text]) => [file, decode(file, text)]));
  const [program, forgetful] = [programOf(texts, environment), programOf(texts, environment, 0)];
  for (const one of [program, forgetful]) one.setTableSizes(tableSizes);
  const result: Analysis = { findings: [], failures: [], syntaxErrors: [] };
  for (const [file, text] of texts) {
    const facts = program.facts(file)!;
    if (facts.syntaxError) result.syntaxErrors.push(`${file}: ${facts.syntaxError.message}`);
    if (facts.context !== 'production') continue;
    const seen = detect(program, file, settings, confidence);
    forgetful.makeRoom();
    if (!isDeepStrictEqual(detect(forgetful, file, settings, confidence), seen)) throw new Error(`${file}: other findings when facts were let go before`);
    const { kept, comments } = suppress(facts, text, seen.detections, settings);
    const done = complete(facts, text, kept, settings);
    result.findings.push(...[...done.findings, ...comments].sort((a, b) => a.start - b.start || a.end - b.end));
    result.failures.push(...seen.failures, ...done.failures);
  }
  return result;
}

/**
 * A program of files that exist in memory only, parsed where the workspace would parse them. Keys are names with `/`. One that keeps
 * few facts decodes them anew whenever it has let go of them.
 */
export function programOf(texts: ReadonlyMap<string, string>, environment: Environment = { reactCompiler: 'off' }, mostDecodedBytes = Infinity): Program {
  const resolver: Resolver = { resolve: (from, specifier) => resolve(texts, from, specifier) };
  const program = new Program(resolver, () => environment, mostDecodedBytes);
  const scans = new Map<string, LexicalFacts>();
  for (const [file, text] of texts) if (isModule(file)) scans.set(file, scanModule(text));
  const parsed = modulesToParse(scans, resolver);
  for (const [file, text] of texts) {
    const facts = parsed.has(file) || !isModule(file) ? factsOf(file, text) : outlineModule(file, text, file, scans.get(file)!);
    if (mostDecodedBytes === Infinity) program.update(facts);
    else program.add({ file, sources: sourcesOf(facts), contributions: contributionsOf(facts), size: text.length, decode: () => structuredClone(facts) });
  }
  return program;
}

/** The files of one program are analysed again and again while only one of them changes. */
const REMEMBERED = 100;
const remembered = new Map<string, FileFacts>();

function factsOf(file: string, text: string): FileFacts {
  const key = `${file}\n${text}`;
  const facts = remembered.get(key) ?? extractFacts(file, text);
  remembered.delete(key);
  remembered.set(key, facts);
  if (remembered.size > REMEMBERED) remembered.delete(remembered.keys().next().value!);
  return facts;
}

/** The queries that sites of `main.ts` run, in the order of the text. Other files are there to be imported. */
export function queriesOf(files: Record<string, string>): Query[] {
  const program = programOf(new Map(Object.entries(files)));
  const main = program.facts('main.ts');
  if (main?.kind !== 'module' || main.syntaxError) throw new Error(main?.syntaxError?.message ?? 'There is no main.ts.');
  const sites = main.sites.map((site, index) => ({ site, query: program.effects.site(main, index).query }));
  return sites.sort((a, b) => a.site.start - b.site.start).flatMap(({ query }) => query ?? []);
}

/** The queries of {@link queriesOf}, each with only the facts that `expected` has for it; what is not expected shows as its label and verb. */
export function factsOfQueries(files: Record<string, string>, expected: readonly Partial<Query>[]): Partial<Query>[] {
  return queriesOf(files).map((query, index) => Object.fromEntries(Object.keys(expected[index] ?? { label: '', verb: '' }).map((key) => [key, query[key as keyof Query]])));
}

function decode(file: string, text: string): string {
  const source = decodeSource(file, Buffer.from(text));
  if ('refused' in source) throw new Error(`${file}: ${source.refused}`);
  return source.text;
}

/** Relative imports only, with the endings that TypeScript tries. */
function resolve(texts: ReadonlyMap<string, string>, from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const path = posix.join(posix.dirname(from), specifier.replace(/\?.*$/, ''));
  const bare = path.replace(/\.js(x?)$/, '');
  const candidates = [path, ...['.ts', '.tsx', '/index.ts', '/index.tsx'].flatMap((ending) => [path + ending, bare + ending])];
  return candidates.find((candidate) => texts.has(candidate));
}
