import type { Variable } from '@typescript-eslint/scope-manager';
import type { TSESTree } from '@typescript-eslint/typescript-estree';
import type { FixSafety, Span } from '../../finding';
import { Code, isFunction, within, type FunctionNode, type Node } from '../code';
import { fixOf, movedText, replace, type Edit } from '../edits';
import { indentationAt, styleOf } from '../file-style';
import { camel, Names } from '../naming';
import { orRefused, refuse } from '../refusal';
import { bareExpression, newValue } from '../../syntax/react';
import type { FixOutcome, SourceFile } from '../../rules/rule';
import { dependenciesOf, type Dependency } from './dependencies';
import { reactNames } from './react-imports';
import { renderEffects } from './render-effects';


/** The value of a provider, as its rule found it. */
export interface ContextValue {
  /** The value, without the braces around it. */
  value: Span;
  /** As the tag spells it, without `.Provider`. */
  context: string;
  /** The whole tag. */
  tag: string;
  /** The function that React calls on each render. */
  render: Span;
  /** It is the `render` method of a class. */
  ofClass: boolean;
}

type Component = FunctionNode & { body: TSESTree.BlockStatement };

/** Keeps the value of a provider between renders, with everything new that goes into it. */
export function memoizedValue(data: ContextValue, source: SourceFile): FixOutcome {
  return orRefused(() => {
    const code = codeOf(source);
    const value = code?.nodeAt(data.value);
    if (!code || !value) return refuse('the code around the provider is not complete.');
    if (data.ofClass) refuse('hooks cannot be called in a class; a function component could keep the value.');
    const around = code.functionAround(value);
    if (!around || around.range[0] !== data.render.start) refuse('the provider stands in a callback, where no hook may be called; make it a component of its own.');
    const component = around as FunctionNode;
    if (component.body.type !== 'BlockStatement') refuse('the component has no body in which a hook could be called.');
    return new Memoizer(code, source.file, component as Component, data).fix(value as TSESTree.Expression);
  });
}

/** Names cannot be told apart in a tree that was recovered from half-typed JSX. */
function codeOf(source: SourceFile): Code | undefined {
  try {
    return Code.of(source);
  } catch {
    return undefined;
  }
}

class Memoizer {
  readonly #edits: Edit[] = [];
  readonly #hooks = new Set<string>();
  /** Constants that are kept, the value's own not among them. */
  readonly #kept = new Map<Variable, string>();
  readonly #open = new Set<Variable>();
  #safety: FixSafety = 'safe';
  readonly #calls = new Set<string>();

  constructor(
    private readonly code: Code,
    private readonly file: string,
    private readonly component: Component,
    private readonly data: ContextValue,
  ) {}

