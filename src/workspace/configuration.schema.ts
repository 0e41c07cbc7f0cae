import type { RuleOption } from '../analysis';
import { ruleCatalog } from './rule-catalog';

export type JsonSchema = Record<string, unknown>;

export const SEVERITIES = ['off', 'info', 'warning', 'error'] as const;
export const CONFIDENCES = ['high', 'medium', 'low'] as const;
export const CONTEXTS = ['tests', 'seeds', 'migrations', 'scripts', 'generated'] as const;

/** The one JSON schema of `roundtrip.config.*` and of the editor's settings, made from the rules themselves. */
export function configurationSchema(): JsonSchema {
  const rules = Object.fromEntries(
    ruleCatalog().map((rule) => [
      rule.id,
      {
        description: `${rule.summary}. Default: ${rule.severity}${rule.severity === 'info' ? '' : ', and info for findings of less than high confidence'}.`,
        anyOf: [
          { enum: SEVERITIES },
          {
            type: 'object',
            properties: {
              severity: { enum: SEVERITIES, description: 'How loud its findings are.' },
              ...Object.fromEntries(Object.entries(rule.options).map(([name, option]) => [name, optionSchema(option)])),
            },
            additionalProperties: false,
          },
        ],
      },
    ]),
  );
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Roundtrip',
    type: 'object',
    properties: {
      $schema: { type: 'string' },
      rules: {
        type: 'object',
        description: 'Severity of each rule, or an object with its severity and options.',
        properties: rules,
        additionalProperties: false,
      },
      include: {
        type: 'array',
        description: 'Findings outside production code that are shown too.',
        items: { enum: CONTEXTS },
        uniqueItems: true,
      },
      confidence: {
        enum: CONFIDENCES,
        description: 'The least sure findings that are shown. `high`: a maintainer would accept it unseen. `medium`: most would; shown as information. `low`: real, but engineers would argue about it, or to mend it is to design the code anew.',
      },
      exclude: {
        type: 'array',
        description: 'Globs of files that are not analysed, besides .gitignore, node_modules and build folders.',
        items: { type: 'string', minLength: 1 },
      },
    },
    additionalProperties: false,
  };
}

function optionSchema(option: RuleOption): JsonSchema {
  const { description, minimum } = option;
  const value = option.default;
  if (Array.isArray(value)) return { description, default: value, type: 'array', items: { type: 'string' } };
  if (typeof value === 'number') return { description, default: value, type: 'number', ...(minimum !== undefined && { minimum }) };
  return { description, default: value, type: typeof value };
}
