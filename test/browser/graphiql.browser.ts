import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Browser, openBrowser, pasteKeyInto } from './browser.js';
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
  await page.goto(gateway.url);
});

afterEach(() => browser.close());

const result = () => page.locator('.result-window');

const pasteKey = (key: string): Promise<void> => pasteKeyInto(page, key);

const run = () => page.getByLabel('Execute query').click();

describe('GraphiQL', () => {
  test('tells a newcomer where the key belongs', async () => {
    expect(await page.title()).toBe('Deskgraph');
    await result().getByText('Put an API key in the place of').waitFor();
    await run();
    await result().getByText('Put an API key in the place of').waitFor();
  });

  test('shows the inbox and the documentation once it has a key', async () => {
    await pasteKey(gateway.key);
    await run();
    await result().getByText('"Lena Vogt"').first().waitFor();

    await page.getByLabel('Show Documentation Explorer').click();
    const docs = page.locator('.graphiql-doc-explorer');
    await docs.getByText('query', { exact: false }).first().waitFor();
    await docs.getByRole('link', { name: 'Conversation', exact: true }).click();
    await docs.getByText('A thread of messages between one contact and the team.').waitFor();
    await page.screenshot({ path: join(tmpdir(), 'deskgraph-graphiql.png') });
  });

  test('builds a query by clicks in the explorer', async () => {
    await pasteKey(gateway.key);
    await run();
    await result().getByText('"Lena Vogt"').first().waitFor();

    await page.getByLabel('New tab').click();
    await page.getByLabel('Show GraphiQL Explorer').click();
    const explorer = page.locator('.graphiql-explorer-root');
    await explorer.getByText('viewer', { exact: true }).click();
    await explorer.getByText('kind', { exact: true }).click();
    await run();
    await result().getByText('"API_USER"').waitFor();
  });

  test('runs every example with the one key', async () => {
    await pasteKey(gateway.key);
    await run();
    await result().getByText('"conversations"').waitFor();
    for (const [tab, field] of [
      ['Waiting', '"unreadCount"'],
      ['Customers', '"latestConversation"'],
      ['StartConversation', '"startConversation"'],
    ] as const) {
      await page.getByRole('tab', { name: tab }).click();
      // GraphiQL takes a moment to notice that the tab asks something else.
      await vi.waitFor(
        async () => {
          await run();
          await result().getByText(field).first().waitFor({ timeout: 10_000 });
        },
        { timeout: 50_000 },
      );
      expect(await result().getByText('"errors"').count()).toBe(0);
    }
  });

  test('keeps no key in the browser, and removes what older pages kept of one', async () => {
    const old = 'ts_sk_live_kept-by-an-older-page';
    const headers = JSON.stringify({ Authorization: `Bearer ${old}` });
    await page.evaluate(
      ([kept = '', key = '']) => {
        // By index, since the page guards setItem.
        const tab = { id: 'x', title: 'Old', query: '{ __typename }', variables: null, headers: kept, hash: kept };
        localStorage['graphiql:headers'] = kept;
        localStorage['graphiql:shouldPersistHeaders'] = 'true';
        localStorage['graphiql:tabState'] = JSON.stringify({ tabs: [tab], activeTabIndex: 0 });
        localStorage['graphiql:query'] = tab.query;
        localStorage['graphiql:queries'] = JSON.stringify({ queries: [{ query: '{ a }', headers: kept }] });
        sessionStorage['deskgraph:authorization'] = `Bearer ${key}`;
      },
      [headers, old],
    );
    const stored = () => page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    expect(await stored()).toContain(old);
    await page.reload();
    await page.getByLabel('Execute query').waitFor();
    expect(await stored()).not.toContain(old);
    await pasteKey(gateway.key);
    await run();
    await result().getByText('"__typename"').waitFor();
    // GraphiQL writes its tabs and its history a moment later.
    await vi.waitFor(async () => expect(await stored()).toContain('__typename'), { timeout: 20_000 });
    const activeTab = () =>
      page.evaluate(() => JSON.parse(localStorage.getItem('graphiql:tabState') ?? '{}').activeTabIndex as unknown);
    const before = await activeTab();
    await page.getByLabel('New tab').click();
    await vi.waitFor(async () => expect(await activeTab()).not.toBe(before), { timeout: 20_000 });
    expect(await stored()).not.toContain(gateway.key);
    expect(browser.complaints.filter((text) => !text.includes('401'))).toEqual([]);
  });

  test('shows what is wrong with a wrong key', async () => {
    await pasteKey('ts_sk_live_wrong');
    await run();
    await result().getByText('"UNAUTHENTICATED"').waitFor();
    await result().getByText('Invalid API key').waitFor();
  });
});
