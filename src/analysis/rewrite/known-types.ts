import type { Variable } from '@typescript-eslint/scope-manager';
import type { TSESTree } from '@typescript-eslint/typescript-estree';
import { bare, isFunction, methodOf, propertyName, type Code, type Node } from './code';

/** What a file itself tells about the type of an expression. */
export interface Known {
  kind: 'array' | 'set' | 'map' | 'once' | 'number' | 'string' | 'bigint' | 'boolean' | 'reference' | 'object' | 'rows-holder' | 'unknown';
  /** May be null or undefined. */
  nullable?: boolean;
  /** Of an array, set or iterator. */
  element?: Known;
  /** Number of elements, where a literal spells them. */
  length?: number;
  /** Declared `readonly T[]` or `ReadonlyArray<T>`. */
  readonly?: boolean;
  /** Came out of a database query: its column values have the form that the database gives them. */
  fromDatabase?: boolean;
  /** Members of an object type. */
  members?: readonly TSESTree.TypeElement[];
}

const UNKNOWN: Known = { kind: 'unknown' };
/** Deeper types are not looked at: aliases may be recursive. */
const MAX_DEPTH = 12;

const ONCE = new Set(['Generator', 'AsyncGenerator', 'Iterator', 'AsyncIterator', 'IterableIterator', 'AsyncIterableIterator', 'AsyncIterable', 'Iterable', 'Readable', 'ReadableStream', 'IteratorObject']);
/** Objects: equal values are different keys of a Map. */
const BY_REFERENCE = new Set(['Date', 'Buffer', 'Uint8Array', 'ArrayBuffer', 'Decimal', 'Temporal', 'Dayjs', 'DateTime', 'Moment', 'ObjectId']);
const SAME_ELEMENTS = new Set(['filter', 'slice', 'sort', 'reverse', 'toSorted', 'toReversed', 'concat', 'splice']);
const NEW_ELEMENTS = new Set(['map', 'flatMap', 'flat', 'split', 'match']);
/** Members that arrays have, and sets, maps and iterators have not. */
const ARRAY_MEMBERS = new Set(['length', 'map', 'filter', 'flatMap', 'slice', 'push', 'some', 'every', 'find', 'reduce', 'join', 'includes', 'at', 'sort', 'concat', 'indexOf', 'findIndex']);
const READS = new Set(['findMany', 'findFirst', 'findUnique', 'findFirstOrThrow', 'findUniqueOrThrow', 'createManyAndReturn', 'updateManyAndReturn', 'returning']);
const BUILDER_STEPS = new Set(['from', 'where', 'orderBy', 'limit', 'offset', 'innerJoin', 'leftJoin', 'groupBy', 'having', 'for']);

/** What the file tells about an expression's type; `unknown` when it tells nothing. */
export function knownType(code: Code, expression: Node, depth = 0): Known {
  if (depth > MAX_DEPTH) return UNKNOWN;
  if (expression.type === 'TSAsExpression' || expression.type === 'TSSatisfiesExpression') {
    if (code.textOf(expression.typeAnnotation) !== 'const') return ofType(code, expression.typeAnnotation, depth + 1);
  }
  const node = bare(expression);
  switch (node.type) {
    case 'AwaitExpression':
      return awaited(code, node.argument, depth + 1);
    case 'ArrayExpression':
      if (node.elements.some((item) => item?.type === 'SpreadElement')) return { kind: 'array' };
      return { kind: 'array', length: node.elements.length, element: node.elements[0] ? knownType(code, node.elements[0], depth + 1) : UNKNOWN };
    case 'Literal':
      if (typeof node.value === 'number' || typeof node.value === 'string') return { kind: typeof node.value as 'number' | 'string' };
      return UNKNOWN;
    case 'TemplateLiteral':
      return { kind: 'string' };
    case 'NewExpression': {
      const name = code.textOf(node.callee);
      if (name === 'Set') return { kind: 'set', ...elementOf(code, node.arguments[0], depth) };
      if (name === 'Map') return { kind: 'map' };
      return BY_REFERENCE.has(name) ? { kind: 'reference' } : UNKNOWN;
    }
    case 'CallExpression':
      return ofCall(code, node, depth + 1);
    case 'MemberExpression': {
      const object = knownType(code, node.object, depth + 1);
      const name = propertyName(node);
      if (object.kind === 'rows-holder' && name === 'rows') return { kind: 'array', fromDatabase: true };
      const property = name ? member(code, object, name, depth + 1) : UNKNOWN;
      return node.optional ? { ...property, nullable: true } : property;
    }
    case 'Identifier': {
      const variable = code.variableOf(node);
      return variable ? ofVariable(code, variable, depth + 1) : UNKNOWN;
    }
    default:
      return UNKNOWN;
  }
}

