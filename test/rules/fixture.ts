import { analyze, type Analysis } from '../analysis-host';
import type { Environment, Rule, RuleOptions, TableSize } from '../../src/analysis';
import { readMarkers, type Marker } from './markers';
import { splitFiles, splitFix, type Fence, type FenceFile } from './readme';

/** A fence, ready to be analysed. */
export interface Fixture {
  fence: Fence;
  /** Names and texts, without markers; of a fix fence, before the fix. */
  files: Record<string, string>;
  markers: Marker[];
  /** What a fix fence promises. */
  after?: Record<string, string>;
  /** Which of a finding's fixes a fix fence shows, from 1. */
  nth: number;
  options: RuleOptions;
  environment: Environment;
  /** Of a connected database. */
  tableSizes: TableSize[];
}

const COMPILER_MODES = ['off', 'infer', 'annotation', 'all'] as const;

/** @throws with the line, when an attribute is nothing that the rule knows. */
export function fixtureOf(rule: Rule, fence: Fence): Fixture {
  const fixture: Fixture = { fence, files: {}, markers: [], nth: 1, options: {}, environment: { reactCompiler: 'off' }, tableSizes: [] };
  const halves = fence.kind === 'fix' ? splitFix(fence) : { before: fence.body, after: undefined };
  for (const file of splitFiles(fence.file, halves.before).map(readMarkers)) {
    fixture.files[file.name] = file.text;
    fixture.markers.push(...file.markers);
  }
  if (halves.after) fixture.after = textsOf(splitFiles(fence.file, halves.after));
  for (const [name, value] of Object.entries(fence.attributes)) {
    const option = rule.options[name];
    if (option) fixture.options[name] = typeof option.default === 'string' ? value : (JSON.parse(value) as RuleOptions[string]);
    else if (name === 'react-compiler' && COMPILER_MODES.some((mode) => mode === value)) fixture.environment = { reactCompiler: value as Environment['reactCompiler'] };
    else if (name === 'rows') fixture.tableSizes = value.split(',').map(tableSizeOf);
    else if (name === 'fix' && fence.kind === 'fix') fixture.nth = Number(value);
    else throw new Error(`README.md:${fence.line}: “${name}=${value}” is no option of ${rule.id}, react-compiler, rows or fix`);
  }
  return fixture;
}

/** `orders:60000` */
function tableSizeOf(text: string): TableSize {
  const [name = '', rows] = text.split(':');
  return { name: `public.${name}`, rows: Number(rows) };
}

function textsOf(files: readonly FenceFile[]): Record<string, string> {
  return Object.fromEntries(files.map(({ name, lines }) => [name, `${lines.join('\n')}\n`]));
}

/** Analyses the fixture, or other texts under its options and environment. */
export function analyzeFixture(rule: Rule, fixture: Fixture, files = fixture.files): Analysis {
  const settings = Object.keys(fixture.options).length > 0 ? { [rule.id]: { severity: rule.severity, options: fixture.options } } : {};
  const analysis = analyze(files, { settings, environment: fixture.environment, tableSizes: fixture.tableSizes });
  if (analysis.failures.length > 0) throw new Error(analysis.failures.map(({ rule: id, message }) => `rule ${id} failed: ${message}`).join('\n'));
  return analysis;
}

/** Changes every file. */
export function mapFiles(files: Record<string, string>, change: (text: string, file: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([file, text]) => [file, change(text, file)]));
}
