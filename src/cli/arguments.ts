import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { version } from '../../package.json';
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

/** Why nothing was run, in one sentence for standard error. */
export class UsageError extends Error {}

/**
 * Reads the command line. Throws a {@link UsageError} when it cannot be understood; returns undefined when help or the
 * version was printed.
 */
export function parseArguments(argv: readonly string[]): CheckArguments | undefined {
  let check: CheckArguments | undefined;
  const program = new Command('roundtrip')
    .description('Finds needless database round trips in TypeScript over PostgreSQL.')
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .exitOverride()
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
      check = { paths, rules: rule, ...others };
    });
  program.addHelpText('after', '\nRun `roundtrip check --help` for its options.');
  if (argv.length === 0) {
    program.outputHelp();
    throw new UsageError('Say what to do: `roundtrip check` checks the working directory.');
  }
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw new UsageError(sentence(error.message.replace(/^error: /, '')));
  }
  return check;
}

const HELP = `
The whole project is analysed, so that a query is followed through files: its root is the working
directory, so run the command at the top of the project. Paths only choose which findings are shown.
Left out are what .gitignore names, node_modules, build folders and files over 1 MB.

Configuration: roundtrip.config.json, roundtrip.config.yaml or "roundtrip" in package.json.
A comment \`// roundtrip-ignore rule: reason\` ignores the findings of its line or of the next one.

Exit codes: 0 no findings, 1 findings, 2 the check could not run.`;

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
