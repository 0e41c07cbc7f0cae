/**
 * `npm run generate`: writes what follows from the rules: the registry, the README's rule table, the editor's settings.
 * With `--check` it writes nothing, names what is stale and exits 1.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { settings } from '../src/extension/manifest';
import { registryText } from './rule-folders.mjs';
import type { RuleDescription } from '../src/workspace/rule-catalog';

const root = path.join(__dirname, '..');
const check = process.argv.includes('--check');
const stale: string[] = [];

function write(file: string, text: string): void {
  const target = path.join(root, file);
  if (existsSync(target) && readFileSync(target, 'utf8') === text) return;
  stale.push(file);
  if (!check) writeFileSync(target, text);
}

const FIXES = { safe: 'safe', suggestion: 'suggestion', none: '–' } as const;

function ruleTable(rules: readonly RuleDescription[]): string {
  const rows = rules.map(({ id, family, summary, fix, severity }) => {
    const name = family === 'comments' ? `\`${id}\`` : `[\`${id}\`](src/analysis/rules/${family}/${id}/README.md)`;
    return `| ${name} | ${summary} | ${FIXES[fix]} | ${severity} |`;
  });
  return ['| Rule | What it finds | Fix | Severity |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** Replaces what stands between `<!-- name:start -->` and `<!-- name:end -->`. */
function between(text: string, name: string, content: string): string {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md needs the markers ${start} and ${end}.`);
  return `${text.slice(0, from + start.length)}\n${content}\n${text.slice(to)}`;
}

/** The editor's settings follow the schema of `roundtrip.config.*`; those of the database stay as they are. */
function manifest(shared: Record<string, object>): string {
  const text = readFileSync(path.join(root, 'package.json'), 'utf8');
  const json = JSON.parse(text) as { contributes: { configuration: { properties: Record<string, object> } } };
  const { configuration } = json.contributes;
  const made = settings(shared);
  const others = Object.entries(configuration.properties).filter(([name]) => name.startsWith('roundtrip.database.'));
  configuration.properties = { ...made, ...Object.fromEntries(others) };
  return `${JSON.stringify(json, null, 2)}\n`;
}

async function main(): Promise<void> {
  write('src/analysis/rules/registry.generated.ts', registryText(root));
  // Only now: these import the registry.
  const { ruleCatalog } = await import('../src/workspace/rule-catalog');
  const { configurationSchema } = await import('../src/workspace/configuration.schema');
  const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
  write('README.md', between(readme, 'rules', ruleTable(ruleCatalog())));
  write('package.json', manifest(configurationSchema()['properties'] as Record<string, object>));
  if (stale.length) console.log(check ? `Stale: ${stale.join(', ')}. Run \`npm run generate\` and commit the result.` : `updated ${stale.join(', ')}`);
  if (check && stale.length) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
