import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openWorkspace, type PlacedFinding, type Workspace, type WorkspaceOptions } from '../../src/workspace';

/** A project on the disk for one test. */
export interface ProjectFolder {
  /** Absolute, with `/`. */
  folder: string;
  file(name: string): string;
  write(name: string, content: string | Buffer): void;
  read(name: string): string;
  remove(): void;
}

/** Makes a folder with these files; names may hold folders. */
export function projectFolder(files: Record<string, string | Buffer> = {}): ProjectFolder {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'roundtrip-project-')));
  const file = (name: string): string => path.join(folder, name);
  const write = (name: string, content: string | Buffer): void => {
    mkdirSync(path.dirname(file(name)), { recursive: true });
    writeFileSync(file(name), content);
  };
  for (const [name, content] of Object.entries(files)) write(name, content);
  return { folder, file, write, read: (name) => readFileSync(file(name), 'utf8'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface IndexedProject {
  workspace: Workspace;
  log: string[];
}

/** Opens and indexes a folder, without threads and without a cache unless asked for. */
export async function indexed(project: ProjectFolder, options: Partial<WorkspaceOptions> = {}): Promise<IndexedProject> {
  const log: string[] = [];
  const workspace = await openWorkspace({
    roots: [project.folder],
    workers: 0,
    cache: false,
    log: (level, message) => log.push(`${level} ${message}`),
    ...options,
  });
  await workspace.index();
  return { workspace, log };
}

/** `rule line` of every finding of a file. */
export async function rulesAndLines(workspace: Workspace, file: string): Promise<string[]> {
  return (await workspace.report(file)).findings.map(ruleAndLine);
}

export function ruleAndLine({ rule, from }: PlacedFinding): string {
  return `${rule} ${from.line}`;
}

/** A module with one needless query per id, and a safe fix for it. */
export const QUERY_PER_ID = `import { Pool } from 'pg';
const pool = new Pool();
export async function namesOf(ids: number[]): Promise<string[]> {
  const names: string[] = [];
  for (const id of ids) {
    const { rows } = await pool.query('SELECT id, name FROM users WHERE id = $1', [id]);
    names.push(rows[0].name);
  }
  return names;
}
`;
/** Line of the finding in {@link QUERY_PER_ID}. */
export const QUERY_LINE = 6;
