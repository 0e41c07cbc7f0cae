import type { FileContext, Span } from '../finding';
import type { TableChange } from '../schema/sql-tables';
import type { Table } from '../schema/table';
import type { EmbeddedSql } from '../syntax/embedded-sql';
import type { ReactFacts } from '../syntax/react';
import type { SqlBlock } from '../syntax/sql-blocks';

/** Index into {@link ModuleFacts.values}. Values are interned, so that facts stay small and trees are shared. */
export type ValueId = number;

/**
 * What an expression is, as far as its own file tells. Linking turns it into a meaning.
 * Parentheses, `!`, `as const` and `satisfies` are transparent.
 */
export type Value =
  | { kind: 'unknown' }
  | { kind: 'literal'; value: number | boolean | null }
  /** A string or template; each `${…}` stands as `$1`, `$2`, … in `text`. */
  | { kind: 'text'; text: string; holes: ValueId[] }
  | { kind: 'import'; import: number }
  | { kind: 'variable'; variable: number }
  /** The whole parameter, before destructuring. */
  | { kind: 'parameter'; function: number; index: number }
  /** One element of what a loop goes through. */
  | { kind: 'element'; of: ValueId }
  /** `static`: in a static member, where it is the class itself. */
  | { kind: 'this'; class: number; static?: true }
  | { kind: 'super'; class: number; static?: true }
  /** A name that no scope of the file declares. */
  | { kind: 'global'; name: string }
  | { kind: 'member'; of: ValueId; name: string }
  /** `of[key]` with a key that is not a literal. */
  | { kind: 'index'; of: ValueId; key: ValueId }
  /** `typeArguments` of a method's call only. */
  | { kind: 'call'; of: ValueId; args: ValueId[]; typeArguments?: TypeFact[] }
  | { kind: 'tagged'; of: ValueId; text: string; holes: ValueId[] }
  | { kind: 'new'; of: ValueId; args: ValueId[]; typeArguments?: TypeFact[] }
  | { kind: 'function'; function: number }
  | { kind: 'class'; class: number }
  /** A key that is a member of something is named `[Op.in]`. */
  | { kind: 'object'; properties: Record<string, ValueId>; spreads: ValueId[] }
  | { kind: 'array'; items: ValueId[]; spread: boolean }
  | { kind: 'spread'; of: ValueId }
  | { kind: 'awaited'; of: ValueId }
  /** One of several: `a ?? b`, `c ? a : b` (chosen by `test`), or all that is assigned to a variable. */
  | { kind: 'either'; of: ValueId[]; test?: ValueId }
  /** `expression as T`, for when the expression alone does not tell. */
  | { kind: 'cast'; of: ValueId; type: TypeFact }
  /** Something computed from other values (arithmetic, comparison, negation). */
  | { kind: 'computed'; of: ValueId[]; operator: string };

/** A type annotation, reduced to what tells a handle's origin. */
export type TypeFact =
  | { kind: 'unknown' }
  | { kind: 'named'; path: string[]; arguments: TypeFact[] }
  | { kind: 'typeof'; value: ValueId }
  | { kind: 'either'; of: TypeFact[] }
  | { kind: 'all'; of: TypeFact[] }
  /** A tuple's members are named `0`, `1`, …. */
  | { kind: 'object'; members: Record<string, TypeFact> }
  | { kind: 'function'; parameters: TypeFact[]; returns: TypeFact }
  /** `parameter` names the type that is the key, where that is no literal. */
  | { kind: 'indexed'; of: TypeFact; key: string | number | undefined; parameter?: string }
  /** `{ [K in keyof T]: … }` */
  | { kind: 'mapped'; parameter: string; of: TypeFact }
  | { kind: 'array'; of: TypeFact };

export interface ImportFact {
  local: string;
  source: string;
  /** Exported name; `*` for a namespace, `default` for the default export. */
  imported: string;
  typeOnly: boolean;
}

/** `exported` is `*` for `export * from`. Either `value`/`type` (a local thing) or `source` (a re-export) is set. */
export interface ExportFact {
  exported: string;
  value?: ValueId;
  /** Local name of an exported type, interface or class. */
  type?: string;
  source?: string;
  imported?: string;
  /** `module.exports = …` */
  commonJs?: true;
}

/** How a variable's value is used after it was made; the rules ask these questions. */
export interface VariableUses {
  /** Methods and properties read from it: `filter`, `length`, … */
  members?: string[];
  iterated?: true;
  returned?: true;
  awaited?: true;
  /** Given to some call as an argument, or put into an object or array. */
  passed?: true;
  /** Calls that it is given to, as an argument or inside of a list or object that is one. */
  givenTo?: ValueId[];
  /** Variables that it is assigned to as it is, be it on a condition. */
  aliases?: number[];
  /** Used as it is in some other way: compared, rendered, put into a field. Asking whether it is there does not count. */
  whole?: true;
  /** Something of it is assigned: `x.y = 1`, `x[i]++`, `delete x.y`. */
  written?: true;
  /** What its fields are assigned; where that is made from what they were, or lies deeper, the variable itself. */
  fields?: ValueId[];
}

