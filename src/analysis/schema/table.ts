/** A column as a schema declares it. */
export interface Column {
  name: string;
  /** PostgreSQL's type or the library's word for it, in lower case, without length: `text`, `jsonb`, `bytea`. */
  type: string;
}

/** A table or model, by the name that queries call it. */
export interface Table {
  name: string;
  columns: Column[];
  /** Members of its rows that are rows of other tables. */
  relations?: string[];
}

/** Tables that have the same name in the same words; undefined when they differ, so that nobody knows which one is meant. */
export function agreeing(tables: readonly Table[]): Table | undefined {
  const [first, ...others] = tables;
  const names = (table: Table): string => table.columns.map(({ name }) => name).toSorted().join();
  return first && others.every((other) => names(other) === names(first)) ? first : undefined;
}

/** Values of these types are often kilobytes long, each. */
const HEAVY_TYPES: ReadonlySet<string> = new Set(['bytea', 'vector', 'halfvec', 'sparsevec', 'xml', 'tsvector']);
const DOCUMENT_TYPES: ReadonlySet<string> = new Set(['json', 'jsonb']);
const TEXT_TYPES: ReadonlySet<string> = new Set(['text', 'varchar', 'character varying', 'citext']);
/** In PostgreSQL every name and status is a `text`: what such a column is for tells which ones hold prose. */
const PROSE = /(^|_)(body|contents?|html|markdown|transcript(ion)?|prompt|article|essay|full_?text|raw_?(text|data|body)|stack_?trace|snapshot|changelog|readme|source_?code|file_?data|base64)$/;

/** Bytes that are a key, a hash or an address are a few dozen. */
const SHORT_BYTES = /(^|_)(id|uuid|ulid|key|secret|hash|iv|tag|salt|token|signature|digest|nonce|checksum|fingerprint|address|mac|ip|root|password)$/;

/** How much a value of a column weighs: `heavy` ones are long by nature, a `document` may be. */
export function weightOf({ name, type }: Column): 'heavy' | 'document' | 'light' {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
  if (HEAVY_TYPES.has(type)) return type === 'bytea' && SHORT_BYTES.test(words) ? 'light' : 'heavy';
  if (DOCUMENT_TYPES.has(type)) return 'document';
  return TEXT_TYPES.has(type) && PROSE.test(words) ? 'heavy' : 'light';
}
