import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import ts from 'typescript';

const require = createRequire(import.meta.url);
const { AST_NODE_TYPES } = require('@typescript-eslint/typescript-estree');

/**
 * Builds typescript-estree in a form that V8 compiles well. Its `convertNode` is one switch of 1,800 lines: V8 optimizes it eight
 * times in a check of 4,000 files, 0.7 s each (a fifth of all processor time), and until then compares up to 160 properties of
 * `SyntaxKind` one after another at each node. Here each case is a method of its own, behind a switch over numbers.
 * What the methods do is the library's own text.
 */
export const quickConversion = {
  name: 'quick-conversion',
  setup(build) {
    build.onLoad({ filter: /[\\/]typescript-estree[\\/]dist[\\/](convert|node-utils|getModifiers)\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const changed = path.endsWith('convert.js') ? splitConversion(text) : path.endsWith('node-utils.js') ? withoutLines(text) : text;
      return { contents: constantsIn(changed), loader: 'js' };
    });
  },
};

const CHANGED = 'typescript-estree converts in another way than before: look at its Converter.convertNode and getLocFor, and change or drop scripts/quick-conversion.mjs';

/** Members of enums become what they are. */
function constantsIn(text) {
  return text
    .replace(/\b(?:ts\.)?SyntaxKind\.([A-Z]\w*)\b/g, (member, name) => (typeof ts.SyntaxKind[name] === 'number' ? `${ts.SyntaxKind[name]}` : member))
    .replace(/\bts_estree_1\.AST_NODE_TYPES\.([A-Z]\w*)\b/g, (member, name) => (AST_NODE_TYPES[name] === undefined ? member : `'${AST_NODE_TYPES[name]}'`));
}

/**
 * Lines and columns, which nobody reads, are one object for all nodes of a source that has such an object (`nowhere`), instead of
 * five made for each: a tenth of the time.
 */
function withoutLines(text) {
  const head = 'function getLocFor(range, ast) {';
  if (!text.includes(head)) throw new Error(CHANGED);
  return text.replace(head, `${head} if (ast.nowhere) return ast.nowhere;`);
}

/** Makes a method of each case of `convertNode`; cases that run into each other stay together. */
function splitConversion(text) {
  const source = ts.createSourceFile('convert.js', text, ts.ScriptTarget.Latest, true);
  const converter = source.statements.find((statement) => ts.isClassDeclaration(statement) && statement.name?.text === 'Converter');
  const method = converter?.members.find((member) => ts.isMethodDeclaration(member) && member.name.getText() === 'convertNode');
  const [choice, ...others] = method?.body.statements ?? [];
  if (!choice || others.length || !ts.isSwitchStatement(choice) || choice.expression.getText() !== 'node.kind' || method.parameters.map((one) => one.getText()).join() !== 'node,parent') {
    throw new Error(CHANGED);
  }
  const choices = [];
  const methods = [];
  let together = [];
  for (const clause of choice.caseBlock.clauses) {
    together.push(clause);
    if (!leaves(clause.statements.at(-1))) continue;
    const name = `convertNode${methods.length}`;
    choices.push(...together.map((one) => (ts.isDefaultClause(one) ? 'default:' : `case ${one.expression.getText()}:`)), `return this.${name}(node, parent);`);
    methods.push(`${name}(node, parent) { switch (node.kind) {\n${together.map((one) => one.getFullText()).join('')}\n} }`);
    together = [];
  }
  if (together.length) throw new Error('the last case of typescript-estree\'s Converter.convertNode does not return');
  const split = `convertNode(node, parent) { switch (node.kind) {\n${choices.join('\n')}\n} }\n${methods.join('\n')}`;
  return text.slice(0, method.getStart()) + split + text.slice(method.end);
}

function leaves(statement) {
  if (!statement) return false;
  return ts.isBlock(statement) ? leaves(statement.statements.at(-1)) : ts.isReturnStatement(statement) || ts.isThrowStatement(statement);
}
