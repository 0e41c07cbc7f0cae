import assert from 'node:assert/strict';
import { analyze, initSql } from '../analysis-host';
import type { Environment } from '../../src/analysis';

const PROVIDER = (tag: string, imports: string, value = '{ user, setUser }'): string =>
  `import { useState, type ReactNode } from 'react';\n${imports}\nexport function P({ children }: { children: ReactNode }) {\n  const [user, setUser] = useState('');\n  const [open, setOpen] = useState(true);\n  return <${tag} value={${value}}>{open && children}<i onClick={() => setOpen(!open)} /></${tag}>;\n}\n`;
const CONTEXT = "import { createContext } from 'react';\nexport const Session = createContext<unknown>(null);\n";
const READER = "import { useContext } from 'react';\nimport { Session } from './session';\nexport const useSession = () => useContext(Session);\n";

const flagged = (files: Record<string, string>, environment?: Environment): string[] =>
  analyze(files, environment ? { environment } : {})
    .findings.filter(({ rule }) => rule === 'unstable-context-value')
    .map(({ file, start, end }) => `${file}: ${files[file]!.slice(start, end)}`);

const VALUE = ['p.tsx: { user, setUser }'];

describe('contexts across files', () => {
  before(initSql);

  const provided: [string, Record<string, string>][] = [
    ['by name', { 'p.tsx': PROVIDER('Session.Provider', "import { Session } from './session';") }],
    ['as React 19 has it', { 'p.tsx': PROVIDER('Session', "import { Session } from './session';") }],
    ['under another name', { 'p.tsx': PROVIDER('S.Provider', "import { Session as S } from './session';") }],
    ['through a barrel', { 'p.tsx': PROVIDER('Session.Provider', "import { Session } from './contexts';"), 'contexts/index.ts': "export * from '../session';\n" }],
    ['through a namespace', { 'p.tsx': PROVIDER('all.Session.Provider', "import * as all from './session';") }],
    ['by an alias of the provider', { 'p.tsx': PROVIDER('SessionProvider', "import { SessionProvider } from './alias';"), 'alias.ts': "import { Session } from './session';\nexport const SessionProvider = Session.Provider;\n" }],
  ];
  for (const [how, files] of provided) {
    it(`knows a context that is provided ${how}`, () => {
      assert.deepEqual(flagged({ ...files, 'session.ts': CONTEXT, 'reader.ts': READER }), VALUE);
      assert.deepEqual(flagged({ ...files, 'session.ts': CONTEXT }), [], 'without a reader');
    });
  }

  const readers: [string, string][] = [
    ['use', "import { use } from 'react';\nimport { Session } from './session';\nexport const f = () => use(Session);\n"],
    ['React.useContext', "import * as React from 'react';\nimport { Session } from './session';\nexport const f = () => React.useContext(Session);\n"],
    ['a consumer', "import { Session } from './session';\nexport const F = () => <Session.Consumer>{() => null}</Session.Consumer>;\n"],
    ['a hook that is given the context', "import { Session } from './session';\nimport { useRequired } from './required';\nexport const f = () => useRequired(Session);\n"],
    ['contextType', "import { Component } from 'react';\nimport { Session } from './session';\nexport class F extends Component { static contextType = Session; }\n"],
    ['a namespace', "import { useContext } from 'react';\nimport * as all from './session';\nexport const f = () => useContext(all.Session);\n"],
  ];
  for (const [what, reader] of readers) {
    it(`knows a reader by ${what}`, () => {
      const files = { 'p.tsx': PROVIDER('Session.Provider', "import { Session } from './session';"), 'session.ts': CONTEXT, 'reader.tsx': reader };
      assert.deepEqual(flagged(files), VALUE);
    });
  }

  const files = { 'p.tsx': PROVIDER('Session.Provider', "import { Session } from './session';"), 'session.ts': CONTEXT };

  it('does not count readers of another context of the same name, nor tests', () => {
    assert.deepEqual(flagged({ ...files, 'other.ts': CONTEXT, 'reader.ts': READER.replace('./session', './other') }), []);
    assert.deepEqual(flagged({ ...files, 'reader.test.ts': READER }), []);
  });

  it('points at a reader', () => {
    const [finding] = analyze({ ...files, 'reader.ts': READER }).findings;
    assert.deepEqual(finding!.related.map(({ file, start, end }) => [file, READER.slice(start, end)]), [['reader.ts', 'useContext(Session)']]);
  });

  it('is silent about contexts that others make', () => {
    const selecting = CONTEXT.replace("'react'", "'use-context-selector'");
    assert.deepEqual(flagged({ ...files, 'session.ts': selecting, 'reader.ts': READER }), []);
    assert.deepEqual(flagged({ 'p.tsx': PROVIDER('Session.Provider', "import { Session } from 'some-package';"), 'reader.ts': READER.replace('./session', 'some-package') }), []);
  });

  it('knows SWR’s configuration, when something fetches with it', () => {
    const configured = { 'p.tsx': PROVIDER('SWRConfig', "import { SWRConfig } from 'swr';", '{ fetcher: (url: string) => fetch(url), user }') };
    assert.deepEqual(flagged(configured), []);
    assert.deepEqual(flagged({ ...configured, 'data.ts': "import useSWR from 'swr';\nexport const useData = () => useSWR('/data');\n" }), ['p.tsx: { fetcher: (url: string) => fetch(url), user }']);
  });

  it('leaves compiled components alone', () => {
    const all = { ...files, 'reader.ts': READER };
    const withDirective = (directive: string): typeof all => ({ ...all, 'p.tsx': all['p.tsx'].replace('  const [', `  '${directive}';\n  const [`) });
    for (const reactCompiler of ['infer', 'all'] as const) {
      assert.deepEqual(flagged(all, { reactCompiler }), []);
      assert.deepEqual(flagged(withDirective('use no memo'), { reactCompiler }), VALUE);
    }
    assert.deepEqual(flagged(all, { reactCompiler: 'annotation' }), VALUE);
    assert.deepEqual(flagged(withDirective('use memo'), { reactCompiler: 'annotation' }), []);
  });

  const silent: [string, string][] = [
    ['a memoised element', "const element = useMemo(() => <Session.Provider value={{ user }}>{children}</Session.Provider>, [user]);\n  return element;"],
    ['a value of useMemo', 'const value = useMemo(() => ({ user }), [user]);\n  return <Session.Provider value={value}>{children}</Session.Provider>;'],
    ['a state', 'return <Session.Provider value={user}>{children}</Session.Provider>;'],
    ['a value of a hook', 'const value = useValue(user);\n  return <Session.Provider value={value}>{children}</Session.Provider>;'],
    ['a fallback', 'return <Session.Provider value={user ?? {}}>{children}</Session.Provider>;'],
  ];
  for (const [what, body] of silent) {
    it(`is silent about ${what}`, () => {
      const p = `import { useMemo, useState, type ReactNode } from 'react';\nimport { Session } from './session';\nexport function P({ children }: { children: ReactNode }) {\n  const [user, setUser] = useState('');\n  const [open, setOpen] = useState(true);\n  ${body}\n}\n`;
      assert.deepEqual(flagged({ 'p.tsx': p, 'session.ts': CONTEXT, 'reader.ts': READER }), []);
    });
  }

  const value = 'return <Session.Provider value={value}>{children}</Session.Provider>;';
  const rendering: [string, string, boolean][] = [
    ['state in the value', "const [user, setUser] = useState('');\n  const value = { user, setUser };", false],
    ['state behind a function and a constant of the value', "const [user, setUser] = useState('');\n  const first = user[0];\n  function add(text: string) { setUser(user + text); }\n  const value = { first, add };", false],
    ['state beside the value', "const [user, setUser] = useState('');\n  const value = { setUser };", true],
    ['state that nobody can set', "const [user] = useState('');\n  const value = { on: true };", false],
    ['a counter that makes it render', 'const [, render] = useReducer((n: number) => n + 1, 0);\n  const value = { render };', true],
    ['a hook, part of whose result is in the value', 'const { page, size } = usePaging();\n  const value = { page };', false],
    ['a hook whose result is elsewhere', 'const { page, size } = usePaging();\n  const value = { on: true };', true],
    ['a hook without a result', 'useHotkeys();\n  const value = { on: true };', false],
    ['a hook inside of the value', 'const value = { page: usePaging() };', false],
    ['a property of the same name as a state', "const [user, setUser] = useState('');\n  const value = { user: 1, setUser };", true],
  ];
  for (const [what, body, expected] of rendering) {
    it(`is ${expected ? 'loud' : 'silent'} about a component that renders for ${what}`, () => {
      const p = `import { useReducer, useState, type ReactNode } from 'react';\nimport { Session } from './session';\nimport { useHotkeys, usePaging } from './hooks';\nexport function P({ children }: { children: ReactNode }) {\n  ${body}\n  ${value}\n}\n`;
      assert.equal(flagged({ 'p.tsx': p, 'session.ts': CONTEXT, 'reader.ts': READER }).length, expected ? 1 : 0);
    });
  }

  it('is silent about a class whose state is in the value, and loud about one where it is not', () => {
    const type = (text: string): string =>
      `import { Component, type ReactNode } from 'react';\nimport { Session } from './session';\nexport class P extends Component<{ children: ReactNode }> {\n  state = { user: '' };\n  override render() {\n    const { user } = this.state;\n    return <Session.Provider value={${text}}>{this.props.children}</Session.Provider>;\n  }\n}\n`;
    for (const [text, count] of [['{ user }', 0], ['{ ...this.state }', 0], ['{ close: () => {} }', 1]] as const) {
      assert.equal(flagged({ 'p.tsx': type(text), 'session.ts': CONTEXT, 'reader.ts': READER }).length, count, text);
    }
  });
});
