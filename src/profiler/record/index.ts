/** The door of what is kept of sessions: files, comparisons, targets and reports. */
export { listSessions, readSession, SAVED_SESSIONS_KEPT, saveSession, SessionFileError, writeSession, writeWhole } from './session-files.js';
