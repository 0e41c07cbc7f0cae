/** The door of the database room: live statement timings of a PostgreSQL, and problems in plain words. */
export { addressUrl, describeAddress, describeHost, loginFromEnvironment, parseDatabaseUrl, redact } from './address.js';
export type { DatabaseAddress, DatabaseLogin, ParsedLogin, TlsMode } from './address.js';
export { APPLICATION_NAME, DatabaseConnection, STATEMENT_MARKER, type Result, type ServerFacts } from './connection.js';
export { LiveTimings, type LiveTimingsOptions, type TimingState } from './live-timings.js';
export { explainProblem, type DatabaseProblem, type ExplainedProblem, type SetupStep } from './problem.js';
export { STATEMENT_LIMIT, StatementTimings, type StatementTiming, type TimingNotice, type TimingReport } from './statements.js';
