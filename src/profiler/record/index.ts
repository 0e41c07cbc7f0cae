/** The door of what is kept of sessions: files, comparisons, targets and reports. */
export { compareSessions } from './compare.js';
export type { ComparedSession } from './session-rows.js';
export { sessionReport, type ReportOptions } from './report.js';
export { listSessions, readSession, SAVED_SESSIONS_KEPT, saveSession, SessionFileError, writeSession, writeWhole } from './session-files.js';
export { programName } from './session-text.js';
export { changeInNumbers } from './summary.js';
export { count, duration, number, shortText } from './words.js';
export { targetResults, type ConnectionUse } from './targets.js';
