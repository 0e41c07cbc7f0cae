import type { Plugin } from 'esbuild';

export const sharedParser: Plugin;
