import { type Browser as Chromium, chromium, type Page } from 'playwright-core';
import { expect, inject } from 'vitest';

/** A browser as a newcomer has it, with nothing kept, which reaches this machine only. */
export interface Browser {
  page: Page;
  /** What the page has said on its console that is an error, the refusals of its Content-Security-Policy among them. */
  complaints: string[];
  /** Ends it. Fails the test when the page has asked other hosts for anything. */
  close(): Promise<void>;
}

/** The one of this run, as the tests of a file drive it. */
let connected: Promise<Chromium> | undefined;

export async function openBrowser(viewport = { width: 1280, height: 800 }): Promise<Browser> {
  connected ??= chromium.connect(inject('browserEndpoint'));
  const context = await (await connected).newContext({ viewport });
  // For what never comes: what is only slow is no failure.
  context.setDefaultTimeout(120_000);
  const strangers: string[] = [];
  // To look at requests, rather than to stand in their way, leaves the browser its cache.
  context.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (/^http/.test(protocol) && hostname !== '127.0.0.1') strangers.push(request.url());
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return {
    page,
    complaints,
    async close() {
      await context.close();
      expect(strangers).toEqual([]);
    },
  };
}

/** Puts a key over the placeholder in GraphiQL as a person does: with a double click on it, and by pasting. */
export async function pasteKeyInto(page: Page, key: string): Promise<void> {
  // The editor draws the line anew once it knows the language; only then does the text stand by itself.
  const value = page.getByText('"Bearer YOUR_API_KEY"', { exact: true });
  await value.waitFor();
  const box = await value.boundingBox();
  if (!box) throw new Error('The headers do not show.');
  await page.mouse.dblclick(box.x + box.width * 0.7, box.y + box.height / 2);
  await page.keyboard.insertText(key);
}