  fix(value: TSESTree.Expression): FixOutcome {
    const { code, file, data } = this;
    const style = styleOf(code, file);
    const react = reactNames(code);
    const named = bareExpression(value);
    const variable = named.type === 'Identifier' ? code.variableOf(named) : undefined;
    if (variable) this.#keep(variable, react.hook);
    else this.#inline(value, style, react);
    const edits = [...this.#edits, ...react.imports([...this.#hooks], style)];
    const also = [...this.#kept.entries()].filter(([one]) => one !== variable).map(([, name]) => `\`${name}\``);
    const title = `Keep the value of \`${data.context}\`${also.length > 0 ? ` and ${listed(also)}` : ''} between renders${
      this.#calls.size > 0 ? ` (calls ${listed([...this.#calls].map((name) => `\`${name}\``))} only when what it is given changes)` : ''
    }`;
    return { fixes: [fixOf(title, this.#safety, file, style.newline, edits)] };
  }

  /** Wraps the value of a constant of the component where it stands. */
  #keep(variable: Variable, hook: (name: string) => string): void {
    if (this.#kept.has(variable)) return;
    const { name } = variable;
    if (this.#open.has(variable)) refuse(`\`${name}\` refers to itself.`);
    const definition = variable.defs[0]?.type === 'Parameter' ? undefined : (variable.defs[0]?.node as Node | undefined);
    if (definition?.type === 'FunctionDeclaration') refuse(`\`${name}\` is a function declaration and new on each render; make it a constant with \`useCallback\` first.`);
    if (definition?.type !== 'VariableDeclarator' || !definition.init || definition.id.type !== 'Identifier') return refuse(`\`${name}\` is new on each render.`);
    const declaration = this.code.parentOf(definition);
    if (!declaration || this.code.parentOf(declaration) !== this.component.body) refuse(`\`${name}\` is not declared at the top of the component, where a hook may be called.`);
    if (this.#leavesBefore(declaration!)) refuse(`the component may return before \`${name}\` is made, and a hook must be called on every render.`);
    for (const reference of variable.references) {
      const use = this.code.parentOf(reference.identifier as Node);
      const written = use?.type === 'MemberExpression' && use.object === reference.identifier && isWritten(this.code, use);
      if (written) refuse(`\`${name}\` is changed after it is made.`);
    }
    this.#open.add(variable);
    const { name: callee, before, after } = this.#wrap(definition.init, hook, declaration!);
    this.#open.delete(variable);
    this.#kept.set(variable, name);
    const { range } = definition.init;
    this.#edits.push({ start: range[0], end: range[0], text: `${callee}${before}` }, { start: range[1], end: range[1], text: after });
  }

  /** Moves a value that stands in the tag to a constant of its own. */
  #inline(value: TSESTree.Expression, style: ReturnType<typeof styleOf>, react: ReturnType<typeof reactNames>): void {
    const { code, component, data } = this;
    const at = component.body.body.find((statement) => within(value, statement))!;
    const early = component.body.body.find((statement) => statement.range[0] < at.range[0] && this.#returns(statement));
    const place = early ?? at;
    if (early) {
      // What the early return has ruled out would be possible again in front of it.
      const between = component.body.body.filter((statement) => statement.range[0] >= early.range[0] && statement.range[0] < at.range[0]);
      for (const { variable } of dependenciesOf(code, value, component)) {
        if (between.some((statement) => code.identifiersIn(statement).some((one) => one.variable === variable))) {
          refuse(`the component may return before the value is made, and what is known of \`${variable.name}\` depends on it; make the provider a component of its own.`);
        }
      }
    }
    const names = new Names(code);
    const stem = camel(data.context.split('.').at(-1)!).replace(/(?:Context|Ctx)$/, '');
    const name = names.fresh(`${stem || 'context'}Value`);
    const { name: callee, before, after } = this.#wrap(value, react.hook, place);
    const type = style.typed && needsContext(code, value) ? `<${react.type('ContextType', 'ComponentProps', data)}>` : '';
    const indent = indentationAt(code.text, place.range[0]);
    const text = movedText(code, value, [], indent);
    this.#edits.push({ start: place.range[0], end: place.range[0], text: `const ${name} = ${callee}${type}${before}${text}${after}${style.semicolon}\n\n${indent}` }, replace(value, name));
  }

  /** Text around a value that keeps it between renders; keeps what goes into it first. */
  #wrap(value: TSESTree.Expression, hook: (name: string) => string, place: Node): { name: string; before: string; after: string } {
    const effects = renderEffects(this.code, value);
    for (const call of effects.calls) {
      this.#calls.add(call);
      this.#safety = 'suggestion';
    }
    const dependencies = dependenciesOf(this.code, value, this.component);
    for (const dependency of dependencies) this.#settle(dependency, hook, place);
    const isCallback = isFunction(bareExpression(value)) && bareExpression(value) === value;
    const name = isCallback ? 'useCallback' : 'useMemo';
    this.#hooks.add(name);
    const list = `[${dependencies.filter(({ stable }) => !stable).map(({ path }) => path).join(', ')}]`;
    const parenthesised = !isCallback && bareExpression(value).type !== 'ArrayExpression';
    return { name: hook(name), before: isCallback ? '(' : `(() => ${parenthesised ? '(' : ''}`, after: `${parenthesised ? ')' : ''}, ${list})` };
  }

  /** Makes sure that a dependency is there where the hook is called, and the same as long as nothing has changed. */
  #settle({ variable, path, whole, stable }: Dependency, hook: (name: string) => string, place: Node): void {
    const { name } = variable;
    if (this.#open.has(variable)) refuse(`\`${name}\` refers to itself.`);
    if (variable.references.some((reference) => reference.isWrite() && !reference.init)) refuse(`\`${name}\` is assigned more than once during a render.`);
    if (!variable.identifiers.some((identifier) => identifier.range[0] < place.range[0])) refuse(`\`${name}\` is declared after the place where the hook would be called.`);
    if (stable || !whole) return;
    const definition = variable.defs[0];
    const node = definition?.node as Node | undefined;
    const identifier = definition?.name as Node | undefined;
    const pattern = identifier && this.code.parentOf(identifier);
    if (pattern?.type === 'RestElement') refuse(`\`${name}\` holds the rest of an object and is new on each render.`);
    if (pattern?.type === 'AssignmentPattern' && pattern.left === identifier && newValue(pattern.right, this.component, 0)) refuse(`the default of \`${name}\` is new on each render.`);
    if (definition?.type === 'Parameter' && identifier === this.component.params[0] && path === name) refuse(`\`${name}\` is a new object on each render; the value should name the properties that it uses.`);
    if (definition?.type === 'Parameter') return;
    if (node?.type === 'FunctionDeclaration') this.#keep(variable, hook);
    if (node?.type !== 'VariableDeclarator' || node.id.type !== 'Identifier' || !node.init) return;
    const init = bareExpression(node.init);
    const fallback = init.type === 'LogicalExpression' ? newValue(init.right, this.component, 0) : undefined;
    // A name for something new is kept where that is made.
    const alias = init.type === 'Identifier' ? this.code.variableOf(init) : undefined;
    if (!newValue(init, this.component, 0) && !fallback) return;
    if (alias) this.#keep(alias, hook);
    else this.#keep(variable, hook);
  }

  #leavesBefore(statement: Node): boolean {
    return this.component.body.body.some((earlier) => earlier.range[0] < statement.range[0] && this.#returns(earlier));
  }

  #returns(statement: Node): boolean {
    let found = false;
    this.code.walk(statement, (node) => {
      if (node.type === 'ReturnStatement') found = true;
      return !found && !isFunction(node);
    });
    return found;
  }
}

function isWritten(code: Code, member: Node): boolean {
  const parent = code.parentOf(member);
  if (parent?.type === 'MemberExpression' && parent.object === member) return isWritten(code, parent);
  return (
    (parent?.type === 'AssignmentExpression' && parent.left === member) ||
    parent?.type === 'UpdateExpression' ||
    (parent?.type === 'UnaryExpression' && parent.operator === 'delete') ||
    (parent?.type === 'CallExpression' && parent.callee === member && member.type === 'MemberExpression' && member.property.type === 'Identifier' && /^(?:push|unshift|splice|sort|reverse|pop|shift|fill)$/.test(member.property.name))
  );
}

/** The value's type depends on where it stands: literals would be widened, and parameters without a type be `any`. */
function needsContext(code: Code, value: Node): boolean {
  let needs = false;
  code.walk(value, (node, parent) => {
    if (isFunction(node)) {
      needs ||= node.params.some((parameter) => !('typeAnnotation' in parameter && parameter.typeAnnotation));
      return false;
    }
    if (parent?.type === 'Property' && parent.key === node && !parent.computed) return false;
    needs ||= node.type === 'Literal' || node.type === 'TemplateLiteral' || node.type === 'ArrayExpression';
    return !needs;
  });
  return needs;
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`;
}
