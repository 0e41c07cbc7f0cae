import { visible, type Block, type Inline, type Table } from './report-blocks.js';

/** Blocks as Markdown of GitHub's kind, in which foreign texts are code and nothing else. */
export function markdownOf(blocks: readonly Block[]): string {
  return `${blocks.map(blockOf).join('\n\n')}\n`;
}

function blockOf(block: Block): string {
  switch (block.is) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${inline(block.text)}`;
    case 'paragraph':
      return block.words.map(inline).join('');
    case 'list':
      return block.items.map((words) => `- ${words.map(inline).join('')}`).join('\n');
    case 'code': {
      const fence = longerThan(block.text, 3);
      return `${fence}\n${visible(block.text)}\n${fence}`;
    }
    case 'table':
      return tableOf(block);
  }
}

function tableOf({ columns, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(columns.map(({ title }) => inline(title))), line(columns.map(({ isNumber }) => (isNumber ? '---:' : '---'))), ...rows.map((row) => line(row.map(inline)))].join('\n');
}

function inline(words: Inline): string {
  if (typeof words === 'string') return visible(words).replace(/[\\`*_[\]<>&#~$@!]/g, '\\$&');
  const text = visible(words.code).replace(/\s+/g, ' ').trim();
  if (text === '') return '–';
  const fence = longerThan(text, 1);
  const pad = /^`|`$/.test(text) ? ' ' : '';
  return `${fence}${pad}${text}${pad}${fence}`;
}

/** Backticks that the text does not end. */
function longerThan(text: string, least: number): string {
  return '`'.repeat(Math.max(least, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
}
