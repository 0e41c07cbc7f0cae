/** The door of the database room: what a PostgreSQL server says of its statements, sessions and tables, and problems in plain words. */
export { addressUrl, describeAddress, describeHost, loginFromEnvironment, parseDatabaseUrl, redact } from './address.js';
export type { DatabaseAddress, DatabaseLogin, ParsedLogin, TlsMode } from './address.js';
export { APPLICATION_NAME, DatabaseConnection, STATEMENT_MARKER, type Result, type ServerFacts } from './connection.js';
export { DATABASE_FILES, findDatabases, type FoundDatabase, type SearchedFiles } from './found/find-databases.js';
export { explainStatement, type ExplainedPlan, type ExplainRequest } from './plans/explain.js';
export { explainProblem, type DatabaseProblem, type ExplainedProblem, type SetupStep } from './problem.js';
export { type Activity, type ActivityRow } from './server/activity.js';
export { ServerLink, type LinkOptions, type LinkState } from './server/link.js';
export { ServerSource } from './server/source.js';
export { type StatementCount, type StatementReading } from './server/statements.js';
export { type TableSize } from './server/table-sizes.js';
