import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sendTo } from '../kit/send.js';
import { Cohorts, LtvCohorts } from './analytics.documents.js';
import { euros, openFigures, percent, textsOf, useKey } from './analytics.js';
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
});
afterEach(() => browser.close());

const refused = 'Failed to load resource: the server responded with a status of 401 (Unauthorized)';

const open = () => openFigures(page, gateway.key);

describe('the key', () => {
  test('is asked for, and nothing is asked without it', async () => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.reload();
    await page.getByRole('heading', { name: 'Which key?' }).waitFor();
    expect(asked).toEqual(['/analytics', '/pages/base.css', '/pages/analytics.css', '/pages/analytics.js']);
    expect(browser.complaints).toEqual([]);
  });

  test('stays in the tab until it is forgotten', async () => {
    await open();
    await page.reload();
    await page.getByTestId('cohorts').waitFor();
    const stored = await page.evaluate(() => [
      Object.values({ ...sessionStorage }),
      Object.values({ ...localStorage }),
    ]);
    expect(stored).toEqual([[gateway.key], []]);
    expect(page.url()).toBe(`${gateway.origin}/analytics`);

    await page.getByRole('button', { name: 'Forget' }).click();
    await page.getByRole('heading', { name: 'Which key?' }).waitFor();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
    expect(browser.complaints).toEqual([]);
  });

  test('that is wrong is told in words', async () => {
    await useKey(page, 'ts_sk_live_wrong');
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toBe(
      'This key opens nothing. Invalid API key. Please double-check and try again.',
    );
    expect(browser.complaints).toEqual([refused]);
  });

  test('that lacks a scope is told which one', async () => {
    const made = await gateway.cli(
      'keys',
      'create',
      '--workspace',
      'wrk_demo',
      '--kind',
      'api_user',
      '--scope',
      'links:read',
    );
    await useKey(page, (made as { key: string }).key);
    await page.getByRole('alert').first().waitFor();
    const [first] = await page.getByRole('alert').allTextContents();
    expect(first).toContain('It lacks the scope analytics:read.');
    expect(browser.complaints).toEqual([]);
  });

  test('of a workspace without revenue tracking is told so', async () => {
    await gateway.cli('workspace', 'create', '--id', 'wrk_plain');
    const made = await gateway.cli('keys', 'create', '--workspace', 'wrk_plain', '--kind', 'api_user');
    await useKey(page, (made as { key: string }).key);
    await page.getByRole('alert').first().waitFor();
    const [first] = await page.getByRole('alert').allTextContents();
    expect(first).toContain('This workspace has no revenue tracking.');
    expect(browser.complaints).toEqual([]);
  });
});

describe('the figures', () => {
  test('of cohorts are those of the graph, by whatever they are grouped', async () => {
    await open();
    for (const [name, groupBy] of [
      ['Month', 'MONTH'],
      ['Week', 'WEEK'],
      ['Campaign', 'CAMPAIGN'],
      ['Source', 'SOURCE'],
    ] as const) {
      await page.getByRole('radio', { name, exact: true }).check({ force: true });
      const { customerCohorts } = await sendTo(gateway.url, gateway.key, Cohorts, { groupBy });
      const table = page.getByTestId('cohorts').filter({ has: page.getByRole('columnheader', { name, exact: true }) });
      await table.waitFor();
      expect(customerCohorts.length).toBeGreaterThan(3);
      expect(await textsOf(table)).toEqual(
        customerCohorts.map((cohort) => [
          cohort.label,
          String(cohort.customers),
          String(cohort.converters),
          percent(cohort.conversionRate),
          euros(cohort.revenue),
          euros(cohort.averageLtv),
          euros(cohort.averageRevenuePerConverter),
          percent(cohort.repeatRate),
        ]),
      );
      const [all = []] = await textsOf(table, 'tfoot tr');
      const revenue = customerCohorts.reduce((sum, cohort) => sum + Number(cohort.revenue.amountMinor), 0);
      expect(all.slice(0, 5)).toContain(euros({ amountMinor: revenue }));
    }
    expect(browser.complaints).toEqual([]);
  });

  test('are deepest in colour where they are greatest', async () => {
    await open();
    const { customerCohorts } = await sendTo(gateway.url, gateway.key, Cohorts, { groupBy: 'MONTH' });
    const revenues = customerCohorts.map(({ revenue }) => Number(revenue.amountMinor));
    const cells = page.getByTestId('cohorts').locator('tbody tr td:nth-child(5)');
    const depths = await cells.evaluateAll((found) => found.map((cell) => Number(cell.getAttribute('data-heat'))));
    expect(depths[revenues.indexOf(Math.max(...revenues))]).toBe(8);
    const colours = await cells.evaluateAll((found) => found.map((cell) => getComputedStyle(cell).backgroundColor));
    expect(new Set(colours).size).toBe(new Set(depths).size);
  });

  test('are those of the days that are chosen', async () => {
    await open();
    const { customerCohorts } = await sendTo(gateway.url, gateway.key, Cohorts, { groupBy: 'MONTH' });
    const [, second, third] = customerCohorts;
    const [start, end] = [`${second?.label}-01`, `${third?.label}-28`];
    await page.getByLabel('from').fill(start);
    await page.getByLabel('to', { exact: true }).fill(end);
    const table = page.getByTestId('cohorts');
    await expect.poll(() => table.locator('tbody tr').count()).toBe(2);
    const within = await sendTo(gateway.url, gateway.key, Cohorts, { groupBy: 'MONTH', start, end });
    expect((await textsOf(table)).map(([label, customers]) => [label, customers])).toEqual(
      within.customerCohorts.map(({ label, customers }) => [label, String(customers)]),
    );
  });

  test('of each month are those of the graph, and none of what has not begun', async () => {
    await open();
    const { ltvCohorts } = await sendTo(gateway.url, gateway.key, LtvCohorts, {});
    const lived = Math.max(
      ...ltvCohorts.map(({ months }) => months.filter(({ retention }) => retention != null).length),
    );
    const table = page.getByTestId('months');
    for (const [name, show] of [
      ['Retention', ({ retention }) => (retention == null ? '' : percent(retention))],
      ['LTV per customer', ({ cumulativeLtv }) => (cumulativeLtv ? euros(cumulativeLtv) : '')],
      ['Revenue of the month', ({ revenue }) => (revenue ? euros(revenue) : '')],
    ] as const satisfies [string, (month: (typeof ltvCohorts)[number]['months'][number]) => string][]) {
      await page.getByRole('radio', { name }).check({ force: true });
      const expected = ltvCohorts.map(({ label, customers, months }) => [
        label,
        String(customers),
        ...months.slice(0, lived).map(show),
      ]);
      await expect.poll(() => textsOf(table)).toEqual(expected);
    }
    const newest = table.locator('tbody tr').last().locator('td');
    expect(await newest.nth(1).getAttribute('data-heat')).not.toBeNull();
    expect(await newest.last().getAttribute('data-heat')).toBeNull();
  });
});
