import { lineAt } from '../analysis';
import { normalizeLine, type FindingIdentity, type PlacedFinding } from '../workspace';
import { shownName } from './outcome';

/** Texts of files by name. */
export type Texts = ReadonlyMap<string, string>;

/** What makes a finding the same one after lines have moved. */
export function identify(finding: PlacedFinding, folder: string, texts: Texts): FindingIdentity {
  const text = texts.get(finding.file) ?? '';
  const line = lineAt(text, finding.start);
  return { rule: finding.rule, file: shownName(folder, finding.file), text: normalizeLine(text.slice(line.start, line.end)) };
}
