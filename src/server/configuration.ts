import { CONFIDENCES, type Configuration } from '../workspace';
import type { EditorSettings } from './protocol';

/** Trailing pause after the last keystroke: long enough not to check every letter, too short to be waited for. */
export const DEFAULT_DELAY_MS = 150;
/** Below this, each letter of fast typing would be checked on its own. */
export const MINIMUM_DELAY_MS = 50;

export interface ServerSettings {
  delay: number;
  /** What the editor's settings override in the configuration file. Settings left at their (empty) default override nothing. */
  overrides: Partial<Configuration>;
}

/** Reads the editor's settings; whatever is not as it should be is left out, and the workspace judges the rest. */
export function readSettings(value: unknown): ServerSettings {
  const settings: EditorSettings = isRecord(value) ? value : {};
  const overrides: Partial<Configuration> = {};
  if (isRecord(settings.rules) && Object.keys(settings.rules).length) overrides.rules = settings.rules as Configuration['rules'];
  if (isStrings(settings.include) && settings.include.length) overrides.include = settings.include as Configuration['include'];
  if (isStrings(settings.exclude) && settings.exclude.length) overrides.exclude = settings.exclude;
  if (isConfidence(settings.confidence)) overrides.confidence = settings.confidence;
  const { delay } = settings;
  return { delay: typeof delay === 'number' && Number.isFinite(delay) ? Math.max(MINIMUM_DELAY_MS, delay) : DEFAULT_DELAY_MS, overrides };
}

/** Whether files and findings stay as they are under the other settings. */
export function sameOverrides(a: ServerSettings, b: ServerSettings): boolean {
  return JSON.stringify(a.overrides) === JSON.stringify(b.overrides);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isConfidence(value: unknown): value is Configuration['confidence'] {
  return CONFIDENCES.some((known) => known === value);
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
