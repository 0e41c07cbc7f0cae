import type { TSESTree } from '@typescript-eslint/typescript-estree';
import { forEachBinding } from '../syntax/binding-pattern';
import type { ClassFact, FunctionFact, InlineFact, LoopFact, MemberFact, SiteUse, TypeFact, Value, ValueId } from './facts';
import { isNothing, ITERATION_METHODS, peel } from './loop-shape';
import { NameExtractor, noteMember, spanOf, UNKNOWN } from './name-extractor';
import { annotationOf, typeFact } from './type-facts';

type FunctionNode = TSESTree.FunctionDeclaration | TSESTree.FunctionExpression | TSESTree.ArrowFunctionExpression | TSESTree.TSEmptyBodyFunctionExpression | TSESTree.TSDeclareFunction;

/** How the expression at hand is used by what surrounds it. */
interface Use {
  use: SiteUse;
  awaited: boolean;
  /** Variables that the awaited value lands in. */
  result: number[];
  /** The expression is the inner part of a member chain: the outermost call makes the site. */
  chained?: boolean;
  /** The expression is a name of which only members or elements are read. */
  read?: boolean;
}

/** Of the expression, something is read and nothing else done with it. */
export const READ: Use = { use: { kind: 'part' }, awaited: false, result: [], read: true };
const PART: Use = { use: { kind: 'part' }, awaited: false, result: [] };
const HOLE: Use = { use: { kind: 'hole' }, awaited: false, result: [] };

/** What a decorator is given is kept, and nothing of it runs with the code around. */
const DECORATOR: Use = { use: { kind: 'dropped' }, awaited: false, result: [], chained: true };

/** Expressions, functions and classes: what makes values, sites and callback loops. */
export abstract class ExpressionExtractor extends NameExtractor {
  protected abstract block(statements: TSESTree.Statement[]): void;
  protected abstract tested(test: TSESTree.Expression): ValueId;
  protected abstract returned(argument: TSESTree.Expression): void;

  protected newFunction(node: FunctionNode, name: string | undefined): number {
    const fact: FunctionFact = {
      start: node.range[0], end: node.range[1], parameters: [], returns: [], parent: this.currentFunction,
      ...(name !== undefined && { name }), ...(node.async && { async: true }),
    };
    return this.facts.functions.push(fact) - 1;
  }

  protected functionValue(node: FunctionNode, name?: string, inline?: InlineFact, enclosing: number[] = []): ValueId {
    const index = this.newFunction(node, name ?? (node.type === 'FunctionExpression' ? node.id?.name : undefined));
    this.functionBody(node, index, inline, enclosing);
    return this.add({ kind: 'function', function: index });
  }

  protected functionBody(node: FunctionNode, index: number, inline?: InlineFact, enclosing: number[] = []): void {
    const outer = { function: this.currentFunction, loops: this.loops, active: this.activeLoops, switches: this.switchDepth, branch: this.branch, catches: this.catchDepth, asked: this.askedFor, remembering: this.remembering };
    const fact = this.facts.functions[index]!;
    if (inline) fact.inline = inline;
    this.nameHint = undefined;
    this.currentFunction = index;
    this.loops = [];
    this.activeLoops = inline && !inline.deferred ? [...outer.active, ...enclosing] : [];
    this.switchDepth = 0;
    this.branch = undefined;
    this.catchDepth = 0;
    this.askedFor = new Set();
    this.remembering = false;
    this.inScope(() => {
      const type = this.type(node.returnType?.typeAnnotation);
      if (type) fact.returnType = type;
      this.typeParameters(node.typeParameters);
      // `this: ModelStatic<M>` is a type's matter: no argument belongs to it
      const parameters = node.params.filter((parameter) => !(parameter.type === 'Identifier' && parameter.name === 'this'));
      fact.parameters = parameters.map((parameter, position) => {
        const annotation = this.type(annotationOf(parameter));
        const bound = this.bind(parameter, this.add({ kind: 'parameter', function: index, index: position }), annotation);
        const plain = parameter.type === 'AssignmentPattern' ? parameter.left : parameter;
        return {
          ...(plain.type === 'Identifier' && { name: plain.name }),
          ...(annotation && { type: annotation }),
          ...(parameter.type !== 'TSParameterProperty' && this.decorations(parameter)),
          ...(parameter.type === 'AssignmentPattern' && bound.length === 1 && { default: this.value(parameter.right) }),
        };
      });
      const elements = inline && this.facts.loops[inline.loops.at(-1) ?? -1];
      if (elements?.kind === 'callback' && elements.elements.length === 0) {
        const parameter = parameters[elements.method?.startsWith('reduce') ? 1 : 0];
        if (parameter) forEachBinding(parameter, (identifier) => elements.elements.push(this.variable(identifier)));
      }
      if (!node.body) return;
      if (node.body.type === 'BlockStatement') this.block(node.body.body);
      else {
        fact.concise = true;
        this.returned(node.body);
      }
    });
    this.currentFunction = outer.function;
    this.loops = outer.loops;
    this.activeLoops = outer.active;
    this.switchDepth = outer.switches;
    this.branch = outer.branch;
    this.catchDepth = outer.catches;
    this.askedFor = outer.asked;
    this.remembering = outer.remembering;
  }

