/**
 * The door of the workspace: files, configuration, cache, suppression and baseline around the pure analysis. The only
 * file system access of analysis. Used by the language server and by the command line in the same way.
 */
export type {
  Configuration,
  FileProblem,
  FileReport,
  FixSelection,
  PlacedFinding,
  Position,
  Progress,
  Workspace,
  WorkspaceOptions,
} from './contract';
export { openWorkspace } from './workspace';
