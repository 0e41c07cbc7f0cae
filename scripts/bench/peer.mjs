/** `node peer.mjs eslint|parse LIST.json FOLDER`: what other tools do with the same files, in a process of their own. */
import { readFileSync } from 'node:fs';

const [, , peer, list, folder] = process.argv;
const files = JSON.parse(readFileSync(list, 'utf8'));

if (peer === 'parse') {
  const { parse } = await import('@typescript-eslint/typescript-estree');
  let refused = 0;
  for (const file of files) {
    try {
      parse(readFileSync(file, 'utf8'), { range: true, jsx: /\.[jt]sx$|\.[cm]?js$/.test(file), filePath: file });
    } catch {
      refused += 1;
    }
  }
  console.log(JSON.stringify({ refused }));
} else {
  const { ESLint } = await import('eslint');
  const { parser } = (await import('typescript-eslint')).default;
  const eslint = new ESLint({
    cwd: folder,
    overrideConfigFile: true,
    allowInlineConfig: false,
    ignore: false,
    warnIgnored: false,
    overrideConfig: [{ files: ['**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}'], languageOptions: { parser }, rules: { 'no-await-in-loop': 'error' } }],
  });
  const results = await eslint.lintFiles(files);
  console.log(JSON.stringify({ problems: results.reduce((sum, { messages }) => sum + messages.length, 0) }));
}
