import { bare, methodOf, within, type Code, type Node } from './code';
import { knownType, usedAsArray, type Known } from './known-types';
import { isPureCall, MUTATING_METHODS, rootText } from './body-effects';
import type { Loop } from './loop';
import { camel, type Names, plural } from './naming';
import { refuse } from './refusal';

/** The one value of a query that differs from element to element. */
export interface Key {
  node: Node;
  /** As it stands in the body. */
  text: string;
  /** Computed from the element alone, with local constants put in. */
  fromElement: string;
  known: Known;
  /** The body runs the query only for keys that are there. */
  guarded: boolean;
}

const PURE_CONVERSIONS = /^(String|Number|BigInt|parseInt|Number\.parseInt)$/;
const PURE_METHODS = new Set(['toString', 'trim', 'toLowerCase', 'toUpperCase']);

/** Reads the key of a query, or refuses one that is more than a pure function of the element. */
export function keyOf(code: Code, loop: Loop, node: Node, query: Node): Key {
  const fromElement = substituted(code, loop, node, query);
  demandUnchangedKey(code, loop, node, query);
  return { node, text: code.textOf(node), fromElement, known: knownType(code, node), guarded: isGuarded(code, loop, node, query) };
}

/** The loop leaves what the key is read from as it is, so that the key is the same before the loop. */
function demandUnchangedKey(code: Code, loop: Loop, key: Node, query: Node): void {
  const text = code.textOf(bare(key));
  const changed = (target: Node): boolean => text === code.textOf(bare(target)) || text.startsWith(`${code.textOf(bare(target))}.`);
  const element = loop.element.type === 'Identifier' ? loop.element.name : undefined;
  code.walk(loop.body, (node) => {
    if (node.type === 'AssignmentExpression' && changed(node.left)) refuse(`the loop changes \`${code.textOf(node.left)}\`, which the key is read from.`);
    if ((node.type === 'UpdateExpression' || (node.type === 'UnaryExpression' && node.operator === 'delete')) && changed(node.argument)) {
      refuse(`the loop changes \`${code.textOf(node.argument)}\`, which the key is read from.`);
    }
    if (node.type !== 'CallExpression' || node.range[0] >= query.range[0] || within(query, node)) return true;
    const given = node.arguments.some((argument) => argument.type === 'Identifier' && argument.name === element);
    if (given && text !== element && !isPureCall(code, node) && !/^(console|log|logger)\b/.test(code.textOf(node.callee))) {
      refuse(`\`${code.textOf(node.callee)}\` is given the element before the query, and may change its key.`);
    }
    return true;
  });
}

/** Something in the loop changes the object that a variable holds, or may do so. */
function mutatedIn(code: Code, variable: NonNullable<ReturnType<Code['variableOf']>>, loop: Node, query: Node): boolean {
  const declarator = variable.defs[0]?.node as Node | undefined;
  const own = declarator?.type === 'VariableDeclarator' && declarator.init ? bare(declarator.init).type : undefined;
  const isObject = own === 'ObjectExpression' || own === 'ArrayExpression' || own === 'NewExpression';
  return variable.references.some((reference) => {
    let use = reference.identifier as Node;
    if (!within(use, loop) || within(use, query)) return false;
    for (let parent = code.parentOf(use); parent; parent = code.parentOf(use)) {
      if (parent.type === 'MemberExpression' && parent.object === use) {
        const call = code.parentOf(parent);
        if (call?.type === 'CallExpression' && call.callee === parent) return MUTATING_METHODS.has(methodOf(call) ?? '');
        use = parent;
      } else if (parent.type === 'AssignmentExpression') return parent.left === use && use !== reference.identifier;
      else if (parent.type === 'CallExpression') return isObject && parent.callee !== use && !isPureCall(code, parent);
      else return parent.type === 'UpdateExpression' || (parent.type === 'UnaryExpression' && parent.operator === 'delete');
    }
    return false;
  });
}

