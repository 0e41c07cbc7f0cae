/** Leaves TypeScript in its own file beside the bundle, which src/analysis/syntax loads at the first parse. */
export const sharedParser = {
  name: 'shared-parser',
  setup(build) {
    build.onResolve({ filter: /^typescript(\/lib\/(typescript|tsserverlibrary))?$/ }, () => ({ path: './typescript.js', external: true }));
  },
};