/** The file uses an expression of the same spelling as only arrays are used. */
export function usedAsArray(code: Code, expression: Node): boolean {
  const text = code.textOf(bare(expression));
  const around = code.functionAround(expression) ?? code.tree;
  let found = false;
  code.walk(around, (node) => {
    if (found || node.type !== 'MemberExpression') return !found;
    const name = propertyName(node);
    const counted = node.computed && node.property.type === 'Literal' && typeof node.property.value === 'number';
    found = (counted || (name !== undefined && ARRAY_MEMBERS.has(name))) && code.textOf(node.object) === text;
    return !found;
  });
  return found;
}

function elementOf(code: Code, expression: Node | undefined, depth: number): Partial<Known> {
  if (!expression) return {};
  const { element } = knownType(code, expression, depth + 1);
  return element ? { element } : {};
}

/** An awaited expression: what a query or a function of the file promises. */
function awaited(code: Code, promise: Node, depth: number): Known {
  const node = bare(promise);
  if (node.type !== 'CallExpression') return knownType(code, node, depth);
  const method = methodOf(node);
  if (method === 'query') return { kind: 'rows-holder', fromDatabase: true };
  if (method && READS.has(method)) {
    const many = method.endsWith('Many') || method.endsWith('AndReturn') || method === 'returning';
    return many ? { kind: 'array', fromDatabase: true, element: { kind: 'unknown', fromDatabase: true } } : { kind: 'unknown', fromDatabase: true };
  }
  if (method && BUILDER_STEPS.has(method)) return { kind: 'array', fromDatabase: true, element: { kind: 'unknown', fromDatabase: true } };
  if (code.textOf(node.callee) === 'Promise.all') return { kind: 'array' };
  return knownType(code, node, depth);
}

function ofCall(code: Code, node: TSESTree.CallExpression, depth: number): Known {
  const callee = code.textOf(node.callee);
  if (/^Object\.(keys|values|entries)$/.test(callee) || callee === 'Array.from' || callee === 'Array.of') {
    if (callee === 'Object.keys') return { kind: 'array', element: { kind: 'string' } };
    return { kind: 'array', ...(callee === 'Array.from' && node.arguments.length === 1 ? elementOf(code, node.arguments[0], depth) : {}) };
  }
  if (callee === 'Number' || callee === 'parseInt' || callee === 'Number.parseInt') return { kind: 'number' };
  if (callee === 'String') return { kind: 'string' };
  if (callee === 'BigInt') return { kind: 'bigint' };
  const method = methodOf(node);
  if (method && node.callee.type === 'MemberExpression') {
    if (SAME_ELEMENTS.has(method)) {
      const from = knownType(code, node.callee.object, depth);
      return { kind: 'array', ...(from.element ? { element: from.element } : {}), ...(from.fromDatabase ? { fromDatabase: true } : {}) };
    }
    if (method === 'split') return { kind: 'array', element: { kind: 'string' } };
    if (NEW_ELEMENTS.has(method)) return { kind: 'array' };
    if (/^(entries|values|keys)$/.test(method)) return { kind: 'once' };
    if (/^(toString|trim|toLowerCase|toUpperCase)$/.test(method)) return { kind: 'string' };
  }
  if (node.callee.type !== 'Identifier') return UNKNOWN;
  const definition = code.variableOf(node.callee)?.defs[0]?.node as Node | undefined;
  const called = definition?.type === 'VariableDeclarator' && definition.init ? definition.init : definition;
  if (!called || !isFunction(called)) return UNKNOWN;
  if (called.generator) return { kind: 'once' };
  return called.returnType ? ofType(code, called.returnType.typeAnnotation, depth) : UNKNOWN;
}

