import { pg } from '../libraries/pg';
import type { ModuleFacts, Value, ValueId } from '../facts/facts';
import type { FactsStore } from './facts-store';
import type { Meanings } from './meaning';
import { isVague, type Meaning } from './meaning-kinds';
import { type Contributors, ModuleIndex } from './module-index';
import { isServer } from './server-packages';
import { byName } from '../names';

type PackageMeaning = Meaning & { is: 'package' };

/** Something that a server's objects hold under a name: in their types, or because it was put there. */
interface Held {
  file: string;
  /** What it was put into; else the place is known by what is declared. */
  of?: ValueId;
  place?: Place;
  value?: ValueId;
  /** Of an augmentation of the module, by its index: the member's type. */
  augmentation?: number;
}

/** Where servers keep what their handlers need. */
type Place = 'express request' | 'express response' | 'express locals' | 'express settings' | 'fastify server' | 'fastify request' | 'hono variables' | 'koa context' | 'koa state';

/** Places by package and path; the path of an object that a handler is given is that of its type. */
const PLACES: [RegExp, Place][] = [
  [/^express\S* (.*\.)?Response\.\(\)\.locals$/, 'express locals'],
  [/^express\S* (.*\.)?(app|(default\.)?\(\)|(Application|Express)\.\(\))\.locals$/, 'express locals'],
  [/^express\S* (.*\.)?Request\.\(\)$/, 'express request'],
  [/^express\S* (.*\.)?Response\.\(\)$/, 'express response'],
  [/^express\S* (.*\.)?(app|(default\.)?\(\)|(Application|Express)\.\(\))$/, 'express settings'],
  [/^fastify (.*\.)?FastifyRequest\.\(\)$/, 'fastify request'],
  [/^fastify (.*\.)?((default|fastify|FastifyInstance)\.\(\)|server)$/, 'fastify server'],
  [/^hono\S* (.*\.)?Context\.\(\)(\.var)?$/, 'hono variables'],
  [/^(koa|@koa\/router|koa-router) (.*\.)?(\w*Context\.\(\)|context)$/, 'koa context'],
  [/^(koa|@koa\/router|koa-router) (.*\.)?\w*Context\.\(\)\.state$/, 'koa state'],
];

/** Interfaces that projects add members to, by module and name. */
const AUGMENTED: Record<string, Place> = byName({
  'Express Request': 'express request', 'express-serve-static-core Request': 'express request', 'express Request': 'express request', 'Express Locals': 'express locals', 'Express Response': 'express response',
  'fastify FastifyInstance': 'fastify server', 'fastify FastifyRequest': 'fastify request', 'hono ContextVariableMap': 'hono variables', 'koa DefaultContext': 'koa context', 'koa ExtendableContext': 'koa context',
  'koa DefaultState': 'koa state',
});

/** Types of the parameters of handlers, by the package of the server. */
const HANDLED: [RegExp, string, string[]][] = [
  [/^(express|express-promise-router|ultimate-express)$/, 'express', ['Request', 'Response']],
  [/^fastify$/, 'fastify', ['FastifyRequest', 'FastifyReply']],
  [/^(hono|@hono\/.+)/, 'hono', ['Context']],
  [/^(koa|@koa\/router|koa-router)$/, 'koa', ['Context']],
];

const FASTIFY_PG = '@fastify/postgres';

/** Methods that put their second argument under the name that is their first. */
const PUTTERS: ReadonlySet<string> = new Set(['set', 'decorate', 'decorateRequest']);
/** What is decorated on the server's requests. */
const OF_REQUESTS = 'decorateRequest';

/** Calls that hand on what earlier middleware has added, and more. */
const MIDDLEWARE: ReadonlySet<string> = new Set(['use', 'concat', 'unstable_concat', 'middleware', 'unstable_pipe']);

/** What handlers are given by their servers: the context of tRPC and Hono, requests and what was put into them. */
export class ServerContexts {
  readonly #contributors: Contributors;
  readonly #held: ModuleIndex<Held>;
  /** Imports by package: of those that put a handle into the server by themselves. */
  readonly #plugins: ModuleIndex<{ file: string }>;

  constructor(
    private readonly meanings: Meanings,
    private readonly files: FactsStore,
  ) {
    this.#contributors = files.contributors('servers', 'glimpsed');
    this.#held = new ModuleIndex(this.#contributors, (module) => heldBy(module).map(([name, entry]) => ({ name, entry })));
    this.#plugins = new ModuleIndex(this.#contributors, (module) => (importsFastifyPg(module) ? [{ name: FASTIFY_PG, entry: { file: module.file } }] : []));
  }