  protected newClass(node: TSESTree.ClassDeclaration | TSESTree.ClassExpression): number {
    const fact: ClassFact = { start: node.range[0], end: node.range[1], members: Object.create(null) as ClassFact['members'], statics: Object.create(null) as ClassFact['statics'], ...(node.id && { name: node.id.name }) };
    return this.facts.classes.push(fact) - 1;
  }

  protected classBody(node: TSESTree.ClassDeclaration | TSESTree.ClassExpression, index: number): void {
    const fact = this.facts.classes[index]!;
    const outer = { class: this.currentClass, static: this.inStatic, object: this.currentObject };
    if (node.superClass) fact.extends = this.value(node.superClass);
    if (node.superTypeArguments) fact.typeArguments = node.superTypeArguments.params.map((argument) => typeFact(argument, this.entity));
    if (node.implements.length) fact.implements = node.implements.map(({ expression }): TypeFact => (expression.type === 'Identifier' ? { kind: 'named', path: [expression.name], arguments: [] } : { kind: 'unknown' }));
    Object.assign(fact, this.decorations(node));
    this.currentClass = index;
    this.currentObject = undefined;
    this.typeParameters(node.typeParameters);
    for (const member of node.body.body) {
      this.inStatic = member.type === 'StaticBlock' || ('static' in member && member.static);
      if (member.type === 'StaticBlock') {
        this.inScope(() => this.block(member.body));
        continue;
      }
      if (!('key' in member)) continue;
      const name = member.key.type === 'Identifier' || member.key.type === 'PrivateIdentifier' ? member.key.name : member.key.type === 'Literal' ? String(member.key.value) : undefined;
      if (name === undefined) continue;
      if (member.type === 'MethodDefinition' || member.type === 'TSAbstractMethodDefinition') {
        if (member.kind === 'constructor') this.constructorProperties(member.value, fact);
        const decorations = this.decorations(member);
        const index = this.facts.functions.length;
        const value = this.functionValue(member.value, name);
        if (member.decorators.length) this.facts.functions[index]!.decorated = true;
        if (decorations) this.member(fact, name, decorations, member.static);
        if (member.kind === 'get') this.member(fact, name, { value: this.add({ kind: 'call', of: value, args: [] }) }, member.static);
        else if (member.kind === 'method' && member.value.body) {
          const decorators = member.decorators.map(decoratorName).filter((decorator) => decorator !== undefined);
          this.member(fact, name, { value, ...(decorators.length > 0 && { decorators }) }, member.static);
        }
      } else if (member.type === 'PropertyDefinition' || member.type === 'AccessorProperty' || member.type === 'TSAbstractPropertyDefinition') {
        const type = this.type(member.typeAnnotation?.typeAnnotation);
        const initializer = member.value && (asFunction(member.value) ? this.functionValue(asFunction(member.value)!, name) : this.value(member.value));
        this.member(fact, name, { ...(initializer && { value: initializer }), ...(type && { type }), ...this.decorations(member) }, member.static);
      }
    }
    this.currentClass = outer.class;
    this.inStatic = outer.static;
    this.currentObject = outer.object;
  }