function ofVariable(code: Code, variable: Variable, depth: number): Known {
  const name = variable.identifiers[0] as Node | undefined;
  const definition = variable.defs[0]?.node as Node | undefined;
  if (!name || !definition || variable.defs.length > 1) return UNKNOWN;
  if (isFunction(definition)) return ofPattern(code, definition, name, depth);
  if (definition.type !== 'VariableDeclarator') return UNKNOWN;
  const declaration = code.parentOf(definition);
  const loop = declaration && code.parentOf(declaration);
  const whole =
    loop?.type === 'ForOfStatement' && loop.left === declaration
      ? (knownType(code, loop.right, depth).element ?? UNKNOWN)
      : definition.id.typeAnnotation
        ? ofType(code, definition.id.typeAnnotation.typeAnnotation, depth)
        : declaration?.type === 'VariableDeclaration' && declaration.kind === 'const' && definition.init
          ? knownType(code, definition.init, depth)
          : UNKNOWN;
  return throughPattern(code, definition.id, name, whole, depth);
}

/** A parameter: by its annotation, or by the array whose method gives it. */
function ofPattern(code: Code, definition: Node, name: Node, depth: number): Known {
  if (!isFunction(definition)) return UNKNOWN;
  for (const [index, given] of definition.params.entries()) {
    const parameter = given.type === 'AssignmentPattern' ? given.left : given.type === 'TSParameterProperty' ? given.parameter : given;
    if (parameter.range[0] > name.range[0] || parameter.range[1] < name.range[1]) continue;
    if ('typeAnnotation' in parameter && parameter.typeAnnotation) {
      const whole = ofType(code, parameter.typeAnnotation.typeAnnotation, depth);
      const optional = parameter.type === 'Identifier' && parameter.optional && given.type !== 'AssignmentPattern';
      return throughPattern(code, parameter, name, optional ? { ...whole, nullable: true } : whole, depth);
    }
    const call = code.parentOf(definition);
    if (index === 0 && call?.type === 'CallExpression' && call.callee.type === 'MemberExpression' && call.arguments[0] === definition) {
      return throughPattern(code, parameter, name, knownType(code, call.callee.object, depth).element ?? UNKNOWN, depth);
    }
  }
  return UNKNOWN;
}

function throughPattern(code: Code, pattern: Node, name: Node, whole: Known, depth: number): Known {
  if (pattern === name) return whole;
  if (pattern.type !== 'ObjectPattern') return UNKNOWN;
  for (const property of pattern.properties) {
    if (property.type !== 'Property' || property.value !== name) continue;
    const key = propertyName(property);
    if (whole.kind === 'rows-holder' && key === 'rows') return { kind: 'array', fromDatabase: true, element: { kind: 'unknown', fromDatabase: true } };
    return key ? member(code, whole, key, depth) : UNKNOWN;
  }
  return UNKNOWN;
}

function member(code: Code, object: Known, name: string, depth: number): Known {
  for (const element of object.members ?? []) {
    if (element.type !== 'TSPropertySignature' || !element.typeAnnotation || element.key.type !== 'Identifier' || element.key.name !== name) continue;
    const type = ofType(code, element.typeAnnotation.typeAnnotation, depth + 1);
    return element.optional || object.nullable ? { ...type, nullable: true } : type;
  }
  return object.fromDatabase ? { kind: 'unknown', fromDatabase: true } : UNKNOWN;
}

