import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { extractFacts } from '../facts/extract';
import { initSql } from './sql';
import { parseModule } from './typescript';

const SEED = 20_240_517;
const EDITS = 30;
/** What people type, and what turns the meaning of all that follows over. */
const PIECES = ['{', '}', '(', ')', '[', '`', "'", '"', '${', '/*', '*/', '//', '<', '>', '=>', ';', '\n', ',', '.', 'await ', 'async ', 'x', ' = 1', 'if (', 'return ', 'export ', 'const a = {', 'for (const i of x) {',
  'import x from "y";\n', '<div>', '</div>', '?.', '...', '@', '#p', '\\', '\r\n', '🙂', 'class A {', 'enum ', 'declare module "m" {', 'await pool.query(`SELECT 1`);\n', '/', '=', ':', ' as ', 'yield ', 'static '];

const COMPONENT = `import { useState, type ReactNode } from 'react';
interface Props<T> { items: T[]; render?: (item: T) => ReactNode }
export function List<T extends { id: number }>({ items, render = (item) => <b>{item.id}</b> }: Props<T>) {
  const [open, setOpen] = useState<number | null>(null);
  const load = async () => {
    for (const { id } of items) await fetch(\`/api/\${id}?x=\${open ?? ''}\`);
  };
  if (!items.length) return null;
  return (
    <ul className="list" onClick={() => void load()} {...{ role: 'list' }}>
      {items.map((item) => (
        <li key={item.id} data-open={open === item.id}>
          Text &amp; more: {render(item)} {open === item.id ? <a.b c="d" /> : <></>}
          <button onClick={() => setOpen(item.id)}>{/* a comment */}show</button>
        </li>
      ))}
    </ul>
  );
}
`;

/** A generator of numbers below 2³² that is the same in each run (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Texts that come of each other by small edits, each often taken back, as people do. */
function edited(original: string, seed: number): string[] {
  const next = numbers(seed);
  const texts = [original];
  for (let edit = 0; edit < EDITS; edit++) {
    const text = texts.at(-1)!;
    const at = next(text.length + 1);
    const removed = next(3) === 0 ? next(30) : 0;
    const piece = next(6) === 0 ? '' : PIECES[next(PIECES.length)]!;
    texts.push(text.slice(0, at) + piece + text.slice(at + removed));
    if (next(3) > 0) texts.push(text);
  }
  return texts;
}

/** All that comes of a text: the tree, what is wrong with it, and the facts. */
function outcomeOf(file: string, text: string): string {
  const { tree, syntaxError } = parseModule(file, text);
  return JSON.stringify([tree, syntaxError, extractFacts(file, text)], (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}

describe('a module that is edited', () => {
  before(() => initSql());

  const samples = [
    ...['../rules/database/n-plus-one/rule.ts', '../facts/name-extractor.ts'].map((name): [string, string] => [name, readFileSync(path.join(__dirname, name), 'utf8').slice(0, 3_000)]),
    ['component.tsx', COMPONENT] as [string, string],
  ];
  for (const [index, [name, original]] of samples.entries()) {
    it(`is parsed as if it had always been so: ${path.basename(name)}`, function () {
      this.timeout(20_000);
      const texts = edited(original, SEED + index);
      const inTurn = texts.map((text) => outcomeOf(name, text));
      for (const [step, text] of texts.entries()) {
        parseModule('another.ts', '');
        assert.equal(inTurn[step], outcomeOf(name, text), `after edit ${step}`);
      }
    });
  }
});

describe('a module that begins with empty lines', () => {
  for (const start of ['\n', '\r\n', '\n\n', '\n \n']) {
    it(`is parsed wherever it breaks off, behind ${JSON.stringify(start)}`, () => {
      const text = `${start}import { Pool } from 'pg';\nconst { a, b } = await new Pool().query(\`select \${1}\`);\nexport { a };\n`;
      const broken = Array.from(text, (_, end) => parseModule('start.ts', text.slice(0, end))).filter(({ syntaxError }) => syntaxError);
      // Half of the text stands inside of brackets and quotes.
      assert.ok(broken.length > text.length / 2, String(broken.length));
      assert.equal(parseModule('start.ts', `${start}\``).syntaxError?.start, start.length + 1);
    });
  }
});
