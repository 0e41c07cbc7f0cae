import pgsql from 'highlight.js/lib/languages/pgsql';
import { createLowlight } from 'lowlight';
import { element } from './elements.js';

const lowlight = createLowlight({ pgsql });

interface Token {
  type: string;
  value?: string;
  properties?: { className?: unknown };
  children?: Token[];
}

/** Longer statements are lists of values or made by a program. Colours would take longer than reading on. */
const COLOURED_LIMIT = 50_000;

/** The statement with its words in colours, as elements and text nodes. */
export function sqlElement(text: string): HTMLElement {
  if (text.length > COLOURED_LIMIT) return element('code', { class: 'sql' }, text);
  return element('code', { class: 'sql' }, ...(lowlight.highlight('pgsql', text).children as Token[]).map(nodeOf));
}

function nodeOf(token: Token): HTMLElement | string {
  if (token.type === 'text') return token.value ?? '';
  const names = token.properties?.className;
  return element('span', { class: Array.isArray(names) ? names.join(' ') : '' }, ...(token.children ?? []).map(nodeOf));
}
