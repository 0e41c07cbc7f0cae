import type { WireFrame } from './wire';

/** Deep enough for builders that reach the driver through many calls of their own. */
const STACK_LIMIT = 25;
const FUNCTION_LIMIT = 200;

/** A place in the program from which a query was issued. */
export interface CallSite {
  /** Equal for equal chains of the program's own frames; empty when there is none on the stack. */
  key: string;
  /** Positions in the source. Costs about a millisecond when a loader maps them: ask once per key, and before the caller returns. */
  frames(): WireFrame[];
}

interface Position {
  file: string;
  line: number;
  column: number;
}

/** The program's frames that led to the caller of `above`, at most `limit` frames deep. */
export function callSite(above: (...args: never[]) => unknown, limit = STACK_LIMIT): CallSite {
  const calls = structuredStack(above, limit);
  const own: number[] = [];
  let key = '';
  for (let index = 0; index < calls.length; index += 1) {
    const call = calls[index]!;
    const file = call.getFileName();
    if (!file || !isOfProgram(file)) continue;
    own.push(index);
    // The offset alone: line and column cost as much again as the stack.
    key += `${file}:${call.getPosition()}\n`;
  }
  return { key, frames: () => (own.length === 0 ? [] : positioned(calls, own, mappedStack(above, limit))) };
}

/** The program's frames of a stack that a library keeps as text. Whether it was mapped cannot be seen. */
export function siteOfStack(stack: string): CallSite {
  const own = stackLines(stack).map(parseLine).filter((line) => line !== undefined && isOfProgram(line.position.file)) as ParsedLine[];
  return {
    key: own.map(({ position }) => `${position.file}:${position.line}:${position.column}\n`).join(''),
    frames: () => own.map(({ name, position }) => frameOf(position, name, true)),
  };
}

/** Code of the program itself, neither Node's nor a package's nor the probe's. */
export function isOfProgram(file: string): boolean {
  return !file.startsWith('node:') && !file.includes('/node_modules/') && !file.includes('\\node_modules\\') && file !== __filename && !file.endsWith('.pnp.cjs');
}

const structured = (_: Error, calls: NodeJS.CallSite[]): NodeJS.CallSite[] => calls;

function structuredStack(above: (...args: never[]) => unknown, limit: number): NodeJS.CallSite[] {
  const { prepareStackTrace } = Error;
  Error.prepareStackTrace = structured;
  try {
    const calls = stackOf(above, limit);
    return Array.isArray(calls) ? calls : [];
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
  }
}

/** The same stack as text, in which the program's loader has put source positions. One line per frame. */
function mappedStack(above: (...args: never[]) => unknown, limit: number): string[] {
  return stackLines(stackOf(above, limit));
}

function stackLines(stack: unknown): string[] {
  return typeof stack === 'string' ? stack.split('\n').filter((line) => line.startsWith('    at ')) : [];
}

function stackOf(above: (...args: never[]) => unknown, limit: number): unknown {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = limit;
  try {
    const holder: { stack?: unknown } = {};
    Error.captureStackTrace(holder, above);
    return holder.stack;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function positioned(calls: readonly NodeJS.CallSite[], own: readonly number[], lines: readonly string[]): WireFrame[] {
  return own.map((index) => {
    const call = calls[index]!;
    const raw: Position = { file: call.getFileName()!, line: call.getLineNumber() ?? 1, column: call.getColumnNumber() ?? 1 };
    const line = lines.length === calls.length ? parseLine(lines[index]!) : undefined;
    const position = line?.position ?? raw;
    const isUnmapped = position.line === raw.line && position.column === raw.column && position.file === raw.file;
    return frameOf(position, line ? line.name : (call.getFunctionName() ?? undefined), isUnmapped);
  });
}

/** Whoever runs TypeScript maps it or keeps its positions; all else that was not mapped may be generated. */
function frameOf({ file, line, column }: Position, name: string | undefined, isUnmapped: boolean): WireFrame {
  const clean = file.replace(/\?.*$/, '');
  return {
    file: clean,
    line,
    column,
    ...(name ? { function: name.slice(0, FUNCTION_LIMIT) } : {}),
    ...(isUnmapped && !/\.[cm]?tsx?$/.test(clean) ? { raw: true as const } : {}),
  };
}

interface ParsedLine {
  name: string | undefined;
  position: Position;
}

/** `    at async Shop.orders (/shop/orders.ts:12:7)`, or without a name `    at /shop/orders.ts:12:7`. */
function parseLine(line: string): ParsedLine | undefined {
  const frame = line.slice('    at '.length).replace(/^async /, '');
  const open = frame.endsWith(')') ? frame.indexOf(' (') : -1;
  const place = open >= 0 ? frame.slice(open + 2, -1) : frame;
  const parts = /^(.*):(\d+):(\d+)$/.exec(place);
  if (!parts) return undefined;
  const name = open >= 0 ? frame.slice(0, open).replace(/^new /, '').replace(/ \[as [^\]]*\]$/, '') : undefined;
  return {
    name: name === undefined || name.endsWith('<anonymous>') ? undefined : name,
    position: { file: parts[1]!, line: Number(parts[2]), column: Number(parts[3]) },
  };
}
