/** What package.json contributes for the language server, in one place with the code that answers for it. No `vscode` here: the build reads it too. */

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
  };
}
