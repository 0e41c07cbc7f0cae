/** The part of mocha's JSON report that the runners need. */
export interface TestResults {
  passes: { fullTitle: string }[];
  failures: { fullTitle: string; err: { message?: string; stack?: string } }[];
  pending: { fullTitle: string }[];
}

/** An invisible character before each line that mocha prints inside the extension host. */
export const MOCHA_MARK = '\u2063';
