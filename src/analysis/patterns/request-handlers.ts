import { resolversIn } from './field-resolvers';
import type { FunctionFact, ModuleFacts, Value, ValueId } from '../facts/facts';
import type { Meanings } from '../program/meaning';
import { isServer, SERVER_ACTIONS } from '../program/server-packages';

/** Methods of servers and routers that take what answers a request. */
const REGISTERS: ReadonlySet<string> = new Set([
  'get', 'post', 'put', 'patch', 'delete', 'del', 'head', 'options', 'all', 'use', 'route', 'openapi', 'addHook', 'defineEventHandler', 'eventHandler', 'query', 'mutation', 'subscription',
]);
/** Properties that hold such a function, in what a server is given. */
const HANDLER_PROPERTIES: ReadonlySet<string> = new Set(['handler', 'preHandler', 'onRequest', 'createContext', 'context']);
/** Hooks of a server that run when it starts or stops. */
const ONCE: ReadonlySet<string> = new Set(['onReady', 'onListen', 'onClose', 'preClose', 'onRoute', 'onRegister']);

const HTTP_METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']);
const CONTROLLERS = /^(@nestjs\/(common|graphql)|type-graphql|routing-controllers|tsoa|@tsed\/common|inversify-express-utils)$/;
const ROUTE_FILE = /(^|\/)app\/(.+\/)?route\.[cm]?[jt]sx?$/;
const PAGE_FILE = /(^|\/)app\/(.+\/)?(page|layout|template)\.[jt]sx$/;
const API_FILE = /(^|\/)pages\/api\/.+\.[cm]?[jt]sx?$/;
const PAGES_FILE = /(^|\/)pages\/.+\.[jt]sx?$/;
const SVELTE_FILE = /(^|\/)\+(server|(page|layout)\.server)\.[jt]s$/;
const LOADERS = /^(@remix-run\/.+|react-router(\/.+)?)$/;

/** Functions given to functions that are given to a server: `app.get('/', withUser(async (req) => …))`. */
const MAX_NESTING = 3;

/** Functions of the program that a server runs once per request. */
export class RequestHandlers {
  #found = new WeakMap<ModuleFacts, Set<FunctionFact>>();

  constructor(private readonly meanings: Meanings) {}

  forgetAll(): void {
    this.#found = new WeakMap();
  }

  /** Functions that the module declares or registers as handlers; those of other modules among them. */
  in(module: ModuleFacts): ReadonlySet<FunctionFact> {
    let found = this.#found.get(module);
    if (!found) {
      this.#found.set(module, (found = new Set()));
      this.#exported(module, found);
      this.#registered(module, found);
      this.#decorated(module, found);
      for (const index of resolversIn(module)) found.add(module.functions[index]!);
    }
    return found;
  }

  // ── by the place in the project ────────────────────────────────────────────────────────────────────────────────────

