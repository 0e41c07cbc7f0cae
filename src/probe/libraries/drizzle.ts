import { callSite } from '../call-site';
import type { Recorder } from '../recorder';
import { currentRequest, runFrom, type Request } from '../requests';
import { replaceMethod, type Library } from './library';

/** Methods that make a query of what was built so far: the program is on the stack then, and no longer when the query is awaited. */
const MAKERS: Record<string, readonly string[]> = {
  PgSelectBuilder: ['from'],
  PgInsertBuilder: ['values', 'select'],
  PgUpdateBuilder: ['set'],
  RelationalQueryBuilder: ['findMany', 'findFirst'],
  PgDatabase: ['delete', 'execute', '$count', 'refreshMaterializedView'],
};

/** Classes whose `then` runs the query. */
const PROMISES = ['QueryPromise', 'PgCountBuilder'];

/** The maker stands right behind the program, so few frames are enough. */
const STACK_LIMIT = 10;
/** Each site costs a few microseconds: of a program's queries so many are looked at, and then one of {@link SAMPLE_EVERY}. */
const SAMPLE_FIRST = 1_000;
const SAMPLE_EVERY = 8;

interface Made {
  site: number;
  request: Request | undefined;
}

/** Where each query was made. */
const made = new WeakMap<object, Made>();
let seen = 0;

export const drizzle: Library = {
  name: 'drizzle-orm',
  modules: /\/drizzle-orm\/(?:query-promise|pg-core\/(?:db|query-builders\/(?:select|insert|update|query|count)))\.c?js$/,
  classes: [...Object.keys(MAKERS), ...PROMISES],
  watch: (exports, recorder) => {
    const classes = (exports ?? {}) as Record<string, { prototype?: object } | undefined>;
    for (const [name, methods] of Object.entries(MAKERS)) for (const method of methods) watchMaker(classes[name]?.prototype, method, recorder);
    for (const name of PROMISES) watchPromise(classes[name]?.prototype, recorder);
    // Told once, with the file that all others come with.
    return classes['QueryPromise'] !== undefined;
  },
};

function watchMaker(prototype: object | undefined, name: string, recorder: Recorder): void {
  if (!prototype) return;
  replaceMethod(prototype, name, (original) => {
    function maker(this: unknown, ...args: unknown[]): unknown {
      const query = original.apply(this, args);
      if (recorder.active && typeof query === 'object' && query !== null) {
        try {
          seen += 1;
          const site = seen <= SAMPLE_FIRST || seen % SAMPLE_EVERY === 0 ? recorder.siteOf(callSite(maker, STACK_LIMIT)) : 0;
          made.set(query, { site, request: currentRequest() });
        } catch (error) {
          recorder.faulty(error);
        }
      }
      return query;
    }
    return maker;
  });
}

function watchPromise(prototype: object | undefined, recorder: Recorder): void {
  if (!prototype) return;
  replaceMethod(prototype, 'then', (original) => function then(this: object, ...args: unknown[]) {
    const origin = recorder.active ? made.get(this) : undefined;
    return origin ? runFrom({ site: origin.site, once: true }, origin.request, () => original.apply(this, args)) : original.apply(this, args);
  });
}
