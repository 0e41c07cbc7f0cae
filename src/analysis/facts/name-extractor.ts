import type { TSESTree } from '@typescript-eslint/typescript-estree';
import { forEachBinding, type PatternStep } from '../syntax/binding-pattern';
import type { ModuleFacts, TypeFact, Value, ValueId, VariableUses } from './facts';
import { peel } from './loop-shape';
import { type Binding, Scope } from './scope';
import { typeFact } from './type-facts';

/** The value of what nothing is known of: every module's first value. */
export const UNKNOWN = 0;

/** What a statement does, while it is walked. */
export interface Step {
  node: TSESTree.Node;
  function: number;
  reads: Set<number>;
  writes: Set<number>;
  tests?: Set<number>;
  /** How often it waits, outside of the functions in it. */
  awaits: number;
  exits: boolean;
  opaque: boolean;
}

/** Names, scopes, variables and types of a module while its tree is walked. */
export abstract class NameExtractor {
  protected facts!: ModuleFacts;
  protected scope = new Scope(undefined, 0);
  protected currentFunction = 0;
  /** What the current function has asked so far whether it holds something, and others see too: `this.name`, or the name of an outer variable. */
  protected askedFor = new Set<string>();
  /** What is being made is stored in one of these. */
  protected remembering = false;
  protected currentClass: number | undefined;
  /** `this` is the class, and no instance. */
  protected inStatic = false;
  /** The object literal that `this` is, in a method of one. */
  protected currentObject: ValueId | undefined;
  /** Loops of the current function around the current place. */
  protected loops: number[] = [];
  /** The same through functions that run where they stand. */
  protected activeLoops: number[] = [];
  protected switchDepth = 0;
  /** The innermost branch of the current function around the current place. */
  protected branch: number | undefined;
  /** Handlers of caught errors around the current place, in its function. */
  protected catchDepth = 0;
  /** The statement that is looked at as one of a sequence. */
  protected step: Step | undefined;
  /** Name of the variable that is given a call's value: `const load = cache(async () => …)` names the callback. */
  protected nameHint: string | undefined;
  /** `rows` and `rows.length` that only ask whether there are any. */
  protected readonly emptinessChecks = new Set<TSESTree.Node>();
  protected assigned: ValueId[][] = [];
  protected declaredIn: number[][] = [];
  private readonly interned = new Map<string, ValueId>();
  protected hoistedFunctions = new Map<TSESTree.Node, number>();
  protected hoistedClasses = new Map<TSESTree.Node, number>();

  protected abstract value(node: TSESTree.Expression): ValueId;
  protected abstract newFunction(node: TSESTree.FunctionDeclaration | TSESTree.TSDeclareFunction, name: string | undefined): number;
  protected abstract newClass(node: TSESTree.ClassDeclaration | TSESTree.ClassExpression): number;

  protected add(value: Value): ValueId {
    return this.facts.values.push(value) - 1;
  }

  /** The same value for the same key: names and their members recur all over a module. */
  protected intern(key: string, value: Value): ValueId {
    let id = this.interned.get(key);
    if (id === undefined) this.interned.set(key, (id = this.add(value)));
    return id;
  }

  protected memberOf(of: ValueId, name: string): ValueId {
    return this.intern(`.${of} ${name}`, { kind: 'member', of, name });
  }

  protected variable(identifier: TSESTree.Identifier, type?: TypeFact): number {
    const own = this.scope.own(identifier.name);
    if (own?.kind === 'variable') return own.variable;
    const index = this.facts.variables.push({
      name: identifier.name, function: this.currentFunction, start: identifier.range[0], value: UNKNOWN, reassigned: false,
      uses: {}, ...(type && { type }),
    }) - 1;
    this.assigned.push([]);
    this.declaredIn.push([...this.activeLoops]);
    this.scope.declare(identifier.name, { kind: 'variable', variable: index });
    return index;
  }

  protected valueOfBinding(binding: Binding): ValueId {
    switch (binding.kind) {
      case 'import': return this.intern(`i${binding.import}`, { kind: 'import', import: binding.import });
      case 'variable': return this.intern(`v${binding.variable}`, { kind: 'variable', variable: binding.variable });
      case 'function': return this.intern(`f${binding.function}`, { kind: 'function', function: binding.function });
      case 'class': return this.intern(`c${binding.class}`, { kind: 'class', class: binding.class });
    }
  }

  protected name(name: string): ValueId {
    const binding = this.scope.resolve(name);
    if (this.step) this.read(this.step, binding);
    return binding ? this.valueOfBinding(binding) : name === 'undefined' ? this.intern('null', { kind: 'literal', value: null }) : this.intern(`g${name}`, { kind: 'global', name });
  }

  private read(step: Step, binding: Binding | undefined): void {
    if (binding?.kind === 'variable') step.reads.add(binding.variable);
    else if (binding?.kind === 'function') step.opaque ||= this.facts.functions[binding.function]!.parent !== 0;
  }

  /** Notes that the current statement changes a variable. */
  protected written(binding: Binding | undefined): void {
    if (binding?.kind === 'variable') this.step?.writes.add(binding.variable);
  }

