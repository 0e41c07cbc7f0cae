import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { version } from '../../package.json';
import { BUDGETS, parseBudgets, type Budget } from './profile/budgets';
import { UsageError } from './usage-error';
import { CONFIDENCES, CONTEXTS, ruleCatalog, SEVERITIES, type Configuration } from '../workspace';

export const FORMATS = ['pretty', 'json', 'sarif', 'github'] as const;
export type Format = (typeof FORMATS)[number];

export interface CheckArguments {
  paths: string[];
  format: Format;
  fix: boolean;
  rules: Configuration['rules'];
  include?: Configuration['include'];
  confidence?: Configuration['confidence'];
  baseline?: string;
  cache: boolean;
  config?: string;
}

export const PROFILE_FORMATS = ['pretty', 'json', 'markdown', 'html'] as const;

export interface ProfileArguments {
  /** The program and its arguments. */
  command: [string, ...string[]];
  format: (typeof PROFILE_FORMATS)[number];
  output?: string;
  budgets: Budget[];
  compare?: string;
  save?: string;
  name?: string;
  /** Address of the database; true takes it from the environment. */
  connect?: string | true;
  /** The file that is preloaded into the program, when it is not the one beside the command. */
  probe?: string;
}

export type Arguments = { command: 'check'; options: CheckArguments } | { command: 'profile'; options: ProfileArguments };

/**
 * Reads the command line. Throws a {@link UsageError} when it cannot be understood; returns undefined when help or the
 * version was printed.
 */
export function parseArguments(argv: readonly string[]): Arguments | undefined {
  let read: Arguments | undefined;
  const program = new Command('roundtrip')
    .description('Finds needless database round trips in TypeScript over PostgreSQL.')
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .exitOverride()
    .enablePositionalOptions()
    .configureOutput({ writeErr: () => {} });
  program
    .command('check')
    .description('check the files of the working directory')
    .argument('[paths...]', 'show only findings in these files and folders')
    .addOption(new Option('--format <format>', 'how findings are printed').choices(FORMATS).default('pretty'))
    .option('--fix', 'apply the fixes that are safe', false)
    .addOption(new Option('--rule <id=severity>', `how loud a rule is: ${SEVERITIES.join(', ')} (may be given several times)`).argParser(parseRule).default({}, 'each rule has its own'))
    .addOption(new Option('--include <contexts>', `show findings outside production code too: ${CONTEXTS.join(', ')} (with commas)`).argParser(parseInclude))
    .addOption(new Option('--confidence <least>', 'show findings that are at least this sure (medium)').choices(CONFIDENCES))
    .option('--baseline <file>', 'accept the findings of this file and fail on new ones; written when it does not exist')
    .option('--no-cache', 'read and write no cache')
    .option('--config <file>', 'use this configuration instead of the one that would be found')
    .helpOption('--help', 'print this help')
    .addHelpText('after', HELP)
    .action((paths: string[], options: Omit<CheckArguments, 'paths' | 'rules'> & { rule: CheckArguments['rules'] }) => {
      const { rule, ...others } = options;
      read = { command: 'check', options: { paths, rules: rule, ...others } };
    });
  program
    .command('profile')
    .description('run a program and report what its queries cost, at the lines that issued them')
    .usage('[options] -- command [arguments...]')
    .argument('<command...>', 'the program with its arguments, such as npm test')
    .passThroughOptions()
    .addOption(new Option('--format <format>', 'how the report is written').choices(PROFILE_FORMATS).default('pretty'))
    .option('--output <file>', 'write the report to a file')
    .addOption(new Option('--budget <name=limit>', 'fail when more than this was seen (may be given several times, or with commas)').argParser(parseBudgets).default([], 'none'))
    .option('--compare <file>', 'compare with a saved session, and fail when something got worse by more than noise')
    .option('--save <file>', 'save the session')
    .option('--name <name>', 'call the session by this name')
    .option('--connect [url]', 'count on the server too; without an address the one of the environment (DATABASE_URL, PG*) is taken')
    .addOption(new Option('--probe <file>').hideHelp())
    .helpOption('--help', 'print this help')
    .addHelpText('after', PROFILE_HELP)
    .action((command: [string, ...string[]], { budget, ...others }: Omit<ProfileArguments, 'command' | 'budgets'> & { budget: Budget[] }) => {
      read = { command: 'profile', options: { command, budgets: budget, ...others } };
    });
  program.addHelpText('after', '\nRun `roundtrip check --help` or `roundtrip profile --help` for their options.');
  if (argv.length === 0) {
    program.outputHelp();
    throw new UsageError('Say what to do: `roundtrip check` checks the working directory, `roundtrip profile -- npm test` watches a program.');
  }
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw new UsageError(sentence(error.message.replace(/^error: /, '')));
  }
  return read;
}

const HELP = `
The whole project is analysed, so that a query is followed through files: its root is the working
directory, so run the command at the top of the project. Paths only choose which findings are shown.
Left out are what .gitignore names, node_modules, build folders and files over 1 MB.

Configuration: roundtrip.config.json, roundtrip.config.yaml or "roundtrip" in package.json.
A comment \`// roundtrip-ignore rule: reason\` ignores the findings of its line or of the next one.

Exit codes: 0 no findings, 1 findings, 2 the check could not run.`;

const PROFILE_HELP = `
Node.js programs and all that they start are watched, without any change to them: pg, postgres.js, and through
them or in their own way Drizzle, Prisma, Kysely, Knex, TypeORM and Sequelize. Programs of other languages are
watched through their server with --connect.

The program keeps its input, output and signals. The report goes to standard error, so that the program's own
output can be piped. With --format json, markdown or html it goes to standard output, and what the program writes
there goes to standard error, unless --output names a file.

Budgets:
${Object.entries(BUDGETS).map(([name, meaning]) => `  ${name.padEnd(20)}${meaning}`).join('\n')}

Exit codes: the program's own when it fails (128 plus the signal's number when a signal ends it); otherwise 0,
1 when a budget is missed or something is worse than in the compared session, 2 when it could not be watched.`;

function parseRule(value: string, before: Configuration['rules']): Configuration['rules'] {
  const [, id, severity] = /^([^=]+)=(.*)$/.exec(value) ?? [];
  if (id === undefined || severity === undefined) throw new InvalidArgumentError(`Write it as id=severity, for example ${ruleCatalog()[0]?.id}=off.`);
  const ids = ruleCatalog().map((rule) => rule.id);
  if (!ids.includes(id)) throw new InvalidArgumentError(`No rule is called "${id}". The rules are: ${ids.join(', ')}.`);
  const known = SEVERITIES.find((each) => each === severity);
  if (!known) throw new InvalidArgumentError(`Severities are: ${SEVERITIES.join(', ')}.`);
  return { ...before, [id]: known };
}

function parseInclude(value: string): Configuration['include'] {
  return value.split(',').map((name) => {
    const known = CONTEXTS.find((context) => context === name.trim());
    if (!known) throw new InvalidArgumentError(`"${name.trim()}" is not one of: ${CONTEXTS.join(', ')}.`);
    return known;
  });
}

function sentence(text: string): string {
  const clean = text.trim();
  return `${clean.charAt(0).toUpperCase()}${clean.slice(1)}${/[.!?]$/.test(clean) ? '' : '.'}`;
}