export interface VariableFact {
  name: string;
  function: number;
  /** Where it is declared. */
  start: number;
  /** Everything that is ever assigned to it. */
  value: ValueId;
  type?: TypeFact;
  /** Assigned after its declaration. */
  reassigned: boolean;
  /** Declared with `using`: what it holds is given back when its block ends. */
  disposed?: true;
  uses: VariableUses;
}

export type LoopKind =
  | 'for-of' | 'for-await' | 'for-in' | 'for' | 'while' | 'do-while'
  /** A callback given to an array method (`map`, `forEach`, …); `Loop.method` names it. */
  | 'callback';

export interface LoopFact extends Span {
  kind: LoopKind;
  function: number;
  method?: string;
  /** What is gone through; for `for` and `while`, the thing whose `.length` is compared, if any. */
  iterable?: ValueId;
  /** Index loop that advances by something else than one: each turn takes a chunk. */
  strided: boolean;
  /** Turns, where a literal bounds them. */
  turns?: number;
  /** The body ends by leaving the loop, whatever happens. */
  leavesAtOnce: boolean;
  /** Offsets of the `continue`s of this loop. */
  continues: number[];
  /** Variables that decide an exit (`if (found) return found`) when truthy. */
  exitsWhenFound: number[];
  /** Names bound to the element, in the order of binding. */
  elements: number[];
  /** Variables declared outside, assigned inside. */
  carried: number[];
  /** Variables that the loop's own condition reads. */
  condition: number[];
  /** All results are awaited together (`Promise.all(xs.map(…))`). */
  fanOut: boolean;
}

/** What becomes of the value of a call. */
export type SiteUse =
  | { kind: 'awaited' } | { kind: 'returned' } | { kind: 'yielded' }
  | { kind: 'dropped' }
  | { kind: 'assigned'; variable: number }
  /** Argument `index` of the call `call`. */
  | { kind: 'argument'; call: ValueId; index: number }
  /** Hole of a tagged template: what is lazy becomes a piece of it, and does not run by itself. */
  | { kind: 'hole' }
  /** Element of an array literal, a property of an object, or an operand; `call` is given the literal. `kept` is what a field holds. */
  | { kind: 'part'; call?: ValueId; kept?: true };

/** One outermost call (of a member chain), `new` whose value is kept or dropped, or is of another module's class, tagged template, or `await` of something that is no call. */
export interface SiteFact extends Span {
  value: ValueId;
  function: number;
  /** Loops around it inside its function, outermost first. */
  loops: number[];
  /** The innermost branch of its function that it stands in; missing where it runs whenever its loop or function does. */
  branch?: number;
  use: SiteUse;
  /** Variables that the value, when awaited, is stored in. */
  result: number[];
  awaited: boolean;
  /** It is stored in a field of `this`, or a variable of an outer function, that was asked before whether it holds something: once is enough. */
  remembered?: true;
}

/** A statement, as far as its order among its neighbours matters. */
export interface StepFact extends Span {
  /**
   * `await`: waits for one thing, always, and keeps what it gave. `control`: a branch, a loop, a `try` and whatever else
   * may not run all that stands in it, or waits more than once.
   */
  form: 'await' | 'declaration' | 'expression' | 'control';
  /** The sites inside it, as a half-open range of indexes. */
  sites: [start: number, end: number];
  /** Variables that it reads, and those that it declares, assigns or assigns a member of. */
  reads: number[];
  writes: number[];
  /** Variables that the test of an `if` reads. */
  tests?: number[];
  /** It may leave the block: `return`, `throw`, `break`, `continue`. */
  exits?: true;
  /** It calls a function that is declared inside this one, which may read anything. */
  opaque?: true;
}

/** Statements of a block that waits more than once, from the first that waits. */
export interface SequenceFact {
  function: number;
  steps: StepFact[];
}

/** A `try` statement; its handler and finalizer, where it has them. */
export interface TryFact extends Span {
  function: number;
  block: Span;
  handler?: Span;
  finalizer?: Span;
}

export interface ParameterFact {
  /** Calls of its decorators. */
  decorations?: ValueId[];
  name?: string;
  type?: TypeFact;
  default?: ValueId;
}

