import assert from 'node:assert/strict';
import { panelOfTests } from './shared-panel.js';
import { COMPARISON, detail, emptyUpdate, sessionUpdate, start, update } from './sample.js';
import { THEMES, type ThemeName } from './themes.js';

/** Less than this cannot be told apart from what lies behind it (WCAG 2.2, AA). */
const TEXT_CONTRAST = 4.5;

describe('how the panel looks and is reached', () => {
  const panel = panelOfTests();

  /** Every view of the panel, one after the other. */
  const tour = async (visit: (name: string) => Promise<void>): Promise<void> => {
    const { page } = panel;
    await panel.post(start({ restricted: true }), update(emptyUpdate({ session: { state: 'none' }, connection: { kind: 'none' } })));
    await visit('start');
    const failed = { kind: 'failed' as const, target: 'shop at db:1', title: 'Nothing answers.', detail: 'Is it running?', steps: [{ text: 'Start it:', code: 'x' }], asksPassword: false };
    await panel.post(update(emptyUpdate({ session: { state: 'none' }, connection: failed })));
    await visit('failed');
    await panel.post(update(emptyUpdate()));
    await visit('waiting');
    await panel.post(update(sessionUpdate({ connection: { kind: 'connected', target: 'shop', server: 'PostgreSQL 18.4', lost: 'The connection was lost.' } })), { type: 'problem', title: 'It failed.', detail: 'Why.' });
    await visit('queries');
    await page.getByRole('radio', { name: 'Lines' }).check();
    await page.locator('.grid-body > .grid-row').first().press('Enter');
    await visit('line');
    await page.keyboard.press('Escape');
    await page.getByRole('radio', { name: 'Statements' }).check();
    await page.locator('.grid-body > .grid-row').first().press('Enter');
    await panel.post(detail());
    await visit('statement');
    await page.keyboard.press('Escape');
    await panel.post(update());
    await page.getByRole('tab', { name: /Activity/ }).click();
    await visit('activity');
    await page.getByRole('tab', { name: /Session/ }).click();
    await visit('session');
    await panel.post({ type: 'comparison', comparison: COMPARISON });
    await visit('comparison');
  };

  for (const theme of Object.keys(THEMES) as ThemeName[]) {
    it(`is readable in ${theme}`, async () => {
      await panel.open({ theme, height: 1_400 });
      let measured = 0;
      await tour(async (name) => {
        const poor = await panel.page.evaluate(measureContrast);
        measured += poor.length;
        for (const { text, contrast } of poor) assert.ok(contrast >= TEXT_CONTRAST, `${name}: “${text.slice(0, 60)}” ${contrast.toFixed(2)}`);
      });
      assert.ok(measured > 200, `${measured} texts were measured`);
    });
  }

  it('names everything that can be pressed, and nests no role wrongly', async () => {
    await panel.open({ height: 1_400 });
    await tour(async (name) => assert.deepEqual(await panel.page.evaluate(findUnreachable), [], name));
  });

  it('fits into 300 pixels without scrolling sideways, and is made for 1,600 as well', async () => {
    for (const width of [300, 1_600]) {
      await panel.open({ width });
      await tour(async (name) => {
        const wide = await panel.page.evaluate(() =>
          [...document.querySelectorAll('main, .scroller, .detail, .comparison')].filter((element) => element.scrollWidth > element.clientWidth + 1).map((element) => `${element.tagName}.${element.className}`),
        );
        assert.deepEqual(wide, [], `${name} at ${width}`);
      });
    }
  });

  it('keeps its meaning in colours of the user’s own', async () => {
    await panel.open({ forcedColors: 'active' });
    await panel.post(start(), update());
    const [canvas] = await panel.page.locator('.chart canvas').all();
    const drawn = await canvas!.evaluate((element) => {
      const { data } = (element as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, (element as HTMLCanvasElement).width, (element as HTMLCanvasElement).height);
      return data.filter((value, index) => index % 4 === 3 && value === 255).length;
    });
    assert.ok(drawn > 50, 'lines are drawn');
    await panel.page.getByRole('tab', { name: /Session/ }).click();
    assert.deepEqual(await panel.page.locator('.target-mark').allTextContents(), ['Missed', 'Met', 'Not known'], 'words, not colours alone');
  });

  it('moves nothing by itself where motion is not wanted', async () => {
    await panel.open({ reducedMotion: 'reduce' });
    await panel.post(start(), update(emptyUpdate({ session: { state: 'none' }, connection: { kind: 'connecting', target: 'shop' } })));
    assert.equal(await panel.page.locator('vscode-progress-bar').isVisible(), false);
    assert.ok(await panel.page.getByText('Connecting to shop…').isVisible());
    await panel.post(update());
    assert.deepEqual(await panel.page.evaluate(() => document.getAnimations().length), 0);
  });

  it('loads in less than its budget', async () => {
    const size = await panel.scriptSize();
    assert.ok(size <= 100 * 1024, `panel.js has ${size} bytes compressed`);
  });
});

