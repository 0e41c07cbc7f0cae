import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const RULES = 'src/analysis/rules';
const REGISTRY = `${RULES}/registry.generated.ts`;
const FAMILIES = ['database', 'react', 'sql'];

/** Every rules/<family>/<id>/rule.ts, sorted by id. `folder` is absolute. */
export function findRules(root) {
  const found = [];
  for (const family of FAMILIES) {
    const folder = path.join(root, RULES, family);
    if (!existsSync(folder)) continue;
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory() && existsSync(path.join(folder, entry.name, 'rule.ts'))) {
        found.push({ id: entry.name, family, folder: path.join(folder, entry.name) });
      }
    }
  }
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Text of the generated registry. */
export function registryText(root) {
  const rules = findRules(root).map(({ id, family }) => ({ id, family, name: id.replace(/-(.)/g, (_, letter) => letter.toUpperCase()) }));
  return [
    '// Made by `npm run generate` from the folders of the rules. Do not edit.',
    "import type { Rule } from './rule';",
    ...rules.map(({ name, family, id }) => `import ${name} from './${family}/${id}/rule';`),
    '',
    rules.length ? `export const all: readonly Rule[] = [\n${rules.map(({ name }) => `  ${name},`).join('\n')}\n];` : 'export const all: readonly Rule[] = [];',
    '',
  ].join('\n');
}

/** Writes the registry when it is stale; says whether it was. */
export function writeRegistry(root) {
  const file = path.join(root, REGISTRY);
  const text = registryText(root);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return false;
  writeFileSync(file, text);
  return true;
}
