export interface RuleFolder {
  id: string;
  family: 'database' | 'react' | 'sql';
  /** Absolute. */
  folder: string;
}

/** Every rules/<family>/<id>/rule.ts below the project's folder, sorted by id. */
export function findRules(root: string): RuleFolder[];

/** Text of src/analysis/rules/registry.generated.ts. */
export function registryText(root: string): string;

/** Writes the registry when it is stale; says whether it was. */
export function writeRegistry(root: string): boolean;
