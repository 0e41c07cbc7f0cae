import assert from 'node:assert/strict';
import type { TSESTree } from '@typescript-eslint/typescript-estree';
import { extractReact } from '../../syntax/react';
import { parseModule } from '../../syntax/typescript';
import { memoizedValue } from './memoized-value';
import type { FixOutcome } from '../../rules/rule';

/** Rewrites the first provider of a module. */
function rewrite(text: string): FixOutcome {
  const tree = parseModule('a.tsx', text).tree as TSESTree.Program;
  const react = extractReact(tree, text, { imports: [{ local: 'createContext', source: 'react', imported: 'createContext', typeOnly: false }] } as never);
  const [provider] = react?.providers ?? [];
  assert.ok(provider, 'a provider is found');
  const context = provider.tag.join('.');
  return memoizedValue({ ...provider, value: { start: provider.start, end: provider.end }, context, tag: provider.member ? `${context}.Provider` : context }, { file: 'a.tsx', text, tree });
}

function component(body: string, parameters = '{ children, onChange, id }: Props'): string {
  return `import { createContext, useState } from 'react';\nexport const Box = createContext<unknown>(null);\nlet counter = 0;\nconst now = () => counter;\nfunction P(${parameters}) {\n  const [open, setOpen] = useState(true);\n  const [user, setUser] = useState<User>();\n${body}\n}\n`;
}

/** The lines of the component's body after the fix. */
function fixed(body: string, parameters?: string): string {
  const text = component(body, parameters);
  const outcome = rewrite(text);
  assert.ok('fixes' in outcome, JSON.stringify(outcome));
  const after = [...outcome.fixes[0]!.edits].sort((a, b) => b.start - a.start).reduce((result, edit) => result.slice(0, edit.start) + edit.text + result.slice(edit.end), text);
  return after.slice(after.indexOf('useState<User>();\n') + 18, after.lastIndexOf('\n}'));
}

const provider = (value: string): string => `  return <Box.Provider value={${value}}>{children}</Box.Provider>;`;
const rest = provider('value');

