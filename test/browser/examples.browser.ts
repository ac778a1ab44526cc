import { readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryDirectory } from '../kit/temporary.js';
import { openBrowser } from './browser.js';
import { type Gateway, startGateway } from './gateway.js';

let gateway: Gateway;
let directory: string;
let pages: Server;

beforeAll(async () => {
  gateway = await startGateway();
  directory = await temporaryDirectory();
  process.env.VITE_DESKGRAPH_URL = gateway.origin;
  process.env.VITE_DESKGRAPH_KEY = gateway.key;
  await build({
    root: 'examples/apollo-react-inbox',
    logLevel: 'error',
    build: { outDir: directory, emptyOutDir: true, minify: false },
  });
  const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };
  pages = createServer(async ({ url = '/' }, response) => {
    const path = url === '/' ? '/index.html' : url;
    const content = await readFile(join(directory, path)).catch(() => undefined);
    if (!content) return void response.writeHead(404).end();
    response.setHeader('content-type', types[extname(path)] ?? 'text/plain');
    response.end(content);
  }).listen(0, '127.0.0.1');
});
afterAll(async () => {
  pages.close();
  await gateway.stop();
  await rm(directory, { recursive: true });
});

test('apollo-react-inbox: the page shows the inbox, and what comes into it', async () => {
  const browser = await openBrowser();
  const { page } = browser;
  await page.goto(`http://127.0.0.1:${(pages.address() as AddressInfo).port}/`);
  await page.getByRole('listitem').first().waitFor();
  const send = async (): Promise<void> => {
    const query =
      'mutation ($input: StartConversationInput!) { startConversation(input: $input) { userErrors { message } } }';
    const input = { email: 'react@example.com', subject: 'Seen by React', text: 'Hello there', direction: 'INBOUND' };
    await fetch(gateway.url, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables: { input } }),
    });
  };
  // The subscription begins a moment after it was asked for.
  await expect
    .poll(
      async () => {
        await send();
        return page.getByRole('listitem').first().textContent();
      },
      { timeout: 30_000, interval: 1_000 },
    )
    .toContain('Seen by React');
  expect(browser.complaints).toEqual([]);
  await browser.close();
});
