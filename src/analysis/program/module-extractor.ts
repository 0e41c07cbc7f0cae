import type { TSESTree } from '@typescript-eslint/typescript-estree';
import type {
  ClassFact, FunctionFact, InlineFact, LoopFact, MemberFact, ModuleFacts, SiteUse, TypeFact, Value, ValueId, VariableUses,
} from './facts';
import { exitsOf, ITERATION_METHODS, loopShape, peel, positivelyTested } from './loop-shape';
import { type Binding, forEachBinding, type PatternStep, Scope } from './scope';
import { annotationOf, memberTypes, typeFact } from './type-facts';

type FunctionNode = TSESTree.FunctionDeclaration | TSESTree.FunctionExpression | TSESTree.ArrowFunctionExpression | TSESTree.TSEmptyBodyFunctionExpression | TSESTree.TSDeclareFunction;

/** How the expression at hand is used by what surrounds it. */
interface Use {
  use: SiteUse;
  awaited: boolean;
  /** Variables that the awaited value lands in. */
  result: number[];
  /** The expression is the inner part of a member chain: the outermost call makes the site. */
  chained?: boolean;
}

const PART: Use = { use: { kind: 'part' }, awaited: false, result: [] };
const UNKNOWN = 0;

/** Walks a module's tree once and gathers its facts. */
export class ModuleExtractor {
  #facts!: ModuleFacts;
  #scope = new Scope(undefined, 0);
  #function = 0;
  #class: number | undefined;
  /** Loops of the current function around the current place. */
  #loops: number[] = [];
  /** The same through functions that run where they stand. */
  #activeLoops: number[] = [];
  #tryLoops: number[] = [];
  #switchDepth = 0;
  #assigned: ValueId[][] = [];
  #declaredIn: number[][] = [];
  #hoistedFunctions = new Map<TSESTree.Node, number>();
  #hoistedClasses = new Map<TSESTree.Node, number>();