  /** Decorators that are called: injected tokens, fields of a GraphQL type. */
  protected decorations(node: { decorators?: TSESTree.Decorator[] }): { decorations: ValueId[] } | undefined {
    const called = node.decorators?.filter(({ expression }) => expression.type === 'CallExpression') ?? [];
    return called.length ? { decorations: called.map(({ expression }) => this.value(expression, DECORATOR)) } : undefined;
  }

  protected constructorProperties(node: TSESTree.FunctionExpression | TSESTree.TSEmptyBodyFunctionExpression, fact: ClassFact): void {
    for (const parameter of node.params) {
      if (parameter.type !== 'TSParameterProperty') continue;
      const type = this.type(annotationOf(parameter));
      const target = parameter.parameter.type === 'AssignmentPattern' ? parameter.parameter.left : parameter.parameter;
      if (target.type === 'Identifier') this.member(fact, target.name, { ...(type && { type }), ...this.decorations(parameter) }, false);
    }
  }

  protected member(fact: ClassFact, name: string, given: MemberFact, isStatic: boolean): void {
    const members = isStatic ? fact.statics : fact.members;
    const known = members[name];
    members[name] = { ...known, ...given, ...(known?.value !== undefined && given.value !== undefined && { value: this.add({ kind: 'either', of: [known.value, given.value] }) }) };
  }