/** Text of a pure expression over the element, with the constants of the body replaced by what they are. */
function substituted(code: Code, loop: Loop, expression: Node, query: Node): string {
  const parts: { range: readonly [number, number]; text: string }[] = [];
  code.walk(expression, (node, parent) => {
    switch (node.type) {
      case 'MemberExpression':
        if (node.computed && node.property.type !== 'Literal') refuse(`\`${code.textOf(expression)}\` is more than a property of the element.`);
        return true;
      case 'CallExpression': {
        const method = methodOf(node);
        if (!PURE_CONVERSIONS.test(code.textOf(node.callee)) && !(method && PURE_METHODS.has(method) && node.arguments.length === 0)) {
          refuse(`the key \`${code.textOf(expression)}\` is computed by a call that may not give the same value twice.`);
        }
        return true;
      }
      case 'Identifier': {
        if (parent?.type === 'MemberExpression' && parent.property === node && !parent.computed) return true;
        const variable = code.variableOf(node);
        if (!variable || !code.declaredIn(variable, loop.node)) {
          if (variable && writtenIn(code, variable.references, loop.node)) refuse(`\`${node.name}\` changes from turn to turn.`);
          return true;
        }
        if (variable.references.some((reference) => reference.isWrite() && !reference.init)) refuse(`\`${node.name}\` is changed in the loop.`);
        if (variable.identifiers.some((name) => within(name, loop.element))) return true;
        const declarator = variable.defs[0]?.node as Node | undefined;
        if (declarator?.type !== 'VariableDeclarator' || declarator.id.type !== 'Identifier' || !declarator.init || declarator.range[1] > query.range[0]) {
          return refuse(`the key \`${code.textOf(expression)}\` depends on more than the element.`);
        }
        const value = substituted(code, loop, declarator.init, query);
        parts.push({ range: node.range, text: bare(declarator.init).type === 'Identifier' || bare(declarator.init).type === 'MemberExpression' ? value : `(${value})` });
        return true;
      }
      case 'Literal':
      case 'TemplateLiteral':
      case 'TemplateElement':
      case 'ChainExpression':
      case 'TSNonNullExpression':
      case 'TSAsExpression':
        return node.type !== 'TSAsExpression' || true;
      default:
        if (node.type.startsWith('TS')) return false;
        return refuse(`the key \`${code.textOf(expression)}\` is more than a property of the element.`);
    }
  });
  let text = code.textOf(expression);
  for (const part of parts.reverse()) {
    text = text.slice(0, part.range[0] - expression.range[0]) + part.text + text.slice(part.range[1] - expression.range[0]);
  }
  return text;
}

function writtenIn(code: Code, references: readonly { identifier: unknown; isWrite(): boolean }[], loop: Node): boolean {
  return references.some((reference) => reference.isWrite() && within(reference.identifier as Node, loop));
}

/** An expression reads the element or something else that belongs to one turn of the loop; names of `inner` are its own. */
export function dependsOnTurn(code: Code, loop: Loop, expression: Node, inner: Node = expression): boolean {
  return code.identifiersIn(expression).some(({ variable }) => variable !== undefined && code.declaredIn(variable, loop.node) && !code.declaredIn(variable, inner));
}

/**
 * Everything of the query but its key must be the same for every element: no local of the loop, nothing that the loop
 * assigns, and no call that could give another value each time.
 */
export function demandConstant(code: Code, loop: Loop, query: Node, except: readonly Node[], allowedCall: (call: Node) => boolean): void {
  const root = rootText(code, query);
  code.walk(query, (node, parent) => {
    if (except.includes(node)) return false;
    if (node.type === 'AwaitExpression' || node.type === 'YieldExpression' || node.type === 'AssignmentExpression' || node.type === 'UpdateExpression') {
      refuse('an argument of the query does something by itself.');
    }
    if (node.type === 'NewExpression' || ((node.type === 'CallExpression' || node.type === 'TaggedTemplateExpression') && !allowedCall(node))) {
      refuse(`the query computes \`${code.textOf(node).slice(0, 40)}\` anew for each element.`);
    }
    if (node.type !== 'Identifier') return true;
    if (parent?.type === 'MemberExpression' && parent.property === node && !parent.computed) return true;
    if (parent?.type === 'Property' && parent.key === node && !parent.computed && !parent.shorthand) return true;
    const variable = code.variableOf(node);
    if (!variable || code.declaredIn(variable, query)) return true;
    if (code.declaredIn(variable, loop.node)) {
      refuse(node.name === root ? `the loop makes its own \`${node.name}\` for each element.` : `the query has another value that varies from element to element: \`${node.name}\`.`);
    }
    if (writtenIn(code, variable.references, loop.node) || (node.name !== root && mutatedIn(code, variable, loop.node, query))) refuse(`the query reads \`${node.name}\`, which an earlier turn may have changed.`);
    return true;
  });
}