  extract(
    tree: TSESTree.Program,
    common: Pick<ModuleFacts, 'kind' | 'file' | 'context' | 'lineStarts' | 'ignores' | 'sql' | 'syntaxError'>,
  ): ModuleFacts {
    this.#facts = {
      ...common,
      values: [{ kind: 'unknown' }], imports: [], exports: [], variables: [], functions: [], classes: [], loops: [], sites: [],
      types: Object.create(null) as ModuleFacts['types'],
    };
    this.#facts.functions.push({ start: tree.range[0], end: tree.range[1], parameters: [], returns: [], async: true, generator: false, parent: 0 });
    this.#block(tree.body);
    for (const [index, values] of this.#assigned.entries()) {
      const variable = this.#facts.variables[index]!;
      variable.value = values.length === 1 ? values[0]! : values.length ? this.#add({ kind: 'either', of: values }) : UNKNOWN;
    }
    return this.#facts;
  }

  #add(value: Value): ValueId {
    return this.#facts.values.push(value) - 1;
  }

  // ── names ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  #variable(identifier: TSESTree.Identifier, type?: TypeFact): number {
    const own = this.#scope.own(identifier.name);
    if (own?.kind === 'variable') return own.variable;
    const uses: VariableUses = { members: [], iterated: false, returned: false, awaited: false, passed: false, tested: false };
    const index = this.#facts.variables.push({
      name: identifier.name, function: this.#function, value: UNKNOWN, reassigned: false,
      span: spanOf(identifier), uses, ...(type && { type }),
    }) - 1;
    this.#assigned.push([]);
    this.#declaredIn.push([...this.#activeLoops]);
    this.#scope.declare(identifier.name, { kind: 'variable', variable: index });
    return index;
  }

  #valueOfBinding(binding: Binding): ValueId {
    switch (binding.kind) {
      case 'import': return this.#add({ kind: 'import', import: binding.import });
      case 'variable': return this.#add({ kind: 'variable', variable: binding.variable });
      case 'function': return this.#add({ kind: 'function', function: binding.function });
      case 'class': return this.#add({ kind: 'class', class: binding.class });
    }
  }

  #name(name: string): ValueId {
    const binding = this.#scope.resolve(name);
    return binding ? this.#valueOfBinding(binding) : name === 'undefined' ? this.#add({ kind: 'literal', value: null }) : this.#add({ kind: 'global', name });
  }

  #entity = (name: TSESTree.EntityName): ValueId => {
    if (name.type === 'Identifier') return this.#name(name.name);
    if (name.type === 'TSQualifiedName') return this.#add({ kind: 'member', of: this.#entity(name.left), name: name.right.name });
    return UNKNOWN;
  };

  #type(node: TSESTree.TypeNode | undefined): TypeFact | undefined {
    return node && typeFact(node, this.#entity);
  }

  /** `<Q extends PgDatabase>`: what a type parameter must be is what it is for us. */
  #typeParameters(declaration: TSESTree.TSTypeParameterDeclaration | undefined): void {
    for (const { name, constraint } of declaration?.params ?? []) {
      if (constraint && !(name.name in this.#facts.types)) this.#facts.types[name.name] = { type: typeFact(constraint, this.#entity), parameters: [] };
    }
  }

  /** Notes how a variable is used, when the expression is one. */
  #note(node: TSESTree.Node | null | undefined, note: (uses: VariableUses) => void): void {
    const inner = node && peel(node);
    if (inner?.type !== 'Identifier') return;
    const binding = this.#scope.resolve(inner.name);
    if (binding?.kind === 'variable') note(this.#facts.variables[binding.variable]!.uses);
  }

  #follow(from: ValueId, path: PatternStep[]): ValueId {
    let value = from;
    for (const step of path) {
      if ('key' in step) value = this.#add({ kind: 'member', of: value, name: step.key });
      else if ('index' in step) value = this.#add({ kind: 'member', of: value, name: String(step.index) });
      else if ('computed' in step) value = this.#add({ kind: 'index', of: value, key: UNKNOWN });
    }
    return value;
  }

  /** Binds a pattern's identifiers to parts of `from`, declaring them. Returns the variables. */
  #bind(pattern: TSESTree.Node, from: ValueId, type?: TypeFact): number[] {
    const bound: number[] = [];
    forEachBinding(pattern, (identifier, path, fallback) => {
      const variable = this.#variable(identifier, path.length === 0 ? type : undefined);
      bound.push(variable);
      const value = this.#follow(from, path);
      this.#assigned[variable]!.push(fallback ? this.#add({ kind: 'either', of: [value, this.#value(fallback)] }) : value);
    });
    return bound;
  }

  #declarePattern(pattern: TSESTree.Node): void {
    forEachBinding(pattern, (identifier) => this.#variable(identifier));
  }

  #hoist(statements: TSESTree.Statement[]): void {
    for (const statement of statements) {
      const node = (statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportDefaultDeclaration') && statement.declaration ? statement.declaration : statement;
      switch (node.type) {
        case 'FunctionDeclaration':
        case 'TSDeclareFunction': {
          const known = node.id && this.#scope.own(node.id.name);
          const index = known?.kind === 'function' ? known.function : this.#newFunction(node, node.id?.name);
          this.#hoistedFunctions.set(node, index);
          if (node.id) this.#scope.declare(node.id.name, { kind: 'function', function: index });
          break;
        }
        case 'ClassDeclaration': {
          const index = this.#newClass(node);
          this.#hoistedClasses.set(node, index);
          if (node.id) this.#scope.declare(node.id.name, { kind: 'class', class: index });
          break;
        }
        case 'VariableDeclaration':
          for (const declarator of node.declarations) this.#declarePattern(declarator.id);
          break;
        case 'TSEnumDeclaration':
          this.#variable(node.id);
          break;
        case 'ImportDeclaration':
          for (const specifier of node.specifiers) {
            const imported = specifier.type === 'ImportSpecifier' ? moduleName(specifier.imported) : specifier.type === 'ImportDefaultSpecifier' ? 'default' : '*';
            const typeOnly = node.importKind === 'type' || (specifier.type === 'ImportSpecifier' && specifier.importKind === 'type');
            this.#import(specifier.local.name, String(node.source.value), imported, typeOnly);
          }
          break;
        default:
          break;
      }
    }
  }

  #import(local: string, source: string, imported: string, typeOnly: boolean): number {
    const index = this.#facts.imports.push({ local, source, imported, typeOnly }) - 1;
    if (local) this.#scope.declare(local, { kind: 'import', import: index });
    return index;
  }

  #inScope<T>(run: () => T): T {
    this.#scope = new Scope(this.#scope, this.#function);
    const result = run();
    this.#scope = this.#scope.parent!;
    return result;
  }

  // ── statements ─────────────────────────────────────────────────────────────────────────────────────────────────────

  #block(statements: TSESTree.Statement[]): void {
    this.#hoist(statements);
    for (const statement of statements) this.#statement(statement);
  }

  #statement(node: TSESTree.Statement | TSESTree.ExportDefaultDeclaration['declaration']): void {
    switch (node.type) {
      case 'ExpressionStatement':
        this.#value(node.expression, { use: { kind: 'dropped' }, awaited: false, result: [] });
        break;
      case 'VariableDeclaration':
        for (const declarator of node.declarations) this.#declarator(declarator);
        break;
      case 'ReturnStatement':
        if (node.argument) this.#returned(node.argument);
        break;
      case 'IfStatement': {
        this.#tested(node.test);
        const exit = exitsOf(node.consequent, this.#switchDepth > 0);
        if (exit && this.#loops.length) this.#noteExit(node.test, exit);
        this.#inScope(() => this.#statement(node.consequent));
        if (node.alternate) this.#inScope(() => this.#statement(node.alternate!));
        break;
      }
      case 'BlockStatement':
        this.#inScope(() => this.#block(node.body));
        break;
      case 'ForOfStatement':
      case 'ForInStatement':
      case 'ForStatement':
      case 'WhileStatement':
      case 'DoWhileStatement':
        this.#loop(node);
        break;
      case 'TryStatement':
        this.#tryLoops.push(this.#loops.length);
        this.#statement(node.block);
        this.#tryLoops.pop();
        if (node.handler) {
          this.#inScope(() => {
            if (node.handler!.param) this.#declarePattern(node.handler!.param);
            this.#statement(node.handler!.body);
          });
        }
        if (node.finalizer) this.#statement(node.finalizer);
        break;
      case 'SwitchStatement':
        this.#value(node.discriminant);
        this.#switchDepth++;
        this.#inScope(() => {
          for (const branch of node.cases) {
            if (branch.test) this.#value(branch.test);
            this.#block(branch.consequent);
          }
        });
        this.#switchDepth--;
        break;
      case 'LabeledStatement':
        this.#statement(node.body);
        break;
      case 'ThrowStatement':
        this.#value(node.argument);
        break;
      case 'ContinueStatement': {
        const loop = this.#facts.loops[this.#loops.at(-1) ?? -1];
        loop?.continues.push(node.range[0]);
        break;
      }
      case 'FunctionDeclaration':
      case 'TSDeclareFunction':
        this.#functionBody(node, this.#hoistedFunctions.get(node) ?? this.#newFunction(node, node.id?.name));
        break;
      case 'ClassDeclaration':
        this.#classBody(node, this.#hoistedClasses.get(node) ?? this.#newClass(node));
        break;
      case 'ExportNamedDeclaration':
        this.#exportNamed(node);
        break;
      case 'ExportDefaultDeclaration':
        this.#exportDefault(node);
        break;
      case 'ExportAllDeclaration':
        this.#facts.exports.push({ exported: node.exported ? moduleName(node.exported) : '*', source: node.source.value, imported: '*' });
        break;
      case 'TSExportAssignment':
        this.#facts.exports.push({ exported: 'default', value: this.#value(node.expression) });
        break;
      case 'TSImportEqualsDeclaration':
        if (node.moduleReference.type === 'TSExternalModuleReference' && node.moduleReference.expression.type === 'Literal') {
          this.#import(node.id.name, String(node.moduleReference.expression.value), '*', false);
        }
        break;
      case 'TSTypeAliasDeclaration':
        this.#typeParameters(node.typeParameters);
        this.#facts.types[node.id.name] = { type: typeFact(node.typeAnnotation, this.#entity), parameters: (node.typeParameters?.params ?? []).map((p) => p.name.name) };
        break;
      case 'TSInterfaceDeclaration': {
        const bases = node.extends.map((base): TypeFact => (base.expression.type === 'Identifier' ? { kind: 'named', path: [base.expression.name], arguments: [] } : { kind: 'unknown' }));
        const own: TypeFact = { kind: 'object', members: memberTypes(node.body.body, this.#entity) };
        this.#facts.types[node.id.name] = { type: bases.length ? { kind: 'all', of: [own, ...bases] } : own, parameters: [] };
        break;
      }
      case 'TSEnumDeclaration': {
        const properties: Record<string, ValueId> = Object.create(null) as Record<string, ValueId>;
        for (const member of node.body.members) {
          if (member.id.type === 'Identifier') properties[member.id.name] = member.initializer ? this.#value(member.initializer) : UNKNOWN;
        }
        this.#assigned[this.#variable(node.id)]!.push(this.#add({ kind: 'object', properties, spreads: [] }));
        break;
      }
      case 'TSModuleDeclaration':
        if (node.body) this.#inScope(() => this.#block(node.body!.body as TSESTree.Statement[]));
        break;
      case 'WithStatement':
        this.#statement(node.body);
        break;
      case 'ImportDeclaration':
      case 'EmptyStatement':
      case 'DebuggerStatement':
      case 'BreakStatement':
      case 'TSNamespaceExportDeclaration':
        break;
      default:
        this.#value(node as TSESTree.Expression);
    }
  }

  #declarator(node: TSESTree.VariableDeclarator): void {
    const type = this.#type(annotationOf(node.id));
    const variables: number[] = [];
    forEachBinding(node.id, (identifier) => variables.push(this.#variable(identifier)));
    if (node.id.type === 'Identifier' && type) this.#facts.variables[variables[0]!]!.type = type;
    if (!node.init) return;
    const functionNode = asFunction(node.init);
    const value = functionNode && node.id.type === 'Identifier'
      ? this.#functionValue(functionNode, node.id.name)
      : this.#value(node.init, { use: { kind: 'assigned', variable: variables[0] ?? -1 }, awaited: false, result: variables });
    forEachBinding(node.id, (identifier, path, fallback) => {
      const target = this.#follow(value, path);
      this.#assigned[this.#variable(identifier)]!.push(fallback ? this.#add({ kind: 'either', of: [target, this.#value(fallback)] }) : target);
    });
  }

  #returned(argument: TSESTree.Expression): void {
    this.#note(argument, (uses) => { uses.returned = true; });
    const value = this.#value(argument, { use: { kind: 'returned' }, awaited: false, result: [] });
    this.#facts.functions[this.#function]!.returns.push(value);
  }

  #tested(test: TSESTree.Expression): void {
    this.#note(test.type === 'UnaryExpression' ? test.argument : test.type === 'BinaryExpression' ? test.left : test, (uses) => { uses.tested = true; });
    this.#value(test);
  }

  #noteExit(test: TSESTree.Expression, exit: 'return' | 'break'): void {
    const loops = exit === 'return' ? this.#loops : this.#loops.slice(-1);
    for (const name of positivelyTested(test)) {
      const binding = this.#scope.resolve(name);
      if (binding?.kind === 'variable') for (const loop of loops) this.#facts.loops[loop]!.exitsWhenFound.push(binding.variable);
    }
  }

  #exportNamed(node: TSESTree.ExportNamedDeclaration): void {
    const { declaration } = node;
    if (declaration) {
      this.#statement(declaration);
      if (declaration.type === 'VariableDeclaration') {
        for (const declarator of declaration.declarations) {
          forEachBinding(declarator.id, (identifier) => this.#facts.exports.push({ exported: identifier.name, value: this.#name(identifier.name) }));
        }
      } else if (declaration.type === 'TSTypeAliasDeclaration' || declaration.type === 'TSInterfaceDeclaration') {
        this.#facts.exports.push({ exported: declaration.id.name, type: declaration.id.name });
      } else if ('id' in declaration && declaration.id?.type === 'Identifier') {
        this.#facts.exports.push({ exported: declaration.id.name, value: this.#name(declaration.id.name) });
      }
      return;
    }
    for (const specifier of node.specifiers) {
      const exported = moduleName(specifier.exported);
      const local = moduleName(specifier.local);
      if (node.source) this.#facts.exports.push({ exported, source: node.source.value, imported: local });
      else if (this.#scope.resolve(local)) this.#facts.exports.push({ exported, value: this.#name(local), type: local });
      else this.#facts.exports.push({ exported, type: local });
    }
  }

  #exportDefault(node: TSESTree.ExportDefaultDeclaration): void {
    const { declaration } = node;
    if (declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration') {
      this.#statement(declaration);
      const value: Value = declaration.type === 'FunctionDeclaration'
        ? { kind: 'function', function: this.#hoistedFunctions.get(declaration)! }
        : { kind: 'class', class: this.#hoistedClasses.get(declaration)! };
      this.#facts.exports.push({ exported: 'default', value: this.#add(value) });
    } else if (declaration.type === 'TSInterfaceDeclaration') {
      this.#statement(declaration);
      this.#facts.exports.push({ exported: 'default', type: declaration.id.name });
    } else {
      this.#facts.exports.push({ exported: 'default', value: this.#value(declaration as TSESTree.Expression) });
    }
  }

  #loop(node: TSESTree.ForOfStatement | TSESTree.ForInStatement | TSESTree.ForStatement | TSESTree.WhileStatement | TSESTree.DoWhileStatement): void {
    const iterates = node.type === 'ForOfStatement' || node.type === 'ForInStatement';
    const shape = loopShape(node);
    let iterable: ValueId | undefined;
    if (iterates) {
      this.#note(node.right, (uses) => { uses.iterated = true; });
      iterable = this.#value(node.right);
    }
    this.#inScope(() => {
      if (node.type === 'ForStatement' && node.init) {
        if (node.init.type === 'VariableDeclaration') this.#block([node.init]);
        else this.#value(node.init);
      }
      if (!iterates && shape.counted) iterable = this.#value(shape.counted);
      const loop = this.#newLoop(node, shape.kind, { strided: shape.strided, leavesAtOnce: shape.leavesAtOnce, ...(shape.turns !== undefined && { turns: shape.turns }), ...(iterable !== undefined && { iterable }) });
      const fact = this.#facts.loops[loop]!;
      this.#enterLoop(loop, () => {
        if (iterates) {
          const element = this.#add({ kind: 'element', of: iterable ?? UNKNOWN });
          if (node.left.type === 'VariableDeclaration') {
            for (const declarator of node.left.declarations) fact.elements.push(...this.#bind(declarator.id, element));
          } else this.#assign(node.left, element);
        } else {
          for (const name of shape.conditionNames) {
            const binding = this.#scope.resolve(name);
            if (binding?.kind === 'variable') fact.condition.push(binding.variable);
          }
          if (shape.counter) {
            const binding = this.#scope.resolve(shape.counter);
            if (binding?.kind === 'variable') fact.elements.push(binding.variable);
          }
          if ('test' in node && node.test) this.#value(node.test);
          if (node.type === 'ForStatement' && node.update) this.#value(node.update);
        }
        const depth = this.#switchDepth;
        this.#switchDepth = 0;
        this.#statement(node.body);
        this.#switchDepth = depth;
      });
    });
  }

  #newLoop(node: TSESTree.Node, kind: LoopFact['kind'], given: Partial<LoopFact>): number {
    return this.#facts.loops.push({
      kind, function: this.#function, start: node.range[0], end: node.range[1], strided: false, leavesAtOnce: false, continues: [],
      exitsWhenFound: [], elements: [], carried: [], condition: [], fanOut: false, ...given,
    }) - 1;
  }

  #enterLoop(loop: number, run: () => void): void {
    this.#loops = [...this.#loops, loop];
    this.#activeLoops = [...this.#activeLoops, loop];
    run();
    this.#loops = this.#loops.slice(0, -1);
    this.#activeLoops = this.#activeLoops.slice(0, -1);
  }

  // ── functions and classes ──────────────────────────────────────────────────────────────────────────────────────────

  #newFunction(node: FunctionNode, name: string | undefined): number {
    const fact: FunctionFact = {
      start: node.range[0], end: node.range[1], parameters: [], returns: [], async: node.async, generator: node.generator, parent: this.#function,
      ...(name !== undefined && { name }), ...(this.#class !== undefined && { class: this.#class }),
    };
    return this.#facts.functions.push(fact) - 1;
  }

  #functionValue(node: FunctionNode, name?: string, inline?: InlineFact, enclosing: number[] = []): ValueId {
    const index = this.#newFunction(node, name ?? (node.type === 'FunctionExpression' ? node.id?.name : undefined));
    this.#functionBody(node, index, inline, enclosing);
    return this.#add({ kind: 'function', function: index });
  }

  #functionBody(node: FunctionNode, index: number, inline?: InlineFact, enclosing: number[] = []): void {
    const outer = { function: this.#function, loops: this.#loops, active: this.#activeLoops, tries: this.#tryLoops, switches: this.#switchDepth };
    const fact = this.#facts.functions[index]!;
    if (inline) fact.inline = inline;
    this.#function = index;
    this.#loops = [];
    this.#activeLoops = inline && !inline.deferred ? [...outer.active, ...enclosing] : [];
    this.#tryLoops = [];
    this.#switchDepth = 0;
    this.#inScope(() => {
      const type = this.#type(node.returnType?.typeAnnotation);
      if (type) fact.returnType = type;
      this.#typeParameters(node.typeParameters);
      fact.parameters = node.params.map((parameter, position) => {
        const annotation = this.#type(annotationOf(parameter));
        const bound = this.#bind(parameter, this.#add({ kind: 'parameter', function: index, index: position }), annotation);
        const plain = parameter.type === 'AssignmentPattern' ? parameter.left : parameter;
        return {
          rest: parameter.type === 'RestElement',
          ...(plain.type === 'Identifier' && { name: plain.name }),
          ...(annotation && { type: annotation }),
          ...(parameter.type === 'AssignmentPattern' && bound.length === 1 && { default: this.#value(parameter.right) }),
        };
      });
      const elements = inline && this.#facts.loops[inline.loops.at(-1) ?? -1];
      if (elements?.kind === 'callback' && elements.elements.length === 0) {
        const parameter = node.params[elements.method?.startsWith('reduce') ? 1 : 0];
        if (parameter) forEachBinding(parameter, (identifier) => elements.elements.push(this.#variable(identifier)));
      }
      if (!node.body) return;
      if (node.body.type === 'BlockStatement') this.#block(node.body.body);
      else this.#returned(node.body);
    });
    this.#function = outer.function;
    this.#loops = outer.loops;
    this.#activeLoops = outer.active;
    this.#tryLoops = outer.tries;
    this.#switchDepth = outer.switches;
  }

  #newClass(node: TSESTree.ClassDeclaration | TSESTree.ClassExpression): number {
    const fact: ClassFact = { start: node.range[0], end: node.range[1], implements: [], members: Object.create(null) as ClassFact['members'], ...(node.id && { name: node.id.name }) };
    return this.#facts.classes.push(fact) - 1;
  }

  #classBody(node: TSESTree.ClassDeclaration | TSESTree.ClassExpression, index: number): void {
    const fact = this.#facts.classes[index]!;
    const outer = this.#class;
    if (node.superClass) fact.extends = this.#value(node.superClass);
    fact.implements = node.implements.map((i): TypeFact => (i.expression.type === 'Identifier' ? { kind: 'named', path: [i.expression.name], arguments: [] } : { kind: 'unknown' }));
    this.#class = index;
    for (const member of node.body.body) {
      if (member.type === 'StaticBlock') {
        this.#inScope(() => this.#block(member.body));
        continue;
      }
      if (!('key' in member)) continue;
      const name = member.key.type === 'Identifier' || member.key.type === 'PrivateIdentifier' ? member.key.name : member.key.type === 'Literal' ? String(member.key.value) : undefined;
      if (name === undefined) continue;
      if (member.type === 'MethodDefinition' || member.type === 'TSAbstractMethodDefinition') {
        if (member.kind === 'constructor') this.#constructorProperties(member.value, fact);
        const value = this.#functionValue(member.value, name);
        if (member.kind === 'get') this.#member(fact, name, { value: this.#add({ kind: 'call', of: value, args: [], span: { start: member.range[0], end: member.range[0] }, spread: false, typeArguments: [] }) }, member.static);
        else if (member.kind === 'method' && member.value.body) this.#member(fact, name, { value }, member.static);
      } else if (member.type === 'PropertyDefinition' || member.type === 'AccessorProperty' || member.type === 'TSAbstractPropertyDefinition') {
        const type = this.#type(member.typeAnnotation?.typeAnnotation);
        const initializer = member.value && (asFunction(member.value) ? this.#functionValue(asFunction(member.value)!, name) : this.#value(member.value));
        this.#member(fact, name, { ...(initializer && { value: initializer }), ...(type && { type }) }, member.static);
      }
    }
    this.#class = outer;
  }

  #constructorProperties(node: TSESTree.FunctionExpression | TSESTree.TSEmptyBodyFunctionExpression, fact: ClassFact): void {
    for (const parameter of node.params) {
      if (parameter.type !== 'TSParameterProperty') continue;
      const type = this.#type(annotationOf(parameter));
      const target = parameter.parameter.type === 'AssignmentPattern' ? parameter.parameter.left : parameter.parameter;
      if (target.type === 'Identifier') this.#member(fact, target.name, { ...(type && { type }) }, false);
    }
  }

  #member(fact: ClassFact, name: string, given: Omit<MemberFact, 'static'>, isStatic: boolean): void {
    const known = fact.members[name];
    fact.members[name] = { static: isStatic, ...known, ...given, ...(known?.value !== undefined && given.value !== undefined && { value: this.#add({ kind: 'either', of: [known.value, given.value] }) }) };
  }

  // ── expressions ────────────────────────────────────────────────────────────────────────────────────────────────────

  #value(node: TSESTree.Expression | TSESTree.PrivateIdentifier | TSESTree.Super, use: Use = PART): ValueId {
    switch (node.type) {
      case 'Identifier':
        return this.#name(node.name);
      case 'Literal':
        if (typeof node.value === 'string') return this.#add({ kind: 'text', text: node.value, holes: [] });
        return typeof node.value === 'number' || typeof node.value === 'boolean' || node.raw === 'null' ? this.#add({ kind: 'literal', value: node.value as number | boolean | null }) : UNKNOWN;
      case 'TemplateLiteral':
        return this.#add({ kind: 'text', ...this.#template(node) });
      case 'ThisExpression':
        return this.#class === undefined ? UNKNOWN : this.#add({ kind: 'this', class: this.#class });
      case 'Super':
        return this.#class === undefined ? UNKNOWN : this.#add({ kind: 'super', class: this.#class });
      case 'ChainExpression':
      case 'TSNonNullExpression':
      case 'TSInstantiationExpression':
      case 'TSSatisfiesExpression':
        return this.#value(node.expression, use);
      case 'TSAsExpression':
      case 'TSTypeAssertion': {
        const of = this.#value(node.expression, use);
        const type = this.#type(node.typeAnnotation);
        return !type || type.kind === 'unknown' || (type.kind === 'named' && type.path[0] === 'const') ? of : this.#add({ kind: 'cast', of, type });
      }
      case 'MemberExpression':
        return this.#memberExpression(node, use);
      case 'CallExpression':
        return this.#call(node, use);
      case 'NewExpression': {
        const of = this.#value(node.callee);
        const runsNow = node.callee.type === 'Identifier' && node.callee.name === 'Promise';
        const id = this.#add({ kind: 'unknown' });
        const args = node.arguments.map((argument, index) => this.#argument(argument, id, index, !runsNow, use));
        this.#facts.values[id] = { kind: 'new', of, args };
        return id;
      }
      case 'AwaitExpression': {
        this.#note(node.argument, (uses) => { uses.awaited = true; });
        const inner = peel(node.argument);
        const value = this.#value(node.argument, { ...use, chained: false, use: { kind: 'awaited' }, awaited: true });
        if (inner.type === 'Identifier' || inner.type === 'MemberExpression') this.#site(node, value, { ...use, use: { kind: 'awaited' }, awaited: true });
        return this.#add({ kind: 'awaited', of: value });
      }
      case 'YieldExpression':
        return node.argument ? this.#value(node.argument, { ...use, use: { kind: 'yielded' }, awaited: false }) : UNKNOWN;
      case 'TaggedTemplateExpression': {
        const of = this.#value(node.tag, { ...use, chained: true });
        const id = this.#add({ kind: 'tagged', of, ...this.#template(node.quasi), span: spanOf(node) });
        if (!use.chained) this.#site(node, id, use);
        return id;
      }
      case 'ArrowFunctionExpression':
      case 'FunctionExpression':
        return this.#functionValue(node);
      case 'ClassExpression': {
        const index = this.#newClass(node);
        this.#classBody(node, index);
        return this.#add({ kind: 'class', class: index });
      }
      case 'ObjectExpression':
        return this.#object(node);
      case 'ArrayExpression': {
        let spread = false;
        const items = node.elements.filter((element) => element !== null).map((element, index) => {
          if (element.type === 'SpreadElement') spread = true;
          const inner = element.type === 'SpreadElement' ? element.argument : element;
          this.#note(inner, (uses) => { uses.passed = true; });
          const value = this.#value(inner, use.result.length === node.elements.length && use.result.length > 1 ? { use: { kind: 'part' }, awaited: true, result: [use.result[index]!] } : PART);
          return element.type === 'SpreadElement' ? this.#add({ kind: 'spread', of: value }) : value;
        });
        return this.#add({ kind: 'array', items, spread });
      }
      case 'ConditionalExpression': {
        this.#tested(node.test);
        return this.#add({ kind: 'either', of: [this.#value(node.consequent, use), this.#value(node.alternate, use)] });
      }
      case 'LogicalExpression': {
        this.#note(node.left, (uses) => { uses.tested = true; });
        return this.#add({ kind: 'either', of: [this.#value(node.left, { ...use, use: { kind: 'part' } }), this.#value(node.right, use)] });
      }
      case 'AssignmentExpression':
        return this.#assignment(node, use);
      case 'SequenceExpression':
        return node.expressions.map((expression) => this.#value(expression, use)).at(-1) ?? UNKNOWN;
      case 'BinaryExpression':
        this.#note(node.left, (uses) => { uses.tested = true; });
        return this.#add({ kind: 'computed', of: [this.#value(node.left), this.#value(node.right)], operator: node.operator });
      case 'UnaryExpression':
        this.#note(node.argument, (uses) => { uses.tested = true; });
        return node.operator === 'void' ? this.#value(node.argument, { ...use, use: { kind: 'dropped' } }) : this.#add({ kind: 'computed', of: [this.#value(node.argument)], operator: node.operator });
      case 'UpdateExpression':
        this.#reassigned(node.argument);
        return this.#add({ kind: 'computed', of: [this.#value(node.argument)], operator: node.operator });
      case 'ImportExpression':
        return node.source.type === 'Literal' ? this.#add({ kind: 'import', import: this.#import('', String(node.source.value), '*', false) }) : UNKNOWN;
      case 'JSXElement':
      case 'JSXFragment':
        this.#jsx(node);
        return UNKNOWN;
      default:
        return UNKNOWN;
    }
  }

  #template(node: TSESTree.TemplateLiteral): { text: string; holes: ValueId[] } {
    const text = node.quasis.map((quasi, index) => (index ? `$${index}` : '') + (quasi.value.cooked ?? quasi.value.raw)).join('');
    return { text, holes: node.expressions.map((expression) => this.#value(expression as TSESTree.Expression)) };
  }

  #memberExpression(node: TSESTree.MemberExpression, use: Use): ValueId {
    const name = !node.computed ? node.property.name : node.property.type === 'Literal' ? String(node.property.value) : undefined;
    this.#note(node.object, (uses) => {
      if (name === undefined) uses.iterated = true;
      else if (!uses.members.includes(name)) uses.members.push(name);
    });
    const object = peel(node.object);
    const of = this.#value(node.object, { ...use, chained: use.chained && object.type !== 'AwaitExpression' });
    if (name !== undefined) return this.#add({ kind: 'member', of, name });
    return this.#add({ kind: 'index', of, key: this.#value(node.property) });
  }

  #call(node: TSESTree.CallExpression, use: Use): ValueId {
    if (node.callee.type === 'Identifier' && node.callee.name === 'require' && node.arguments[0]?.type === 'Literal' && !this.#scope.resolve('require')) {
      return this.#add({ kind: 'import', import: this.#import('', String(node.arguments[0].value), '*', false) });
    }
    const id = this.#add({ kind: 'unknown' });
    const callee = peel(node.callee);
    const of = this.#value(node.callee, { ...use, chained: true });
    const method = callee.type === 'MemberExpression' && !callee.computed && callee.property.type === 'Identifier' ? callee.property.name : undefined;
    const position = method === 'from' && node.arguments.length > 1 ? 1 : 0;
    const first = node.arguments[position];
    let loop: number | undefined;
    if (method && first && asFunction(first) && (ITERATION_METHODS.has(method) || position === 1)) {
      const receiver = position === 1 ? node.arguments[0] : callee.type === 'MemberExpression' ? callee.object : undefined;
      this.#note(receiver, (uses) => { uses.iterated = true; });
      const iterable = position === 1 ? this.#value(node.arguments[0] as TSESTree.Expression) : memberTarget(this.#facts.values[of]!);
      loop = this.#newLoop(node, 'callback', { method, fanOut: use.use.kind === 'argument' && this.#isPromiseCombinator(use.use.call), ...(iterable !== undefined && { iterable }) });
    }
    const continuation = method === 'then' || method === 'catch' || method === 'finally';
    const deferred = use.use.kind === 'dropped' && !use.awaited && loop === undefined && !continuation;
    let spread = false;
    const partial: Value = { kind: 'call', of, args: [], span: spanOf(node), spread: false, typeArguments: (node.typeArguments?.params ?? []).map((p) => typeFact(p, this.#entity)) };
    this.#facts.values[id] = partial;
    const args = node.arguments.map((argument, index) => {
      if (argument.type === 'SpreadElement') spread = true;
      return this.#argument(argument, id, index, deferred, use, index === position ? loop : undefined);
    });
    this.#facts.values[id] = { ...partial, args, spread };
    if (!use.chained) this.#site(node, id, use);
    return id;
  }

  #isPromiseCombinator(call: ValueId): boolean {
    const value = this.#facts.values[call];
    if (value?.kind !== 'call') return false;
    const callee = this.#facts.values[value.of];
    const of = callee?.kind === 'member' ? this.#facts.values[callee.of] : undefined;
    return of?.kind === 'global' && of.name === 'Promise';
  }

  #argument(argument: TSESTree.CallExpressionArgument, call: ValueId, index: number, deferred: boolean, use: Use, loop?: number): ValueId {
    if (argument.type === 'SpreadElement') {
      this.#note(argument.argument, (uses) => { uses.passed = true; });
      return this.#add({ kind: 'spread', of: this.#value(argument.argument) });
    }
    this.#note(argument, (uses) => { uses.passed = true; });
    const functionNode = asFunction(argument);
    if (!functionNode) return this.#value(argument, { use: { kind: 'argument', call, index }, awaited: false, result: use.awaited ? use.result : [] });
    const inline: InlineFact = { parent: this.#function, call, argument: index, loops: loop === undefined ? this.#loops : [...this.#loops, loop], deferred };
    return this.#functionValue(functionNode, undefined, inline, loop === undefined ? [] : [loop]);
  }

  #object(node: TSESTree.ObjectExpression): ValueId {
    const properties: Record<string, ValueId> = Object.create(null) as Record<string, ValueId>;
    const spreads: ValueId[] = [];
    for (const property of node.properties) {
      if (property.type === 'SpreadElement') {
        this.#note(property.argument, (uses) => { uses.passed = true; });
        spreads.push(this.#value(property.argument));
        continue;
      }
      const name = !property.computed && property.key.type === 'Identifier' ? property.key.name : property.key.type === 'Literal' ? String(property.key.value) : undefined;
      this.#note(property.value, (uses) => { uses.passed = true; });
      const functionNode = asFunction(property.value);
      const value = functionNode ? this.#functionValue(functionNode, name) : this.#value(property.value as TSESTree.Expression);
      if (name !== undefined) properties[name] = value;
      else spreads.push(UNKNOWN);
    }
    return this.#add({ kind: 'object', properties, spreads });
  }

  #assignment(node: TSESTree.AssignmentExpression, use: Use): ValueId {
    const left = peel(node.left);
    const targets: number[] = [];
    forEachBinding(left, (identifier) => {
      const binding = this.#scope.resolve(identifier.name);
      if (binding?.kind === 'variable') targets.push(binding.variable);
    });
    const value = this.#value(node.right, { use: targets[0] === undefined ? { kind: 'part' } : { kind: 'assigned', variable: targets[0] }, awaited: use.awaited, result: targets });
    this.#assign(left, node.operator === '=' || node.operator === '??=' || node.operator === '||=' ? value : this.#add({ kind: 'computed', of: [value], operator: node.operator }));
    return value;
  }

  #assign(left: TSESTree.Node, value: ValueId): void {
    if (left.type === 'MemberExpression') {
      const name = !left.computed && left.property.type === 'Identifier' ? left.property.name : undefined;
      if (left.object.type === 'ThisExpression' && this.#class !== undefined && left.property.type !== 'Literal') {
        const property = left.property.type === 'Identifier' || left.property.type === 'PrivateIdentifier' ? left.property.name : undefined;
        if (property !== undefined) this.#member(this.#facts.classes[this.#class]!, property, { value }, false);
      } else if (name !== undefined && left.object.type === 'Identifier' && left.object.name === 'exports') {
        this.#facts.exports.push({ exported: name, value });
      } else if (name === 'exports' && left.object.type === 'Identifier' && left.object.name === 'module') {
        this.#exportCommonJs(value);
      } else {
        this.#value(left.object);
        if (left.computed) this.#value(left.property);
      }
      return;
    }
    forEachBinding(left, (identifier, path) => {
      const binding = this.#scope.resolve(identifier.name);
      if (binding?.kind !== 'variable') return;
      this.#assigned[binding.variable]!.push(this.#follow(value, path));
      this.#markReassigned(binding.variable);
    });
  }

  #exportCommonJs(value: ValueId): void {
    const target = this.#facts.values[value]!;
    if (target.kind === 'object') for (const [exported, of] of Object.entries(target.properties)) this.#facts.exports.push({ exported, value: of });
    this.#facts.exports.push({ exported: 'default', value });
  }

  #reassigned(node: TSESTree.Node): void {
    const binding = node.type === 'Identifier' ? this.#scope.resolve(node.name) : undefined;
    if (binding?.kind === 'variable') this.#markReassigned(binding.variable);
  }

  #markReassigned(variable: number): void {
    this.#facts.variables[variable]!.reassigned = true;
    for (const loop of this.#activeLoops) {
      const { carried } = this.#facts.loops[loop]!;
      if (!this.#declaredIn[variable]!.includes(loop) && !carried.includes(variable)) carried.push(variable);
    }
  }

  #site(node: TSESTree.Node, value: ValueId, use: Use): void {
    const { result, awaited } = use;
    this.#facts.sites.push({
      value, function: this.#function, loops: this.#loops, use: use.use, result, awaited,
      inTry: this.#tryLoops.some((depth) => depth >= this.#loops.length && this.#loops.length > 0),
      start: node.range[0], end: node.range[1],
    });
  }

  #jsx(node: TSESTree.JSXElement | TSESTree.JSXFragment): void {
    if (node.type === 'JSXElement') {
      for (const attribute of node.openingElement.attributes) {
        if (attribute.type === 'JSXSpreadAttribute') this.#value(attribute.argument);
        else if (attribute.value?.type === 'JSXExpressionContainer' && attribute.value.expression.type !== 'JSXEmptyExpression') this.#value(attribute.value.expression);
        else if (attribute.value?.type === 'JSXElement') this.#jsx(attribute.value);
      }
    }
    for (const child of node.children) {
      if (child.type === 'JSXElement' || child.type === 'JSXFragment') this.#jsx(child);
      else if ((child.type === 'JSXExpressionContainer' || child.type === 'JSXSpreadChild') && child.expression.type !== 'JSXEmptyExpression') this.#value(child.expression);
    }
  }
}

function asFunction(node: TSESTree.Node): TSESTree.FunctionExpression | TSESTree.ArrowFunctionExpression | undefined {
  const inner = peel(node, false);
  return inner.type === 'ArrowFunctionExpression' || inner.type === 'FunctionExpression' ? inner : undefined;
}

function memberTarget(value: Value): ValueId | undefined {
  return value.kind === 'member' ? value.of : undefined;
}

function spanOf(node: TSESTree.Node): { start: number; end: number } {
  return { start: node.range[0], end: node.range[1] };
}

function moduleName(node: TSESTree.Identifier | TSESTree.StringLiteral): string {
  return node.type === 'Identifier' ? node.name : node.value;
}
