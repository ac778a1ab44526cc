import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
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
  browser = await openBrowser({ width: 1360, height: 900 });
  page = browser.page;
});
afterEach(() => browser.close());

test('the documentation is found from the first page, read, and searched', async () => {
  await page.goto(gateway.origin);
  await page.getByRole('link', { name: 'Documentation' }).click();
  await page.locator('.VPSidebar').getByRole('link', { name: 'Follow changes' }).click();
  await page.getByRole('heading', { level: 1, name: 'Follow changes' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/docs/subscriptions');

  await page.getByRole('button', { name: 'Search' }).first().click();
  await page.getByRole('searchbox').fill('startConversation');
  await page.locator('.VPLocalSearchBox .result').filter({ hasText: 'Change data' }).first().click();
  await page.waitForURL(/\/docs\/mutations/);
  expect(browser.complaints).toEqual([]);

  await page.goto(`${gateway.origin}/docs/nothing`);
  await page.getByText('PAGE NOT FOUND').waitFor();
});

test('a link that is clicked before the first page is hydrated leads to its page', async () => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(/\/assets\/index\.md\.[^/]+\.js$/, async (route) => {
    await released;
    await route.continue();
  });
  await page.goto(`${gateway.origin}/docs`, { waitUntil: 'commit' });
  // The application has started and handles clicks. It needs the script of the page before it can hydrate it.
  await page.waitForFunction(() => '__VITEPRESS__' in globalThis);
  await page.locator('.VPSidebar').getByRole('link', { name: 'Follow changes' }).click();
  release();
  await page.waitForURL(/\/docs\/subscriptions$/);
  await page.getByRole('heading', { level: 1, name: 'Follow changes' }).waitFor();
  expect(browser.complaints).toEqual([]);
});

test('the REST reference shows each route with samples, and leads to GraphiQL', async () => {
  await page.goto(`${gateway.origin}/docs/rest-reference`);
  await page.getByRole('heading', { name: 'Deskgraph REST shim' }).waitFor();
  await page.getByText('/v1/customers/lookup').first().waitFor();

  await page.getByText('TidySupport Customers').first().click();
  const link = page.getByRole('link', { name: 'Open it in GraphiQL' }).first();
  await link.waitFor({ state: 'attached' });
  await page.goto(`${gateway.origin}${await link.getAttribute('href')}`);
  await page.getByRole('tab', { name: /^Tidy/, selected: true }).waitFor();
  expect(browser.complaints).toEqual([]);
});

test('the REST reference sends a request with the key that it is given', async () => {
  await page.goto(`${gateway.origin}/docs/rest-reference`);
  await page.getByPlaceholder('Token').locator('visible=true').first().fill(gateway.key);
  await page.getByText('TidySupport Customers').first().click();
  await page
    .getByRole('button', { name: /Test Request.*get \/v1\/customers\)/i })
    .first()
    .click();
  const [answer] = await Promise.all([
    page.waitForResponse((response) => new URL(response.url()).pathname === '/v1/customers'),
    // By its whole name: until the route stands in the form, it sends another.
    page.getByRole('button', { name: /^Send get request to .+\/v1\/customers$/i }).click(),
  ]);
  expect(answer.status()).toBe(200);
  await page.getByText('200 OK').first().waitFor();
  expect(browser.complaints).toEqual([]);
});