  #exported(module: ModuleFacts, found: Set<FunctionFact>): void {
    const { file } = module;
    const names = new Set<string>();
    if (ROUTE_FILE.test(file) || SVELTE_FILE.test(file)) for (const name of HTTP_METHODS) names.add(name);
    if (PAGE_FILE.test(file)) names.add('default').add('generateMetadata');
    if (API_FILE.test(file)) names.add('default');
    if (PAGES_FILE.test(file)) names.add('getServerSideProps');
    if (SVELTE_FILE.test(file)) names.add('load');
    if (module.imports.some(({ source }) => LOADERS.test(source))) names.add('loader').add('action');
    const allAreActions = module.functions[0]!.serverAction === true;
    for (const { exported, value } of module.exports) if (value !== undefined && (allAreActions || names.has(exported))) this.#note(module, value, found);
    for (const fact of module.functions.slice(1)) if (fact.serverAction) found.add(fact);
    this.#lambdas(module, found);
  }

  /** `export const handler: APIGatewayProxyHandler = async (event) => …` */
  #lambdas(module: ModuleFacts, found: Set<FunctionFact>): void {
    const types = new Set(module.imports.filter(({ source }) => source === 'aws-lambda').map(({ local }) => local));
    if (!types.size) return;
    for (const { type, value } of module.variables) if (type?.kind === 'named' && types.has(type.path[0]!)) this.#note(module, value, found);
    for (const fact of module.functions) {
      const type = fact.parameters[0]?.type;
      if (type?.kind === 'named' && types.has(type.path[0]!) && /Event/.test(type.path.at(-1)!)) found.add(fact);
    }
  }

  // ── by registration ────────────────────────────────────────────────────────────────────────────────────────────────

  #registered(module: ModuleFacts, found: Set<FunctionFact>): void {
    for (const value of module.values) {
      if (value.kind !== 'call' && value.kind !== 'new') continue;
      const callee = module.values[value.of]!;
      if (callee.kind === 'global' && REGISTERS.has(callee.name) && callee.name.endsWith('ventHandler')) this.#noteAll(module, value.args, found);
      const isMethod = callee.kind === 'member' && REGISTERS.has(callee.name);
      if (!isMethod && !value.args.some((id) => this.#hasHandlers(module, id))) continue;
      const of = this.meanings.of(module, value.of);
      if (of?.is !== 'package' || !isServer(of.source)) continue;
      const hook = callee.kind === 'member' && callee.name === 'addHook' ? module.values[value.args[0] ?? 0]! : undefined;
      if (hook?.kind === 'text' && ONCE.has(hook.text)) continue;
      if (isMethod) this.#noteAll(module, value.args, found);
      else for (const id of value.args) this.#noteProperties(module, id, found);
    }
    if (module.imports.some(({ source }) => SERVER_ACTIONS.test(source))) this.#actionClients(module, found);
  }

  /** `actionClient.schema(…).action(async () => …)` */
  #actionClients(module: ModuleFacts, found: Set<FunctionFact>): void {
    for (const value of module.values) {
      const callee = value.kind === 'call' ? module.values[value.of]! : undefined;
      if (value.kind === 'call' && callee?.kind === 'member' && callee.name === 'action') this.#noteAll(module, value.args, found);
    }
  }

  #hasHandlers(module: ModuleFacts, id: ValueId): boolean {
    const value = module.values[id]!;
    return value.kind === 'object' && Object.keys(value.properties).some((name) => HANDLER_PROPERTIES.has(name));
  }

  #noteAll(module: ModuleFacts, args: readonly ValueId[], found: Set<FunctionFact>): void {
    for (const id of args) this.#note(module, id, found);
  }

  #noteProperties(module: ModuleFacts, id: ValueId, found: Set<FunctionFact>, depth = 0): void {
    const value = module.values[id]!;
    if (value.kind !== 'object') return;
    for (const [name, property] of Object.entries(value.properties)) if (HANDLER_PROPERTIES.has(name)) this.#note(module, property, found, depth + 1);
  }

  /** A function, or what is made of one: `withUser(async (req) => …)`, `[check, handle]`, `{ handler }`. */
  #note(module: ModuleFacts, id: ValueId, found: Set<FunctionFact>, depth = 0, named = false): void {
    if (depth > MAX_NESTING) return;
    const value: Value = module.values[id]!;
    switch (value.kind) {
      case 'call':
        for (const argument of value.args) this.#note(module, argument, found, depth + 1);
        break;
      case 'array':
        for (const item of value.items) this.#note(module, item, found, depth + 1);
        break;
      case 'object':
        this.#noteProperties(module, id, found, depth);
        break;
      case 'variable':
        this.#note(module, module.variables[value.variable]!.value, found, depth + 1, depth > 0);
        break;
      case 'cast':
        this.#note(module, value.of, found, depth);
        break;
      case 'function':
      case 'import':
      case 'member': {
        const meaning = this.meanings.of(module, id);
        if (meaning?.is !== 'function') break;
        const fact = meaning.module.functions[meaning.function]!;
        // `app.use(routes(makePool))`: what is given by name to make a handler of is one itself only if it takes a request.
        if (depth === 0 || (value.kind === 'function' && !named) || fact.parameters.length > 0) found.add(fact);
        break;
      }
      default:
        break;
    }
  }

  // ── by decorators ──────────────────────────────────────────────────────────────────────────────────────────────────

  #decorated(module: ModuleFacts, found: Set<FunctionFact>): void {
    for (const fact of module.classes) {
      const isController = fact.decorations?.some((id) => {
        const call = module.values[id]!;
        const of = call.kind === 'call' ? this.meanings.of(module, call.of) : undefined;
        return of?.is === 'package' && CONTROLLERS.test(of.source) && /(Controller|Resolver)$/i.test(of.path.at(-1) ?? '');
      });
      if (!isController) continue;
      for (const { value } of Object.values(fact.members)) {
        const method = value === undefined ? undefined : module.values[value]!;
        const own = method?.kind === 'function' ? module.functions[method.function]! : undefined;
        if (own?.decorated) found.add(own);
      }
    }
  }
}
