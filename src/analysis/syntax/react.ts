import type { TSESTree } from '@typescript-eslint/typescript-estree';
import type { Span } from '../finding';
import type { ModuleFacts } from '../facts/facts';
import { eachChild } from './child-nodes';
import { componentAround, rendersBesides, type Component } from './react-component';
import { byName } from '../names';

/** A name as the file spells it: `['Theme']`, or `['contexts', 'Theme']` for a member of a namespace. */
export type NamePath = string[];

/** What a value is made of that is a new object each time it is evaluated. */
export type NewValue = 'object' | 'array' | 'function' | 'element' | 'instance';

/** A provider whose value is new on each render. The span is that of the value, without the braces around it. */
export interface ProviderFact extends Span {
  /** What stands in the tag: the context, for `<Theme.Provider>` and `<Theme>`, or something that is called after one. */
  tag: NamePath;
  /** The tag ends in `.Provider`, which `tag` leaves out. */
  member: boolean;
  built: NewValue;
  /** Name of the component, where it has one. */
  component?: string;
  /** The function that React calls on each render. */
  render: Span;
  /** It is the `render` method of a class. */
  ofClass: boolean;
  /** It hands elements on that its parent made (`children`): they stay the same when only this component renders. */
  passesChildren: boolean;
  /** `use memo` or `use no memo` of the component, else of the file. */
  directive?: 'use memo' | 'use no memo';
}

/** The first place where a module gives something to a hook (`useContext(Theme)`) or to React as a context to read. */
export interface ConsumerFact extends Span {
  path: NamePath;
}

/** What a module says about React contexts. */
export interface ReactFacts {
  /** Names of the module's own contexts. */
  contexts: string[];
  /** `export const ThemeProvider = Theme.Provider`: the context that each such name provides. */
  aliases: Record<string, NamePath>;
  /** What the module may read as a context, each once: arguments of hooks, tags of `<Theme.Consumer>`, `contextType`. */
  consumed: ConsumerFact[];
  /** Providers that can render again by themselves for what their value is not made of, with a value that is new each time. */
  providers: ProviderFact[];
}

/**
 * A file without any of these has nothing to do with a context. The last two: a tag that has a `value` and nothing else, and
 * a hook that is given something with a capital.
 */
const CONTEXT_WORDS = new RegExp(
  ['createContext', 'useContext', 'contextType', 'Context\\b', 'Ctx\\b', '\\.(?:Provider|Consumer)\\b', '\\buse\\(', 'SWRConfig', '<[A-Z][\\w.]*\\s+value=\\{[^]{0,2000}?\\}\\s*>', '\\buse[A-Z]\\w*(?:<[^>()]*>)?\\(\\s*(?:\\w+\\.)?[A-Z]\\w*\\s*[,)]'].join('|'),
);

/** Whether {@link extractReact} can find anything in a module with this text. */
export function mayConcernContexts(text: string): boolean {
  return CONTEXT_WORDS.test(text);
}

/** Methods that give a new array each time. */
const COPYING_METHODS = new Set(['map', 'filter', 'flatMap', 'slice', 'concat', 'toSorted', 'toReversed', 'toSpliced']);
const COPYING_CALLS: Record<string, NewValue> = byName({
  'Object.assign': 'object', 'Object.fromEntries': 'object', 'Object.create': 'object', 'Object.entries': 'array', 'Object.keys': 'array', 'Object.values': 'array',
  'Array.from': 'array', 'Array.of': 'array', 'JSON.parse': 'object', structuredClone: 'object',
});

/** Finds what the React rules need. Returns undefined for files without React contexts; never throws. */
export function extractReact(tree: TSESTree.Program, text: string, facts: ModuleFacts): ReactFacts | undefined {
  if (!mayConcernContexts(text)) return undefined;
  // Mails are rendered once.
  if (facts.imports.some(({ source }) => /^@?react-email\b/.test(source))) return undefined;
  const found: ReactFacts = { contexts: [], aliases: {}, consumed: [], providers: [] };
  try {
    new ContextFinder(found, facts, directiveOf(tree.body)).walk(tree, []);
  } catch {
    // A tree that was recovered from broken code may lack parts that its type promises.
  }
  const { contexts, aliases, consumed, providers } = found;
  return contexts.length + consumed.length + providers.length + Object.keys(aliases).length > 0 ? found : undefined;
}

class ContextFinder {
  readonly #consumed = new Set<string>();

