import { visible, type Block, type Inline, type Table } from './report-blocks.js';

/** One page that needs nothing else and runs nothing: even markup that slipped through could load no script, picture or style. */
export function htmlOf(title: string, blocks: readonly Block[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width">
<meta name="referrer" content="no-referrer">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${blocks.map(blockOf).join('\n')}
</main>
</body>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d0d7de, #3d444d); --soft: light-dark(#f3f5f7, #20262e); }
body { margin: 0; background: light-dark(#fff, #0f1419); color: light-dark(#1f2328, #e6edf3); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
div { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { font-weight: 600; white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code { font: .87em ui-monospace, Consolas, monospace; overflow-wrap: anywhere; }
pre { padding: .6rem; background: var(--soft); overflow-x: auto; }
@media print { body { background: none; color: #000; } }
`;

function blockOf(block: Block): string {
  switch (block.is) {
    case 'heading':
      return `<h${block.level}>${inline(block.text)}</h${block.level}>`;
    case 'paragraph':
      return `<p>${block.words.map(inline).join('')}</p>`;
    case 'list':
      return `<ul>\n${block.items.map((words) => `<li>${words.map(inline).join('')}</li>`).join('\n')}\n</ul>`;
    case 'code':
      return `<pre><code>${escaped(block.text)}</code></pre>`;
    case 'table':
      return tableOf(block);
  }
}

function tableOf({ columns, rows }: Table): string {
  const attribute = (index: number): string => (columns[index]?.isNumber ? ' class="number"' : '');
  const head = columns.map(({ title }, index) => `<th scope="col"${attribute(index)}>${escaped(title)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((cell, index) => `<td${attribute(index)}>${inline(cell)}</td>`).join('')}</tr>`).join('\n');
  return `<div><table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody>\n</table></div>`;
}

function inline(words: Inline): string {
  return typeof words === 'string' ? escaped(words) : `<code>${escaped(words.code)}</code>`;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return visible(text).replace(/[&<>"']/g, (sign) => ENTITIES[sign]!);
}
