import type { FileContext } from '../finding';

/** Path parts that tell what a file is for, most telling first. Taken from the layouts of common frameworks and ORMs. */
const BY_PATH: [FileContext, RegExp][] = [
  ['generated', /(^|\/)(__generated__|generated|\.prisma|\.next|gen)\/|\.(generated|gen)\.[cm]?[jt]sx?$/i],
  ['test', /(^|\/)(__tests__|__mocks__|__fixtures__|tests?|testers?|specs?|e2e|fixtures|testing|test-utils?|playwright|cypress|mocks?)\/|\.(test|spec|e2e|stories|story|bench|fixture)\.([cm]?[jt]sx?|sql)$|(^|\/)(jest|vitest|playwright|cypress)[.-][^/]*$/i],
  ['seed', /(^|\/)(seeds?|seeders?|seeding)(\/|\.[cm]?[jt]s$|\.sql$)|(^|[/._-])seeds?(er)?\.([cm]?[jt]s|sql)$/i],
  ['migration', /(^|\/)(migration|data-migration|[\w-]*migrations|migration-scripts?|migrate|drizzle\/\d+[^/]*|backfills?)(\/|\.[cm]?[jt]s$)|(^|\/)\d{8,}[-_][^/]*\.(sql|[cm]?[jt]s)$/i],
  ['script', /(^|\/)(scripts?|benchmarks?|playground|examples?)\//i],
];

/** A header that generators write; only the start of a file is looked at. */
const GENERATED_HEADER = /@generated|auto-?generated|automatically generated|do not edit/i;
const HEADER_LENGTH = 600;

/** Nobody imports a file that exports nothing; when it reads its arguments, too, people run it by hand. */
const READS_ARGUMENTS = /\bprocess\.argv\b/;
const EXPORTS = /^\s*export\b|\bmodule\.exports\b|\bexports\.\w/m;

/** What a file is for, judged from its path (relative or absolute, with `/`) and its text. */
export function contextOf(file: string, text: string): FileContext {
  for (const [context, pattern] of BY_PATH) {
    if (pattern.test(file)) return context;
  }
  if (GENERATED_HEADER.test(/^\s*(\/\/|\/\*|--|#)/.test(text) ? text.slice(0, HEADER_LENGTH).split('\n').filter((line) => /^\s*(\/\/|\/?\*|--|#)/.test(line)).join('\n') : '')) return 'generated';
  return text.startsWith('#!') || (READS_ARGUMENTS.test(text) && !EXPORTS.test(text)) ? 'script' : 'production';
}
