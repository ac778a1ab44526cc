import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readAddressSet } from '../../src/lib/http/addresses.js';
import { createHttpServer } from '../../src/lib/http/server.js';

/**
 * Clients that offer another protocol than WebSocket, as Java's HttpClient offers HTTP/2 with each request, and what they
 * send behind such a request, which must be taken for no request of its own.
 */

const asked: string[] = [];
const { http } = createHttpServer(
  async (request, response) => {
    const body = await text(request);
    asked.push(`${request.method} ${request.url}`);
    response.end(`${request.method} ${request.url} ${body};`);
  },
  {
    maxConnectionsPerAddress: 10,
    trustedProxies: readAddressSet(''),
    requestSeconds: 10,
    keepAliveSeconds: 75,
    onUnknownProxy: () => undefined,
  },
);
http.on('upgrade', (request, socket) => void socket.end(`upgrade of ${request.url};`));

beforeAll(() => once(http.listen(0, '127.0.0.1'), 'listening'));
afterAll(() => {
  http.closeAllConnections();
  http.close();
});

const dial = (): Socket => connect((http.address() as AddressInfo).port, '127.0.0.1');
const head = (first: string, ...lines: string[]): string =>
  [`${first} HTTP/1.1`, 'Host: a', ...lines, '', ''].join('\r\n');
const offer = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQBAAAAAAIAAAAA'];

/** All that is answered on a connection which the gateway ends. */
async function answersTo(...parts: string[]): Promise<string> {
  const socket = dial();
  for (const part of parts) socket.write(part);
  return text(socket);
}

test.each([
  ['a query', head('GET /a', ...offer), 'GET /a ;'],
  ['a body', `${head('POST /a', ...offer, 'Content-Length: 3')}abc`, 'POST /a abc;'],
  [
    'a body in chunks',
    `${head('POST /a', ...offer, 'Transfer-Encoding: chunked')}3\r\nabc\r\n0\r\n\r\n`,
    'POST /a abc;',
  ],
  ['a protocol that nobody knows', head('GET /a', 'Connection: Upgrade', 'Upgrade: a/1'), 'GET /a ;'],
])('the offer is passed over, with %s', async (_what, request, answer) => {
  const answers = await answersTo(request);
  expect(answers).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(answers).toContain('Connection: close');
  expect(answers.endsWith(answer)).toBe(true);
});

test('what follows an offer is never answered', async () => {
  asked.length = 0;
  const answers = await answersTo(head('GET /a', ...offer), head('GET /b'), head('GET /c'));
  expect(answers.match(/GET \/\w ;/g)).toEqual(['GET /a ;']);
  const behindBody = await answersTo(`${head('POST /a', ...offer, 'Content-Length: 3')}abc${head('GET /b')}`);
  expect(behindBody.match(/\w+ \/\w \w*;/g)).toEqual(['POST /a abc;']);
  expect(asked).toEqual(['GET /a', 'POST /a']);
});

test('a request for a WebSocket still becomes one, also beside an offer', async () => {
  for (const wanted of ['websocket', 'WebSocket', 'h2c, websocket']) {
    const answers = await answersTo(head('GET /a', 'Connection: Upgrade', `Upgrade: ${wanted}`));
    expect(answers).toBe('upgrade of /a;');
  }
});