  protected entity = (name: TSESTree.EntityName): ValueId => {
    if (name.type === 'Identifier') return this.name(name.name);
    if (name.type === 'TSQualifiedName') return this.memberOf(this.entity(name.left), name.right.name);
    return UNKNOWN;
  };

  protected type(node: TSESTree.TypeNode | undefined): TypeFact | undefined {
    return node && typeFact(node, this.entity);
  }

  /** `<Q extends PgDatabase>`: what a type parameter must be is what it is for us. */
  protected typeParameters(declaration: TSESTree.TSTypeParameterDeclaration | undefined): void {
    for (const { name, constraint } of declaration?.params ?? []) {
      if (constraint && !(name.name in this.facts.types)) this.facts.types[name.name] = { type: typeFact(constraint, this.entity), parameters: [] };
    }
  }

  /** Notes how a variable is used, when the expression is one. */
  protected note(node: TSESTree.Node | null | undefined, note: (uses: VariableUses) => void): void {
    const inner = node && peel(node);
    if (inner?.type !== 'Identifier') return;
    const binding = this.scope.resolve(inner.name);
    if (binding?.kind === 'variable') note(this.facts.variables[binding.variable]!.uses);
  }

  protected follow(from: ValueId, path: PatternStep[]): ValueId {
    let value = from;
    for (const step of path) {
      if ('key' in step) value = this.memberOf(value, step.key);
      else if ('index' in step) value = this.memberOf(value, String(step.index));
      else if ('computed' in step) value = this.add({ kind: 'index', of: value, key: UNKNOWN });
    }
    return value;
  }

  /** Binds a pattern's identifiers to parts of `from`, declaring them. Returns the variables. */
  protected bind(pattern: TSESTree.Node, from: ValueId, type?: TypeFact): number[] {
    const bound: number[] = [];
    forEachBinding(pattern, (identifier, path, fallback) => {
      const variable = this.variable(identifier, path.length === 0 ? type : undefined);
      bound.push(variable);
      const value = this.follow(from, path);
      this.assigned[variable]!.push(fallback ? this.add({ kind: 'either', of: [value, this.value(fallback)] }) : value);
    });
    return bound;
  }

  protected declarePattern(pattern: TSESTree.Node): void {
    forEachBinding(pattern, (identifier) => this.variable(identifier));
  }

  protected hoist(statements: TSESTree.Statement[]): void {
    for (const statement of statements) {
      const node = (statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportDefaultDeclaration') && statement.declaration ? statement.declaration : statement;
      switch (node.type) {
        case 'FunctionDeclaration':
        case 'TSDeclareFunction': {
          const known = node.id && this.scope.own(node.id.name);
          const index = known?.kind === 'function' ? known.function : this.newFunction(node, node.id?.name);
          this.hoistedFunctions.set(node, index);
          if (node.id) this.scope.declare(node.id.name, { kind: 'function', function: index });
          break;
        }
        case 'ClassDeclaration': {
          const index = this.newClass(node);
          this.hoistedClasses.set(node, index);
          if (node.id) this.scope.declare(node.id.name, { kind: 'class', class: index });
          break;
        }
        case 'VariableDeclaration':
          for (const declarator of node.declarations) this.declarePattern(declarator.id);
          break;
        case 'TSEnumDeclaration':
          this.variable(node.id);
          break;
        case 'ImportDeclaration':
          for (const specifier of node.specifiers) {
            const imported = specifier.type === 'ImportSpecifier' ? moduleName(specifier.imported) : specifier.type === 'ImportDefaultSpecifier' ? 'default' : '*';
            const typeOnly = node.importKind === 'type' || (specifier.type === 'ImportSpecifier' && specifier.importKind === 'type');
            this.import(specifier.local.name, String(node.source.value), imported, typeOnly);
          }
          break;
        default:
          break;
      }
    }
  }

  protected import(local: string, source: string, imported: string, typeOnly: boolean): number {
    const index = this.facts.imports.push({ local, source, imported, typeOnly }) - 1;
    if (local) this.scope.declare(local, { kind: 'import', import: index });
    return index;
  }

  /** What `run` visits runs on a condition, and not together with its sister branches. */
  protected inBranch<T>(run: () => T): T {
    const outer = this.branch;
    const index = this.facts.branches.length;
    this.facts.branches.push(outer ?? index);
    this.branch = index;
    const result = run();
    this.branch = outer;
    return result;
  }

  protected inScope<T>(run: () => T): T {
    this.scope = new Scope(this.scope, this.currentFunction);
    const result = run();
    this.scope = this.scope.parent!;
    return result;
  }
}

export function noteMember(uses: VariableUses, name: string): void {
  if (!uses.members?.includes(name)) (uses.members ??= []).push(name);
}

export function spanOf(node: TSESTree.Node): { start: number; end: number } {
  return { start: node.range[0], end: node.range[1] };
}

/** The name in an import or export specifier, which may be a string. */
export function moduleName(node: TSESTree.Identifier | TSESTree.StringLiteral): string {
  return node.type === 'Identifier' ? node.name : node.value;
}
