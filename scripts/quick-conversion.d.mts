import type { Plugin } from 'esbuild';

export const quickConversion: Plugin;
