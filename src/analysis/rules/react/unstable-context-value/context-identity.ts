import type { Program } from '../../../program/program';
import type { ModuleFacts } from '../../../facts/facts';
import type { ConsumerFact, NamePath, ProviderFact } from '../../../syntax/react';
import { byName } from '../../../names';

/** Where a context is declared: a file of the program and the name there, or a package and its export. */
export interface ContextIdentity {
  file: string;
  name: string;
}

/**
 * Components of packages that put what they are given into a context, with the package whose hooks read it. Contexts of
 * other packages are not judged: nobody can see who reads them.
 */
const PACKAGE_CONTEXTS: Record<string, string> = byName({ SWRConfig: 'swr' });

/** The context that a provider provides; undefined when it is no context of the program, nor a known one of a package. */
export function contextOf(program: Program, file: string, provider: Pick<ProviderFact, 'tag' | 'member'>): ContextIdentity | undefined {
  const module = moduleOf(program, file);
  const imported = module?.imports.find(({ local }) => local === provider.tag[0]);
  if (imported && provider.tag.length === 1 && !provider.member && PACKAGE_CONTEXTS[imported.imported] === imported.source) {
    return { file: imported.source, name: imported.imported };
  }
  const identity = declarationOf(program, file, provider.tag);
  const react = identity && moduleOf(program, identity.file)?.react;
  if (!identity || !react) return undefined;
  if (react.contexts.includes(identity.name)) return identity;
  const alias = provider.member ? undefined : react.aliases[identity.name];
  return alias ? contextOf(program, identity.file, { tag: alias, member: true }) : undefined;
}

/** Someone who reads the context; tests do not count. */
export function consumerOf(program: Program, context: ContextIdentity): (ConsumerFact & { file: string }) | undefined {
  const source = PACKAGE_CONTEXTS[context.name];
  if (source === context.file) return hookOf(program, source);
  for (const file of program.contributors('react-consumers')) {
    const module = moduleOf(program, file);
    if (!module || module.context === 'test') continue;
    for (const consumer of module.react?.consumed ?? []) {
      const read = declarationOf(program, file, consumer.path);
      if (read?.file === context.file && read.name === context.name) return { file, ...consumer };
    }
  }
  return undefined;
}

/** Someone who calls a hook of a package. */
function hookOf(program: Program, source: string): (ConsumerFact & { file: string }) | undefined {
  const isOfPackage = (one: string): boolean => one === source || one.startsWith(`${source}/`);
  const importers = [...program.sources()].flatMap(([file, sources]) => (sources.some(isOfPackage) ? [file] : []));
  for (const file of importers.sort()) {
    const module = moduleOf(program, file);
    const hook = module?.imports.find((one) => isOfPackage(one.source) && !one.typeOnly && !(one.imported in PACKAGE_CONTEXTS));
    if (hook && module?.context !== 'test') return { file, path: [hook.local], start: 0, end: 0 };
  }
  return undefined;
}

function declarationOf(program: Program, file: string, path: NamePath): ContextIdentity | undefined {
  const imported = moduleOf(program, file)?.imports.find(({ local }) => local === path[0]);
  if (path.length === 1) return imported ? program.resolveImport(file, path[0]!) : { file, name: path[0]! };
  if (path.length !== 2 || imported?.imported !== '*') return undefined;
  const target = program.resolver.resolve(file, imported.source);
  return target === undefined ? undefined : program.resolveExport(target, path[1]!);
}

function moduleOf(program: Program, file: string): ModuleFacts | undefined {
  const facts = program.facts(file);
  return facts?.kind === 'module' ? facts : undefined;
}
