import assert from 'node:assert/strict';
import { createElement, type ComponentType, type ReactNode } from 'react';
import { analyze, initSql } from '../analysis-host';
import { load, rendersPerStep } from './count-renders';

/** Provider `Box`, consumer `Reader` and what the test looks at. `ticks` is state that the context does not have. */
const source = (body: string): string => `
import { createContext, memo, useContext, useState, type ReactNode } from 'react';

const Box = createContext<unknown>(null);
export const seen: unknown[] = [];
export const controls: { tick?: () => void; change?: () => void } = {};

export const Reader = memo(function Reader() {
  seen.push(useContext(Box));
  return null;
});

export function Provider({ children }: { children?: ReactNode }) {
  const [ticks, setTicks] = useState(0);
  const [user, setUser] = useState('a');
  controls.tick = () => setTicks(ticks + 1);
  controls.change = () => setUser((before) => before + 'a');
${body}
}
`;

const bodies: Record<string, string> = {
  'a value in the tag': '  return <Box.Provider value={{ user, setUser }}>{children}</Box.Provider>;',
  'a value in a constant': "  const value = { user, kind: 'u' };\n  return <Box.Provider value={value}>{children}</Box.Provider>;",
  'functions and objects in the value': '  const rename = (name: string) => setUser(name);\n  const both = { rename, user };\n  const value = { both, rename };\n  return <Box value={value}>{children}</Box>;',
  'an array': '  return <Box.Provider value={[user, setUser]}>{children}</Box.Provider>;',
  'a function': '  return <Box.Provider value={() => user}>{children}</Box.Provider>;',
};

interface Module {
  Provider: ComponentType<{ children?: ReactNode }>;
  Reader: ComponentType;
  seen: unknown[];
  controls: { tick(): void; change(): void };
}

describe('keeping a context value', () => {
  before(initSql);

  for (const [name, body] of Object.entries(bodies)) {
    it(`spares what reads ${name}, and nothing else changes`, async () => {
      const before = source(body);
      const finding = analyze({ 'a.tsx': before }).findings.find(({ rule }) => rule === 'unstable-context-value');
      const fix = finding?.fixes[0];
      assert.ok(fix, 'a fix is offered');
      assert.equal(fix.safety, 'safe');
      const after = [...fix.edits].sort((a, b) => b.start - a.start).reduce((text, edit) => text.slice(0, edit.start) + edit.text + text.slice(edit.end), before);

      const counts = async (text: string): Promise<{ counts: number[]; last: string }> => {
        const module = load(text) as unknown as Module;
        const { Provider, Reader, seen, controls } = module;
        const steps = [() => controls.tick(), () => controls.tick(), () => controls.change(), () => controls.tick()];
        const result = await rendersPerStep(Provider, createElement(Reader), () => seen.length, steps);
        const value = seen.at(-1);
        return { counts: result, last: JSON.stringify(typeof value === 'function' ? (value as () => unknown)() : value) };
      };
      const [old, kept] = [await counts(before), await counts(after)];
      assert.deepEqual(old.counts, [1, 2, 3, 4, 5], 'before: the reader renders with each render of the provider');
      assert.deepEqual(kept.counts, [1, 1, 1, 2, 2], 'after: only when the value has changed');
      assert.equal(kept.last, old.last);
    });
  }

  it('would spare nothing where the component renders for nothing else, and is not asked for', async () => {
    const plain = source('  return <Box.Provider value={{ user, ticks, setUser }}>{children}</Box.Provider>;');
    assert.deepEqual(analyze({ 'a.tsx': plain }).findings, []);
    const kept = plain
      .replace('useContext, useState', 'useContext, useMemo, useState')
      .replace('value={{ user, ticks, setUser }}', 'value={useMemo(() => ({ user, ticks, setUser }), [user, ticks])}');
    for (const text of [plain, kept]) {
      const { Provider, Reader, seen, controls } = load(text) as unknown as Module;
      const counts = await rendersPerStep(Provider, createElement(Reader), () => seen.length, [() => controls.tick(), () => controls.change()]);
      assert.deepEqual(counts, [1, 2, 3]);
    }
  });
});
