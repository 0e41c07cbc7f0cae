import { libraries } from '../libraries';
import type { LibraryId } from '../libraries/library';
import { databaseOfImport } from '../libraries/other-databases';
import type { FileFacts, ModuleFacts } from '../facts/facts';
import type { Meanings } from './meaning';
import { type Meaning, OTHER_DATABASE } from './meaning-kinds';
import type { Resolver } from './program';

/** What imported and exported names mean, through re-exports. Memoised per exporting module. */
export class ExportedNames {
  readonly #exports = new Map<ModuleFacts, Map<string, Meaning | undefined>>();

  constructor(
    private readonly meanings: Meanings,
    private readonly factsOf: (file: string) => FileFacts | undefined,
    private readonly resolver: Resolver,
  ) {}

  forget(module: ModuleFacts): void {
    this.#exports.delete(module);
  }

  forgetAll(): void {
    this.#exports.clear();
  }

  /** What an import names. A library's own names come first: generated clients may lie inside the program. */
  imported(module: ModuleFacts, index: number): Meaning | undefined {
    const { source, imported } = module.imports[index]!;
    const own = this.#ofLibrary(source, imported, module);
    if (own) return own;
    const file = this.resolver.resolve(module.file, source);
    const target = file === undefined ? undefined : this.factsOf(file);
    if (target?.kind === 'sql') return { is: 'sql', facts: target };
    if (target?.kind !== 'module') return { is: 'package', source, path: imported === '*' ? [] : [imported] };
    return imported === '*' ? this.#whole(target) : this.exported(target, imported);
  }

  /** What a package outside of the program has under a name. A namespace and a CommonJS module have the names of its imports as members. */
  ofPackage(source: string, path: string[]): Meaning {
    const [name = '', ...more] = path[0] === 'default' ? path.slice(1) : path;
    return (more.length === 0 && name !== '' && this.#ofLibrary(source, name)) || { is: 'package', source, path };
  }

  /** `module.exports = load` is the module itself; else it is the names that it exports. */
  #whole(module: ModuleFacts): Meaning {
    const main = module.exports.some((fact) => fact.commonJs) ? this.exported(module, 'default') : undefined;
    return main && main.is !== 'literal' ? main : { is: 'namespace', module };
  }

  exported(module: ModuleFacts, name: string): Meaning | undefined {
    let known = this.#exports.get(module);
    if (!known) this.#exports.set(module, (known = new Map()));
    if (known.has(name)) return known.get(name);
    return this.meanings.guarded(`${module.file}\0${name}`, () => this.#exportMeaning(module, name), (meaning) => known.set(name, meaning));
  }

  #exportMeaning(module: ModuleFacts, name: string): Meaning | undefined {
    for (const fact of module.exports) {
      if (fact.exported !== name) continue;
      if (fact.value !== undefined) return this.meanings.of(module, fact.value);
      if (fact.source !== undefined) return this.#reexported(module, fact.source, fact.imported ?? name);
      if (fact.type !== undefined) return this.meanings.ofType(module, { kind: 'named', path: [fact.type], arguments: [] });
    }
    if (name === 'default') return undefined;
    for (const fact of module.exports) {
      if (fact.exported !== '*' || fact.source === undefined) continue;
      const meaning = this.#reexported(module, fact.source, name);
      if (meaning && meaning.is !== 'package') return meaning;
    }
    return undefined;
  }

  #reexported(module: ModuleFacts, source: string, name: string): Meaning | undefined {
    const own = this.#ofLibrary(source, name, module);
    if (own) return own;
    const file = this.resolver.resolve(module.file, source);
    const target = file === undefined ? undefined : this.factsOf(file);
    if (target?.kind === 'sql') return { is: 'sql', facts: target };
    if (target?.kind !== 'module') return { is: 'package', source, path: name === '*' ? [] : [name] };
    return name === '*' ? { is: 'namespace', module: target } : this.exported(target, name);
  }

  #ofLibrary(source: string, name: string, module?: ModuleFacts): Meaning | undefined {
    for (const library of libraries) {
      const root = library.imported(source, name);
      if (root !== undefined) return this.#isOnOther(library.id, source, name, module) ? OTHER_DATABASE : { is: 'library', library, root, steps: [] };
    }
    return undefined;
  }

  /** The import itself says it, or the code around it. */
  #isOnOther(library: LibraryId, source: string, name: string, module: ModuleFacts | undefined): boolean {
    const { databases } = this.meanings;
    const told = databaseOfImport(library, source, name);
    return told ? told === 'other' && databases.havePostgres : module !== undefined && databases.areOther(library, module);
  }
}
