import type { TSESTree } from '@typescript-eslint/typescript-estree';
import { forEachBinding } from '../syntax/binding-pattern';
import { asFunction, ExpressionExtractor, READ } from './expression-extractor';
import type { ModuleFacts, StepFact, TypeFact, Value, ValueId } from './facts';
import { exitsOf, loopShape, peel, positivelyTested } from './loop-shape';
import { moduleName, noteMember, spanOf, type Step, UNKNOWN } from './name-extractor';
import { noteSqlPaths } from './sql-paths';
import { formOf, plainAwait } from './step-shape';
import { annotationOf, memberTypes, typeFact } from './type-facts';

/** Statements kept behind the last one that waits: they tell whether what was waited for is a guard. */
const STEPS_BEHIND = 3;

/** Walks a module's tree once and gathers its facts. */
export class ModuleExtractor extends ExpressionExtractor {
  /** The module or namespace whose declarations are added to. */
  private augmented: string | undefined;

  extract(
    tree: TSESTree.Program,
    common: Pick<ModuleFacts, 'kind' | 'file' | 'context' | 'lineStarts' | 'ignores' | 'sql' | 'syntaxError'>,
  ): ModuleFacts {
    this.facts = {
      ...common,
      values: [{ kind: 'unknown' }], imports: [], exports: [], variables: [], functions: [], classes: [], loops: [], sites: [], branches: [], sequences: [], tries: [],
      types: Object.create(null) as ModuleFacts['types'],
    };
    this.facts.functions.push({ start: tree.range[0], end: tree.range[1], parameters: [], returns: [], parent: 0 });
    this.block(tree.body);
    for (const [index, values] of this.assigned.entries()) {
      const variable = this.facts.variables[index]!;
      variable.value = values.length === 1 ? values[0]! : values.length ? this.add({ kind: 'either', of: values }) : UNKNOWN;
    }
    noteSqlPaths(this.facts);
    return this.facts;
  }

  protected block(statements: TSESTree.Statement[]): void {
    this.hoist(statements);
    const waiting = statements.filter((statement) => plainAwait(statement)).length;
    if (waiting < 2) for (const statement of statements) this.statement(statement);
    else this.sequence(statements);
  }

  /** A block that waits more than once: what its statements read and write decides whether they could wait together. */
  private sequence(statements: TSESTree.Statement[]): void {
    const steps: StepFact[] = [];
    for (const node of statements) {
      const outer = this.step;
      const first = this.facts.sites.length;
      const step: Step = { node, function: this.currentFunction, reads: new Set(), writes: new Set(), awaits: 0, exits: false, opaque: false };
      this.step = step;
      this.statement(node);
      this.step = outer;
      if (outer) {
        for (const variable of step.reads) outer.reads.add(variable);
        for (const variable of step.writes) outer.writes.add(variable);
        outer.awaits += outer.function === step.function ? step.awaits : 0;
        outer.exits ||= step.exits && outer.function === step.function;
        outer.opaque ||= step.opaque;
      }
      steps.push({
        ...spanOf(node), form: formOf(node, step.awaits), sites: [first, this.facts.sites.length], reads: [...step.reads], writes: [...step.writes],
        ...(step.tests && { tests: [...step.tests] }), ...(step.exits && { exits: true }), ...(step.opaque && { opaque: true }),
      });
    }
    const from = steps.findIndex(({ form }) => form === 'await');
    const to = steps.findLastIndex(({ form }) => form === 'await');
    if (to > from) this.facts.sequences.push({ function: this.currentFunction, steps: steps.slice(from, to + 1 + STEPS_BEHIND) });
  }