/** Whether the query runs only when its key is there; refuses any other condition around it or before it. */
function isGuarded(code: Code, loop: Loop, key: Node, query: Node): boolean {
  const text = code.textOf(bare(key));
  let guarded = false;
  let inner: Node = query;
  for (const ancestor of code.ancestorsOf(query)) {
    if (ancestor === loop.node || ancestor === loop.callback) break;
    if (ancestor !== loop.body && (ancestor.type === 'IfStatement' || ancestor.type === 'ConditionalExpression')) {
      if (inner === ancestor.test) {
        inner = ancestor;
        continue;
      }
      const side = inner === ancestor.consequent ? presenceOf(code, ancestor.test, text) : absenceOf(code, ancestor.test, text);
      if (!side) refuse('the query runs only for some of the elements.');
      guarded = true;
    } else if (ancestor.type === 'LogicalExpression' && inner === ancestor.right) {
      if (ancestor.operator !== '&&' || !presenceOf(code, ancestor.left, text)) refuse('the query runs only for some of the elements.');
      guarded = true;
    } else if (ancestor.type === 'SwitchCase' || (ancestor.type === 'BlockStatement' && ancestor !== loop.body && code.parentOf(ancestor)?.type !== 'IfStatement' && code.parentOf(ancestor)?.type !== 'TryStatement')) {
      refuse('the query runs only for some of the elements.');
    }
    if (/Function/.test(ancestor.type)) refuse('the query runs in a function inside the loop.');
    inner = ancestor;
  }
  // Guards at the beginning of the body: `if (!order.customerId) continue;`
  if (loop.body.type === 'BlockStatement') {
    for (const statement of loop.body.body) {
      if (statement.range[1] > query.range[0]) break;
      if (statement.type !== 'IfStatement') continue;
      const leaves = endsTurn(statement.consequent);
      if (leaves && absenceOf(code, statement.test, text)) guarded = true;
      else if (leaves) refuse('the query runs only for some of the elements.');
    }
  }
  return guarded;
}

function endsTurn(statement: Node): boolean {
  if (statement.type === 'BlockStatement') return statement.body.length > 0 && endsTurn(statement.body.at(-1)!);
  return statement.type === 'ContinueStatement' || statement.type === 'ReturnStatement';
}

function presenceOf(code: Code, test: Node, key: string): boolean {
  const tested = bare(test);
  if (code.textOf(tested) === key) return true;
  if (tested.type === 'BinaryExpression' && (tested.operator === '!==' || tested.operator === '!=')) {
    return code.textOf(bare(tested.left)) === key && /^(null|undefined)$/.test(code.textOf(tested.right));
  }
  return false;
}

function absenceOf(code: Code, test: Node, key: string): boolean {
  const tested = bare(test);
  if (tested.type === 'UnaryExpression' && tested.operator === '!') return code.textOf(bare(tested.argument)) === key;
  if (tested.type === 'BinaryExpression' && (tested.operator === '===' || tested.operator === '==')) {
    return code.textOf(bare(tested.left)) === key && /^(null|undefined)$/.test(code.textOf(tested.right));
  }
  return false;
}

/** How the list is gone through a second time, to collect the keys before the loop. */
export interface KeyList {
  /** Expression that gives every key once. */
  expression: string;
  /** Name for it, such as `customerIds`. */
  name: string;
  /** Set when the list is computed in the loop's head and must be kept: its new name, and what it is. */
  kept?: { name: string; value: string };
  /** The list could be an iterator, which can be walked only once. */
  unsure: boolean;
  /** The list cannot be longer than this. */
  length?: number;
}

