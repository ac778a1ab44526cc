import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sendTo } from '../kit/send.js';
import { Jane, LtvCohorts, RecordClicks } from './analytics.documents.js';
import { drawnIn, euros, openFigures, textsOf } from './analytics.js';
import { type Browser, openBrowser } from './browser.js';
import { type Gateway, startGateway } from './gateway.js';

let gateway: Gateway;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());

beforeEach(async () => {
  browser = await openBrowser();
  page = browser.page;
  await page.goto(`${gateway.origin}/analytics`);
  await openFigures(page, gateway.key);
});
afterEach(async () => {
  expect(browser.complaints).toEqual([]);
  await browser.close();
});

const ask = <Data, Variables>(document: Parameters<typeof sendTo<Data, Variables>>[2], variables: Variables) =>
  sendTo(gateway.url, gateway.key, document, variables);

describe('the curves', () => {
  test('end where the past of each cohort ends, at the height of its lifetime value', async () => {
    const { ltvCohorts } = await ask(LtvCohorts, {});
    const swatches = page.locator('.legend .swatch');
    const colours = await swatches.evaluateAll((found) => found.map((one) => getComputedStyle(one).backgroundColor));
    expect(new Set(colours).size).toBe(ltvCohorts.length);
    const curves = await drawnIn(page.getByTestId('curves'), colours);
    const ends = ltvCohorts.map(({ months }, place) => {
      const index = months.findLastIndex(({ cumulativeLtv }) => cumulativeLtv);
      const drawn = curves[place];
      if (!drawn) throw new Error(`There is no curve ${place}.`);
      return { index, value: Number(months[index]?.cumulativeLtv?.amountMinor), drawn };
    });
    const [oldest] = ends;
    const newest = ends.at(-1);
    if (!oldest || !newest) throw new Error('There are no cohorts.');
    // The oldest and the newest give the scale of the months; the highest and the lowest that of the values.
    const perMonth = (oldest.drawn.last.x - newest.drawn.last.x) / (oldest.index - newest.index);
    const byValue = ends.toSorted((one, other) => one.value - other.value);
    const [lowest = oldest, highest = oldest] = [byValue[0], byValue.at(-1)];
    const perCent = (lowest.drawn.last.y - highest.drawn.last.y) / (highest.value - lowest.value);
    for (const { index, value, drawn } of ends) {
      expect(Math.abs(drawn.last.x - (newest.drawn.last.x + (index - newest.index) * perMonth))).toBeLessThan(4);
      expect(Math.abs(drawn.last.y - (lowest.drawn.last.y - (value - lowest.value) * perCent))).toBeLessThan(4);
    }
    expect(perMonth).toBeGreaterThan(20);
    expect(perCent).toBeGreaterThan(0);
  });

  test('tell their values at a month, by the pointer and by the keyboard', async () => {
    const { ltvCohorts } = await ask(LtvCohorts, {});
    const texts = (month: number) =>
      ltvCohorts.map(({ label, months }) => {
        const amount = months[month]?.cumulativeLtv;
        return `${label}${amount ? euros(amount) : 'not yet'}`;
      });
    const legend = () => page.locator('.legend li').allTextContents();
    const slider = page.getByRole('slider');
    await slider.press('ArrowRight');
    await slider.press('ArrowRight');
    await expect.poll(legend).toEqual(texts(1));
    await page.getByText('By the end of month 1').waitFor();

    const canvas = page.getByTestId('curves');
    const box = await canvas.boundingBox();
    if (!box) throw new Error('The curves do not show.');
    await canvas.hover({ position: { x: box.width - 20, y: box.height / 2 } });
    const lived = ltvCohorts.map(({ months }) => months.filter(({ cumulativeLtv }) => cumulativeLtv).length);
    await expect.poll(legend).toEqual(texts(Math.max(...lived) - 1));
  });
});

describe('the journey', () => {
  beforeAll(async () => {
    const day = 86_400_000;
    // With those of the demo three pages: it tells of fewer in the first days of a month.
    const clicks = Array.from({ length: 30 }, (_, place) => ({
      email: 'jane@example.com',
      clickId: `browser-${place}`,
      utmSource: 'bookmark',
      occurredAt: new Date(Date.now() - day * (place + 1)).toISOString(),
    }));
    const { recordClicks } = await ask(RecordClicks, { clicks });
    expect(recordClicks.userErrors).toEqual([]);
  });

  const shownKinds = () =>
    page.locator('.entry').evaluateAll((found) => found.map((entry) => entry.getAttribute('data-kind')));

  test.each(['externalId', 'E-mail', 'Id'] as const)('is found by %s', async (name) => {
    const { customer } = await ask(Jane, {});
    const by = { externalId: customer?.externalId, 'E-mail': 'jane@example.com', Id: customer?.databaseId };
    await page.getByLabel('Find by').selectOption(name);
    await page.getByLabel('Customer', { exact: true }).fill(by[name] ?? '');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByRole('heading', { name: 'Jane Doe' }).waitFor();
    await page.getByText(euros(customer?.ltv), { exact: true }).first().waitFor();
  });

  test('of nobody is told so', async () => {
    await page.getByLabel('Customer', { exact: true }).fill('nobody');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByText('This workspace has no such customer.').waitFor();
  });

  test('comes page by page, in either order, and of the kinds that are chosen', async () => {
    const { customer } = await ask(Jane, {});
    const kinds = customer?.journey.nodes.map(({ kind }) => kind) ?? [];
    expect(kinds.length).toBeGreaterThan(40);
    await page.getByRole('button', { name: 'Jane Doe' }).click();
    await expect.poll(shownKinds).toEqual(kinds.slice(0, 20));
    await page.getByRole('button', { name: 'Show more' }).click();
    await expect.poll(shownKinds).toEqual(kinds.slice(0, 40));
    await page.getByRole('button', { name: 'Show more' }).click();
    await expect.poll(shownKinds).toEqual(kinds);
    expect(await page.getByRole('button', { name: 'Show more' }).count()).toBe(0);

    await page.getByRole('radio', { name: 'Oldest first' }).check({ force: true });
    await expect.poll(shownKinds).toEqual(kinds.toReversed().slice(0, 20));
    await page.getByRole('checkbox', { name: 'Conversions' }).check();
    await expect.poll(shownKinds).toEqual(kinds.filter((kind) => kind === 'CONVERSION'));
    await page.screenshot({ path: join(tmpdir(), 'deskgraph-analytics.png'), fullPage: true });
  });

  test('has its credits by the model that is chosen', async () => {
    await page.getByRole('button', { name: 'Jane Doe' }).click();
    for (const model of ['LAST', 'FIRST', 'LINEAR', 'POSITION', 'DECAY'] as const) {
      await page.getByLabel('Model').selectOption(model);
      const { customer } = await ask(Jane, { model });
      const { campaigns, unattributed } = customer?.attribution ?? { campaigns: [], unattributed: null };
      await expect
        .poll(() => textsOf(page.getByTestId('credits-campaigns')))
        .toEqual(campaigns.map(({ campaign, amount }) => [campaign?.name ?? '(none)', '', euros(amount)]));
      await page.getByText(`${euros(unattributed)} came without one`).waitFor();
    }
  });
});

test('the page fits a narrow window', async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByRole('button', { name: 'Jane Doe' }).click();
  await page.getByTestId('credits-campaigns').waitFor();
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  await page.screenshot({ path: join(tmpdir(), 'deskgraph-analytics-narrow.png'), fullPage: true });
});
