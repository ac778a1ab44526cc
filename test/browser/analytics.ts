import type { Locator, Page } from 'playwright-core';

/** What the tests of the page of analytics do with it, and how it writes figures. */

export async function useKey(page: Page, key: string): Promise<void> {
  await page.getByLabel('API key').fill(key);
  await page.getByRole('button', { name: 'Use key' }).click();
}

/** Shows the figures of a key and waits until the tables stand. */
export async function openFigures(page: Page, key: string): Promise<void> {
  await useKey(page, key);
  await page.getByTestId('cohorts').waitFor();
  await page.getByTestId('months').waitFor();
}

/** The texts of the cells of a table, row by row. */
export const textsOf = (table: Locator, rows = 'tbody tr'): Promise<string[][]> =>
  table
    .locator(rows)
    .evaluateAll((found) => found.map((row) => [...row.children].map((cell) => cell.textContent ?? '')));

type Amount = { amountMinor: number | string } | null | undefined;

const number = new Intl.NumberFormat('en', { minimumFractionDigits: 2 });

export function euros(amount: Amount): string {
  if (!amount) return '–';
  const minor = Number(amount.amountMinor);
  return `${minor < 0 ? '-' : ''}€${number.format(Math.abs(minor) / 100)}`;
}

export const percent = (share: number | null | undefined): string =>
  share == null ? '–' : `${(share * 100).toFixed(1)}%`;

/** Where the drawn points of a colour lie on a canvas, in its pixels. */
export interface Drawn {
  least: { x: number; y: number };
  /** The rightmost ones. */
  last: { x: number; y: number };
}

/** What is drawn on a canvas in each colour, as "rgb(1, 2, 3)"; null for one that is not there. */
export const drawnIn = (canvas: Locator, colours: string[]): Promise<(Drawn | null)[]> =>
  canvas.evaluate((element, wanted) => {
    const { width, height } = element as HTMLCanvasElement;
    const pixels = (element as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
    return wanted.map((colour) => {
      const [red = 0, green = 0, blue = 0] = colour.match(/\d+/g)?.map(Number) ?? [];
      const found: { x: number; y: number }[] = [];
      for (let place = 0; place < width * height; place += 1) {
        const [r = 0, g = 0, b = 0, a = 0] = pixels.slice(4 * place, 4 * place + 4);
        const distance = Math.abs(r - red) + Math.abs(g - green) + Math.abs(b - blue);
        if (a === 255 && distance < 4) found.push({ x: place % width, y: Math.floor(place / width) });
      }
      if (found.length === 0) return null;
      const edge = (x: number) => {
        const column = found.filter((point) => point.x === x);
        return { x, y: column.reduce((sum, { y }) => sum + y, 0) / column.length };
      };
      const across = found.map(({ x }) => x);
      return { least: edge(Math.min(...across)), last: edge(Math.max(...across)) };
    });
  }, colours);
