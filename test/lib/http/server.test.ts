import { once } from 'node:events';
import { Agent, get, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { readAddressSet } from '../../../src/lib/http/addresses.js';
import { createHttpServer } from '../../../src/lib/http/server.js';

const waiting: ServerResponse[] = [];
const { http, retire } = createHttpServer(
  ({ url }, response) => {
    if (url === '/slow') waiting.push(response);
    else response.end('at once');
  },
  {
    maxConnectionsPerAddress: 10,
    trustedProxies: readAddressSet(''),
    requestSeconds: 10,
    keepAliveSeconds: 90,
    onUnknownProxy: () => undefined,
  },
);
const agent = new Agent({ keepAlive: true });

afterEach(() => {
  agent.destroy();
  http.close();
});

async function headersOf(path: string): Promise<{ connection?: string | undefined; 'keep-alive'?: unknown }> {
  const { port } = http.address() as AddressInfo;
  const [answer] = await once(get({ port, path, agent }), 'response');
  answer.resume();
  await once(answer, 'end');
  return answer.headers;
}

test('connections are kept for as long as clients are told, and end with their answer once the server retires', async () => {
  await once(http.listen(0), 'listening');
  expect(await headersOf('/')).toMatchObject({ connection: 'keep-alive', 'keep-alive': 'timeout=90' });
  // Clients close in time; what they send at the last moment still arrives.
  expect(http.keepAliveTimeout).toBeGreaterThan(90_000);

  const slow = headersOf('/slow');
  await expect.poll(() => waiting.length).toBe(1);
  retire();
  waiting[0]?.end('at last');
  for (const headers of [await slow, await headersOf('/')]) {
    expect(headers.connection).toBe('close');
    expect(headers).not.toHaveProperty('keep-alive');
  }
});
