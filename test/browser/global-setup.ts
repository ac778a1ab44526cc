import { rm } from 'node:fs/promises';
import { type BrowserServer, chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { temporaryDirectory } from '../kit/temporary.js';
import { firstKey } from './gateway.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the browser of this run is driven. */
    browserEndpoint: string;
    /** A data directory with the demo workspace, to be copied, and the key that opens it. */
    demo: { dataDir: string; key: string };
  }
}

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  // No name leads anywhere, so that nothing but this machine is reached.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

let browser: BrowserServer;
let dataDir: string;

/** Starts the browser, and a gateway for the first time, once for all files: each takes seconds. */
export async function setup(project: TestProject): Promise<void> {
  dataDir = await temporaryDirectory();
  const [server, key] = await Promise.all([
    chromium.launchServer({ executablePath, args, headless: true, host: '127.0.0.1' }),
    firstKey(dataDir),
  ]);
  browser = server;
  project.provide('browserEndpoint', browser.wsEndpoint());
  project.provide('demo', { dataDir, key });
}

export async function teardown(): Promise<void> {
  await browser.close();
  await rm(dataDir, { recursive: true });
}
