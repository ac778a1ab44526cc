import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openFigures } from './analytics.js';
import { type Browser, openBrowser } from './browser.js';
import { type Gateway, startGateway } from './gateway.js';

/** Every page of ours, on a phone and on a wide screen, light and dark: axe finds nothing, and nothing is cut off. */

interface Axe {
  run(context: object, options: object): Promise<AxeResults>;
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let gateway: Gateway;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());
beforeEach(async () => {
  browser = await openBrowser({ width: 390, height: 900 });
  page = browser.page;
});
afterEach(() => browser.close());

/** A component by others on a page of ours. */
interface Component {
  root: string;
  /** The rules of axe that it breaks, and how; page and component are held to all others, the page around it to all. */
  breaks: Readonly<Record<string, string>>;
}

const graphiql: Component = {
  root: '#root',
  breaks: {
    'color-contrast': 'The editors keep the colours of a light page while it turns dark.',
    'nested-interactive': 'A tab holds the button that closes it.',
  },
};

const scalar: Component = {
  root: '#reference',
  breaks: {
    'aria-allowed-attr': 'What is chosen in the side bar is told as of a tab.',
    'aria-allowed-role':
      'The side bar is an aside that is named a navigation, the search a button that is named a search.',
    'aria-required-children':
      'The list of client libraries is a list of tabs, with a button that opens a menu among them.',
    'button-name': 'The button of a menu holds nothing but an icon.',
    'color-contrast': 'Methods stand in yellow, green and blue on grey.',
    'label-content-name-mismatch': 'What opens a section is named otherwise than it reads.',
    'scrollable-region-focusable': 'Lists of endpoints scroll, and cannot be reached by the keyboard.',
  },
};

async function faultsOf(component?: Component): Promise<string[]> {
  // By the debugger, since the page itself lets no other scripts in.
  await page.evaluate(axe);
  return page.evaluate(
    async ({ root = '', breaks = {} }) => {
      const { run } = (window as unknown as { axe: Axe }).axe;
      const rules = Object.fromEntries(Object.keys(breaks).map((id) => [id, { enabled: false }]));
      const found = [await run(document, { rules })];
      if (root) found.push(await run({ exclude: [root] }, {}));
      return found.flatMap(({ violations }) =>
        violations.flatMap(({ id, nodes }) =>
          nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`),
        ),
      );
    },
    { root: component?.root, breaks: component?.breaks },
  );
}

async function expectFaultless(component?: Component): Promise<void> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const width of [390, 1_440]) {
      await page.setViewportSize({ width, height: 900 });
      const faults = await faultsOf(component);
      const taken = await page.evaluate(() => document.documentElement.scrollWidth);
      if (taken > width) faults.push(`takes ${taken} pixels`);
      found.push(...faults.map((fault) => `${colorScheme}, ${width} pixels: ${fault}`));
    }
  }
  expect(found).toEqual([]);
}

test.each(['/', '/docs/start', '/docs/graphql/scalars'])('%s has no faults', async (path) => {
  await page.goto(`${gateway.origin}${path}`);
  await page.locator('h1').first().waitFor();
  await expectFaultless();
});

test('GraphiQL has no faults', async () => {
  await page.goto(gateway.url);
  await page.getByLabel('Execute query').waitFor();
  await expectFaultless(graphiql);
});

test('the REST reference has no faults', async () => {
  await page.goto(`${gateway.origin}/docs/rest-reference`);
  await page.getByRole('heading', { name: 'Deskgraph REST shim' }).waitFor();
  await expectFaultless(scalar);
});

test('a fault is found', async () => {
  await page.goto(gateway.origin);
  await page.evaluate(() => document.querySelector('main')?.append(document.createElement('img')));
  expect((await faultsOf()).join()).toContain('image-alt');
});

test('/analytics has no faults, keeps what it shows in its address, and saves its tables', async () => {
  await page.goto(`${gateway.origin}/analytics`);
  await page.getByLabel('API key').waitFor();
  expect(await faultsOf()).toEqual([]);
  await page.goto(`${gateway.origin}/analytics?group=CAMPAIGN&measure=nonsense`);
  await openFigures(page, gateway.key);
  expect(await page.getByRole('radio', { name: 'Campaign' }).isChecked()).toBe(true);
  await page.getByRole('button', { name: '90 days' }).click();
  await page.getByText('in the period before').first().waitFor();
  await page.getByRole('radio', { name: 'Source' }).check();
  await page.getByTestId('cohorts').waitFor();
  const asked = Object.fromEntries(new URL(page.url()).searchParams);
  expect(asked).toMatchObject({
    group: 'SOURCE',
    start: expect.stringMatching(/^2/),
    end: expect.stringMatching(/^2/),
  });
  await page.reload();
  await page.getByTestId('cohorts').waitFor();
  await page.getByTestId('months').waitFor();
  expect(await page.getByRole('radio', { name: 'Source' }).isChecked()).toBe(true);
  expect(await page.getByRole('button', { name: '90 days' }).getAttribute('aria-pressed')).toBe('true');
  await expectFaultless();

  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as CSV' }).first().click();
  const download = await saved;
  expect(download.suggestedFilename()).toBe('cohorts.csv');
  const [head, first] = (await text(await download.createReadStream())).split('\r\n');
  expect(head).toBe('Source,Customers,Buyers,Conversion,Revenue,Average LTV,Per buyer,Repeat');
  expect(first).toMatch(/^[^,]+,\d+,\d+,[\d.]+,[\d.]+/);
  expect(browser.complaints).toEqual([]);
});
