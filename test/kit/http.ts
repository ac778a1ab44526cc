import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openTestApp, type TestApp, type TestAppOptions } from './app.js';

/** The whole application behind a real HTTP server, for clients that bring their own network code. */
export interface TestServer extends TestApp {
  /** Where it listens, without a slash at the end. */
  origin: string;
  /** The GraphQL endpoint. */
  endpoint: string;
}

export const startTestServer = async (options: TestAppOptions = {}): Promise<TestServer> =>
  listen(await openTestApp(options));

/** Puts an application behind a server; to close it closes the application too. */
export async function listen(testApp: TestApp): Promise<TestServer> {
  const http = createServer(testApp.app.listener);
  http.on('upgrade', testApp.app.upgrade);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return {
    ...testApp,
    origin,
    endpoint: `${origin}/graphql`,
    async close() {
      const closed = new Promise((resolve) => http.close(resolve));
      await testApp.app.close();
      http.closeAllConnections();
      await closed;
      await testApp.close();
    },
  };
}