  protected statement(node: TSESTree.Statement | TSESTree.ExportDefaultDeclaration['declaration']): void {
    switch (node.type) {
      case 'ExpressionStatement':
        if (node.directive === 'use server') this.facts.functions[this.currentFunction]!.serverAction = true;
        this.value(node.expression, { use: { kind: 'dropped' }, awaited: false, result: [] });
        break;
      case 'VariableDeclaration':
        for (const declarator of node.declarations) this.declarator(declarator, node.kind === 'using' || node.kind === 'await using');
        break;
      case 'ReturnStatement':
        this.leaves();
        this.exit(node);
        if (node.argument) this.returned(node.argument);
        break;
      case 'IfStatement': {
        this.tested(node.test);
        if (this.step?.node === node) this.step.tests = new Set(this.step.reads);
        const exit = exitsOf(node.consequent, this.switchDepth > 0);
        if (exit && this.loops.length) this.noteExit(node.test, exit);
        this.inBranch(() => this.inScope(() => this.statement(node.consequent)));
        if (node.alternate) this.inBranch(() => this.inScope(() => this.statement(node.alternate!)));
        break;
      }
      case 'BlockStatement':
        this.inScope(() => this.block(node.body));
        break;
      case 'ForOfStatement':
      case 'ForInStatement':
      case 'ForStatement':
      case 'WhileStatement':
      case 'DoWhileStatement':
        this.loop(node);
        break;
      case 'TryStatement':
        this.facts.tries.push({
          ...spanOf(node), function: this.currentFunction, block: spanOf(node.block),
          ...(node.handler && { handler: spanOf(node.handler) }), ...(node.finalizer && { finalizer: spanOf(node.finalizer) }),
        });
        this.inBranch(() => this.statement(node.block));
        if (node.handler) {
          this.catchDepth++;
          this.inBranch(() => this.inScope(() => {
            if (node.handler!.param) this.declarePattern(node.handler!.param);
            this.statement(node.handler!.body);
          }));
          this.catchDepth--;
        }
        if (node.finalizer) this.statement(node.finalizer);
        break;
      case 'SwitchStatement':
        this.value(node.discriminant);
        this.switchDepth++;
        this.inScope(() => {
          for (const branch of node.cases) {
            if (branch.test) this.value(branch.test);
            this.inBranch(() => this.block(branch.consequent));
          }
        });
        this.switchDepth--;
        break;
      case 'LabeledStatement':
        this.statement(node.body);
        break;
      case 'ThrowStatement':
        this.leaves();
        this.exit(node);
        if (this.catchDepth === 0) this.facts.functions[this.currentFunction]!.throws = true;
        this.value(node.argument);
        break;
      case 'ContinueStatement': {
        this.leaves();
        const loop = this.facts.loops[this.loops.at(-1) ?? -1];
        loop?.continues.push(node.range[0]);
        break;
      }
      case 'FunctionDeclaration':
      case 'TSDeclareFunction':
        this.functionBody(node, this.hoistedFunctions.get(node) ?? this.newFunction(node, node.id?.name));
        break;
      case 'ClassDeclaration':
        this.classBody(node, this.hoistedClasses.get(node) ?? this.newClass(node));
        break;
      case 'ExportNamedDeclaration':
        this.exportNamed(node);
        break;
      case 'ExportDefaultDeclaration':
        this.exportDefault(node);
        break;
      case 'ExportAllDeclaration':
        this.facts.exports.push({ exported: node.exported ? moduleName(node.exported) : '*', source: node.source.value, imported: '*' });
        break;
      case 'TSExportAssignment':
        this.facts.exports.push({ exported: 'default', value: this.value(node.expression) });
        break;
      case 'TSImportEqualsDeclaration':
        if (node.moduleReference.type === 'TSExternalModuleReference' && node.moduleReference.expression.type === 'Literal') {
          this.import(node.id.name, String(node.moduleReference.expression.value), '*', false);
        }
        break;
      case 'TSTypeAliasDeclaration':
        this.typeParameters(node.typeParameters);
        this.facts.types[node.id.name] = { type: typeFact(node.typeAnnotation, this.entity), parameters: (node.typeParameters?.params ?? []).map((p) => p.name.name) };
        break;
      case 'TSInterfaceDeclaration': {
        const bases = node.extends.map((base): TypeFact => (base.expression.type === 'Identifier' ? { kind: 'named', path: [base.expression.name], arguments: [] } : { kind: 'unknown' }));
        const own: TypeFact = { kind: 'object', members: memberTypes(node.body.body, this.entity) };
        if (this.augmented !== undefined) (this.facts.augmentations ??= []).push({ module: this.augmented, name: node.id.name, type: own });
        this.facts.types[node.id.name] = { type: bases.length ? { kind: 'all', of: [own, ...bases] } : own, parameters: [] };
        break;
      }
      case 'TSEnumDeclaration': {
        const properties: Record<string, ValueId> = Object.create(null) as Record<string, ValueId>;
        for (const member of node.body.members) {
          if (member.id.type === 'Identifier') properties[member.id.name] = member.initializer ? this.value(member.initializer) : UNKNOWN;
        }
        this.assigned[this.variable(node.id)]!.push(this.add({ kind: 'object', properties, spreads: [] }));
        break;
      }
      case 'TSModuleDeclaration':
        if (node.body) {
          const outer = this.augmented;
          // `declare module 'fastify' { … }`, and `namespace Express { … }` inside of `declare global { … }`
          this.augmented = node.id.type === 'Literal' ? String(node.id.value) : node.id.type === 'Identifier' && outer !== undefined ? node.id.name : node.kind === 'global' ? 'global' : undefined;
          this.inScope(() => this.block(node.body!.body as TSESTree.Statement[]));
          this.augmented = outer;
        }
        break;
      case 'WithStatement':
        this.statement(node.body);
        break;
      case 'BreakStatement':
        this.leaves();
        break;
      case 'ImportDeclaration':
      case 'EmptyStatement':
      case 'DebuggerStatement':
      case 'TSNamespaceExportDeclaration':
        break;
      default:
        this.value(node as TSESTree.Expression);
    }
  }