function ofType(code: Code, type: TSESTree.TypeNode, depth: number): Known {
  if (depth > MAX_DEPTH) return UNKNOWN;
  switch (type.type) {
    case 'TSNumberKeyword':
      return { kind: 'number' };
    case 'TSStringKeyword':
      return { kind: 'string' };
    case 'TSBigIntKeyword':
      return { kind: 'bigint' };
    case 'TSBooleanKeyword':
      return { kind: 'boolean' };
    case 'TSArrayType':
      return { kind: 'array', element: ofType(code, type.elementType, depth + 1) };
    case 'TSTypeOperator':
      return type.operator === 'readonly' && type.typeAnnotation ? { ...ofType(code, type.typeAnnotation, depth + 1), readonly: true } : UNKNOWN;
    case 'TSTypeLiteral':
      return { kind: 'object', members: type.members };
    case 'TSUnionType': {
      const nothing = (one: TSESTree.TypeNode): boolean => one.type === 'TSNullKeyword' || one.type === 'TSUndefinedKeyword';
      const rest = type.types.filter((one) => !nothing(one));
      const nullable = rest.length < type.types.length;
      const kinds = rest.map((one) => ofType(code, one, depth + 1));
      const same = kinds.length > 0 && kinds.every((one) => one.kind === kinds[0]!.kind) ? kinds[0]! : UNKNOWN;
      return nullable ? { ...same, nullable } : same;
    }
    case 'TSLiteralType':
      return type.literal.type === 'Literal' && typeof type.literal.value === 'string' ? { kind: 'string' } : UNKNOWN;
    case 'TSTypeReference':
      return ofReference(code, type, depth + 1);
    case 'TSTypeQuery':
      return /\.\$inferSelect$/.test(code.textOf(type)) ? { kind: 'unknown', fromDatabase: true } : UNKNOWN;
    default:
      return UNKNOWN;
  }
}

function ofReference(code: Code, type: TSESTree.TSTypeReference, depth: number): Known {
  const name = code.textOf(type.typeName);
  const argument = type.typeArguments?.params[0];
  const element = argument ? { element: ofType(code, argument, depth) } : {};
  if (name === 'Array') return { kind: 'array', ...element };
  if (name === 'ReadonlyArray') return { kind: 'array', readonly: true, ...element };
  if (name === 'Set' || name === 'ReadonlySet') return { kind: 'set', ...element };
  if (name === 'Map' || name === 'ReadonlyMap') return { kind: 'map' };
  if (name === 'Promise') return argument ? ofType(code, argument, depth) : UNKNOWN;
  if (ONCE.has(name)) return { kind: 'once', ...element };
  if (BY_REFERENCE.has(name) || /\.Decimal$/.test(name)) return { kind: 'reference' };
  if (name === 'InferSelectModel' || isPrismaModel(code, type.typeName)) return { kind: 'unknown', fromDatabase: true };
  for (const statement of code.tree.body) {
    const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
    if (declared?.type === 'TSInterfaceDeclaration' && declared.id.name === name) return { kind: 'object', members: declared.body.body };
    if (declared?.type === 'TSTypeAliasDeclaration' && declared.id.name === name) return ofType(code, declared.typeAnnotation, depth + 1);
  }
  return UNKNOWN;
}

/** A type that Prisma generated for the rows of a model. */
function isPrismaModel(code: Code, name: Node): boolean {
  const specifier = code.variableOf(name)?.defs[0]?.node as Node | undefined;
  const declaration = specifier?.type === 'ImportSpecifier' ? code.parentOf(specifier) : undefined;
  return declaration?.type === 'ImportDeclaration' && /^@prisma\/client$|\bgenerated\/(prisma|client)\b|\/prisma\/client$/.test(declaration.source.value);
}
