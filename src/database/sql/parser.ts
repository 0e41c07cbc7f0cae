import type { ParseResult } from '@pgsql/types';

/** The functions of libpg-query's WebAssembly that are used here; texts are pointers. */
interface Engine {
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  _wasm_parse_query(text: number): number;
  _wasm_fingerprint(text: number): number;
  _wasm_normalize_query(text: number): number;
  _wasm_free_string(pointer: number): void;
  UTF8ToString(pointer: number): string;
  stringToUTF8(text: string, pointer: number, bytes: number): void;
}

type EngineFunction = '_wasm_parse_query' | '_wasm_fingerprint' | '_wasm_normalize_query';

/**
 * Traps after which an engine is not used before its replacement is there: each leaves a little of its stack taken. Engines
 * stood some hundreds.
 */
const MOST_TRAPS = 20;

let engine: Engine | undefined;
let traps = 0;
/** Set while a fresh engine loads. */
let replacing: Promise<void> | undefined;

/**
 * No operator has so many characters. PostgreSQL's scanner takes quadratic time over a run of them: ten seconds for the 80,000
 * of a nest of opened comments.
 */
const LONG_OPERATOR = /[-+*/<>=~!@#%^&|`?]{1000}/;

/** Loads PostgreSQL's parser (WebAssembly). Await it once before anything else of this folder is called. */
export async function loadSqlParser(): Promise<void> {
  if (engine === undefined) replacing ??= replaceEngine();
  await replacing;
}

/** The parse tree of a text, or undefined when it is no SQL, has no statement, or is nested too deeply. Never throws. */
export function parseTree(text: string): ParseResult | undefined {
  const answer = call('_wasm_parse_query', text);
  if (answer?.startsWith('{') !== true) return undefined;
  try {
    const tree = JSON.parse(answer) as ParseResult;
    return tree.stmts?.some(({ stmt }) => stmt) ? tree : undefined;
  } catch {
    return undefined;
  }
}

/** libpg-query's fingerprint of a text that parses: equal for other literals, comments and spelling. */
export function fingerprint(text: string): string | undefined {
  const answer = call('_wasm_fingerprint', text);
  // An error comes back as a text too.
  return answer !== undefined && /^[0-9a-f]{16}$/.test(answer) ? answer : undefined;
}

/** A text that parses, with parameters in place of its literals. Statements such as PREPARE keep theirs. */
export function normalize(text: string): string | undefined {
  return call('_wasm_normalize_query', text);
}

function call(name: EngineFunction, text: string): string | undefined {
  // Texts end with NUL for the engine.
  if (engine === undefined || traps >= MOST_TRAPS || text.includes('\0') || LONG_OPERATOR.test(text)) return undefined;
  try {
    const bytes = Buffer.byteLength(text) + 1;
    const input = engine._malloc(bytes);
    if (input === 0) return undefined;
    engine.stringToUTF8(text, input, bytes);
    const output = engine[name](input);
    const answer = engine.UTF8ToString(output);
    engine._free(input);
    engine._wasm_free_string(output);
    return answer;
  } catch {
    // Its stack ends at some thousand nested operators. What the engine had taken until then stays taken.
    traps += 1;
    replacing ??= replaceEngine();
    // Without a fresh one, texts are identified roughly.
    replacing.catch(() => undefined);
    return undefined;
  }
}

async function replaceEngine(): Promise<void> {
  // The package's own functions know a single engine for the whole life of the process, so its loader is called instead.
  try {
    const load = require('libpg-query/wasm/libpg-query.js') as () => Promise<Engine>;
    engine = await load();
    traps = 0;
  } finally {
    replacing = undefined;
  }
}
