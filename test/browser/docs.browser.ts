import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { OpenApiDescription } from '../../src/rest/openapi.js';
import { type Browser, openBrowser, pasteKeyInto } from './browser.js';
import { type Gateway, startGateway } from './gateway.js';

type Described = [place: string, operation: OpenApiDescription['paths'][string][string]];

let gateway: Gateway;
let browser: Browser;
let page: Page;
let operations: Described[];

beforeAll(async () => {
  gateway = await startGateway();
  const { paths } = (await (await fetch(`${gateway.origin}/openapi.json`)).json()) as OpenApiDescription;
  operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Described => [`${method.toUpperCase()} ${path}`, operation]),
  );
});
afterAll(() => gateway.stop());

beforeEach(async () => {
  browser = await openBrowser({ width: 1360, height: 900 });
  page = browser.page;
  await page.goto(`${gateway.origin}/docs`);
});
afterEach(() => browser.close());

const article = (operationId: string) => page.locator(`#${operationId}`);

test('shows every route of the description, beside its GraphQL operation', async () => {
  expect(await page.locator('.operation').count()).toBe(operations.length);
  for (const [place, { operationId, summary, parameters, responses, ...operation }] of operations) {
    const shown = article(operationId);
    expect(await shown.locator('h4').textContent()).toContain(place);
    const text = (await shown.textContent()) ?? '';
    expect(text).toContain(summary);
    expect(text).toContain(operation['x-graphql-operation']);
    expect(await shown.locator('[data-part="document"]').textContent()).toBe(operation['x-graphql-document']);
    const variables = JSON.parse((await shown.locator('[data-part="variables"]').textContent()) ?? '');
    expect(variables).toEqual(operation['x-graphql-variables']);
    const fields = await shown.locator('.fields').first().locator('th').allTextContents();
    expect(fields).toEqual(expect.arrayContaining(parameters.map(({ name }) => name)));
    expect(await shown.locator('.responses > li .status').allTextContents()).toEqual(Object.keys(responses));
  }
  const limit = article('listCustomers').locator('tr', { hasText: 'limit' });
  expect((await limit.textContent())?.replaceAll(/\s+/g, ' ')).toContain(
    'integer, in the query from 1 to 100 20 when left out',
  );
  await page.screenshot({ path: join(tmpdir(), 'deskgraph-docs.png') });
  expect(browser.complaints).toEqual([]);
});

test('finds a route by its path, and by its operation', async () => {
  const shown = page.locator('.operation:visible');
  await page.getByLabel('Find a route').fill('lookup');
  await expect.poll(() => shown.count()).toBe(1);
  expect(await shown.getAttribute('id')).toBe('lookupCustomer');
  expect(await page.locator('.contents li:visible').count()).toBe(1);
  await page.getByLabel('Find a route').fill('startConversation');
  await expect.poll(() => shown.first().getAttribute('id')).toBe('createConversation');
  await page.getByLabel('Find a route').fill('');
  await expect.poll(() => shown.count()).toBe(operations.length);
  expect(browser.complaints).toEqual([]);
});

test('copies an operation', async () => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const [, list] = operations.find(([, { operationId }]) => operationId === 'listCustomers') ?? [];
  await article('listCustomers').getByRole('button', { name: 'Copy operation' }).click();
  await article('listCustomers').getByRole('button', { name: 'Copied' }).waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(list?.['x-graphql-document']);
});

test('opens an operation with its variables in GraphiQL, beside the tabs that are there', async () => {
  const open = (operationId: string) => article(operationId).getByRole('link', { name: 'Open in GraphiQL' }).click();
  const tabs = () => page.getByRole('tab').allTextContents();
  await open('listCustomers');
  await page.getByRole('tab', { name: 'TidyCustomers', selected: true }).waitFor();
  expect((await tabs()).length).toBe(5);
  expect(new URL(page.url()).hash).toBe('');

  // Once more, and another one: the first has a tab already.
  for (const [operationId, name, count] of [
    ['listCustomers', 'TidyCustomers', 5],
    ['createCustomer', 'TidyCreateCustomer', 6],
  ] as const) {
    await page.goto(`${gateway.origin}/docs`);
    await open(operationId);
    await page.getByRole('tab', { name, selected: true }).waitFor();
    expect((await tabs()).length).toBe(count);
  }

  await page.goto(`${gateway.origin}/docs`);
  await open('listCustomers');
  await page.getByRole('tab', { name: 'TidyCustomers', selected: true }).waitFor();
  await pasteKeyInto(page, gateway.key);
  await page.getByLabel('Execute query').click();
  await page.locator('.result-window').getByText('"externalId"').first().waitFor();
  expect(await page.locator('.result-window').getByText('"errors"').count()).toBe(0);
});

test('fits a narrow window', async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  expect(browser.complaints).toEqual([]);
});
