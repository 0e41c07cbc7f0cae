import type { FileFacts } from '../analysis';

const KINDS: ReadonlySet<string> = new Set<FileFacts['kind']>(['module', 'sql', 'schema']);

/** Facts as bytes: what workers send and what the cache holds, so that each file is encoded once and decoded once. */
export function encodeFacts(facts: FileFacts): Uint8Array {
  return Buffer.from(JSON.stringify(facts));
}

/** Throws when the bytes are not facts. */
export function decodeFacts(bytes: Uint8Array): FileFacts {
  const facts = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')) as FileFacts;
  if (!KINDS.has(facts.kind) || !Array.isArray(facts.lineStarts)) throw new Error('these are no facts');
  return facts;
}
