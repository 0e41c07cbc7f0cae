import tseslint from 'typescript-eslint';
import eslint from '@eslint/js';
import globals from 'globals';

/** The clock, randomness and the process: the analysis gets such things as data. */
const IMPURE = ['Date', 'performance', 'process', 'setTimeout', 'setInterval', 'setImmediate', 'fetch'].map((name) => ({
  name,
  message: 'The analysis is pure: let the workspace do this and pass the result in.',
}));

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '**/node_modules/', '.cache/', 'demo/', 'media/', 'test/**/fixtures/', 'test/fixes/cases/', '**/*.generated.ts', '**/generated/'] },
  eslint.configs.recommended,
  tseslint.configs.recommended,
  {
    files: ['**/*.{mjs,cjs}'],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
    },
  },
  {
    // A forgotten promise is a lost error in a long-lived process.
    files: ['src/{workspace,database,profiler,server,extension,cli}/**/*.ts'],
    ignores: ['**/*.test.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: { '@typescript-eslint/no-floating-promises': 'error', '@typescript-eslint/await-thenable': 'error' },
  },
  {
    // Parsers and parts of the probe load at their first use, and tests load what they have just made.
    files: ['src/analysis/syntax/*.ts', 'src/database/sql/*.ts', 'src/probe/*.ts', 'test/**/*.ts'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    files: ['src/{workspace,database,profiler,server,extension}/**/*.ts'],
    rules: { 'no-console': ['error'] },
  },
  {
    files: ['src/analysis/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: { 'no-console': 'error', 'no-restricted-globals': ['error', ...IMPURE] },
  },
);
