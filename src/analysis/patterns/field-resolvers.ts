import type { Effects, ReachedQuery } from '../program/effects';
import type { FunctionFact, ModuleFacts, SiteFact, Value, ValueId } from '../facts/facts';
import type { Meanings } from '../program/meaning';
import type { Repetition } from '../program/repetition';

/** A query that runs once per parent row, in the resolver of a field of a GraphQL object type. */
export interface PerParentQuery extends ReachedQuery {
  site: SiteFact;
  /** The object type, such as `User`. */
  type: string;
  /** The query looks for what belongs to this very parent. */
  usesParent: boolean;
}

interface FieldResolver {
  function: number;
  type: string;
  /** Position of the parent among the parameters; any, where decorators say which it is. */
  parent: number | 'any';
}

/** Types of which one answer has one object. */
const ROOTS = /^(Query|Mutation|Subscription)$|(Payload|Result|Response|Connection|PageInfo|Viewer)$/;
/** What graphql-codegen calls the types of resolver maps: `Resolvers`, `UserResolvers`. */
const RESOLVERS_TYPE = /^(\w*)Resolvers$/;
const CLASS_PACKAGES = /^(@nestjs\/graphql|type-graphql)$/;
/** Calls that define an object type, in packages that build a schema by code. */
const BUILDERS: { source: RegExp; name: RegExp; parent: number | 'any' }[] = [
  { source: /^@pothos\/core$/, name: /^(objectType|objectField|objectFields|objectRef|implement|prismaObject|prismaObjectField|prismaObjectFields|prismaNode|node|drizzleObject|interfaceType|loadableObject)$/, parent: 'any' },
  { source: /^(nexus|@nexus\/schema)$/, name: /^(objectType|extendType)$/, parent: 0 },
];

/** All queries of a module that run once per parent row: one entry per site. */
export function queriesPerParent(module: ModuleFacts, meanings: Meanings, effects: Effects, repetition: Repetition): PerParentQuery[] {
  const found: PerParentQuery[] = [];
  for (const resolver of [...inMaps(module), ...inClasses(module, meanings), ...inBuilders(module, meanings)]) {
    if (ROOTS.test(resolver.type)) continue;
    for (const index of effects.sitesWithin(module, resolver.function)) {
      const site = module.sites[index]!;
      const effect = effects.site(module, index);
      const reached = effect.query ? [{ query: effect.query, chain: [] }] : effect.callees.flatMap((callee) => effects.reached(callee));
      const chosen = reached.find(({ query }) => query.verb === 'read' && query.runs !== 'never' && !query.batchedInTick);
      // A loop inside of the resolver has a finding of its own.
      if (!chosen || repetition.loopAround(module, site)) continue;
      found.push({ site, type: resolver.type, ...chosen, usesParent: usesParent(module, repetition, site, resolver) });
    }
  }
  return found;
}

/** Functions of resolver maps, those of `Query` and `Mutation` included. */
export function* resolversIn(module: ModuleFacts): Generator<number> {
  for (const resolver of inMaps(module)) yield resolver.function;
}

function usesParent(module: ModuleFacts, repetition: Repetition, site: SiteFact, resolver: FieldResolver): boolean {
  const { values } = repetition.dependencies(module, [site.value]);
  return [...values].some((id) => {
    const value = module.values[id]!;
    return value.kind === 'parameter' && value.function === resolver.function && (resolver.parent === 'any' || value.index === resolver.parent);
  });
}

/** `{ Query: { … }, User: { posts: (parent) => … } }`, and objects whose type is one of graphql-codegen's. */
function* inMaps(module: ModuleFacts): Generator<FieldResolver> {
  for (const value of module.values) {
    if (value.kind !== 'object' || !('Query' in value.properties || 'Mutation' in value.properties)) continue;
    for (const [type, id] of Object.entries(value.properties)) yield* fieldsOf(module, type, id);
  }
  for (const { type, value } of module.variables) {
    const name = type?.kind === 'named' ? RESOLVERS_TYPE.exec(type.path.at(-1)!)?.[1] : undefined;
    const object = literalOf(module, value);
    if (name === undefined || !object) continue;
    if (name !== '') yield* fieldsOf(module, name, value);
    else if (!('Query' in object.properties || 'Mutation' in object.properties)) for (const [of, id] of Object.entries(object.properties)) yield* fieldsOf(module, of, id);
  }
}

