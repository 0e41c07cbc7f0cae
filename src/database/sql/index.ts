/** The door of SQL in the database room: which statement a text is, by PostgreSQL's own parser. */
export { identify, type StatementIdentity, type StatementKind } from './identity.js';
export { explainable, type Explainability, type Explainable } from './explainable.js';
export { loadSqlParser } from './parser.js';
