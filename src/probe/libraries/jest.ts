import type { Library } from './library';

/** Runs each test file in a context of its own, with modules of its own. */
export const jest: Library = {
  name: 'jest',
  modules: /(?:^|\/)jest-runtime(?:\/build\/index(?:\.js)?)?$/,
  compiles: true,
  watch: () => false,
};