/** Runs in the page: the contrast (WCAG 2) of every text that can be seen with what lies behind it. */
function measureContrast(): { text: string; contrast: number }[] {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
  const paint = (colors: string[], opacity = 1): number[] => {
    canvas.clearRect(0, 0, 1, 1);
    for (const [index, color] of colors.entries()) {
      canvas.globalAlpha = index === colors.length - 1 ? opacity : 1;
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  };
  const luminance = (rgb: number[]): number => {
    const [r = 0, g = 0, b = 0] = rgb.map((channel) => {
      const value = channel / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const texts = [...document.querySelectorAll('main *, .problem *')].filter(
    (element) =>
      element.closest('.visually-hidden, vscode-button') === null &&
      element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
      [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== ''),
  );
  return texts.map((element) => {
    const behind: string[] = [];
    let opacity = 1;
    for (let current: Element | null = element; current !== null; current = current.parentElement) {
      behind.unshift(getComputedStyle(current).backgroundColor);
      opacity *= Number(getComputedStyle(current).opacity);
    }
    const [low = 0, high = 0] = [luminance(paint(behind)), luminance(paint([...behind, getComputedStyle(element).color], opacity))].sort((a, b) => a - b);
    return { text: element.textContent ?? '', contrast: (high + 0.05) / (low + 0.05) };
  });
}

/** Runs in the page: what a screen reader or the keyboard could not use. */
function findUnreachable(): string[] {
  const wrong: string[] = [];
  const describe = (element: Element): string => `${element.tagName}.${element.className} “${(element.textContent ?? '').slice(0, 30)}”`;
  const visible = (element: Element): boolean => element.checkVisibility({ visibilityProperty: true });
  for (const element of [...document.querySelectorAll('button, vscode-button, [role=tab], [role=slider], input, a, vscode-textfield')].filter(visible)) {
    const name = element.getAttribute('aria-label') ?? element.getAttribute('label') ?? (element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : element.textContent) ?? '';
    if (name.trim() === '') wrong.push(`no name: ${describe(element)}`);
  }
  const parents: Record<string, string> = { row: 'rowgroup', gridcell: 'row', columnheader: 'row', rowgroup: 'grid', tab: 'tablist' };
  for (const [child, parent] of Object.entries(parents)) {
    for (const element of document.querySelectorAll(`[role=${child}]`)) if (element.parentElement?.getAttribute('role') !== parent) wrong.push(`${child} outside ${parent}: ${describe(element)}`);
  }
  for (const list of document.querySelectorAll('ul, ol')) for (const child of list.children) if (child.tagName !== 'LI') wrong.push(`no list item: ${describe(child)}`);
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  if (new Set(ids).size !== ids.length) wrong.push(`ids twice: ${ids.join(' ')}`);
  for (const element of document.querySelectorAll('[aria-controls], [aria-labelledby]')) {
    const id = element.getAttribute('aria-controls') ?? element.getAttribute('aria-labelledby') ?? '';
    if (document.getElementById(id) === null) wrong.push(`leads nowhere: ${describe(element)}`);
  }
  for (const heading of [...document.querySelectorAll('h1')].slice(1)) if (visible(heading)) wrong.push(`a second first heading: ${describe(heading)}`);
  for (const picture of document.querySelectorAll('svg')) if (picture.getAttribute('aria-hidden') !== 'true' && !picture.hasAttribute('aria-label') && visible(picture) && picture.closest('[hidden]') === null) wrong.push('a picture without words');
  for (const element of document.querySelectorAll('[style]')) if (element.closest('.u-wrap, .grid, html') === null) wrong.push(`inline style: ${describe(element)}`);
  return wrong;
}
