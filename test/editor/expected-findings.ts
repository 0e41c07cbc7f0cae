import { readFileSync } from 'node:fs';
import path from 'node:path';

/** A problem that the shop in demo/ has on purpose. */
export interface ExpectedFinding {
  rule: string;
  /** Relative to the shop's folder. */
  file: string;
  /** Where the finding starts, from 1. */
  line: number;
  /** Files that its related locations name. */
  chain: string[];
}

/** Reads the shop's expected-findings.json and looks up the line of each marker. */
export function expectedFindings(shop: string): ExpectedFinding[] {
  const { findings } = JSON.parse(readFileSync(path.join(shop, 'expected-findings.json'), 'utf8')) as {
    findings: { rule: string; file: string; line: string; chain?: string[] }[];
  };
  return findings.map(({ rule, file, line: marker, chain = [] }) => {
    const [before, ...after] = readFileSync(path.join(shop, file), 'utf8').split(marker);
    if (before === undefined || after.length !== 1) throw new Error(`${marker} has to stand once in ${file}, and stands ${after.length} times.`);
    return { rule, file, line: before.split('\n').length, chain };
  });
}
