import { dirname } from 'node:path';
import type { ErrorObject } from 'ajv';
import { lilconfig, type Loader } from 'lilconfig';
import type { Confidence, FileContext, RuleSettings } from '../analysis';
import { configurationSchema } from './configuration.schema';
import type { Configuration } from './contract';
import { fileName, relativeName } from './file-name';

const DATA_FILES = ['roundtrip.config.json', 'roundtrip.config.yaml', 'roundtrip.config.yml'];
const CODE_FILES = ['js', 'mjs', 'cjs', 'ts', 'mts', 'cts'].map((extension) => `roundtrip.config.${extension}`);

/** What holds for the files of one root. */
export interface RootConfiguration {
  settings: RuleSettings;
  /** Contexts whose findings are shown. */
  contexts: ReadonlySet<FileContext>;
  confidence: Confidence;
  exclude: string[];
  /** Folder that the globs of `exclude` start from. */
  excludeFrom: string;
  /** The file it was read from, if there is one. */
  source?: string;
  /** Whole sentences; what they speak of was left out. */
  errors: string[];
}

/** Whether a change of this file may change the configuration. */
export function isConfigurationFile(file: string): boolean {
  const name = file.slice(file.lastIndexOf('/') + 1);
  return name === 'package.json' || DATA_FILES.includes(name) || CODE_FILES.includes(name);
}

/**
 * Reads the configuration of a root: the nearest `roundtrip.config.*` or `package.json#roundtrip` at or above it, up to
 * the repository's top. Only data is read: a workspace's code is never run.
 */
export async function readConfiguration(root: string, top: string, overrides: Partial<Configuration> = {}, file?: string): Promise<RootConfiguration> {
  const errors: string[] = [];
  let found: Partial<Configuration> = {};
  let source: string | undefined;
  try {
    const loader = lilconfig('roundtrip', {
      searchPlaces: [...DATA_FILES, ...CODE_FILES, 'package.json'],
      packageProp: 'roundtrip',
      loaders: {
        ...Object.fromEntries(CODE_FILES.map((name) => [name.slice(name.lastIndexOf('.')), refuseCode])),
        '.json': parseJson,
        '.yaml': parseYaml,
        '.yml': parseYaml,
        noExt: parseYaml,
      },
      stopDir: top,
      cache: false,
    });
    const result = file ? await loader.load(file) : await loader.search(root);
    if (result && !result.isEmpty) {
      source = fileName(result.filepath);
      const problems = await validate(result.config);
      if (problems.length) errors.push(...problems.map((problem) => `${source}: ${problem}`));
      else found = result.config as Partial<Configuration>;
    }
  } catch (error) {
    errors.push(error instanceof Error ? error.message : String(error));
  }
  if (Object.values(overrides).some((value) => Object.keys(value).length > 0)) {
    const problems = await validate(overrides);
    if (problems.length) {
      errors.push(...problems.map((problem) => `settings: ${problem}`));
      overrides = {};
    }
  }
  const include = overrides.include ?? found.include ?? [];
  return {
    settings: ruleSettings(found.rules, overrides.rules),
    contexts: new Set<FileContext>(['production', ...include.map((context) => CONTEXT_OF[context])]),
    confidence: overrides.confidence ?? found.confidence ?? 'medium',
    exclude: [...(found.exclude ?? []), ...(overrides.exclude ?? []).map((glob) => rebase(glob, root, source))],
    excludeFrom: source ? dirname(source) : root,
    ...(source && { source }),
    errors,
  };
}

const CONTEXT_OF: Record<Configuration['include'][number], FileContext> = {
  tests: 'test',
  seeds: 'seed',
  migrations: 'migration',
  scripts: 'script',
  generated: 'generated',
};

/** A glob of the settings starts from the root; the configuration file may lie above it. */
function rebase(glob: string, root: string, source: string | undefined): string {
  const below = source ? relativeName(dirname(source), root) : '';
  const clean = glob.replace(/^\.?\//, '');
  return below && below !== root && clean.includes('/') ? `${below}/${clean}` : clean;
}

/** Later ones win; a mere severity keeps the options that an earlier one gave. */
function ruleSettings(...layers: (Partial<Configuration>['rules'] | undefined)[]): RuleSettings {
  const settings: RuleSettings = {};
  for (const layer of layers) {
    for (const [id, value] of Object.entries(layer ?? {})) {
      const { severity, ...options } = typeof value === 'string' ? { severity: value } : value;
      const before = settings[id];
      const chosen = severity ?? before?.severity;
      settings[id] = {
        ...(chosen && { severity: chosen }),
        options: { ...before?.options, ...(options as RuleSettings[string]['options']) },
      };
    }
  }
  return settings;
}

async function validate(value: unknown): Promise<string[]> {
  const { Ajv } = await import('ajv');
  const check = new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true, strict: false }).compile(configurationSchema());
  if (check(value)) return [];
  const errors = (check.errors ?? []).filter((error) => error.keyword !== 'anyOf');
  // Of a rule's two forms, the one that was meant speaks: the deepest error, or the list of severities.
  const meant = errors.filter((error) => {
    const isObject = typeof error.data === 'object' && error.data !== null && !Array.isArray(error.data);
    if (error.keyword === 'enum' && isObject) return false;
    if (error.keyword === 'type' && /\/anyOf\/1\/type$/.test(error.schemaPath)) return false;
    return true;
  });
  return [...new Set((meant.length ? meant : errors).map(describe))];
}

/** One sentence: where, what is there, and what may be there. */
function describe(error: ErrorObject): string {
  const at = error.instancePath.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');
  const here = at || 'the configuration';
  const value = shorten(JSON.stringify(error.data));
  switch (error.keyword) {
    case 'additionalProperties': {
      const name = String(error.params['additionalProperty']);
      const known = Object.keys((error.parentSchema?.['properties'] as object | undefined) ?? {}).filter((key) => key !== '$schema');
      if (at === 'rules') return `no rule is called "${name}". The rules are: ${known.join(', ')}.`;
      return `${at ? `${at} has` : 'there is'} no setting "${name}". Known are: ${known.join(', ')}.`;
    }
    case 'enum':
      return `${here} is ${value}, but must be one of: ${(error.params['allowedValues'] as string[]).join(', ')}.`;
    case 'type':
      return `${here} is ${value}, but must be of type ${String(error.params['type'])}.`;
    case 'minimum':
      return `${here} is ${value}, but must be at least ${String(error.params['limit'])}.`;
    default:
      return `${here} ${error.message ?? 'is not valid'}.`;
  }
}

function shorten(text: string | undefined): string {
  return text === undefined ? 'nothing' : text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

const parseJson: Loader = (file, content) => {
  try {
    return JSON.parse(content.replace(/^\uFEFF/, '')) as unknown;
  } catch (error) {
    // Another tool's broken package.json is its own affair.
    if (file.endsWith('package.json')) return {};
    throw new Error(`${fileName(file)}: it is not valid JSON: ${(error as Error).message}.`, { cause: error });
  }
};

const parseYaml: Loader = async (file, content) => {
  const { parse } = await import('yaml');
  try {
    return parse(content) as unknown;
  } catch (error) {
    throw new Error(`${fileName(file)}: it is not valid YAML: ${(error as Error).message.split('\n')[0]}`, { cause: error });
  }
};

const refuseCode: Loader = (file) => {
  throw new Error(`${fileName(file)}: it is code, and Roundtrip never runs a workspace's code. Write it as ${DATA_FILES[0]} or ${DATA_FILES[1]}.`);
};