  protected value(node: TSESTree.Expression | TSESTree.PrivateIdentifier | TSESTree.Super, use: Use = PART): ValueId {
    switch (node.type) {
      case 'Identifier':
        if (!use.read && !use.chained && !this.emptinessChecks.has(node)) {
          const target = use.use.kind === 'assigned' ? use.use.variable : -1;
          this.note(node, (uses) => {
            if (target >= 0) (uses.aliases ??= []).push(target);
            else if (!uses.passed && !uses.returned) uses.whole = true;
          });
        }
        return this.name(node.name);
      case 'Literal':
        if (typeof node.value === 'string') return this.add({ kind: 'text', text: worthKeeping(node.value), holes: [] });
        return typeof node.value === 'number' || typeof node.value === 'boolean' || node.raw === 'null' ? this.intern(node.raw, { kind: 'literal', value: node.value as number | boolean | null }) : UNKNOWN;
      case 'TemplateLiteral':
        return this.add({ kind: 'text', ...this.template(node) });
      case 'MetaProperty':
        return this.intern('import.meta', { kind: 'global', name: 'import.meta' });
      case 'ThisExpression':
        if (this.currentObject !== undefined) return this.currentObject;
        return this.currentClass === undefined ? UNKNOWN : this.add({ kind: 'this', class: this.currentClass, ...(this.inStatic && { static: true }) });
      case 'Super':
        return this.currentClass === undefined ? UNKNOWN : this.add({ kind: 'super', class: this.currentClass, ...(this.inStatic && { static: true }) });
      case 'ChainExpression':
      case 'TSNonNullExpression':
      case 'TSInstantiationExpression':
      case 'TSSatisfiesExpression':
        return this.value(node.expression, use);
      case 'TSAsExpression':
      case 'TSTypeAssertion': {
        const of = this.value(node.expression, use);
        const type = this.type(node.typeAnnotation);
        return !type || type.kind === 'unknown' || (type.kind === 'named' && type.path[0] === 'const') ? of : this.add({ kind: 'cast', of, type });
      }
      case 'MemberExpression':
        return this.memberExpression(node, use);
      case 'CallExpression':
        return this.call(node, use);
      case 'NewExpression': {
        const of = this.value(node.callee);
        const runsNow = node.callee.type === 'Identifier' && node.callee.name === 'Promise';
        const id = this.add({ kind: 'unknown' });
        const args = node.arguments.map((argument, index) => this.argument(argument, node, id, index, !runsNow, use));
        this.facts.values[id] = { kind: 'new', of, args, ...this.typeArguments(node) };
        const { kind } = use.use;
        const made = this.facts.values[of]!.kind;
        const isKept = kind === 'assigned' || kind === 'returned' || kind === 'dropped';
        if (!use.chained && (isKept ? made !== 'global' : made === 'import' || made === 'member')) this.site(node, id, use);
        return id;
      }
      case 'AwaitExpression': {
        this.note(node.argument, (uses) => { uses.awaited = true; });
        if (this.step?.function === this.currentFunction) this.step.awaits++;
        const inner = peel(node.argument);
        const value = this.value(node.argument, { ...use, chained: false, use: { kind: 'awaited' }, awaited: true });
        if (inner.type === 'Identifier' || inner.type === 'MemberExpression') this.site(node, value, { ...use, use: { kind: 'awaited' }, awaited: true });
        return this.add({ kind: 'awaited', of: value });
      }
      case 'YieldExpression':
        return node.argument ? this.value(node.argument, { ...use, use: { kind: 'yielded' }, awaited: false }) : UNKNOWN;
      case 'TaggedTemplateExpression': {
        const of = this.value(node.tag, { ...use, chained: true });
        const id = this.add({ kind: 'tagged', of, ...this.template(node.quasi, HOLE) });
        if (!use.chained) this.site(node, id, use);
        return id;
      }
      case 'ArrowFunctionExpression':
      case 'FunctionExpression':
        return this.functionValue(node);
      case 'ClassExpression': {
        const index = this.newClass(node);
        this.classBody(node, index);
        return this.add({ kind: 'class', class: index });
      }
      case 'ObjectExpression':
        return this.object(node, partOf(use));
      case 'ArrayExpression': {
        let spread = false;
        const part = partOf(use);
        const items = node.elements.filter((element) => element !== null).map((element, index) => {
          if (element.type === 'SpreadElement') spread = true;
          const inner = element.type === 'SpreadElement' ? element.argument : element;
          this.notePassed(inner, part);
          const value = this.value(inner, use.result.length === node.elements.length && use.result.length > 1 ? { use: part, awaited: true, result: [use.result[index]!] } : { ...PART, use: part });
          return element.type === 'SpreadElement' ? this.add({ kind: 'spread', of: value }) : value;
        });
        return this.add({ kind: 'array', items, spread });
      }
      case 'ConditionalExpression': {
        const test = this.tested(node.test);
        const arm = { ...use, read: false };
        return this.add({ kind: 'either', of: [this.inBranch(() => this.value(node.consequent, arm)), this.inBranch(() => this.value(node.alternate, arm))], test });
      }
      case 'LogicalExpression': {
        this.noteEmptinessCheck(node.left);
        if (node.operator === '&&') this.notePresenceCheck(node.left);
        this.noteAsked(node.left);
        return this.add({ kind: 'either', of: [this.value(node.left, { ...use, use: partOf(use), read: false }), this.inBranch(() => this.value(node.right, { ...use, read: false }))] });
      }
      case 'AssignmentExpression':
        return this.assignment(node, use);
      case 'SequenceExpression':
        return node.expressions.map((expression) => this.value(expression, { ...use, read: false })).at(-1) ?? UNKNOWN;
      case 'BinaryExpression':
        this.noteEmptinessCheck(node);
        if (isNothing(node.right)) this.notePresenceCheck(node.left);
        return this.add({ kind: 'computed', of: [this.value(node.left), this.value(node.right)], operator: node.operator });
      case 'UnaryExpression':
        this.noteEmptinessCheck(node);
        if (node.operator === '!') this.notePresenceCheck(node.argument);
        if (node.operator === 'delete') this.noteWritten(node.argument);
        return node.operator === 'void' ? this.value(node.argument, { ...use, use: { kind: 'dropped' } }) : this.add({ kind: 'computed', of: [this.value(node.argument)], operator: node.operator });
      case 'UpdateExpression':
        this.reassigned(node.argument);
        this.noteWritten(node.argument);
        return this.add({ kind: 'computed', of: [this.value(node.argument)], operator: node.operator });
      case 'ImportExpression':
        // `import()`, half-typed, has no source.
        return (node.source as TSESTree.Expression | null)?.type === 'Literal' ? this.add({ kind: 'import', import: this.import('', String((node.source as TSESTree.Literal).value), '*', false) }) : UNKNOWN;
      case 'JSXElement':
      case 'JSXFragment':
        this.jsx(node);
        return UNKNOWN;
      default:
        return UNKNOWN;
    }
  }