/** A function literal that is given to a call: it runs where the call stands, unless `deferred`. */
export interface InlineFact {
  parent: number;
  call: ValueId;
  /** Where the call stands. */
  span: Span;
  argument: number;
  /** Loops of the parent around the call, outermost first; the call's own callback loop, if it is one, is last. */
  loops: number[];
  /** The call's value is dropped and it is no iteration: the callback runs later (handlers, timers, registrations). */
  deferred: boolean;
}

export interface FunctionFact extends Span {
  name?: string;
  async?: true;
  /** A method with decorators, which may do something else than call it. */
  decorated?: true;
  parameters: ParameterFact[];
  returns: ValueId[];
  /** An arrow function without a body: it does nothing but compute what it returns. */
  concise?: true;
  returnType?: TypeFact;
  /** Enclosing function; the module's own code is function 0. */
  parent: number;
  inline?: InlineFact;
  /** It has a `throw` that is no passing on of a caught error. */
  throws?: true;
  /** Its `return` and `throw` statements, in the order of the text. */
  exits?: ExitFact[];
  /** `'use server'`: a browser calls it, or, of a module's own code, what the module exports. */
  serverAction?: true;
}

/** A statement that ends its function. */
export interface ExitFact extends Span {
  /** The innermost branch that it stands in. */
  branch?: number;
  throws?: true;
}

export interface MemberFact {
  /** Calls of its decorators. */
  decorations?: ValueId[];
  value?: ValueId;
  type?: TypeFact;
  /** Names of a method's decorators. */
  decorators?: string[];
}

export interface ClassFact extends Span {
  name?: string;
  extends?: ValueId;
  /** Of the base class: `Repository<User>`. */
  typeArguments?: TypeFact[];
  implements?: TypeFact[];
  /** Calls of its decorators. */
  decorations?: ValueId[];
  /** Members of instances. */
  members: Record<string, MemberFact>;
  statics: Record<string, MemberFact>;
}

/** A type alias or interface of the file; an interface's bases are in `all`. */
export interface TypeDefinition {
  type: TypeFact;
  parameters: string[];
}

/** Something that is assigned to a member of what belongs to somebody else: `req.db = pool`. */
export interface PutFact {
  of: ValueId;
  name: string;
  value: ValueId;
}

/** An interface of another module, or of the global namespace `module`, that the file adds members to. */
export interface AugmentationFact {
  module: string;
  name: string;
  type: TypeFact;
}

/** A `roundtrip-ignore` comment. */
export interface IgnoreFact extends Span {
  rules: string[];
  reason: string;
  /** The line it is about, from 1: its own when code stands before it, else the next line of code. */
  line: number;
}

interface CommonFacts {
  file: string;
  context: FileContext;
  /** Offset at which each line starts; `lineStarts.length` is the number of lines. */
  lineStarts: number[];
  ignores: IgnoreFact[];
  sql: EmbeddedSql[];
  /** Where the parser gave up, and why; the intact parts are in the facts. */
  syntaxError?: { message: string } & Span;
}

/** What a TypeScript or JavaScript file says about itself. Depends on its text and name alone. */
export interface ModuleFacts extends CommonFacts {
  kind: 'module';
  values: Value[];
  imports: ImportFact[];
  exports: ExportFact[];
  variables: VariableFact[];
  functions: FunctionFact[];
  classes: ClassFact[];
  loops: LoopFact[];
  sites: SiteFact[];
  /** Code that runs on a condition (an arm of `if`, a case, a `try` block, the right of `&&`): the branch around each, or itself. */
  branches: number[];
  sequences: SequenceFact[];
  tries: TryFact[];
  types: Record<string, TypeDefinition>;
  puts?: PutFact[];
  augmentations?: AugmentationFact[];
  /** Values that are the path of a `.sql` file and are given to some call, with the import that leads to the file. */
  sqlPaths?: Record<ValueId, number>;
  react?: ReactFacts;
}

/** A `.sql` file: its statements are in `sql`. */
export interface SqlFileFacts extends CommonFacts {
  kind: 'sql';
  /** Parts that loaders give out by name. */
  blocks?: SqlBlock[];
  /** Tables that its statements make and change, in their order. */
  tables?: TableChange[];
}

/** A `.prisma` file: the models that it declares. */
export interface SchemaFacts extends CommonFacts {
  kind: 'schema';
  tables: Table[];
}

export type FileFacts = ModuleFacts | SqlFileFacts | SchemaFacts;

/** Whether a file of this name is a module, of which a lexical pass may say that it need not be parsed; SQL and schemas are always read. */
export function isModule(file: string): boolean {
  return !file.endsWith('.sql') && !file.endsWith('.prisma');
}

/** Line and column, both from 1, of an offset. */
export function positionAt(facts: Pick<CommonFacts, 'lineStarts'>, offset: number): { line: number; column: number } {
  let low = 0;
  let high = facts.lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (facts.lineStarts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (facts.lineStarts[low] ?? 0) + 1 };
}
