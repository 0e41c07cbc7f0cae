import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const DEMO = path.join(__dirname, '../../demo');

/** Modules that a program has once: their copies hand on what the first has. */
const SHARED = /(?:pool|client|database|config)\.ts$/;
/** Every area's start leads on to a barrel of all areas, as routers and registries do: no area is an island. */
const BARREL = 'areas.ts';

/** Copies of the shop are about different things, so that names differ as they do in a real program. */
const THINGS = ['order', 'invoice', 'ticket', 'shipment', 'booking', 'refund', 'parcel', 'quote', 'contract', 'claim'];
const PEOPLE = ['customer', 'member', 'patient', 'student', 'guest', 'tenant', 'driver', 'author'];
const GOODS = ['product', 'article', 'course', 'room', 'vehicle', 'book', 'service', 'licence', 'device'];

/** Functions of the one long file; with their queries they come to a thousand lines. */
const LONG_FILE_FUNCTIONS = 77;

/** Most long files that touch the database are fine; this one has a query in a loop here and there. */
const FUNCTIONS_PER_PROBLEM = 15;

/** What {@link synthesise} calls things in the first copy. */
const NAMES_OF_FIRST = [['order', THINGS[0]!], ['customer', PEOPLE[0]!], ['product', GOODS[0]!]] as const;

const capital = (word: string): string => word[0]!.toUpperCase() + word.slice(1);

function renamed(text: string, names: readonly (readonly [string, string])[]): string {
  return names.reduce((result, [from, to]) => result.replaceAll(from, to).replaceAll(capital(from), capital(to)), text);
}

/** Writes a project of at least so many lines into `folder`: the demo's modules again and again, under other names, and a long file with each. */
export function synthesise(folder: string, lines: number): void {
  const modules = ['src', 'web'].flatMap((part) =>
    readdirSync(path.join(DEMO, part), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|tsx|sql)$/.test(name))
      .map((name) => ({ name: `${part}/${name}`, text: readFileSync(path.join(DEMO, part, name), 'utf8') })),
  );
  const report = longFile();
  const linesOfArea = [...modules.map(({ text }) => text), report].reduce((sum, text) => sum + text.split('\n').length, 0);
  const areas = Array.from({ length: Math.ceil(lines / linesOfArea) }, (_, area) => `area-${String(area + 1).padStart(3, '0')}`);
  for (const [copy, area] of areas.entries()) {
    const pick = (words: readonly string[], step: number): string => `${words[Math.floor(copy / step) % words.length]!}`;
    const names = [
      ['order', pick(THINGS, 1)],
      ['customer', pick(PEOPLE, THINGS.length)],
      ['product', pick(GOODS, THINGS.length * PEOPLE.length)],
    ] as const;
    const write = (name: string, text: string): void => {
      const file = path.join(folder, area, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    };
    for (const { name, text } of modules) {
      const first = `${'../'.repeat(name.split('/').length)}${areas[0]}/${renamed(name, NAMES_OF_FIRST).replace(/\.ts$/, '')}`;
      if (copy > 0 && SHARED.test(name)) write(renamed(name, names), `export * from '${first}';\n`);
      else if (name === 'src/shop.ts') write(name, `${renamed(text, names)}\nexport { reports as all } from '../../${path.parse(BARREL).name}';\n`);
      else write(renamed(name, names), renamed(text, names));
    }
    write('src/reports.ts', report);
  }
  const imports = areas.map((area, index) => `import * as reports${index} from './${area}/src/reports';\n`).join('');
  writeFileSync(path.join(folder, BARREL), `${imports}\nexport const reports = [${areas.map((_, index) => `reports${index}`).join(', ')}];\n`);
  writeFileSync(path.join(folder, 'tsconfig.json'), '{ "compilerOptions": { "strict": true, "module": "nodenext" } }\n');
}

function longFile(): string {
  const functions = Array.from({ length: LONG_FILE_FUNCTIONS }, (_, index) => {
    const thing = `${THINGS[index % THINGS.length]!}${index}`;
    const query = `pool.query('SELECT owner_id, count(*) AS entries, sum(total) AS total FROM ${thing}s WHERE owner_id = `;
    const read = index % FUNCTIONS_PER_PROBLEM === 0
      ? `  for (const id of ids) {\n    const { rows } = await ${query}$1 AND created_at > $2 GROUP BY owner_id', [id, since]);`
      : `  const { rows } = await ${query}ANY($1) AND created_at > $2 GROUP BY owner_id', [ids, since]);\n  for (const id of ids) {`;
    return `
export async function summarise${capital(thing)}(ids: number[], since: Date) {
  const totals = new Map<number, number>();
${read}
    const row = rows.find((candidate) => candidate.owner_id === id);
    if (!row) continue;
    const previous = totals.get(id) ?? 0;
    totals.set(id, previous + Number(row.total));
  }
  const largest = [...totals].sort((a, b) => b[1] - a[1]).slice(0, 10);
  return largest.map(([id, total]) => ({ id, total, label: \`${thing} \${id}: \${total.toFixed(2)}\` }));
}
`;
  });
  return `import { pool } from './catalog/pool';\n${functions.join('')}`;
}