  protected template(node: TSESTree.TemplateLiteral, use: Use = PART): { text: string; holes: ValueId[] } {
    const text = node.quasis.map((quasi, index) => (index ? `$${index}` : '') + (quasi.value.cooked ?? quasi.value.raw)).join('');
    return { text: worthKeeping(text), holes: node.expressions.map((expression) => this.value(expression as TSESTree.Expression, use)) };
  }

  protected memberExpression(node: TSESTree.MemberExpression, use: Use): ValueId {
    const name = !node.computed ? node.property.name : node.property.type === 'Literal' ? String(node.property.value) : undefined;
    this.note(node.object, (uses) => {
      if (name === undefined) uses.iterated = true;
      else if (name === 'length' && this.emptinessChecks.has(node)) return;
      else noteMember(uses, name);
    });
    const object = peel(node.object);
    const of = this.value(node.object, { ...use, chained: use.chained && object.type !== 'AwaitExpression', read: true });
    if (name !== undefined) return this.memberOf(of, name);
    return this.add({ kind: 'index', of, key: this.value(node.property) });
  }

  protected call(node: TSESTree.CallExpression, use: Use): ValueId {
    if (node.callee.type === 'Identifier' && node.callee.name === 'require' && node.arguments[0]?.type === 'Literal' && !this.scope.resolve('require')) {
      return this.add({ kind: 'import', import: this.import('', String(node.arguments[0].value), '*', false) });
    }
    const id = this.add({ kind: 'unknown' });
    const callee = peel(node.callee);
    const of = this.value(node.callee, { ...use, chained: true });
    const method = callee.type === 'MemberExpression' && !callee.computed && callee.property.type === 'Identifier' ? callee.property.name : undefined;
    const position = (method === 'from' || method === 'fromAsync') && node.arguments.length > 1 ? 1 : 0;
    const first = node.arguments[position];
    let loop: number | undefined;
    if (method && first && asFunction(first) && (ITERATION_METHODS.has(method) || position === 1)) {
      const receiver = position === 1 ? node.arguments[0] : callee.type === 'MemberExpression' ? callee.object : undefined;
      if (position === 1) this.note(receiver, (uses) => { uses.iterated = true; });
      const iterable = position === 1 ? this.value(node.arguments[0] as TSESTree.Expression) : memberTarget(this.facts.values[of]!);
      loop = this.newLoop(node, 'callback', { method, fanOut: use.use.kind === 'argument' && this.isPromiseCombinator(use.use.call), ...(iterable !== undefined && { iterable }) });
    }
    const continuation = method === 'then' || method === 'catch' || method === 'finally';
    const deferred = use.use.kind === 'dropped' && !use.awaited && loop === undefined && !continuation;
    // Arguments look at the call that they belong to: it has its callee before them.
    this.facts.values[id] = { kind: 'call', of, args: [] };
    const args = node.arguments.map((argument, index) => this.argument(argument, node, id, index, deferred, use, index === position ? loop : undefined));
    this.facts.values[id] = { kind: 'call', of, args, ...(method !== undefined && this.typeArguments(node)) };
    if (!use.chained) this.site(node, id, use);
    return id;
  }

  private typeArguments({ typeArguments }: TSESTree.CallExpression | TSESTree.NewExpression): { typeArguments: TypeFact[] } | undefined {
    return typeArguments && { typeArguments: typeArguments.params.map((type) => typeFact(type, this.entity)) };
  }

  protected isPromiseCombinator(call: ValueId): boolean {
    const value = this.facts.values[call];
    if (value?.kind !== 'call') return false;
    const callee = this.facts.values[value.of];
    const of = callee?.kind === 'member' ? this.facts.values[callee.of] : undefined;
    return of?.kind === 'global' && of.name === 'Promise';
  }

