/**
 * `npm run matrix [-- PART [VERSION…]]`: runs tests on every supported version of what they depend on, and prints a table. A part is a
 * file beside this one; its default export takes the versions that are wanted (all of them when there are none) and tells whether all passed.
 */
import { readdirSync } from 'node:fs';

const parts = readdirSync(__dirname)
  .map((file) => file.replace(/\.ts$/, ''))
  .filter((name) => name !== 'main');
const [wanted, ...versions] = process.argv.slice(2);
if (wanted !== undefined && !parts.includes(wanted)) {
  console.error(`There is no part “${wanted}”. There are: ${parts.join(', ')}.`);
  process.exitCode = 2;
} else {
  void (async () => {
    for (const name of wanted === undefined ? parts : [wanted]) {
      console.log(`${name}\n`);
      const { default: run } = (await import(`./${name}.ts`)) as { default: (versions: readonly string[]) => Promise<boolean> };
      if (!(await run(versions))) process.exitCode = 1;
    }
  })();
}
