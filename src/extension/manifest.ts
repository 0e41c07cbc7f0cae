/** What package.json contributes, in one place with the code that answers for it. No `vscode` here: the build reads it too. */

import { DEFAULT_TARGETS } from '../profiler/protocol';

/** Languages that are checked; opening a file in one of them activates the extension. */
export const LANGUAGES = ['typescript', 'typescriptreact', 'javascript', 'javascriptreact', 'sql'] as const;

export const STATUS_ITEM = 'roundtrip.status';

const CATEGORY = 'Roundtrip';

/** As the configuration names them; `null` leaves it to the configuration. */
const CONFIDENCES = ['high', 'medium', 'low'];

export const COMMANDS = {
  checkWorkspace: { command: 'roundtrip.checkWorkspace', title: 'Check Workspace', category: CATEGORY },
  openRulePage: { command: 'roundtrip.openRulePage', title: 'Open Rule Page…', category: CATEGORY },
  restartServer: { command: 'roundtrip.restartServer', title: 'Restart Language Server', category: CATEGORY },
  showLog: { command: 'roundtrip.showLog', title: 'Show Log', category: CATEGORY },
} as const;

/** What can be done with a database and a session. */
export const SESSION_COMMANDS = {
  connect: { command: 'roundtrip.connect', title: 'Connect to a Database…', category: CATEGORY, icon: '$(plug)' },
  disconnect: { command: 'roundtrip.disconnect', title: 'Disconnect', category: CATEGORY, icon: '$(debug-disconnect)', enablement: 'roundtrip.connected' },
  startSession: { command: 'roundtrip.startSession', title: 'Start Recording', category: CATEGORY, icon: '$(record)' },
  pauseSession: { command: 'roundtrip.pauseSession', title: 'Pause Recording', category: CATEGORY, icon: '$(debug-pause)', enablement: "roundtrip.session == 'recording'" },
  resumeSession: { command: 'roundtrip.resumeSession', title: 'Resume Recording', category: CATEGORY, icon: '$(debug-continue)', enablement: "roundtrip.session == 'paused'" },
  stopSession: { command: 'roundtrip.stopSession', title: 'Stop Recording', category: CATEGORY, icon: '$(debug-stop)', enablement: "roundtrip.session == 'recording' || roundtrip.session == 'paused'" },
  renameSession: { command: 'roundtrip.renameSession', title: 'Rename Session…', category: CATEGORY, enablement: 'roundtrip.hasSession' },
  clearSession: { command: 'roundtrip.clearSession', title: 'Clear Session', category: CATEGORY, icon: '$(clear-all)', enablement: "roundtrip.session == 'recording' || roundtrip.session == 'paused'" },
  openSession: { command: 'roundtrip.openSession', title: 'Open a Saved Session…', category: CATEGORY, icon: '$(folder-opened)' },
  compareSessions: { command: 'roundtrip.compareSessions', title: 'Compare With a Saved Session…', category: CATEGORY, icon: '$(diff)', enablement: 'roundtrip.hasSession' },
  exportReport: { command: 'roundtrip.exportReport', title: 'Export Report…', category: CATEGORY, icon: '$(export)', enablement: 'roundtrip.hasSession' },
  newWatchedTerminal: { command: 'roundtrip.newWatchedTerminal', title: 'New Watched Terminal', category: CATEGORY, icon: '$(terminal)' },
  explainStatement: { command: 'roundtrip.explainStatement', title: 'Explain Statement at Cursor', category: CATEGORY, icon: '$(type-hierarchy)' },
} as const;

