/**
 * The door of the workspace: files, configuration, cache, suppression and baseline around the pure analysis. The only
 * file system access of analysis. Used by the language server and by the command line in the same way.
 */
export type {
  Configuration,
  FileProblem,
  FileReport,
  FixOutcome,
  FixSelection,
  PlacedFinding,
  Position,
  Progress,
  Workspace,
  WorkspaceOptions,
} from './contract';
export { BaselineError, compareWithBaseline, normalizeLine, readBaseline, writeBaseline } from './baseline';
export type { FindingIdentity } from './baseline';
export { systemCacheFolder } from './cache-location';
export { CONFIDENCES, configurationSchema, CONTEXTS, SEVERITIES } from './configuration.schema';
export { repositoryOf } from './discovery';
export { fileName, isInside, relativeName } from './file-name';
export { applyEdits, editsByFile, selectFixes } from './fix-application';
export type { ChosenFix } from './fix-application';
export { ProjectTooLargeError } from './memory-watch';
export { optimizeLater } from './optimization';
export { ruleCatalog } from './rule-catalog';
export type { RuleDescription } from './rule-catalog';
export { hashText } from './source-text';
export { openWorkspace } from './workspace';
