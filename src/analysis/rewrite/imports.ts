import type { TSESTree } from '@typescript-eslint/typescript-estree';
import type { Code, Node } from './code';
import type { Edit } from './edits';
import { refuse } from './refusal';

/** Exported name of what a local name imports from a package; undefined when it comes from elsewhere. */
export function importedFrom(code: Code, identifier: Node, from: RegExp): string | undefined {
  const definition = code.variableOf(identifier)?.defs[0];
  const specifier = definition?.node as Node | undefined;
  if (specifier?.type !== 'ImportSpecifier') return undefined;
  const declaration = code.parentOf(specifier);
  if (declaration?.type !== 'ImportDeclaration' || !from.test(declaration.source.value)) return undefined;
  return specifier.imported.type === 'Identifier' ? specifier.imported.name : specifier.imported.value;
}

/** Adds a name to the import of values from a package that the file already has; nothing when it is there. */
export function importing(code: Code, name: string, from: RegExp): Edit[] {
  const declarations = code.tree.body.filter((statement): statement is TSESTree.ImportDeclaration => statement.type === 'ImportDeclaration' && from.test(statement.source.value));
  const specifiersOf = (declaration: TSESTree.ImportDeclaration): TSESTree.ImportSpecifier[] => declaration.specifiers.filter((one): one is TSESTree.ImportSpecifier => one.type === 'ImportSpecifier');
  if (declarations.some((declaration) => specifiersOf(declaration).some((one) => code.textOf(one.imported) === name && one.importKind !== 'type' && declaration.importKind !== 'type'))) return [];
  if (code.names.has(name)) refuse(`the file already uses the name \`${name}\` for something else.`);
  const target = declarations.find((declaration) => declaration.importKind !== 'type' && specifiersOf(declaration).length > 0);
  if (!target) return refuse(`\`${name}\` would have to be imported, and no import shows from where.`);
  const last = specifiersOf(target).at(-1)!;
  const before = code.text.slice(0, last.range[0]);
  const ownLine = /\n[ \t]*$/.exec(before);
  return [{ start: last.range[1], end: last.range[1], text: ownLine ? `,${ownLine[0]}${name}` : `, ${name}` }];
}