  /** Call when a module has changed, has come or has gone. */
  forget(module: ModuleFacts): void {
    this.#held.forget(module.file);
    this.#plugins.forget(module.file);
  }

  forgetAll(): void {
    this.#held.forgetAll();
    this.#plugins.forgetAll();
  }

  /** Files whose meanings depend on what a module puts into a server's objects, without importing it. */
  askers(module: ModuleFacts): readonly string[] {
    return heldBy(module).length || importsFastifyPg(module) ? this.#contributors.files() : [];
  }

  // ── what handlers are given ────────────────────────────────────────────────────────────────────────────────────────

  /** Parameter of a function that is given to a server's method. */
  parameter(of: PackageMeaning, position: number): Meaning | undefined {
    if (!isServer(of.source)) return undefined;
    if (of.source === 'fastify-plugin' || (of.source === 'fastify' && of.path.at(-1) === 'register')) return position === 0 ? { is: 'package', source: 'fastify', path: ['FastifyInstance', '()'] } : undefined;
    if (of.source.startsWith('@trpc/server')) return position === 0 && of.given?.length ? { is: 'parts', parts: { ctx: { is: 'merged', of: [...of.given].reverse() } } } : undefined;
    const [, source, types] = HANDLED.find(([pattern]) => pattern.test(of.source)) ?? [];
    const type = types?.[position];
    return type === undefined ? undefined : { is: 'package', source: source!, path: [type, '()'], ...(of.given && { given: of.given }) };
  }

