/** The fences of a rule's README: what stands in them, and where. */

export type FenceKind = 'flagged' | 'fine' | 'fix';

export interface Fence {
  kind: FenceKind;
  language: string;
  /** `name=value` of the info string, without `file`. */
  attributes: Record<string, string>;
  /** Name of the first file. */
  file: string;
  /** Lines between the fences. */
  body: string[];
  /** Of the opening fence, from 1. */
  line: number;
  section: string;
}

export interface Readme {
  fences: Fence[];
  /** Titles of the second level, in order. */
  sections: string[];
  /** Text of a section, fences included. */
  text: Record<string, string>;
}

export const SECTIONS = ['What it flags', 'Why it is slow', 'Examples', 'Fix', 'Options', 'When to ignore it'];

/** Languages whose fences run. Others (`json`, `sh`, …) are for reading. */
const RUN = ['ts', 'tsx', 'js', 'jsx', 'sql'];

/** @throws with the line, when a fence that should run does not say how. */
export function readReadme(markdown: string): Readme {
  const readme: Readme = { fences: [], sections: [], text: {} };
  let section = '';
  let open: Fence | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    if (!open) {
      const title = /^## (.+)$/.exec(line)?.[1];
      if (title) readme.sections.push((section = title));
    }
    readme.text[section] = `${readme.text[section] ?? ''}${line}\n`;
    if (open) {
      if (line === '```') {
        if (RUN.includes(open.language)) readme.fences.push(open);
        open = undefined;
      } else open.body.push(line);
    } else if (line.startsWith('```')) {
      open = openFence(line.slice(3), index + 1, section);
    }
  }
  if (open) throw new Error(`README.md:${open.line}: the fence is never closed`);
  return readme;
}

function openFence(info: string, line: number, section: string): Fence {
  const [language = '', kind, ...rest] = info.split(' ').filter(Boolean);
  if (RUN.includes(language) && !isKind(kind)) throw new Error(`README.md:${line}: say what this fence shows: \`\`\`${language} flagged, fine or fix`);
  const { file, ...attributes } = Object.fromEntries(
    rest.map((word) => {
      const equals = word.indexOf('=');
      if (equals < 1) throw new Error(`README.md:${line}: “${word}” is not name=value`);
      return [word.slice(0, equals), word.slice(equals + 1)] as const;
    }),
  );
  return { kind: kind as FenceKind, language, attributes, file: file ?? `example.${language}`, body: [], line, section };
}

function isKind(kind: string | undefined): kind is FenceKind {
  return kind === 'flagged' || kind === 'fine' || kind === 'fix';
}

export interface FenceFile {
  name: string;
  lines: string[];
}

/** Cuts lines at `// file=name` into files. */
export function splitFiles(first: string, lines: readonly string[]): FenceFile[] {
  const files: FenceFile[] = [{ name: first, lines: [] }];
  for (const line of lines) {
    const name = /^(?:\/\/|--) file=(\S+)$/.exec(line)?.[1];
    if (name) files.push({ name, lines: [] });
    else files.at(-1)!.lines.push(line);
  }
  return files.filter(({ lines: own }, index) => index > 0 || own.length > 0);
}

/** The halves of a fix fence. */
export function splitFix(fence: Fence): { before: string[]; after: string[] } {
  const arrow = fence.body.findIndex((line) => /^(?:\/\/|--) ->$/.test(line));
  if (arrow < 0) throw new Error(`README.md:${fence.line}: a fix fence shows before and after, with a line “// ->” between them`);
  return { before: fence.body.slice(0, arrow), after: fence.body.slice(arrow + 1) };
}
