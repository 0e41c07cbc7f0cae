import assert from 'node:assert/strict';
import { ReactCompilerDetector } from '../../src/workspace/react-compiler';
import { projectFolder, type ProjectFolder } from './project-folder';

const json = JSON.stringify;

describe('React Compiler in the configuration', () => {
  let project: ProjectFolder;
  afterEach(() => project.remove());

  function modeOf(files: Record<string, string>, file = 'src/App.tsx'): string {
    project = projectFolder({ 'package.json': '{}', ...files });
    return new ReactCompilerDetector([project.folder]).modeOf(project.file(file));
  }

  it('is off when it is merely installed', () => {
    assert.equal(modeOf({ 'package.json': json({ devDependencies: { 'babel-plugin-react-compiler': '1.0.0' } }) }), 'off');
  });

  it('is found in the configuration of Babel', () => {
    assert.equal(modeOf({ 'babel.config.js': "module.exports = { plugins: ['babel-plugin-react-compiler'] };" }), 'infer');
    assert.equal(modeOf({ '.babelrc': json({ plugins: [['babel-plugin-react-compiler', { compilationMode: 'annotation' }]] }) }), 'annotation');
    assert.equal(modeOf({ 'package.json': json({ babel: { plugins: [['babel-plugin-react-compiler', { compilationMode: 'all' }]] } }) }), 'all');
  });

  it('is found in next.config and app.json, and not when switched off', () => {
    assert.equal(modeOf({ 'next.config.ts': 'export default { reactCompiler: true };' }), 'infer');
    assert.equal(modeOf({ 'next.config.mjs': "const config = {};\nconfig.reactCompiler = { compilationMode: 'annotation' };\nexport default config;" }), 'annotation');
    assert.equal(modeOf({ 'next.config.js': 'module.exports = { experimental: { reactCompiler: false } };' }), 'off');
    assert.equal(modeOf({ 'app.json': json({ expo: { experiments: { reactCompiler: true } } }) }), 'infer');
    assert.equal(modeOf({ 'app.json': json({ expo: { experiments: { reactCompiler: false } } }) }), 'off');
  });

  it('is found in the plugins of Vite', () => {
    assert.equal(modeOf({ 'vite.config.ts': "export default { plugins: [react({ babel: { plugins: ['babel-plugin-react-compiler'] } })] };" }), 'infer');
    assert.equal(modeOf({ 'vite.config.ts': "import { reactCompilerPreset } from '@vitejs/plugin-react';\nexport default { plugins: [babel({ presets: [reactCompilerPreset()] })] };" }), 'infer');
    assert.equal(modeOf({ 'vite.config.ts': "import { reactCompilerPreset } from '@vitejs/plugin-react';\nexport default {};" }), 'off');
  });

  it('is not found in comments', () => {
    assert.equal(modeOf({ 'next.config.js': "// reactCompiler: true\nmodule.exports = { url: 'https://example.org' /* reactCompiler: true */ };" }), 'off');
  });

  it('holds for its own project, and below the Babel configuration of the whole repository', () => {
    const files = { 'a/package.json': '{}', 'a/next.config.js': 'module.exports = { reactCompiler: true };', 'b/package.json': '{}' };
    assert.equal(modeOf(files, 'a/src/deep/App.tsx'), 'infer');
    assert.equal(modeOf(files, 'b/src/App.tsx'), 'off');
    assert.equal(modeOf({ ...files, 'babel.config.json': json({ plugins: ['babel-plugin-react-compiler'] }) }, 'b/src/App.tsx'), 'infer');
  });
});
