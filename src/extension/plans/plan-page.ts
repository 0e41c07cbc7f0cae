import { webPage, type PageParts } from '../panel/page';

/**
 * The page of a plan. PEV2 sets positions and colours in style attributes, so styles may stand inline here, other than in the
 * panel; code may not, and nothing comes from a network.
 */
export function planPage(parts: PageParts): string {
  return webPage('Plan', parts, `style-src ${parts.cspSource} 'unsafe-inline'; img-src data:; font-src ${parts.cspSource}`);
}