/** Settings of a session and of what it leaves in the code. */
const SESSION_SETTINGS: Record<string, object> = {
  'roundtrip.margin.notes': {
    markdownDescription: 'Show behind each line that issued queries how often it did, how long they took and how many rows came back.',
    type: 'boolean',
    default: true,
    scope: 'window',
    order: 20,
  },
  'roundtrip.margin.ruler': {
    markdownDescription: 'Mark the lines with the most time, and those that repeat a query, in the ruler beside the scroll bar.',
    type: 'boolean',
    default: true,
    scope: 'window',
    order: 21,
  },
  'roundtrip.margin.codeLens': {
    markdownDescription: 'Show the same numbers above the line as well, to press on.',
    type: 'boolean',
    default: false,
    scope: 'window',
    order: 22,
  },
  'roundtrip.session.folder': {
    markdownDescription: 'Folder of saved sessions, relative to the workspace folder, for example `.roundtrip/sessions`. Empty: a folder of the editor’s own for this workspace.',
    type: 'string',
    default: '',
    scope: 'machine-overridable',
    order: 30,
  },
  'roundtrip.session.recordOnOpen': {
    markdownDescription: 'Start recording in a trusted folder with its first JavaScript, TypeScript or SQL file that is opened, or when the view *Query Timings* is shown: programs that start after that are watched. Nothing wakes Roundtrip before.',
    type: 'boolean',
    default: false,
    scope: 'machine-overridable',
    order: 28,
  },
  'roundtrip.session.task': {
    markdownDescription: 'Name of the task in `tasks.json` that runs your program. It is started, or started anew, when a recording begins, so that all its queries are seen.',
    type: 'string',
    default: '',
    scope: 'machine-overridable',
    order: 29,
  },
  'roundtrip.session.parameters': {
    markdownDescription: 'Record the values of parameters too, cut to 200 characters each. The panel shows those of the slowest executions of each statement, and its plan is made for them. They may hold personal data: they stay in memory, and are in no saved session and no report.',
    type: 'boolean',
    default: false,
    scope: 'machine-overridable',
    order: 31,
  },
  'roundtrip.targets.p95': {
    markdownDescription: 'Milliseconds that 95 of 100 executions of each statement should stay below. The panel marks what misses it.',
    type: 'number',
    default: DEFAULT_TARGETS.p95Ms,
    minimum: 0,
    scope: 'window',
    order: 40,
  },
  'roundtrip.targets.connections': {
    markdownDescription: 'Percent of the server’s connections that should be in use at most.',
    type: 'number',
    default: DEFAULT_TARGETS.connections * 100,
    minimum: 1,
    maximum: 100,
    scope: 'window',
    order: 41,
  },
  'roundtrip.targets.cacheHits': {
    markdownDescription: 'Percent of blocks that should be found in the server’s shared buffers at least.',
    type: 'number',
    default: DEFAULT_TARGETS.cacheHits * 100,
    minimum: 0,
    maximum: 100,
    scope: 'window',
    order: 42,
  },
};

/**
 * The editor's settings. `shared` are the properties of the schema of `roundtrip.config.*`: rules, include,
 * confidence and exclude mean the same in both places.
 */
export function settings(shared: Record<string, object>): Record<string, object> {
  const wins = 'Wins over `roundtrip.config.json`, which the command line reads too.';
  const place = (name: string, order: number, defaults: object | null) => {
    const { description = '', ...schema } = shared[name] as { description?: string };
    return { ...schema, markdownDescription: `${description} ${wins}`, default: defaults, scope: 'window', order };
  };
  return {
    'roundtrip.rules': place('rules', 1, {}),
    'roundtrip.include': place('include', 2, []),
    'roundtrip.confidence': { ...place('confidence', 3, null), enum: [...CONFIDENCES, null] },
    'roundtrip.exclude': place('exclude', 4, []),
    'roundtrip.delay': {
      markdownDescription: 'Milliseconds between the last keystroke and the findings.',
      type: 'number',
      default: 150,
      minimum: 50,
      scope: 'window',
      order: 5,
    },
    'roundtrip.trace.server': {
      markdownDescription: 'What is logged of the conversation with the language server while the log level of the output channel *Roundtrip* is *Trace*.',
      type: 'string',
      enum: ['messages', 'compact', 'verbose'],
      default: 'messages',
      scope: 'window',
      order: 6,
    },
    ...SESSION_SETTINGS,
  };
}
