import type { Related } from '../../../finding';
import type { PoolLimit, Taken } from '../../../libraries/library';
import { calleePath } from '../../../facts/callee-name';
import type { ModuleFacts } from '../../../facts/facts';
import type { RepeatedConnections } from '../../../patterns/own-connections';
import type { Unreturned } from '../../../patterns/unreturned';
import { defineRule, type Detected } from '../../rule';
import { fileName, helperName, LONG_CHAIN } from '../loop-finding';

interface OpenedData {
  problem: 'opened';
  name: string;
  most?: PoolLimit;
  per: 'request' | 'turn';
  /** The function that opens them, when others call it, and the file of the nearest of these. */
  through?: { name: string; calledIn: string };
  ended: boolean;
}

interface TakenData {
  problem: 'taken';
  is: Taken['is'];
  name: string;
  /** How it is given back: `client.release()`. */
  back: string;
  most: PoolLimit;
  when: 'never' | 'leaves' | 'throws';
  /** What throws, as the code names it. */
  thrower?: string;
}

export default defineRule<OpenedData | TakenData>({
  id: 'connection-per-request',
  family: 'database',
  summary: 'Connections that each request opens anew, and clients that do not come back to their pool',
  severity: 'warning',
  confidence: 'high',
  fix: 'none',
  options: {},
  *detect(facts, program) {
    if (facts.kind !== 'module') return;
    for (const found of program.repeatedConnections(facts)) yield opened(facts, found);
    for (const found of program.unreturned(facts)) yield taken(facts, found);
  },
  explain(data) {
    return data.problem === 'opened' ? explainOpened(data) : explainTaken(data);
  },
});

// ── opened again and again ───────────────────────────────────────────────────────────────────────────────────────────

function opened(facts: ModuleFacts, found: RepeatedConnections): Detected<OpenedData> {
  const { site, per, way, ended } = found;
  const { name, most } = found.opened;
  const last = way.at(-1);
  const function_ = last && helperName({ module: facts, site });
  return {
    start: site.start,
    end: site.end,
    ...(way.length >= LONG_CHAIN && { confidence: 'medium' as const }),
    related: way.map(({ module, site: { start, end } }) => ({ file: module.file, start, end, message: 'through this call' })),
    data: {
      problem: 'opened', name, ...(most && { most }), ended,
      per: per === 'request' ? 'request' : 'turn',
      ...(function_ !== undefined && { through: { name: function_, calledIn: fileName(last!.module.file) } }),
    },
  };
}

function explainOpened({ name, most, per, through, ended }: OpenedData): { message: string; reason: string; help: string } {
  const who = per === 'request' ? 'Each request' : 'Each turn of the loop';
  const where = through ? `, in \`${through.name}\`, which is called in ${through.calledIn}` : '';
  const first = 'Before its first query a new connection costs several round trips, and a process on the server.';
  const many = most ? ` A pool opens up to ${most.connections} connections (${most.by}), and PostgreSQL takes 100 in all (its default \`max_connections\`).` : '';
  return {
    message: `${who} opens connections of its own: \`${name}\`${where}`,
    reason: `${first}${many}${ended ? '' : ' Nothing closes them when they are done with.'}`,
    help: per === 'request' ? 'Make it once, at the top of a module, and import it wherever a request needs it.' : 'Make it once, before the loop.',
  };
}

// ── taken and not given back ─────────────────────────────────────────────────────────────────────────────────────────

function taken(facts: ModuleFacts, { site, taken: { is, givenBackBy, most }, name, when, givenBack }: Unreturned): Detected<TakenData> {
  const related: Related[] = [];
  const at = when.kind === 'never' ? undefined : when.at;
  if (at) related.push({ file: facts.file, start: at.start, end: at.end, message: when.kind === 'throws' ? `when this throws, \`${name}\` stays taken` : `\`${name}\` is still taken here` });
  if (givenBack) related.push({ file: facts.file, start: givenBack.start, end: givenBack.end, message: 'it is given back only here' });
  const thrower = when.kind === 'throws' ? calleePath(facts, when.at.value) : undefined;
  return {
    start: site.start,
    end: site.end,
    related,
    data: { problem: 'taken', is, name, back: `${name}.${is === 'client' ? givenBackBy[0]! : 'rollback'}()`, most, when: when.kind, ...(thrower !== undefined && { thrower }) },
  };
}

function explainTaken({ is, name, back, most, when, thrower }: TakenData): { message: string; reason: string; help: string } {
  const stays = is === 'client' ? 'is not given back to the pool' : 'stays open';
  const message = {
    never: is === 'client' ? `\`${name}\` is never given back to the pool` : `\`${name}\` is neither committed nor rolled back`,
    leaves: `\`${name}\` ${stays} when the function ends early`,
    throws: `\`${name}\` ${stays} when ${thrower === undefined ? 'a later call' : `\`${thrower}\``} throws`,
  }[when];
  const times = when === 'never' ? 'calls' : 'such cases';
  const hangs = `After ${most.connections} ${times} the pool has no connection left (${most.by}), and every query waits for one.`;
  return {
    message,
    reason: is === 'client' ? hangs : `An open transaction keeps its connection and its locks: whoever wants the same rows waits. ${hangs}`,
    help: is === 'client'
      ? `Give it back in \`finally\`: \`try { … } finally { ${back} }\`.`
      : `Give the transaction a callback, which commits and rolls back by itself, or call \`${back}\` in \`catch\`, around all that follows.`,
  };
}
