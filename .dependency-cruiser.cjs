/**
 * The arrows of the house. Each comment is the sentence that a person reads when an arrow is wrong: it says what to do.
 * @type {import('dependency-cruiser').IConfiguration}
 */
const ROOMS = 'analysis|workspace|database|profiler|probe|server|extension|panel|cli';

/** Files that two rooms speak over: types and constants only. */
const PANEL_MESSAGES = '^src/panel/(plan/)?messages\\.ts$';
const SERVER_PROTOCOL = '^src/server/protocol\\.ts$';
const PROBE_WIRE = '^src/probe/wire\\.ts$';
/** PostgreSQL's parser, which both rooms for SQL must guard against hostile texts in the same way. */
const SQL_ENGINE = '^src/analysis/syntax/sql-engine\\.ts$';
const PROFILER_PROTOCOL = '^src/profiler/protocol\\.ts$';

/** `room` may import the rooms in `allowed` and no other; its unit tests may compare it with any. */
const room = (name, allowed, comment, except = []) => ({
  name: `${name}-arrows`,
  comment,
  severity: 'error',
  from: { path: `^src/${name}/`, pathNot: '\\.test\\.ts$' },
  to: { path: '^src/', pathNot: [`^src/(${[name, ...allowed].join('|')})/`, ...except] },
});

/** Only files at `owner` may import the packages. */
const owned = (name, packages, owner, comment, typesAreFree = false) => ({
  name,
  comment,
  severity: 'error',
  from: { path: '^src/', pathNot: owner },
  to: { path: `(^|node_modules/)(@types/)?(${packages})(/|$)`, ...(typesAreFree ? { dependencyTypesNot: ['type-only'] } : {}) },
});

module.exports = {
  forbidden: [
    room('analysis', [], 'The analysis is pure: pass what it needs in as data, or move this code into src/workspace, which calls the analysis.'),
    room('workspace', ['analysis'], 'The workspace serves the server and the command line and knows neither: give the caller a callback or a return value instead.'),
    room('database', [], 'The database room stands alone but for PostgreSQL’s parser (src/analysis/syntax/sql-engine.ts): let src/extension bring it together with other rooms.', [SQL_ENGINE]),
    {
      name: 'sql-engine-alone',
      comment: 'The database room has the SQL engine too, so it must stay alone: put what needs more of the analysis into src/analysis/syntax/sql.ts.',
      severity: 'error',
      from: { path: SQL_ENGINE },
      to: { path: '^src/' },
    },
    room('profiler', ['database'], 'The profiler knows only the database and the wire format of the probe: let its caller pass in what else it needs.', [PROBE_WIRE]),
    room('probe', [], 'The probe runs inside the application of the user and must stay tiny: copy the wire format or pass it in, import nothing of the rest.'),
    room('server', ['analysis', 'workspace'], 'The server works through src/workspace: move shared code there, and talk to the editor over LSP only.', [PROFILER_PROTOCOL]),
    room('cli', ['analysis', 'workspace', 'database', 'profiler'], 'The command line works through src/workspace: move shared code there instead of importing the server or the extension.'),
    room('extension', ['database'], 'The extension host only relays: ask the language server over LSP (src/server/protocol.ts), or send a message to the panel (src/panel/messages.ts).', [PANEL_MESSAGES, SERVER_PROTOCOL, PROFILER_PROTOCOL]),
    room('panel', [], 'The panel runs in a browser: send the extension a message that is declared in src/panel/messages.ts instead.', [PROFILER_PROTOCOL]),
    {
      name: 'declared-rooms',
      comment: `Every file lives in a room of the house: move it into one of src/{${ROOMS.replaceAll('|', ',')}}.`,
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/(${ROOMS})/` },
      to: {},
    },
    {
      name: 'analysis-without-io',
      comment: 'The analysis has no files, network or processes: read the text in src/workspace and pass it in.',
      severity: 'error',
      from: { path: '^src/analysis/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'panel-without-node',
      comment: 'The panel runs in a browser, where Node is missing: let the extension do this and send the panel the result.',
      severity: 'error',
      from: { path: '^src/panel/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    owned('only-extension-imports-vscode', 'vscode', '^src/extension/', 'Only src/extension may import vscode: pass plain data in, or move this code into src/extension.'),
    owned('only-extension-is-lsp-client', 'vscode-languageclient', '^src/extension/', 'Only src/extension is a client of the language server: move this code there.'),
    owned('only-server-is-lsp-server', 'vscode-languageserver', '^src/server/', 'Only src/server speaks LSP as a server: return plain data and let src/server translate it.'),
    owned('only-database-imports-pg', 'pg', '^src/(database|profiler)/', 'Only src/database talks to PostgreSQL: add what you need to its door, src/database/index.ts.'),
    owned('only-syntax-imports-parsers', '@typescript-eslint/typescript-estree|libpg-query|typescript', '^src/analysis/(syntax|rewrite)/', 'Only src/analysis/syntax and src/analysis/rewrite load parsers, so that they load late and once: use parseModule or the SQL functions there (types may use `import type`).', true),
    {
      name: 'facts-know-one-file',
      comment: 'Facts are what one file says about itself, so that they can be cached by its content: what needs other files or a library belongs into src/analysis/program.',
      severity: 'error',
      from: { path: '^src/analysis/facts/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/analysis/(program|patterns|libraries|rules|rewrite)/' },
    },
    {
      name: 'rules-do-not-know-each-other',
      comment: 'A rule is one folder that can be deleted: move what two rules share into src/analysis/patterns (questions) or src/analysis/rewrite (edits).',
      severity: 'error',
      from: { path: '^src/analysis/rules/([^/]+/[^/]+)/' },
      to: { path: '^src/analysis/rules/[^/]+/[^/]+/', pathNot: '^src/analysis/rules/$1/' },
    },
    {
      name: 'product-without-tests',
      comment: 'Code of the product must not import tests, scripts or the demo: move what is shared into src.',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(test|scripts|demo)/|\\.test\\.ts$' },
    },
    {
      name: 'no-cycles',
      comment: 'Modules that import each other at run time load in an order nobody sees: move the shared part into a third module.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      comment: 'This import leads nowhere: install the package, or correct the path.',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true, pathNot: '^vscode$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
};