  protected argument(argument: TSESTree.CallExpressionArgument, around: TSESTree.Node, call: ValueId, index: number, deferred: boolean, use: Use, loop?: number): ValueId {
    if (argument.type === 'SpreadElement') {
      this.notePassed(argument.argument, { kind: 'part', call });
      return this.add({ kind: 'spread', of: this.value(argument.argument) });
    }
    this.notePassed(argument, { kind: 'argument', call, index });
    const functionNode = asFunction(argument);
    if (!functionNode) return this.value(argument, { use: { kind: 'argument', call, index }, awaited: false, result: use.awaited ? use.result : [] });
    const inline: InlineFact = { parent: this.currentFunction, call, span: spanOf(around), argument: index, loops: loop === undefined ? this.loops : [...this.loops, loop], deferred };
    const name = loop === undefined ? this.nameHint : undefined;
    this.nameHint = undefined;
    return this.functionValue(functionNode, name, inline, loop === undefined ? [] : [loop]);
  }

  protected object(node: TSESTree.ObjectExpression, part: SiteUse): ValueId {
    const properties: Record<string, ValueId> = Object.create(null) as Record<string, ValueId>;
    const spreads: ValueId[] = [];
    const id = this.add({ kind: 'unknown' });
    for (const property of node.properties) {
      if (property.type === 'SpreadElement') {
        this.notePassed(property.argument, part);
        spreads.push(this.value(property.argument));
        continue;
      }
      const name = propertyName(property);
      this.notePassed(property.value, part);
      const functionNode = asFunction(property.value);
      const value = functionNode ? this.methodOf(id, functionNode, name) : this.value(property.value as TSESTree.Expression, { ...PART, use: part });
      if (name !== undefined) properties[name] = value;
      else spreads.push(UNKNOWN);
    }
    this.facts.values[id] = { kind: 'object', properties, spreads };
    return id;
  }

  /** A function of an object literal: `this` is the object, but in arrow functions. */
  protected methodOf(object: ValueId, node: TSESTree.FunctionExpression | TSESTree.ArrowFunctionExpression, name: string | undefined): ValueId {
    const outer = this.currentObject;
    if (node.type === 'FunctionExpression') this.currentObject = object;
    const value = this.functionValue(node, name);
    this.currentObject = outer;
    return value;
  }

  protected notePassed(node: TSESTree.Node, use: SiteUse): void {
    this.note(node, (uses) => {
      uses.passed = true;
      if ('call' in use && use.call !== undefined) (uses.givenTo ??= []).push(use.call);
    });
  }

  protected assignment(node: TSESTree.AssignmentExpression, use: Use): ValueId {
    const left = peel(node.left);
    const targets: number[] = [];
    forEachBinding(left, (identifier) => {
      const binding = this.scope.resolve(identifier.name);
      if (binding?.kind === 'variable') targets.push(binding.variable);
    });
    if (node.operator === '??=' || node.operator === '||=') this.noteAsked(left);
    else if (node.right.type === 'LogicalExpression') this.noteAsked(node.right.left);
    const name = this.#sharedName(left);
    const outer = this.remembering;
    this.remembering ||= name !== undefined && this.askedFor.has(name);
    const value = this.value(node.right, { use: targets[0] === undefined ? { kind: 'part', ...(left.type === 'MemberExpression' && { kept: true }) } : { kind: 'assigned', variable: targets[0] }, awaited: use.awaited, result: targets });
    this.remembering = outer;
    this.noteWritten(left, node.operator === '=' ? value : undefined);
    this.assign(left, node.operator === '=' || node.operator === '??=' || node.operator === '||=' ? value : this.add({ kind: 'computed', of: [value], operator: node.operator }));
    return value;
  }

  /** Takes note of what a condition asks for: `this.groups`, `!cached`, `cached === undefined`. */
  protected noteAsked(test: TSESTree.Node): void {
    const asked = peel(test);
    if (asked.type === 'UnaryExpression' && asked.operator === '!') this.noteAsked(asked.argument);
    else if (asked.type === 'BinaryExpression' && isNothing(asked.right)) this.noteAsked(asked.left);
    else if (asked.type === 'LogicalExpression') for (const side of [asked.left, asked.right]) this.noteAsked(side);
    else {
      const name = this.#sharedName(asked);
      if (name !== undefined) this.askedFor.add(name);
    }
  }