  private leaves(): void {
    if (this.step?.function === this.currentFunction) this.step.exits = true;
  }

  private exit(node: TSESTree.ReturnStatement | TSESTree.ThrowStatement): void {
    (this.facts.functions[this.currentFunction]!.exits ??= []).push({
      ...spanOf(node), ...(this.branch !== undefined && { branch: this.branch }), ...(node.type === 'ThrowStatement' && { throws: true }),
    });
  }

  protected declarator(node: TSESTree.VariableDeclarator, disposed: boolean): void {
    const type = this.type(annotationOf(node.id));
    const variables: number[] = [];
    forEachBinding(node.id, (identifier) => variables.push(this.variable(identifier)));
    for (const variable of variables) this.step?.writes.add(variable);
    if (disposed) for (const variable of variables) this.facts.variables[variable]!.disposed = true;
    if (node.id.type === 'Identifier' && type) this.facts.variables[variables[0]!]!.type = type;
    if (!node.init) return;
    const read = this.noteDestructured(node.id, node.init);
    const functionNode = asFunction(node.init);
    this.nameHint = node.id.type === 'Identifier' && node.init.type === 'CallExpression' ? node.id.name : undefined;
    const value = functionNode && node.id.type === 'Identifier'
      ? this.functionValue(functionNode, node.id.name)
      : this.value(node.init, { use: { kind: 'assigned', variable: variables[0] ?? -1 }, awaited: false, result: variables, read });
    forEachBinding(node.id, (identifier, path, fallback) => {
      const target = this.follow(value, path);
      this.assigned[this.variable(identifier)]!.push(fallback ? this.add({ kind: 'either', of: [target, this.value(fallback)] }) : target);
    });
  }

  /** `const { id, name } = row` reads members of it, and nothing else. */
  protected noteDestructured(pattern: TSESTree.Node, init: TSESTree.Expression): boolean {
    if (pattern.type !== 'ObjectPattern' || peel(init).type !== 'Identifier') return false;
    const names = pattern.properties.map((property) => (property.type === 'Property' && !property.computed && property.key.type === 'Identifier' ? property.key.name : undefined));
    if (names.includes(undefined)) return false;
    this.note(init, (uses) => {
      for (const name of names) noteMember(uses, name!);
    });
    return true;
  }

  protected returned(argument: TSESTree.Expression): void {
    this.note(argument, (uses) => { uses.returned = true; });
    const value = this.value(argument, { use: { kind: 'returned' }, awaited: false, result: [] });
    this.facts.functions[this.currentFunction]!.returns.push(value);
  }

  protected tested(test: TSESTree.Expression): ValueId {
    this.noteEmptinessCheck(test);
    this.notePresenceCheck(test);
    this.noteAsked(test);
    return this.value(test);
  }

  protected noteExit(test: TSESTree.Expression, exit: 'return' | 'break'): void {
    const loops = exit === 'return' ? this.loops : this.loops.slice(-1);
    for (const name of positivelyTested(test)) {
      const binding = this.scope.resolve(name);
      if (binding?.kind === 'variable') for (const loop of loops) this.facts.loops[loop]!.exitsWhenFound.push(binding.variable);
    }
  }

