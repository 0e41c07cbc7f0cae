import assert from 'node:assert/strict';
import type { ModuleFacts } from '../facts/facts';
import { extractFacts } from '../facts/extract';
import { type EncodedFacts, FactsStore } from './facts-store';
import { contributionsOf } from './contributions';

function facts(file: string, text: string): ModuleFacts {
  const made = extractFacts(file, text);
  assert.ok(made.kind === 'module');
  return made;
}

function encoded(of: ModuleFacts, decodes: string[] = []): EncodedFacts {
  const decode = (): ModuleFacts => {
    decodes.push(of.file);
    return structuredClone(of);
  };
  return { file: of.file, sources: [], contributions: contributionsOf(of), size: 10, decode };
}

const HEIR = facts('heir.ts', `import { Base } from './base'; export class Heir extends Base {}`);
const PLAIN = facts('plain.ts', 'export const one = 1;');

describe('the store of facts', () => {
  it('decodes what is asked for, counts it, and lets it go', () => {
    const decodes: string[] = [];
    const store = new FactsStore();
    store.add(encoded(PLAIN, decodes));
    store.add(encoded(HEIR, decodes));
    assert.deepEqual([decodes, store.decodedBytes, store.decoded('plain.ts')], [[], 0, undefined]);
    const before = store.get('plain.ts');
    assert.equal(store.get('plain.ts'), before);
    assert.deepEqual([decodes, store.decodedBytes], [['plain.ts'], 10]);
    store.shed();
    assert.deepEqual([store.decodedBytes, store.decoded('plain.ts')], [0, undefined]);
    assert.deepEqual(store.get('plain.ts'), before);
    store.delete('plain.ts');
    assert.equal(store.decodedBytes, 0);
  });

  it('keeps what is being edited: it can be decoded from nowhere', () => {
    const store = new FactsStore();
    store.add(encoded(PLAIN));
    const edited = facts('plain.ts', 'export const one = 1, two = 2;');
    store.get('plain.ts');
    store.set(edited);
    store.shed();
    assert.equal(store.get('plain.ts'), edited);
    store.attach(encoded(edited));
    assert.equal(store.decodedBytes, 10);
    store.shed();
    assert.deepEqual(store.module('plain.ts')?.exports, edited.exports);
    assert.notEqual(store.get('plain.ts'), edited);
  });

  it('knows who adds to what the program knows, without decoding the others', () => {
    const decodes: string[] = [];
    const store = new FactsStore();
    store.add(encoded(PLAIN, decodes));
    store.add(encoded(HEIR, decodes));
    const heirs = store.contributors('heritage');
    assert.deepEqual([heirs.files(), heirs.has('plain.ts'), decodes], [['heir.ts'], false, []]);
    assert.equal(store.contributors('heritage', 'glimpsed').module('heir.ts')?.classes.length, 1);
    assert.deepEqual([decodes, store.decodedBytes], [['heir.ts'], 0]);
    store.set(facts('plain.ts', `import { Base } from './base'; class Late extends Base {}`));
    assert.deepEqual(heirs.files(), ['heir.ts', 'plain.ts']);
  });
});