  /** How a field of `this`, or a variable of an outer function, is told from others. */
  #sharedName(node: TSESTree.Node): string | undefined {
    if (node.type === 'MemberExpression') return node.object.type === 'ThisExpression' && !node.computed ? `this.${node.property.name}` : undefined;
    const binding = node.type === 'Identifier' ? this.scope.resolve(node.name) : undefined;
    return binding?.kind === 'variable' && this.facts.variables[binding.variable]!.function !== this.currentFunction ? (node as TSESTree.Identifier).name : undefined;
  }

  protected assign(left: TSESTree.Node, value: ValueId): void {
    if (left.type === 'MemberExpression') {
      const name = !left.computed && left.property.type === 'Identifier' ? left.property.name : undefined;
      if (left.object.type === 'ThisExpression' && this.currentClass !== undefined && left.property.type !== 'Literal') {
        const property = left.property.type === 'Identifier' || left.property.type === 'PrivateIdentifier' ? left.property.name : undefined;
        if (property !== undefined) this.member(this.facts.classes[this.currentClass]!, property, { value }, this.inStatic);
      } else if (name !== undefined && left.object.type === 'Identifier' && left.object.name === 'exports') {
        this.facts.exports.push({ exported: name, value });
      } else if (name === 'exports' && left.object.type === 'Identifier' && left.object.name === 'module') {
        this.exportCommonJs(value);
      } else {
        const of = this.value(left.object);
        if (left.computed) this.value(left.property);
        else if (name !== undefined && PUT.has(this.facts.values[value]!.kind)) (this.facts.puts ??= []).push({ of, name, value });
      }
      return;
    }
    forEachBinding(left, (identifier, path) => {
      const binding = this.scope.resolve(identifier.name);
      if (binding?.kind !== 'variable') return;
      this.written(binding);
      this.assigned[binding.variable]!.push(this.follow(value, path));
      this.markReassigned(binding.variable);
    });
  }

  protected exportCommonJs(value: ValueId): void {
    const target = this.facts.values[value]!;
    if (target.kind === 'object') for (const [exported, of] of Object.entries(target.properties)) this.facts.exports.push({ exported, value: of });
    this.facts.exports.push({ exported: 'default', value, commonJs: true });
  }

  protected reassigned(node: TSESTree.Node): void {
    const binding = node.type === 'Identifier' ? this.scope.resolve(node.name) : undefined;
    this.written(binding);
    if (binding?.kind === 'variable') this.markReassigned(binding.variable);
  }

  protected markReassigned(variable: number): void {
    this.facts.variables[variable]!.reassigned = true;
    for (const loop of this.activeLoops) {
      const { carried } = this.facts.loops[loop]!;
      if (!this.declaredIn[variable]!.includes(loop) && !carried.includes(variable)) carried.push(variable);
    }
  }

  protected site(node: TSESTree.Node, value: ValueId, use: Use): void {
    const { result, awaited } = use;
    this.facts.sites.push({
      value, function: this.currentFunction, loops: this.loops, ...(this.branch !== undefined && { branch: this.branch }), use: use.use, result, awaited, ...(this.remembering && { remembered: true }),
      start: node.range[0], end: node.range[1],
    });
  }

  protected jsx(node: TSESTree.JSXElement | TSESTree.JSXFragment): void {
    if (node.type === 'JSXElement') {
      for (const attribute of node.openingElement.attributes) {
        if (attribute.type === 'JSXSpreadAttribute') this.value(attribute.argument);
        else if (attribute.value?.type === 'JSXExpressionContainer' && attribute.value.expression.type !== 'JSXEmptyExpression') this.value(attribute.value.expression);
        else if (attribute.value?.type === 'JSXElement') this.jsx(attribute.value);
      }
    }
    for (const child of node.children) {
      if (child.type === 'JSXElement' || child.type === 'JSXFragment') this.jsx(child);
      else if ((child.type === 'JSXExpressionContainer' || child.type === 'JSXSpreadChild') && child.expression.type !== 'JSXEmptyExpression') this.value(child.expression);
    }
  }

  /** `if (rows)`, `!rows`, `rows && …`, `rows === null` */
  protected notePresenceCheck(test: TSESTree.Node): void {
    const inner = peel(test);
    if (inner.type === 'Identifier') this.emptinessChecks.add(inner);
    else if (inner.type === 'LogicalExpression') {
      this.notePresenceCheck(inner.left);
      this.notePresenceCheck(inner.right);
    }
  }

  /** The variable that a changed member belongs to, be it directly or deep inside; `value` is what a member is assigned. */
  protected noteWritten(target: TSESTree.Node, value?: ValueId): void {
    const member = peel(target);
    if (member.type !== 'MemberExpression') return;
    let inner: TSESTree.Node = member;
    while (inner.type === 'MemberExpression') inner = peel(inner.object);
    if (inner.type !== 'Identifier') return;
    const binding = this.scope.resolve(inner.name);
    this.written(binding);
    if (binding?.kind !== 'variable') return;
    const { variable } = binding;
    const isField = value !== undefined && !member.computed && peel(member.object) === inner;
    const { uses } = this.facts.variables[variable]!;
    uses.written = true;
    (uses.fields ??= []).push(isField ? value : this.add({ kind: 'variable', variable }));
  }

  protected noteEmptinessCheck(test: TSESTree.Node): void {
    const inner = peel(test);
    if (inner.type === 'MemberExpression') this.emptinessChecks.add(inner);
    else if (inner.type === 'UnaryExpression' && inner.operator === '!') this.noteEmptinessCheck(inner.argument);
    else if (inner.type === 'BinaryExpression' && inner.right.type === 'Literal' && (inner.right.value === 0 || inner.right.value === 1)) this.noteEmptinessCheck(inner.left);
    else if (inner.type === 'LogicalExpression') {
      this.noteEmptinessCheck(inner.left);
      this.noteEmptinessCheck(inner.right);
    }
  }

  protected newLoop(node: TSESTree.Node, kind: LoopFact['kind'], given: Partial<LoopFact>): number {
    return this.facts.loops.push({
      kind, function: this.currentFunction, start: node.range[0], end: node.range[1], strided: false, leavesAtOnce: false, continues: [],
      exitsWhenFound: [], elements: [], carried: [], condition: [], fanOut: false, ...given,
    }) - 1;
  }
}