  constructor(
    private readonly found: ReactFacts,
    private readonly facts: ModuleFacts,
    private readonly directive: ProviderFact['directive'],
  ) {}

  walk(node: TSESTree.Node, ancestors: TSESTree.Node[]): void {
    switch (node.type) {
      case 'VariableDeclarator':
        if (node.init && node.id.type === 'Identifier' && isTopLevel(ancestors)) this.#declare(node.id.name, bareExpression(node.init));
        break;
      case 'CallExpression':
        this.#call(node);
        break;
      case 'PropertyDefinition':
        if (node.static && node.key.type === 'Identifier' && node.key.name === 'contextType' && node.value) this.#consume(nameOf(node.value), node);
        break;
      case 'AssignmentExpression':
        if (nameOf(node.left)?.at(-1) === 'contextType') this.#consume(nameOf(node.right), node);
        break;
      case 'JSXElement':
        this.#element(node, ancestors);
        break;
    }
    ancestors.push(node);
    eachChild(node, (child) => this.walk(child, ancestors));
    ancestors.pop();
  }

  #call(call: TSESTree.CallExpression): void {
    const hook = nameOf(call.callee)?.at(-1) ?? '';
    if (!/^use(?:[A-Z]|$)/.test(hook)) return;
    for (const argument of call.arguments) {
      const path = nameOf(argument);
      // A hook of the program may read any context that it is given; what is no context is mostly called otherwise.
      if (path && (hook === 'useContext' || hook === 'use' || /^[A-Z]/.test(path.at(-1)!))) this.#consume(path, call);
    }
  }

  #declare(name: string, init: TSESTree.Expression): void {
    if (init.type === 'CallExpression') {
      const callee = nameOf(init.callee);
      if (callee && this.#isReact(callee, 'createContext')) this.found.contexts.push(name);
    } else if (init.type === 'MemberExpression') {
      const path = nameOf(init);
      if (path && path.length > 1 && path.at(-1) === 'Provider') this.found.aliases[name] = path.slice(0, -1);
    }
  }

  /** `createContext` of React: others make contexts that compare what they hand out. */
  #isReact(path: NamePath, exported: string): boolean {
    const fact = this.facts.imports.find(({ local }) => local === path[0]);
    if (fact?.source !== 'react') return path.length === 2 && path[0] === 'React' && path[1] === exported && !fact;
    return path.length === 1 ? fact.imported === exported : path[1] === exported;
  }

  #consume(path: NamePath | undefined, at: TSESTree.Node): void {
    if (!path || path.length > 2) return;
    const key = path.join('.');
    if (this.#consumed.has(key)) return;
    this.#consumed.add(key);
    this.found.consumed.push({ path, start: at.range[0], end: at.range[1] });
  }

  #element(element: TSESTree.JSXElement, ancestors: TSESTree.Node[]): void {
    const path = tagOf(element.openingElement.name);
    if (!path || !/^[A-Z]/.test(path.at(-1)!)) return;
    if (path.length > 1 && path.at(-1) === 'Consumer') {
      this.#consume(path.slice(0, -1), element.openingElement);
      return;
    }
    const value = attributeOf(element.openingElement, 'value');
    if (!value) return;
    const component = componentAround(element, ancestors);
    if (!component || component.async) return;
    const built = newValue(value, component.node, 0);
    if (!built || !rendersBesides(component, value)) return;
    const member = path.length > 1 && path.at(-1) === 'Provider';
    const directive = component.node.body && 'body' in component.node.body && Array.isArray(component.node.body.body) ? directiveOf(component.node.body.body as TSESTree.Node[]) : undefined;
    this.found.providers.push({
      start: value.range[0],
      end: value.range[1],
      tag: member ? path.slice(0, -1) : path,
      member,
      built,
      ...(component.name !== undefined && { component: component.name }),
      render: { start: component.node.range[0], end: component.node.range[1] },
      ofClass: component.ofClass,
      passesChildren: passesChildren(element),
      ...((directive ?? this.directive) && { directive: directive ?? this.directive! }),
    });
  }
}

function isTopLevel(ancestors: readonly TSESTree.Node[]): boolean {
  return ancestors.every(({ type }) => type === 'Program' || type === 'ExportNamedDeclaration' || type === 'VariableDeclaration');
}

function directiveOf(body: readonly TSESTree.Node[]): ProviderFact['directive'] {
  for (const statement of body) {
    if (statement.type !== 'ExpressionStatement' || !statement.directive) return undefined;
    if (statement.directive === 'use memo' || statement.directive === 'use no memo') return statement.directive;
  }
  return undefined;
}