  protected exportNamed(node: TSESTree.ExportNamedDeclaration): void {
    const { declaration } = node;
    if (declaration) {
      this.statement(declaration);
      if (declaration.type === 'VariableDeclaration') {
        for (const declarator of declaration.declarations) {
          forEachBinding(declarator.id, (identifier) => this.note(identifier, (uses) => { uses.passed = true; }));
          forEachBinding(declarator.id, (identifier) => this.facts.exports.push({ exported: identifier.name, value: this.name(identifier.name) }));
        }
      } else if (declaration.type === 'TSTypeAliasDeclaration' || declaration.type === 'TSInterfaceDeclaration') {
        this.facts.exports.push({ exported: declaration.id.name, type: declaration.id.name });
      } else if ('id' in declaration && declaration.id?.type === 'Identifier') {
        this.facts.exports.push({ exported: declaration.id.name, value: this.name(declaration.id.name) });
      }
      return;
    }
    for (const specifier of node.specifiers) {
      const exported = moduleName(specifier.exported);
      const local = moduleName(specifier.local);
      if (node.source) this.facts.exports.push({ exported, source: node.source.value, imported: local });
      else if (this.scope.resolve(local)) this.facts.exports.push({ exported, value: this.name(local), type: local });
      else this.facts.exports.push({ exported, type: local });
    }
  }

  protected exportDefault(node: TSESTree.ExportDefaultDeclaration): void {
    const { declaration } = node;
    if (declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration') {
      this.statement(declaration);
      const value: Value = declaration.type === 'FunctionDeclaration'
        ? { kind: 'function', function: this.hoistedFunctions.get(declaration)! }
        : { kind: 'class', class: this.hoistedClasses.get(declaration)! };
      this.facts.exports.push({ exported: 'default', value: this.add(value) });
    } else if (declaration.type === 'TSInterfaceDeclaration') {
      this.statement(declaration);
      this.facts.exports.push({ exported: 'default', type: declaration.id.name });
    } else {
      this.facts.exports.push({ exported: 'default', value: this.value(declaration as TSESTree.Expression) });
    }
  }

  protected loop(node: TSESTree.ForOfStatement | TSESTree.ForInStatement | TSESTree.ForStatement | TSESTree.WhileStatement | TSESTree.DoWhileStatement): void {
    const iterates = node.type === 'ForOfStatement' || node.type === 'ForInStatement';
    const shape = loopShape(node);
    let iterable: ValueId | undefined;
    if (iterates) {
      this.note(node.right, (uses) => { uses.iterated = true; });
      iterable = this.value(node.right, READ);
    }
    this.inScope(() => {
      if (node.type === 'ForStatement' && node.init) {
        if (node.init.type === 'VariableDeclaration') this.block([node.init]);
        else this.value(node.init);
      }
      if (!iterates && shape.counted) iterable = this.value(shape.counted);
      const loop = this.newLoop(node, shape.kind, { strided: shape.strided, leavesAtOnce: shape.leavesAtOnce, ...(shape.turns !== undefined && { turns: shape.turns }), ...(iterable !== undefined && { iterable }) });
      const fact = this.facts.loops[loop]!;
      this.enterLoop(loop, () => {
        if (iterates) {
          const element = this.add({ kind: 'element', of: iterable ?? UNKNOWN });
          if (node.left.type === 'VariableDeclaration') {
            for (const declarator of node.left.declarations) fact.elements.push(...this.bind(declarator.id, element));
          } else {
            this.noteWritten(node.left);
            this.assign(node.left, element);
          }
        } else {
          for (const name of shape.conditionNames) {
            const binding = this.scope.resolve(name);
            if (binding?.kind === 'variable') fact.condition.push(binding.variable);
          }
          if (shape.counter) {
            const binding = this.scope.resolve(shape.counter);
            if (binding?.kind === 'variable') fact.elements.push(binding.variable);
          }
          if ('test' in node && node.test) this.value(node.test);
          if (node.type === 'ForStatement' && node.update) this.value(node.update);
        }
        const depth = this.switchDepth;
        this.switchDepth = 0;
        this.statement(node.body);
        this.switchDepth = depth;
      });
    });
  }

  protected enterLoop(loop: number, run: () => void): void {
    this.loops = [...this.loops, loop];
    this.activeLoops = [...this.activeLoops, loop];
    run();
    this.loops = this.loops.slice(0, -1);
    this.activeLoops = this.activeLoops.slice(0, -1);
  }
}
