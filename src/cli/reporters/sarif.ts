import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { version } from '../../../package.json';
import { lineAt } from '../../analysis';
import { hashText, repositoryOf, ruleCatalog, type FileProblem, type PlacedFinding, type RuleDescription } from '../../workspace';
import { identify, type Texts } from '../finding-identity';
import { shownName, type Outcome, type Reporter } from '../outcome';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
const LEVELS = { error: 'error', warning: 'warning', info: 'note' } as const;
/** Base that file names are relative to: the repository, as code scanning services want it. */
const BASE = '%SRCROOT%';

/** SARIF 2.1.0, for code scanning services and editors. */
export const reportSarif: Reporter = async (outcome) => {
  const top = repositoryOf(outcome.folder) ?? outcome.folder;
  const rules = ruleCatalog();
  const texts = await textsOf(outcome);
  const seen = new Map<string, number>();
  const results = outcome.findings.map((finding) => result(finding, rules, top, texts, seen));
  const log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [{
      tool: { driver: { name: 'Roundtrip', version, semanticVersion: version, rules: rules.map(ruleMetadata) } },
      invocations: [{ executionSuccessful: true, toolExecutionNotifications: outcome.problems.map((problem) => notification(problem, top)) }],
      originalUriBaseIds: { [BASE]: { uri: `${pathToFileURL(top).href}/` } },
      columnKind: 'utf16CodeUnits',
      results,
    }],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
};

function ruleMetadata(rule: RuleDescription): object {
  const page = rulePage(rule);
  return {
    id: rule.id,
    name: rule.id.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase()),
    shortDescription: { text: `${rule.summary}.` },
    help: { text: page ?? `${rule.summary}.`, ...(page !== undefined && { markdown: page }) },
    defaultConfiguration: { level: LEVELS[rule.severity] },
    properties: { tags: ['performance', rule.family] },
  };
}

/** The page of a rule: beside the bundle in a build, in the rule's own folder among the sources. */
function rulePage({ id, family }: RuleDescription): string | undefined {
  const file = [join(__dirname, 'rules', `${id}.md`), join(__dirname, '..', '..', 'analysis', 'rules', family, id, 'README.md')].find(existsSync);
  return file === undefined ? undefined : readFileSync(file, 'utf8');
}

function result(finding: PlacedFinding, rules: readonly RuleDescription[], top: string, texts: Texts, seen: Map<string, number>): object {
  const key = JSON.stringify(identify(finding, top, texts));
  const occurrence = (seen.get(key) ?? 0) + 1;
  seen.set(key, occurrence);
  return {
    ruleId: finding.rule,
    ruleIndex: rules.findIndex(({ id }) => id === finding.rule),
    level: LEVELS[finding.severity],
    message: { text: [finding.message, finding.reason, finding.help].filter(Boolean).map((text) => text.replace(/([^.!?:])$/, '$1.')).join(' ') },
    locations: [{ physicalLocation: physical(finding, top) }],
    ...(finding.related.length > 0 && {
      relatedLocations: finding.related.map((related, index) => ({ id: index + 1, physicalLocation: physical(related, top), message: { text: related.message } })),
    }),
    partialFingerprints: { 'roundtripFinding/v1': hashText(`${key} ${occurrence}`) },
    ...(finding.fixes.length > 0 && {
      fixes: finding.fixes.map((fix) => ({
        description: { text: fix.title },
        artifactChanges: [...new Set(fix.edits.map(({ file }) => file))].map((file) => ({
          artifactLocation: artifact(file, top),
          replacements: fix.edits
            .filter((edit) => edit.file === file)
            .map(({ start, end, text }) => ({ deletedRegion: region(texts.get(file) ?? '', start, end), insertedContent: { text } })),
        })),
      })),
    }),
    properties: { confidence: finding.confidence, context: finding.context },
  };
}

function physical({ file, from, to }: Pick<PlacedFinding, 'file' | 'from' | 'to'>, top: string): object {
  return {
    artifactLocation: artifact(file, top),
    region: { startLine: from.line, startColumn: from.column, endLine: to.line, endColumn: to.column },
  };
}

/** Names outside the base stay absolute: SARIF wants no `..` in them. */
function artifact(file: string, top: string): object {
  const name = shownName(top, file);
  if (name.startsWith('../')) return { uri: pathToFileURL(file).href };
  return { uri: name.split('/').map(encodeURIComponent).join('/'), uriBaseId: BASE };
}

function region(text: string, start: number, end: number): object {
  const from = place(text, start);
  const to = place(text, end);
  return { startLine: from.line, startColumn: from.column, endLine: to.line, endColumn: to.column };
}

function place(text: string, offset: number): { line: number; column: number } {
  return { line: text.slice(0, offset).split('\n').length, column: offset - lineAt(text, offset).start + 1 };
}

function notification({ file, message }: FileProblem, top: string): object {
  return { level: 'warning', message: { text: message }, locations: [{ physicalLocation: { artifactLocation: artifact(file, top) } }] };
}

async function textsOf({ findings, text }: Outcome): Promise<Texts> {
  const files = new Set(findings.flatMap(({ file, fixes }) => [file, ...fixes.flatMap(({ edits }) => edits.map((edit) => edit.file))]));
  return new Map(await Promise.all([...files].map(async (file) => [file, (await text(file)) ?? ''] as const)));
}
