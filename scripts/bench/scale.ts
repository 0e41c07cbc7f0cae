import { rmSync } from 'node:fs';
import path from 'node:path';
import { synthesise } from './corpus';
import { runNode, type Run } from './processes';

export interface Size {
  lines: number;
  files: number;
  findings: number;
  cold: Run;
  warm: Run;
}

/** A project of so many lines, checked twice. */
export async function measureSize(scratch: string, cli: string, wanted: number): Promise<Size> {
  const folder = path.join(scratch, `lines-${wanted}`);
  const cache = path.join(scratch, `cache-${wanted}`);
  synthesise(folder, wanted);
  const check = (): Promise<Run> => runNode([cli, 'check', '--format', 'json'], folder, { XDG_CACHE_HOME: cache });
  try {
    const cold = await check();
    const { files, lines, findings } = JSON.parse(cold.stdout) as { files: number; lines: number; findings: unknown[] };
    return { lines, files, findings: findings.length, cold, warm: await check() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
    rmSync(cache, { recursive: true, force: true });
  }
}
