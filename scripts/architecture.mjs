/**
 * `node scripts/architecture.mjs [FOLDER]`: prints each wrong arrow below FOLDER/src as one sentence and exits 1 if there is one.
 * FOLDER is the project itself or a fixture laid out like it.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const { forbidden, options } = createRequire(import.meta.url)('../.dependency-cruiser.cjs');

const { output } = await cruise(['src'], {
  ...options,
  tsConfig: { fileName: path.join(root, options.tsConfig.fileName) },
  baseDir: process.argv[2] ?? root,
  ruleSet: { forbidden },
  validate: true,
});
for (const { from, to, rule, cycle } of output.summary.violations) {
  const chain = cycle ? [from, ...cycle.map((step) => step.name ?? step)].join(' → ') : `${from} → ${to}`;
  console.log(`${chain}: ${forbidden.find(({ name }) => name === rule.name).comment} (${rule.name})`);
  process.exitCode = 1;
}