function attributeOf(element: TSESTree.JSXOpeningElement, name: string): TSESTree.Expression | undefined {
  for (const attribute of element.attributes) {
    if (attribute.type !== 'JSXAttribute' || attribute.name.name !== name) continue;
    const value = attribute.value;
    return value?.type === 'JSXExpressionContainer' && value.expression.type !== 'JSXEmptyExpression' ? value.expression : undefined;
  }
  return undefined;
}

function tagOf(name: TSESTree.JSXTagNameExpression): NamePath | undefined {
  if (name.type === 'JSXIdentifier') return [name.name];
  if (name.type !== 'JSXMemberExpression') return undefined;
  const object = tagOf(name.object);
  return object && [...object, name.property.name];
}

/** `a`, `a.b` or `a.b.c` as a path. */
function nameOf(node: TSESTree.Node): NamePath | undefined {
  if (node.type === 'Identifier') return [node.name];
  if (node.type === 'TSInstantiationExpression') return nameOf(node.expression);
  if (node.type !== 'MemberExpression' || node.computed || node.property.type !== 'Identifier') return undefined;
  const object = nameOf(node.object);
  return object && [...object, node.property.name];
}

/** An expression without what only the type checker sees. */
export function bareExpression(expression: TSESTree.Expression): TSESTree.Expression {
  while (expression.type === 'TSAsExpression' || expression.type === 'TSSatisfiesExpression' || expression.type === 'TSNonNullExpression') expression = expression.expression;
  return expression;
}

/** Constants that are named after constants, at most. */
const MAX_NAMES = 4;

/** Whether the expression makes something new each time the component renders; looks through the component's own constants. */
export function newValue(expression: TSESTree.Expression, component: Component['node'], names: number): NewValue | undefined {
  const value = bareExpression(expression);
  switch (value.type) {
    case 'ObjectExpression':
      return 'object';
    case 'ArrayExpression':
      return 'array';
    case 'ArrowFunctionExpression': case 'FunctionExpression': case 'ClassExpression':
      return 'function';
    case 'JSXElement': case 'JSXFragment':
      return 'element';
    case 'NewExpression':
      return 'instance';
    case 'ConditionalExpression':
      return newValue(value.consequent, component, names) ?? newValue(value.alternate, component, names);
    case 'CallExpression': {
      const callee = bareExpression(value.callee);
      const path = nameOf(callee)?.join('.');
      if (path !== undefined && Object.hasOwn(COPYING_CALLS, path)) return COPYING_CALLS[path];
      if (callee.type !== 'MemberExpression' || callee.computed || callee.property.type !== 'Identifier') return undefined;
      if (callee.property.name === 'bind') return 'function';
      return COPYING_METHODS.has(callee.property.name) && value.arguments.length > 0 ? 'array' : undefined;
    }
    case 'Identifier': {
      const declared = names < MAX_NAMES ? ownConstant(value.name, component) : undefined;
      if (!declared) return undefined;
      return declared.type === 'FunctionDeclaration' ? 'function' : newValue(declared, component, names + 1);
    }
    default:
      return undefined;
  }
}

/** What a constant or function at the top of the component's body is. */
function ownConstant(name: string, component: Component['node']): TSESTree.Expression | TSESTree.FunctionDeclaration | undefined {
  if (component.body?.type !== 'BlockStatement') return undefined;
  for (const statement of component.body.body) {
    if (statement.type === 'FunctionDeclaration' && statement.id.name === name) return statement;
    if (statement.type !== 'VariableDeclaration' || statement.kind !== 'const') continue;
    for (const { id, init } of statement.declarations) if (id.type === 'Identifier' && id.name === name) return init ?? undefined;
  }
  return undefined;
}

/** `children`, `props.children`, `{...props}` or a router's outlet stands somewhere under the element. */
function passesChildren(element: TSESTree.JSXElement): boolean {
  const open: TSESTree.Node[] = [...element.children];
  for (let node = open.pop(); node; node = open.pop()) {
    if ((node.type === 'Identifier' || node.type === 'JSXIdentifier') && (node.name === 'children' || node.name === 'Outlet' || node.name === 'Slot')) return true;
    if (node.type === 'JSXSpreadAttribute') return true;
    eachChild(node, (child) => open.push(child));
  }
  return false;
}
