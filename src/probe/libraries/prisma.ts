import { isOfProgram } from '../call-site';
import type { Recorder } from '../recorder';
import { currentRequest, runFrom } from '../requests';
import { replaceMethod, type Library } from './library';

/** Each call of a model's method or of raw SQL goes through this with the place that Prisma noted for its error messages. */
interface PrismaRequest {
  callsite?: { getLocation?(): { fileName?: string | null; lineNumber?: number | null; columnNumber?: number | null; functionName?: string | null } | null };
}

type GetPrismaClient = (...args: unknown[]) => { prototype?: object };

export const prisma: Library = {
  name: 'prisma',
  modules: /\/runtime\/(?:client|library|binary)(?:\.js)?$/,
  watch: () => false,
  replace: (exports, recorder) => {
    const { getPrismaClient } = (exports ?? {}) as { getPrismaClient?: unknown };
    if (typeof getPrismaClient !== 'function') return undefined;
    const watched: GetPrismaClient = (...args) => {
      const client = (exports as { getPrismaClient: GetPrismaClient }).getPrismaClient(...args);
      recorder.guard(() => watchClient(client.prototype, recorder));
      return client;
    };
    // The library's own exports can only be read.
    return Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(exports as object), getPrismaClient: { value: watched, enumerable: true } });
  },
};

function watchClient(prototype: object | undefined, recorder: Recorder): void {
  if (!prototype) return;
  replaceMethod(prototype, '_request', (original) => function _request(this: unknown, ...args: unknown[]) {
    const site = recorder.active ? recorder.guard(() => siteOf(args[0] as PrismaRequest | undefined, recorder)) : undefined;
    return site === undefined ? original.apply(this, args) : runFrom({ site, once: false }, currentRequest(), () => original.apply(this, args));
  });
}

/** Prisma has already built the stack and chosen the program's frame of it. */
function siteOf(request: PrismaRequest | undefined, recorder: Recorder): number | undefined {
  const place = request?.callsite?.getLocation?.();
  // Raw SQL is only placed when it is awaited; the stack of the driver's call tells more then.
  if (!place?.fileName || !place.lineNumber || !isOfProgram(place.fileName)) return undefined;
  const { fileName: file, lineNumber: line, columnNumber, functionName } = place;
  const column = columnNumber ?? 1;
  return recorder.siteOf({
    key: `prisma ${file}:${line}:${column}`,
    frames: () => [{ file, line, column, ...(functionName && !functionName.includes('<') ? { function: functionName } : {}), ...(/\.[cm]?tsx?$/.test(file) ? {} : { raw: true as const }) }],
  });
}
