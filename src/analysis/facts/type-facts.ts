import type { TSESTree } from '@typescript-eslint/typescript-estree';
import type { TypeFact } from './facts';

const UNKNOWN: TypeFact = { kind: 'unknown' };

/** Type arguments and members nested deeper than this say nothing about a handle. */
const MAX_DEPTH = 6;

/**
 * Reduces a type annotation to what tells a handle's origin. `valueOf` gives the value that a `typeof` query names.
 */
export function typeFact(
  node: TSESTree.TypeNode | undefined | null,
  valueOf: (name: TSESTree.EntityName) => number,
  depth = 0,
): TypeFact {
  if (!node || depth > MAX_DEPTH) return UNKNOWN;
  const inner = (child: TSESTree.TypeNode | undefined | null): TypeFact => typeFact(child, valueOf, depth + 1);
  switch (node.type) {
    case 'TSTypeReference': {
      const path = entityPath(node.typeName);
      return path ? { kind: 'named', path, arguments: (node.typeArguments?.params ?? []).map(inner) } : UNKNOWN;
    }
    case 'TSTypeQuery':
      return node.exprName.type === 'TSImportType' ? UNKNOWN : { kind: 'typeof', value: valueOf(node.exprName) };
    case 'TSUnionType':
      return { kind: 'either', of: node.types.map(inner) };
    case 'TSIntersectionType':
      return { kind: 'all', of: node.types.map(inner) };
    case 'TSArrayType':
      return { kind: 'array', of: inner(node.elementType) };
    case 'TSTupleType':
      return { kind: 'object', members: Object.fromEntries(node.elementTypes.map((element, index) => [index, inner(element.type === 'TSNamedTupleMember' ? element.elementType : element)])) };
    case 'TSTypeOperator':
      return inner(node.typeAnnotation);
    case 'TSMappedType':
      return { kind: 'mapped', parameter: node.key.name, of: inner(node.typeAnnotation) };
    case 'TSTypeLiteral':
      return { kind: 'object', members: memberTypes(node.members, valueOf, depth) };
    case 'TSFunctionType':
      return {
        kind: 'function',
        parameters: node.params.map((p) => inner(annotationOf(p))),
        returns: inner(node.returnType?.typeAnnotation),
      };
    case 'TSIndexedAccessType': {
      const index = node.indexType;
      const key = index.type === 'TSLiteralType' && index.literal.type === 'Literal' ? index.literal.value : undefined;
      const parameter = index.type === 'TSTypeReference' && index.typeName.type === 'Identifier' ? index.typeName.name : undefined;
      return { kind: 'indexed', of: inner(node.objectType), key: typeof key === 'string' || typeof key === 'number' ? key : undefined, ...(parameter !== undefined && { parameter }) };
    }
    default:
      return UNKNOWN;
  }
}

/** Types of the members of an interface or type literal, by name. */
export function memberTypes(
  members: TSESTree.TypeElement[],
  valueOf: (name: TSESTree.EntityName) => number,
  depth = 0,
): Record<string, TypeFact> {
  const types: Record<string, TypeFact> = Object.create(null) as Record<string, TypeFact>;
  for (const member of members) {
    if (member.type === 'TSPropertySignature' && !member.computed && member.key.type === 'Identifier') {
      types[member.key.name] = typeFact(member.typeAnnotation?.typeAnnotation, valueOf, depth + 1);
    } else if (member.type === 'TSMethodSignature' && !member.computed && member.key.type === 'Identifier') {
      types[member.key.name] = {
        kind: 'function',
        parameters: member.params.map((p) => typeFact(annotationOf(p), valueOf, depth + 1)),
        returns: typeFact(member.returnType?.typeAnnotation, valueOf, depth + 1),
      };
    }
  }
  return types;
}

/** The annotation of a parameter or pattern. */
export function annotationOf(parameter: TSESTree.Parameter | TSESTree.DestructuringPattern): TSESTree.TypeNode | undefined {
  switch (parameter.type) {
    case 'TSParameterProperty':
      return annotationOf(parameter.parameter);
    case 'AssignmentPattern':
      return annotationOf(parameter.left);
    default:
      return 'typeAnnotation' in parameter ? parameter.typeAnnotation?.typeAnnotation : undefined;
  }
}

function entityPath(name: TSESTree.EntityName): string[] | undefined {
  if (name.type === 'Identifier') return [name.name];
  if (name.type === 'TSQualifiedName') {
    const left = entityPath(name.left);
    return left && [...left, name.right.name];
  }
  return undefined;
}