/** Kinds of values that may be a handle. */
const PUT: ReadonlySet<Value['kind']> = new Set(['import', 'variable', 'member', 'call', 'awaited', 'new']);

/** Longer texts are kept only when they may be SQL: prose and class names tell no rule anything. */
const MAX_PLAIN_TEXT = 40;

function worthKeeping(text: string): string {
  return text.length <= MAX_PLAIN_TEXT || text.endsWith('.sql') || /\b(select|insert|update|delete|with|from|where|count|sum|max|min|avg|agg)\b/i.test(text) ? text : '';
}

/** The function literal that an expression is, if any. */
export function asFunction(node: TSESTree.Node): TSESTree.FunctionExpression | TSESTree.ArrowFunctionExpression | undefined {
  const inner = peel(node, false);
  return inner.type === 'ArrowFunctionExpression' || inner.type === 'FunctionExpression' ? inner : undefined;
}

/** How the parts of a literal are used, whose own use is given. */
function partOf({ use }: Use): SiteUse {
  if (use.kind === 'hole') return use;
  return 'call' in use && use.call !== undefined ? { kind: 'part', call: use.call } : { kind: 'part' };
}

/** `[Op.in]: ids` is named as it is written: libraries know their own keys. */
function propertyName({ computed, key }: TSESTree.Property): string | undefined {
  if (!computed && key.type === 'Identifier') return key.name;
  if (key.type === 'Literal') return String(key.value);
  if (key.type !== 'MemberExpression' || key.object.type !== 'Identifier' || key.property.type !== 'Identifier' || key.computed) return undefined;
  return `[${key.object.name}.${key.property.name}]`;
}

function decoratorName({ expression }: TSESTree.Decorator): string | undefined {
  const named = expression.type === 'CallExpression' ? expression.callee : expression;
  return named.type === 'Identifier' ? named.name : undefined;
}

function memberTarget(value: Value): ValueId | undefined {
  return value.kind === 'member' ? value.of : undefined;
}
