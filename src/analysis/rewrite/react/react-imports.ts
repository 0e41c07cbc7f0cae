import type { TSESTree } from '@typescript-eslint/typescript-estree';
import type { Code } from '../code';
import type { Edit } from '../edits';
import type { FileStyle } from '../file-style';
import { refuse } from '../refusal';
import type { ContextValue } from './memoized-value';

/** How a file spells what it takes from React, and the edits that bring in what is missing. */
export interface ReactNames {
  /** `useMemo`, its local alias, or `React.useMemo`. */
  hook(name: string): string;
  /** The type of the value that the provider takes. */
  type(ofContext: string, ofComponent: string, provider: Pick<ContextValue, 'context' | 'tag'>): string;
  /** Imports for the hooks and types that were asked for. */
  imports(hooks: readonly string[], style: FileStyle): Edit[];
}

export function reactNames(code: Code): ReactNames {
  const declarations = code.tree.body.filter((one): one is TSESTree.ImportDeclaration => one.type === 'ImportDeclaration' && one.source.value === 'react');
  const values = declarations.filter(({ importKind }) => importKind !== 'type');
  const namespace = values.flatMap(({ specifiers }) => specifiers).find((one) => one.type === 'ImportDefaultSpecifier' || one.type === 'ImportNamespaceSpecifier')?.local.name;
  const named = values.find(({ specifiers }) => specifiers.some(({ type }) => type === 'ImportSpecifier'));
  const localOf = (name: string, asType: boolean): string | undefined => {
    for (const declaration of asType ? declarations : values) {
      for (const specifier of declaration.specifiers) {
        if (specifier.type !== 'ImportSpecifier' || (specifier.importKind === 'type' && !asType)) continue;
        if ((specifier.imported.type === 'Identifier' ? specifier.imported.name : specifier.imported.value) === name) return specifier.local.name;
      }
    }
    return undefined;
  };
  const types = new Set<string>();
  // A file that writes `React.useState` throughout goes on so.
  const spell = (name: string): string => localOf(name, false) ?? (namespace !== undefined && !named ? `${namespace}.${name}` : name);
  return {
    hook: spell,
    type(ofContext, ofComponent, { context, tag }) {
      const isContext = tag.endsWith('.Provider');
      const name = isContext ? ofContext : ofComponent;
      const local = localOf(name, true);
      if (local === undefined && namespace === undefined) types.add(name);
      const spelled = local ?? (namespace === undefined ? name : `${namespace}.${name}`);
      return isContext ? `${spelled}<typeof ${context}>` : `${spelled}<typeof ${tag}>['value']`;
    },
    imports(hooks, style) {
      const missing = [...hooks.filter((hook) => spell(hook) === hook && localOf(hook, false) === undefined), ...[...types].map((name) => `type ${name}`)];
      if (missing.length === 0) return [];
      for (const name of missing) if (code.names.has(name.replace('type ', ''))) refuse(`the file already uses the name \`${name.replace('type ', '')}\` for something else.`);
      const last = named?.specifiers.filter(({ type }) => type === 'ImportSpecifier').at(-1);
      if (last) {
        const ownLine = /\n[ \t]*$/.exec(code.text.slice(0, last.range[0]));
        return [{ start: last.range[1], end: last.range[1], text: missing.map((name) => (ownLine ? `,${ownLine[0]}${name}` : `, ${name}`)).join('') }];
      }
      const lone = values.find(({ specifiers }) => specifiers.length === 1 && specifiers[0]!.type === 'ImportDefaultSpecifier');
      if (lone) return [{ start: lone.specifiers[0]!.range[1], end: lone.specifiers[0]!.range[1], text: `, { ${missing.join(', ')} }` }];
      const first = code.tree.body.find((one) => one.type !== 'ExpressionStatement' || !one.directive);
      const at = first?.range[0] ?? 0;
      return [{ start: at, end: at, text: `import { ${missing.join(', ')} } from ${style.quote}react${style.quote}${style.semicolon}\n` }];
    },
  };
}
