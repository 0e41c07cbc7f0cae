import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const DEMO = path.join(__dirname, '../../demo');
const FILES = 2_000;

/** Copies of the shop are about different things, so that names differ as they do in a real program. */
const THINGS = ['order', 'invoice', 'ticket', 'shipment', 'booking', 'refund', 'parcel', 'quote', 'contract', 'claim'];
const PEOPLE = ['customer', 'member', 'patient', 'student', 'guest', 'tenant', 'driver', 'author'];
const GOODS = ['product', 'article', 'course', 'room', 'vehicle', 'book', 'service', 'licence', 'device'];

/** Functions of the one long file; with their queries they come to a thousand lines. */
const LONG_FILE_FUNCTIONS = 77;

/** Most long files that touch the database are fine; this one has a query in a loop here and there. */
const FUNCTIONS_PER_PROBLEM = 15;

const capital = (word: string): string => word[0]!.toUpperCase() + word.slice(1);

function renamed(text: string, names: readonly (readonly [string, string])[]): string {
  return names.reduce((result, [from, to]) => result.replaceAll(from, to).replaceAll(capital(from), capital(to)), text);
}

/** Writes a project of at least 2,000 files into `folder`: the demo's modules again and again, under other names. */
export function synthesise(folder: string): void {
  const modules = ['src', 'web'].flatMap((part) =>
    readdirSync(path.join(DEMO, part), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|tsx|sql)$/.test(name))
      .map((name) => ({ name: `${part}/${name}`, text: readFileSync(path.join(DEMO, part, name), 'utf8') })),
  );
  const copies = Math.ceil(FILES / modules.length);
  for (let copy = 0; copy < copies; copy += 1) {
    const pick = (words: readonly string[], step: number): string => `${words[Math.floor(copy / step) % words.length]!}`;
    const names = [
      ['order', pick(THINGS, 1)],
      ['customer', pick(PEOPLE, THINGS.length)],
      ['product', pick(GOODS, THINGS.length * PEOPLE.length)],
    ] as const;
    for (const { name, text } of modules) {
      const file = path.join(folder, `area-${String(copy + 1).padStart(3, '0')}`, renamed(name, names));
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, renamed(text, names));
    }
  }
  writeFileSync(path.join(folder, 'area-001/src/reports.ts'), longFile());
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
  return `import { Pool } from 'pg';\n\nconst pool = new Pool();\n${functions.join('')}`;
}