  /** `Context<Env>` */
  typed(meaning: PackageMeaning, argument: () => Meaning | undefined): Meaning {
    return meaning.source === 'hono' ? { ...meaning, ...this.#variables(argument()) } : meaning;
  }

  /** `new Hono<Env>()` */
  made(of: PackageMeaning, module: ModuleFacts, made: Value & { kind: 'new' }): Meaning | undefined {
    const [type] = made.typeArguments ?? [];
    return type && (of.source === 'hono' || of.source.startsWith('@hono/')) ? { ...of, ...this.#variables(this.meanings.ofType(module, type)) } : undefined;
  }

  #variables(env: Meaning | undefined): { given?: Meaning[] } {
    const variables = this.meanings.member(env, 'Variables');
    return variables ? { given: [variables] } : {};
  }

  // ── what they find in it ───────────────────────────────────────────────────────────────────────────────────────────

  /** `req.db`, `fastify.db`, `c.var.db` */
  member(of: PackageMeaning, name: string): Meaning | undefined {
    if (!isServer(of.source)) return undefined;
    const place = placeOf(of);
    const isHolder = place && place !== 'express settings' && (place !== 'hono variables' || of.path.at(-1) === 'var');
    return (isHolder && this.#heldIn(place, of, name)) || { ...of, path: [...of.path, name] };
  }

  /** `c.get('db')`, `app.get('db')`, and the steps by which a tRPC procedure is built; what other packages give is asked for. */
  called(of: PackageMeaning, module: ModuleFacts, call: Value & { kind: 'call' }, otherwise: () => Meaning | undefined): Meaning | undefined {
    if (!isServer(of.source)) return otherwise();
    const method = of.path.at(-1) ?? '';
    const path = [...of.path, '()'];
    if (of.source.startsWith('@trpc/server')) {
      const [type] = call.typeArguments ?? [];
      if (method === 'context' && type) {
        const context = this.meanings.ofType(module, type);
        const made = context?.is === 'function' ? this.meanings.returned(context.module, context.function) : context;
        return { ...of, path, ...(made && { given: [made] }) };
      }
      if (!MIDDLEWARE.has(method)) return undefined;
      const added = call.args.flatMap((id) => this.#added(module, id));
      return added.length ? { ...of, path, given: [...(of.given ?? []), ...added] } : undefined;
    }
    const key = method === 'get' && call.args.length === 1 ? module.values[call.args[0]!]! : undefined;
    const receiver = { ...of, path: of.path.slice(0, -1) };
    const place = key?.kind === 'text' ? placeOf(receiver) : undefined;
    return place === 'hono variables' || place === 'express settings' ? this.#heldIn(place, receiver, (key as Value & { kind: 'text' }).text) : undefined;
  }

  /** What middleware adds to the context: `next({ ctx: { db } })`. */
  #added(module: ModuleFacts, id: ValueId): Meaning[] {
    const middleware = this.meanings.of(module, id);
    if (middleware?.is === 'package') return middleware.given ?? [];
    if (middleware?.is !== 'function') return [];
    const { module: home, function: index } = middleware;
    const fact = home.functions[index]!;
    return home.sites.flatMap((site) => {
      const call = home.values[site.value]!;
      if (call.kind !== 'call' || site.start < fact.start || site.end > fact.end || !isNext(home, call.of, index)) return [];
      const given = call.args[0] === undefined ? undefined : home.values[call.args[0]]!;
      const added = given?.kind === 'object' ? given.properties['ctx'] : undefined;
      const meaning = added === undefined ? undefined : this.meanings.of(home, added);
      return meaning ? [meaning] : [];
    });
  }

  #heldIn(place: Place, of: PackageMeaning, name: string): Meaning | undefined {
    const told = (of.given ?? []).map((one) => () => this.meanings.member(one, name));
    if (place === 'fastify server' && name === 'pg' && this.#plugins.get(FASTIFY_PG).length) return { is: 'library', library: pg, root: 'pool', steps: [] };
    const held = this.#held.get(name).map((one) => () => this.#ifIn(place, one, name));
    const found = this.meanings.best([...told, ...held]);
    // What tells nothing of a handle is as good as what is not known: the package's own path.
    return isVague(found) && found?.is !== 'typed' ? undefined : found;
  }

  #ifIn(place: Place, { file, of, place: declared, value, augmentation }: Held, name: string): Meaning | undefined {
    const module = this.files.module(file)!;
    const receiver = of === undefined ? undefined : this.meanings.of(module, of);
    const where = declared ?? (receiver?.is === 'package' ? placeOf(receiver) : undefined);
    if (where !== place) return undefined;
    if (value !== undefined) return this.meanings.of(module, value);
    const type = module.augmentations?.[augmentation!]?.type;
    return type?.kind === 'object' ? this.meanings.ofType(module, type.members[name]!) : undefined;
  }
}

/** Whether a module puts something into a server's objects, or may be given what others put there. */
export function servesOthers(module: ModuleFacts): boolean {
  return module.imports.some(({ source }) => isServer(source) || source === FASTIFY_PG) || heldBy(module).length > 0;
}

function importsFastifyPg(module: ModuleFacts): boolean {
  return module.imports.some(({ source }) => source === FASTIFY_PG);
}

function placeOf({ source, path }: PackageMeaning): Place | undefined {
  if (!isServer(source)) return undefined;
  const text = `${source} ${path.join('.')}`;
  return PLACES.find(([pattern]) => pattern.test(text))?.[1];
}

/** What a module puts into objects, or declares them to hold, that may be a server's. */
function heldBy(module: ModuleFacts): [name: string, held: Held][] {
  const held: [string, Held][] = [];
  const { file } = module;
  for (const [augmentation, { module: source, name, type }] of (module.augmentations ?? []).entries()) {
    const place = AUGMENTED[`${source} ${name}`];
    if (place && type.kind === 'object') for (const member of Object.keys(type.members)) held.push([member, { file, place, augmentation }]);
  }
  if (!module.imports.some(({ source }) => isServer(source))) return held;
  for (const { of, name, value } of module.puts ?? []) held.push([name, { file, of, value }]);
  for (const value of module.values) {
    const callee = value.kind === 'call' && value.args.length >= 2 ? module.values[value.of]! : undefined;
    if (value.kind !== 'call' || callee?.kind !== 'member' || !PUTTERS.has(callee.name)) continue;
    const name = module.values[value.args[0]!]!;
    if (name.kind === 'text') held.push([name.text, { file, ...(callee.name === OF_REQUESTS ? { place: 'fastify request' as const } : { of: callee.of }), value: value.args[1]! }]);
  }
  return held;
}

/** `next`, or `opts.next`, of the first parameter. */
function isNext(module: ModuleFacts, id: ValueId, index: number): boolean {
  let value = module.values[id]!;
  if (value.kind === 'variable') value = module.values[module.variables[value.variable]!.value]!;
  if (value.kind !== 'member' || value.name !== 'next') return false;
  const of = module.values[value.of]!;
  const parameter = of.kind === 'variable' ? module.values[module.variables[of.variable]!.value]! : of;
  return parameter.kind === 'parameter' && parameter.function === index && parameter.index === 0;
}
