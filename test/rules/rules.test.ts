import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createTwoFilesPatch } from 'diff';
import { rules, type Finding, type Rule } from '../../src/analysis';
import { findRules } from '../../scripts/rule-folders.mjs';
import { initSql } from '../analysis-host';
import { applyEdits, compatibleFixes } from './apply-fixes';
import { analyzeFixture, fixtureOf, mapFiles, type Fixture } from './fixture';
import { drawMarkers, markersOf, type Marker } from './markers';
import { readReadme, SECTIONS, type Readme } from './readme';
import { commentsOf, sentencesIn } from './source-pieces';

const PROJECT = path.join(__dirname, '../..');

/** `UPDATE=1` writes what was found into the READMEs, for a person to read and commit. */
const update = process.env['UPDATE'] === '1';
if (update && process.env['CI']) throw new Error('UPDATE=1 is for a person, not for continuous integration.');

/** More passes mean that two fixes undo each other. */
const MAX_PASSES = 10;

/** Emoji of one, two and many UTF-16 units, and a letter of two UTF-8 bytes. */
const EMOJI = '🐘 naïve 👩‍👩‍👧‍👦 ☃';

const folders = findRules(PROJECT);

before(initSql);

it('finds every rule in a folder that has its family and id', () => {
  assert.deepEqual([...rules.values()].map(({ id, family }) => ({ id, family })), folders.map(({ id, family }) => ({ id, family })));
  for (const { id, summary } of rules.values()) {
    assert.match(id, /^[a-z]+(-[a-z]+)*$/);
    assert.match(summary, /^[^\n]{10,100}[^.\n]$/, `${id}: the summary is one line without a full stop`);
  }
});

