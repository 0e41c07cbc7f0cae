/**
 * PostgreSQL's own parser (libpg-query, WebAssembly), made safe for hostile texts. Pure, and the database room's parser too: it must
 * import nothing of the analysis.
 */
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
  lengthBytesUTF8(text: string): number;
}

/** Why a text has no tree that overflowed the parser's stack. */
export const NESTED_TOO_DEEPLY = 'The text is nested too deeply to parse.';

type EngineFunction = '_wasm_parse_query' | '_wasm_fingerprint' | '_wasm_normalize_query';
type Answer = { answer: string } | { error: string };

/**
 * Traps after which an engine is not used before its replacement is there. What a trap has taken of the engine's own stack stays taken,
 * and without it answers are errors or wrong trees. The deeper the thread's stack, the more: chains of `IS NULL`, the worst of operators,
 * casts, joins and set operations, broke an engine with the 7th trap in a worker (4 MB), of `+` with the 28th in a main thread (1 MB).
 */
const MOST_TRAPS = 4;

let engine: Engine | undefined;
let traps = 0;
/** Set while a fresh engine loads. */
let replacing: Promise<void> | undefined;

/**
 * No operator has so many characters. PostgreSQL's scanner takes quadratic time over a run of them: ten seconds for the 80,000
 * of a nest of opened comments.
 */
const LONG_OPERATOR = /[-+*/<>=~!@#%^&|`?]{1000,}/g;
/** The rulers that people draw in comments. They are scanned in one go. */
const RULER = /^([-=*#~])\1*$/;

/** Loads the parser, or a fresh one in place of one that a text broke. Await it before anything else here is called. */
export async function loadSqlEngine(): Promise<void> {
  if (!sqlEngineIsReady()) replacing ??= replaceEngine();
  await replacing;
}

/**
 * Does some work, without awaiting anything in it, with an engine that no text has broken before: texts of one file then cannot spoil
 * what is found in the next. It costs nothing while the engine is whole.
 */
export async function withSqlEngine<T>(work: () => T): Promise<T> {
  // Others that waited for the same engine may have broken it by now.
  while (engine === undefined || traps > 0) await (replacing ??= replaceEngine());
  return work();
}

/** Whether the engine is loaded and whole enough to be asked. */
export function sqlEngineIsReady(): boolean {
  return engine !== undefined && traps < MOST_TRAPS;
}

/** The parse tree of a text, or why there is none: PostgreSQL's own message, or that the text is nested too deeply. Never throws. */
export function parseSql(text: string): ParseResult | { error: string } {
  const parsed = call('_wasm_parse_query', text);
  if ('error' in parsed) return parsed;
  if (!parsed.answer.startsWith('{')) return { error: parsed.answer };
  try {
    return JSON.parse(parsed.answer) as ParseResult;
  } catch (error) {
    return { error: String(error) };
  }
}

/** libpg-query's fingerprint of a text that parses: equal for other literals, comments and spelling. */
export function fingerprintSql(text: string): string | undefined {
  const fingerprint = call('_wasm_fingerprint', text);
  // An error of PostgreSQL's comes back as a text too.
  return 'answer' in fingerprint && /^[0-9a-f]{16}$/.test(fingerprint.answer) ? fingerprint.answer : undefined;
}

/** A text that parses, with parameters in place of its literals. Statements such as PREPARE keep theirs. */
export function normalizeSql(text: string): string | undefined {
  const normalized = call('_wasm_normalize_query', text);
  return 'answer' in normalized ? normalized.answer : undefined;
}

function call(name: EngineFunction, text: string): Answer {
  if (engine === undefined || traps >= MOST_TRAPS) return { error: 'PostgreSQL’s parser is not loaded.' };
  // Texts end with NUL for the engine.
  if (text.includes('\0')) return { error: 'The text holds a NUL character, which PostgreSQL takes nowhere.' };
  if (text.match(LONG_OPERATOR)?.some((run) => !RULER.test(run))) return { error: 'The text holds an operator of more than a thousand characters.' };
  try {
    const bytes = engine.lengthBytesUTF8(text) + 1;
    const input = engine._malloc(bytes);
    if (input === 0) return { error: 'There is too little memory to parse the text.' };
    engine.stringToUTF8(text, input, bytes);
    const output = engine[name](input);
    const answer = engine.UTF8ToString(output);
    engine._free(input);
    engine._wasm_free_string(output);
    return { answer };
  } catch {
    // Its stack ends at some thousand nested operators. What the engine had taken until then stays taken.
    traps += 1;
    replacing ??= replaceEngine();
    // Should there be no fresh one, the worn one is used up to its limit.
    replacing.catch(() => undefined);
    return { error: NESTED_TOO_DEEPLY };
  }
}

async function replaceEngine(): Promise<void> {
  // The package's own functions know a single engine for the whole life of the process, so its loader is called instead. It is required
  // here and not imported: a program without SQL should not pay for it.
  try {
    const load = require('libpg-query/wasm/libpg-query.js') as () => Promise<Engine>;
    engine = await load();
    traps = 0;
  } finally {
    replacing = undefined;
  }
}
