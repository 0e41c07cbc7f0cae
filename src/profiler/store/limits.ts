/**
 * How much a session keeps at most. What goes beyond is folded into a row of its own or counted without details, so that totals
 * stay exact and memory stays bounded, whatever programs do.
 */

/** Distinct statements. More than this come from programs that write values or names into their texts; nobody reads so many rows. */
export const STATEMENT_LIMIT = 5_000;

/** Distinct places in the source. A large program has some thousands of query sites. */
export const LINE_LIMIT = 5_000;

/** Places of one statement. A statement that comes from more places is issued by a generic helper of the program. */
export const SITES_PER_STATEMENT = 100;

/** Characters of a statement's text, as the protocol promises. */
export const TEXT_LIMIT = 10_000;

/** Distinct errors kept per statement; more are counted without their message. */
export const ERRORS_PER_STATEMENT = 20;

/** Slowest executions kept per statement, with the values of their parameters. */
export const SLOWEST_PER_STATEMENT = 5;

/** Distinct labels of requests. More than this are labels with parts that vary. */
export const LABEL_LIMIT = 1_000;

/** Statements listed per label, in the order of their first use. */
export const STATEMENTS_PER_LABEL = 200;

/** Requests, transactions and bursts that are open at the same time, over all programs. Older ones are closed as they are. */
export const OPEN_CONTEXTS = 5_000;

/** Statements told apart within one request; enough for any that a person would look into. */
export const STATEMENTS_PER_CONTEXT = 1_000;

/** Distinct repetitions kept; those with the most lost time are shown. */
export const REPETITION_LIMIT = 2_000;

/** Ids of statements in the row of the others. They stay there; 200,000 ids take about 20 MB. */
export const FOLDED_LIMIT = 200_000;

/** Seconds shown one by one: an hour. After that, the older half is kept at half the resolution, again and again. */
export const SERIES_LIMIT = 3_600;

/** Programs and threads listed; ended ones without queries go first. */
export const PROGRAM_LIMIT = 100;