for (const { id, folder } of folders) {
  describe(id, () => {
    const file = path.join(folder, 'README.md');
    const page = path.relative(PROJECT, file);
    const loaded = load(id, file);
    if ('error' in loaded) {
      it('has a page whose fences can be read', () => {
        throw loaded.error;
      });
      return;
    }
    const { rule, markdown, readme, fixtures } = loaded;
    const of = (kind: string): Fixture[] => fixtures.filter(({ fence }) => fence.kind === kind);
    const own = (found: readonly Finding[]): Finding[] => found.filter((finding) => finding.rule === id);
    const rewritten = new Map<Fixture, string[]>();

    after(() => {
      if (rewritten.size > 0) writeFileSync(file, rewrite(markdown, rewritten));
    });

    /** Fails with a unified diff of the fence, or notes the fence for rewriting. */
    function assertFence(fixture: Fixture, promised: readonly string[], actual: readonly string[]): void {
      if (promised.join('\n') === actual.join('\n')) return;
      if (update) {
        rewritten.set(fixture, [...actual]);
        return;
      }
      const place = `${page}:${fixture.fence.line}`;
      const patch = createTwoFilesPatch(`${place} (promised)`, `${place} (found)`, `${promised.join('\n')}\n`, `${actual.join('\n')}\n`).split('\n').slice(1).join('\n');
      throw new Error(`${place}: not what the page promises. UPDATE=1 takes over what was found.\n${patch}`);
    }

    it('has a page with the sections of every page', () => {
      assert.deepEqual(readme.sections, SECTIONS);
      assert.equal(markdown.split('\n')[0], `# ${id}`);
      for (const section of SECTIONS) assert.ok((readme.text[section] ?? '').split('\n').slice(1).join('').trim(), `“${section}” is empty`);
    });

    it('shows what it flags and its silent neighbours', () => {
      assert.ok(of('flagged').length > 0 && of('fine').length > 0);
    });

    for (const fixture of of('flagged')) {
      it(`flags README.md:${fixture.fence.line} exactly as marked`, () => {
        assert.ok(update || fixture.markers.length > 0, `${page}:${fixture.fence.line}: mark what is flagged with //  ^^^ message`);
        const found = markersOf(own(analyzeFixture(rule, fixture).findings), fixture.markers);
        assertFence(fixture, drawFixture(fixture, fixture.markers), drawFixture(fixture, found));
      });
    }

    for (const fixture of of('fine')) {
      it(`is silent, as all rules are, in README.md:${fixture.fence.line}`, () => {
        const { findings } = analyzeFixture(rule, fixture);
        const said = findings.map((finding) => ({ ...finding, message: `${finding.rule}: ${finding.message}` }));
        if (said.length > 0) {
          const patch = createTwoFilesPatch('promised', 'found', `${drawFixture(fixture, []).join('\n')}\n`, `${drawFixture(fixture, markersOf(said, [])).join('\n')}\n`);
          throw new Error(`${page}:${fixture.fence.line}: a fine fence must be silent\n${patch}`);
        }
      });
    }

    for (const fixture of of('fix')) {
      it(`rewrites README.md:${fixture.fence.line} exactly as shown`, () => {
        const fixes = compatibleFixes(own(analyzeFixture(rule, fixture).findings), fixture.nth);
        assert.ok(fixes.length > 0, `${page}:${fixture.fence.line}: no fix is offered`);
        const fixed = applyEdits(fixture.files, fixes.flatMap(({ edits }) => edits));
        assertFence(fixture, drawFix(fixture, fixture.after!), drawFix(fixture, fixed));
      });
    }

    it('documents and exercises every option', () => {
      const text = readme.text['Options'] ?? '';
      for (const name of Object.keys(rule.options)) {
        assert.ok(text.includes(`\`${name}\``), `“Options” does not name \`${name}\``);
        assert.ok(fixtures.some(({ options }) => name in options), `no fence sets ${name}: write \`\`\`ts flagged ${name}=…`);
      }
    });

    it('offers the fixes that it declares, and no other', () => {
      assert.equal(of('fix').length > 0, rule.fix !== 'none', 'a rule with a fix has a fix fence, a rule without has none');
      assert.equal(rule.rewrite !== undefined, rule.fix !== 'none', '`rewrite` and `fix` disagree');
      const offered = new Set(fixtures.flatMap((fixture) => own(analyzeFixture(rule, fixture).findings)).flatMap(({ fixes }) => fixes.map(({ safety }) => safety)));
      if (rule.fix === 'safe') assert.ok(offered.has('safe'), 'declares a safe fix and offers none');
      else assert.ok(!offered.has('safe'), 'offers a safe fix without declaring it');
    });

    it('has fixes that never overlap, parse, keep comments and converge', () => {
      for (const fixture of [...of('flagged'), ...of('fix')]) assertFixesHold(rule, fixture, `${page}:${fixture.fence.line}`);
    });

    it('says every sentence of its code in some example', () => {
      const said = fixtures
        .flatMap((fixture) => own(analyzeFixture(rule, fixture).findings))
        .flatMap(({ message, reason, help, fixes, related }) => [message, reason, help, ...fixes.map(({ title }) => title), ...related.map((place) => place.message)])
        .join('\n');
      const code = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
      const unsaid = code.flatMap((name) => sentencesIn(readFileSync(path.join(folder, name), 'utf8'))).filter((sentence) => !said.includes(sentence));
      assert.deepEqual(unsaid, [], 'no example makes the rule say this');
    });

    it('finds the same with CRLF line ends, a byte order mark and emoji', () => {
      for (const fixture of fixtures) {
        const place = `${page}:${fixture.fence.line}`;
        const plain: Finding[] = analyzeFixture(rule, fixture).findings;
        assert.deepEqual(analyzeFixture(rule, fixture, mapFiles(fixture.files, (text) => `\uFEFF${text}`)).findings, plain, `${place}: with a byte order mark`);

        const crlf = mapFiles(fixture.files, (text) => text.replaceAll('\n', '\r\n'));
        const lineEnds = (name: string, offset: number): number => offset + fixture.files[name]!.slice(0, offset).split('\n').length - 1;
        const found: Finding[] = analyzeFixture(rule, fixture, crlf).findings;
        assert.deepEqual(found.map(placesOf()), plain.map(placesOf(lineEnds)), `${place}: with CRLF`);
        for (const [index, finding] of plain.entries()) {
          for (const [nth, { edits, title }] of finding.fixes.entries()) {
            const expected = mapFiles(applyEdits(fixture.files, edits), (text) => text.replaceAll('\n', '\r\n'));
            assert.deepEqual(applyEdits(crlf, found[index]!.fixes[nth]?.edits ?? []), expected, `${place}: “${title}” with CRLF`);
          }
        }

        const prefixOf = (name: string): string => `${name.endsWith('.sql') ? '--' : '//'} ${EMOJI}\n`;
        const shifted: Finding[] = analyzeFixture(rule, fixture, mapFiles(fixture.files, (text, name) => prefixOf(name) + text)).findings;
        assert.deepEqual(shifted.map(placesOf()), plain.map(placesOf((name, offset) => offset + prefixOf(name).length)), `${place}: behind emoji`);
      }
    });
  });
}