function* fieldsOf(module: ModuleFacts, type: string, id: ValueId): Generator<FieldResolver> {
  const fields = literalOf(module, id);
  if (!fields || !/^[A-Z]/.test(type)) return;
  for (const [name, field] of Object.entries(fields.properties)) {
    const value = module.values[field]!;
    const resolve = value.kind === 'object' && value.properties['resolve'] !== undefined ? module.values[value.properties['resolve']]! : value;
    if (resolve.kind === 'function' && !name.startsWith('__')) yield { function: resolve.function, type, parent: 0 };
  }
}

function literalOf(module: ModuleFacts, id: ValueId): (Value & { kind: 'object' }) | undefined {
  const value = module.values[id]!;
  const literal = value.kind === 'variable' ? module.values[module.variables[value.variable]!.value]! : value;
  return literal.kind === 'object' ? literal : undefined;
}

/** `@Resolver(() => User) class … { @ResolveField() posts(@Parent() user) { … } }` */
function* inClasses(module: ModuleFacts, meanings: Meanings): Generator<FieldResolver> {
  for (const fact of module.classes) {
    const decoration = fact.decorations?.find((id) => decoratorOf(module, meanings, id) === 'Resolver');
    if (decoration === undefined) continue;
    const type = resolvedType(module, decoration) ?? fact.name?.replace(/(Field)?Resolver$/, '') ?? 'row';
    for (const { value, decorations = [] } of Object.values(fact.members)) {
      const method = value === undefined ? undefined : module.values[value]!;
      if (method?.kind !== 'function') continue;
      if (decorations.some((id) => /^(ResolveField|ResolveProperty|FieldResolver)$/.test(decoratorOf(module, meanings, id) ?? ''))) yield { function: method.function, type, parent: 'any' };
    }
  }
}

function decoratorOf(module: ModuleFacts, meanings: Meanings, id: ValueId): string | undefined {
  const call = module.values[id]!;
  const callee = call.kind === 'call' ? meanings.of(module, call.of) : undefined;
  return callee?.is === 'package' && CLASS_PACKAGES.test(callee.source) ? callee.path.at(-1) : undefined;
}

/** `User` of `@Resolver(() => User)` and `@Resolver('User')`. */
function resolvedType(module: ModuleFacts, decoration: ValueId): string | undefined {
  const call = module.values[decoration]!;
  const argument = call.kind === 'call' && call.args[0] !== undefined ? module.values[call.args[0]]! : undefined;
  if (argument?.kind === 'text') return argument.text;
  const returned = argument?.kind === 'function' ? module.functions[argument.function]!.returns[0] : call.kind === 'call' ? call.args[0] : undefined;
  return returned === undefined ? undefined : nameOf(module, returned);
}

/** `builder.objectType('User', { fields: (t) => ({ posts: t.field({ resolve: (user) => … }) }) })` */
function* inBuilders(module: ModuleFacts, meanings: Meanings): Generator<FieldResolver> {
  if (!module.functions.some(({ name }) => name === 'resolve')) return;
  for (const site of module.sites) {
    const call = module.values[site.value]!;
    const callee = call.kind === 'call' ? meanings.of(module, call.of) : undefined;
    if (call.kind !== 'call' || callee?.is !== 'package') continue;
    const builder = BUILDERS.find(({ source, name }) => source.test(callee.source) && name.test(callee.path.at(-1) ?? ''));
    if (!builder) continue;
    const type = builtType(module, call);
    for (const [index, fact] of module.functions.entries()) {
      if (type !== undefined && fact.name === 'resolve' && isInside(fact, site)) yield { function: index, type, parent: builder.parent };
    }
  }
}

function builtType(module: ModuleFacts, call: Value & { kind: 'call' }): string | undefined {
  const first = call.args[0] === undefined ? undefined : module.values[call.args[0]]!;
  if (first?.kind === 'text') return first.text;
  if (first?.kind !== 'object') return call.args[0] === undefined ? undefined : nameOf(module, call.args[0]);
  const name = first.properties['name'] ?? first.properties['type'];
  const text = name === undefined ? undefined : module.values[name]!;
  return text?.kind === 'text' ? text.text : undefined;
}

function nameOf(module: ModuleFacts, id: ValueId): string | undefined {
  const value = module.values[id]!;
  switch (value.kind) {
    case 'import':
      return module.imports[value.import]!.local;
    case 'variable':
      return module.variables[value.variable]!.name;
    case 'class':
      return module.classes[value.class]!.name;
    case 'member':
      return value.name;
    default:
      return undefined;
  }
}

function isInside(inner: FunctionFact, outer: SiteFact): boolean {
  return inner.start >= outer.start && inner.end <= outer.end;
}