describe('memoizedValue', () => {
  const lists: [string, string][] = [
    ['({ user, setUser })', '[user]'],
    ['({ name: user.name, age: user.age })', '[user.name, user.age]'],
    ['({ name: user.name, user })', '[user]'],
    ['({ name: user?.name })', '[user?.name]'],
    ['({ save: () => user.save(id) })', '[user, id]'],
    ['({ set: (name: string) => { user.name = name; } })', '[user]'],
    ['({ [id]: user, now, Math })', '[id, user]'],
    ['({ is: user as Id, list: [...user.list] })', '[user, user.list]'.replace('user, user.list', 'user')],
    ['({ reset: () => setUser(undefined), one: 1 })', '[]'],
    ['({ take: (id: string) => id })', '[]'],
  ];
  for (const [value, list] of lists) {
    it(`takes ${list} from ${value}`, () => {
      const after = fixed(`  const value = ${value.slice(1, -1)};\n${rest}`);
      assert.equal(after, `  const value = useMemo(() => ${value}, ${list});\n${rest}`);
    });
  }

  it('leaves out refs, dispatchers and constants', () => {
    const body = "  const ref = useRef(null);\n  const [n, go] = useReducer(f, 0);\n  const size = 3;\n  const log = () => console.log('x');";
    assert.match(fixed(`${body}\n  const value = { focus: () => ref.current.focus(), n, go, size, log };\n${rest}`), /, \[n\]\);/);
  });

  it('keeps what goes into the value first', () => {
    assert.equal(
      fixed(`  const save = async () => {\n    // Tells the owner.\n    await onChange(user);\n  };\n  const all = { save, id };\n  const value = { all };\n${rest}`),
      `  const save = useCallback(async () => {\n    // Tells the owner.\n    await onChange(user);\n  }, [onChange, user]);\n  const all = useMemo(() => ({ save, id }), [save, id]);\n  const value = useMemo(() => ({ all }), [all]);\n${rest}`,
    );
  });

  it('puts a value of the tag before the first return, where nothing is known yet that it needs', () => {
    assert.equal(fixed(`  if (!id) return null;\n${provider('{ user }')}`), `  const boxValue = useMemo(() => ({ user }), [user]);\n\n  if (!id) return null;\n${provider('boxValue')}`);
  });

  it('gives literals the type that the tag gave them', () => {
    assert.match(fixed(provider("{ user, kind: 'a' }")), /const boxValue = useMemo<ContextType<typeof Box>>\(\(\) => \(\{ user, kind: 'a' \}\), \[user\]\);/);
  });

  it('keeps several lines as they are', () => {
    assert.equal(
      fixed(`  return (\n    <Box.Provider\n      value={{\n        user, // who\n        id,\n      }}\n    >\n      {children}\n    </Box.Provider>\n  );`),
      `  const boxValue = useMemo(() => ({\n    user, // who\n    id,\n  }), [user, id]);\n\n  return (\n    <Box.Provider\n      value={boxValue}\n    >\n      {children}\n    </Box.Provider>\n  );`,
    );
  });

  it('only suggests what calls functions less often', () => {
    const outcome = rewrite(component(`  const value = { at: now(), user };\n${rest}`));
    assert.ok('fixes' in outcome);
    assert.equal(outcome.fixes[0]!.safety, 'suggestion');
    assert.match(outcome.fixes[0]!.title, /calls `now` only when/);
  });

  const refused: [string, RegExp, string?][] = [
    [`  if (!user) return null;\n${provider('{ user }')}`, /may return before the value is made, and what is known of `user`/],
    [`  if (!id) return null;\n  const value = { user };\n${rest}`, /may return before `value` is made/],
    [`  return items.map((item) => <Box.Provider value={{ item }}>{children}</Box.Provider>);`, /stands in a callback/],
    [`  function save() { onChange(user); }\n${provider('{ save }')}`, /`save` is a function declaration/],
    [`  const value = { user };\n  value.extra = 1;\n${rest}`, /`value` is changed after/],
    [`  const value = { user: useUser() };\n${rest}`, /calls the hook `useUser`/],
    [`  const value = { at: Date.now(), user };\n${rest}`, /`Date.now` gives something else/],
    [`  const ref = useRef(0);\n  const value = { at: ref.current, user };\n${rest}`, /`ref.current` is read during the render/],
    [`  const value = { read: () => counter, user };\n  counter++;\n${rest}`, /`counter` changes outside/],
    [`  let name = user?.name;\n  if (!name) name = 'x';\n  const value = { name };\n${rest}`, /`name` is assigned more than once/],
    [`  const poll = () => setTimeout(poll, user.wait);\n${provider('{ poll }')}`, /`poll` refers to itself/],
    [`  const first = () => second(user);\n  const second = (u: User) => onChange(u);\n${provider('{ first }')}`, /`second` is declared after/],
    [provider('{ items, user }'), /the default of `items`/, '{ children, items = [] }: Props'],
    [provider('{ rest, user }'), /`rest` holds the rest/, '{ children, ...rest }: Props'],
    [`  const value = { props, user };\n  return <Box.Provider value={value}>{props.children}</Box.Provider>;`, /`props` is a new object/, 'props: Props'],
    [`  const value = { n: counter++, user };\n${rest}`, /does more than reading/],
    [`  const useMemo = 1;\n${provider('{ user }')}`, /already uses the name `useMemo`/],
  ];
  for (const [body, reason, parameters] of refused) {
    it(`refuses where it would not hold: ${reason.source}`, () => {
      const outcome = rewrite(component(body, parameters));
      assert.ok('refused' in outcome, JSON.stringify(outcome));
      assert.match(outcome.refused, reason);
    });
  }

  it('refuses in classes', () => {
    const outcome = rewrite("import { Component, createContext } from 'react';\nconst Box = createContext(null);\nclass P extends Component {\n  render() {\n    return <Box.Provider value={{ a: 1 }}>{this.props.children}</Box.Provider>;\n  }\n}\n");
    assert.ok('refused' in outcome);
    assert.match(outcome.refused, /class/);
  });

  const imports: [string, string][] = [
    ["import React, { useState } from 'react';", "import React, { useState, useMemo } from 'react';"],
    ["import React from 'react';\nconst { useState } = React;", "import React from 'react';\nconst { useState } = React;"],
    ["import * as React from 'react';\nconst { useState } = React;", "import * as React from 'react';\nconst { useState } = React;"],
    ["'use client';\nimport { useState } from './state';", "'use client';\nimport { useMemo } from 'react';\nimport { useState } from './state';"],
    ["import type { ReactNode } from 'react';\nimport { useState } from './state';", "import { useMemo } from 'react';\nimport type { ReactNode } from 'react';\nimport { useState } from './state';"],
    ["import {\n  useState,\n} from 'react';", "import {\n  useState,\n  useMemo,\n} from 'react';"],
  ];
  for (const [before, after] of imports) {
    it(`imports what is missing: ${JSON.stringify(before)}`, () => {
      const text = `${before}\nfunction P({ children }) {\n  const [user] = useState();\n  const [open, setOpen] = useState(true);\n  return <BoxContext.Provider value={{ user }}>{children}</BoxContext.Provider>;\n}\n`;
      const outcome = rewrite(text);
      assert.ok('fixes' in outcome);
      const result = [...outcome.fixes[0]!.edits].sort((a, b) => b.start - a.start).reduce((made, edit) => made.slice(0, edit.start) + edit.text + made.slice(edit.end), text);
      assert.equal(result.slice(0, result.indexOf('\nfunction P')), after);
      assert.equal(result.includes('React.useMemo('), !after.includes('useMemo'));
    });
  }
});