interface Page {
  rule: Rule;
  markdown: string;
  readme: Readme;
  fixtures: Fixture[];
}

/** A page that cannot be read fails one test of its rule, and leaves the other rules alone. */
function load(id: string, file: string): Page | { error: unknown } {
  try {
    const rule = rules.get(id);
    if (!rule) throw new Error(`${id} is not registered: run \`npm run generate\`, and let rule.ts declare the id of its folder`);
    const markdown = readFileSync(file, 'utf8');
    const readme = readReadme(markdown);
    return { rule, markdown, readme, fixtures: readme.fences.map((fence) => fixtureOf(rule, fence)) };
  } catch (error) {
    return { error };
  }
}

/** Everything of a finding that has a place, after moving it. */
function placesOf(move: (file: string, offset: number) => number = (_, offset) => offset): (finding: Finding) => unknown {
  return ({ rule, file, start, end, message, related }) => ({
    rule,
    message,
    file,
    start: move(file, start),
    end: move(file, end),
    related: related.map((place) => ({ ...place, start: move(place.file, place.start), end: move(place.file, place.end) })),
  });
}

function assertFixesHold(rule: Rule, fixture: Fixture, place: string): void {
  let files = fixture.files;
  for (let pass = 1; ; pass += 1) {
    const { findings, syntaxErrors } = analyzeFixture(rule, fixture, files);
    assert.deepEqual(syntaxErrors, [], `${place}: does not parse after ${pass - 1} passes:\n${Object.values(files).join('\n')}`);
    const mine = findings.filter((finding) => finding.rule === rule.id);
    for (const { edits } of mine.flatMap(({ fixes }) => fixes)) applyEdits(files, edits);
    const fixes = compatibleFixes(mine);
    if (fixes.length === 0) return;
    assert.ok(pass <= MAX_PASSES, `${place}: still offers “${fixes[0]!.title}” after ${MAX_PASSES} passes`);
    const fixed = applyEdits(files, fixes.flatMap(({ edits }) => edits));
    for (const [name, text] of Object.entries(files)) {
      const kept = commentsOf(name, fixed[name]!);
      const lost = commentsOf(name, text).filter((comment) => !kept.includes(comment));
      assert.deepEqual(lost, [], `${place}: “${fixes[0]!.title}” loses comments`);
    }
    files = fixed;
  }
}

/** The body of the fence with these markers. */
function drawFixture({ fence, files }: Fixture, markers: readonly Marker[]): string[] {
  return draw(fence.file, files, (name, text) => drawMarkers(name, text, markers));
}

function drawFix(fixture: Fixture, after: Record<string, string>): string[] {
  const { fence, files, markers } = fixture;
  const arrow = fence.file.endsWith('.sql') ? '-- ->' : '// ->';
  const plain = (_: string, text: string): string[] => text.replace(/\n$/, '').split('\n');
  return [...draw(fence.file, files, (name, text) => drawMarkers(name, text, markers)), arrow, ...draw(fence.file, after, plain)];
}

function draw(first: string, files: Record<string, string>, lines: (name: string, text: string) => string[]): string[] {
  return Object.entries(files).flatMap(([name, text]) => [...(name === first ? [] : [`${name.endsWith('.sql') ? '--' : '//'} file=${name}`]), ...lines(name, text)]);
}

function rewrite(markdown: string, bodies: ReadonlyMap<Fixture, string[]>): string {
  const lines = markdown.split('\n');
  const last = [...bodies].sort(([a], [b]) => b.fence.line - a.fence.line);
  for (const [{ fence }, body] of last) lines.splice(fence.line, fence.body.length, ...body);
  return lines.join('\n');
}
