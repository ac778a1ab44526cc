import { rm } from 'node:fs/promises';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { temporaryDirectory } from '../kit/temporary.js';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
];

/** A browser as a newcomer has it, which reaches this machine only. */
export interface Browser {
  page: Page;
  /** What the page has said on its console that is an error, the refusals of its Content-Security-Policy among them. */
  complaints: string[];
  /** Ends it. Fails the test when the page has asked other hosts for anything. */
  close(): Promise<void>;
}

export async function openBrowser(viewport = { width: 1280, height: 800 }): Promise<Browser> {
  const profile = await temporaryDirectory();
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath,
    args,
    headless: true,
    viewport,
  });
  const strangers: string[] = [];
  await context.route(
    (url) => url.hostname !== '127.0.0.1',
    (route) => {
      strangers.push(route.request().url());
      return route.abort();
    },
  );
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
      await rm(profile, { recursive: true });
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