/** Spells the list of keys; keys that may be null are left out when the body is guarded against them, or `maybeNull`. */
export function keyListOf(code: Code, loop: Loop, key: Key, names: Names, maybeNull = false): KeyList {
  const iterable = bare(loop.iterable);
  const known = knownType(code, iterable);
  const text = code.textOf(iterable);
  const repeatable = iterable.type === 'Identifier' || isPath(iterable);
  const freshIterator = iterable.type === 'CallExpression' && (/^Object\.(keys|values|entries)$/.test(code.textOf(iterable.callee)) || /^(entries|values|keys)$/.test(methodOf(iterable) ?? '')) && isPath(iterable.callee) && iterable.arguments.every(isPath);
  if (repeatable && known.kind === 'once') refuse(`\`${text}\` can be walked only once.`);
  if (!repeatable && !freshIterator && known.kind === 'once') refuse(`\`${text}\` hands its elements out one at a time.`);
  if (repeatable && iterable.type === 'Identifier') {
    const variable = code.variableOf(iterable);
    if (variable && writtenIn(code, variable.references, loop.node)) refuse('the loop changes the list that it goes through.');
  }
  const kept = repeatable || freshIterator ? undefined : { name: names.fresh(camel(plural(elementName(code, loop))), camel('all', plural(elementName(code, loop)))), value: text };
  const list = kept?.name ?? text;
  const isArray = loop.callback !== undefined || (known.kind === 'array' && !/^Object\.entries$/.test(text)) || (repeatable && known.kind === 'unknown' && usedAsArray(code, iterable));
  const unsure = !isArray && known.kind === 'unknown';

  const pattern = patternFor(code, loop, key);
  const drop = key.guarded || maybeNull || key.known.nullable === true;
  let all: string;
  if (key.fromElement === pattern && !drop) all = list;
  else {
    const arrow = `(${pattern}) => ${key.fromElement}`;
    if (drop) all = `${isArray ? list : `Array.from(${list})`}.flatMap(${arrow} ?? [])`;
    else all = isArray ? `${list}.map(${arrow})` : `Array.from(${list}, ${arrow})`;
  }
  return {
    expression: all === list && known.kind === 'set' ? `[...${list}]` : `[...new Set(${all})]`,
    name: names.fresh(...keyNames(code, loop, key)),
    ...(kept ? { kept } : {}),
    unsure,
    ...(known.length !== undefined ? { length: known.length } : {}),
  };
}

function isPath(node: Node): boolean {
  const inner = bare(node);
  if (inner.type === 'Identifier' || inner.type === 'ThisExpression') return true;
  return inner.type === 'MemberExpression' && (!inner.computed || inner.property.type === 'Literal') && isPath(inner.object);
}

/** The element's pattern without its type, reduced to the one property that the key needs where that is possible. */
function patternFor(code: Code, loop: Loop, key: Key): string {
  const { element } = loop;
  if (element.type === 'Identifier') return element.name;
  if (element.type === 'ObjectPattern') {
    const only = element.properties.find((property) => property.type === 'Property' && code.textOf(property.value) === key.fromElement);
    return only ? `{ ${code.textOf(only)} }` : code.text.slice(element.range[0], element.typeAnnotation?.range[0] ?? element.range[1]);
  }
  if (element.type === 'ArrayPattern' && element.elements.every((one) => one?.type === 'Identifier')) {
    const read = element.elements.map((one) => (new RegExp(`\\b${code.textOf(one!)}\\b`).test(key.fromElement) ? code.textOf(one!) : ''));
    return `[${read.join(', ').replace(/[, ]+$/, '')}]`;
  }
  return code.textOf(element);
}

export function elementName(code: Code, loop: Loop): string {
  return loop.element.type === 'Identifier' ? loop.element.name : 'element';
}

function keyNames(code: Code, loop: Loop, key: Key): string[] {
  const last = /(\w+)[^\w]*$/.exec(key.fromElement)?.[1] ?? 'key';
  const element = elementName(code, loop);
  if (last === element) return [`unique${upper(plural(last))}`];
  if (last === 'id' && element !== 'element' && element.length > 1) return [camel(element, 'ids'), 'ids'];
  return [camel(plural(last)), camel('unique', plural(last))];
}

function upper(name: string): string {
  return name[0]!.toUpperCase() + name.slice(1);
}
