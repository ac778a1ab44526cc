import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Desk } from '../kit/app.js';
import { startTestServer, type TestServer } from '../kit/http.js';

/** Requests of which a proxy could read one thing, and the gateway another. */

let server: TestServer;
let desk: Desk;

beforeAll(async () => {
  server = await startTestServer();
  desk = await server.createDesk();
});
afterAll(() => server.close());

/** Sends lines as they are, and answers the first line that comes back. */
async function statusLine(lines: readonly string[], body = ''): Promise<string> {
  const socket = connect(Number(new URL(server.origin).port), '127.0.0.1');
  socket.write(`${[...lines, `Content-Length: ${body.length}`, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`);
  const [begin] = await once(socket, 'data');
  socket.destroy();
  return String(begin).split('\r\n', 1)[0] ?? '';
}

const json = 'Content-Type: application/json';
const query = JSON.stringify({ query: '{ viewer { kind } }' });

test.each([
  ['hosts', () => ['Host: desk.example', 'Host: evil.example', `Authorization: Bearer ${desk.key}`, json]],
  ['keys', () => ['Host: a', `Authorization: Bearer ${desk.key}`, 'authorization: Bearer other', json]],
  ['types', () => ['Host: a', `Authorization: Bearer ${desk.key}`, json, 'Content-Type: text/plain']],
])('a request of two %s is refused at every entry', async (_kind, headers) => {
  for (const first of [
    'POST /graphql',
    'GET /v1/customers',
    'POST /inbound/email',
    'POST /attachments',
    'GET /ready',
  ]) {
    expect(await statusLine([`${first} HTTP/1.1`, ...headers()], query)).toBe('HTTP/1.1 400 Bad Request');
  }
});

test.each(['desk.example/graphql', 'desk.example evil.example', 'user@desk.example', 'desk.example?a'])(
  'a request for the host %s is refused',
  async (host) => {
    expect(await statusLine(['GET /ready HTTP/1.1', `Host: ${host}`])).toBe('HTTP/1.1 400 Bad Request');
  },
);

test.each(['desk.example', 'desk.example:4000', '127.0.0.1:4000', '[::1]:4000', ''])(
  'a request for the host "%s" is answered',
  async (host) => {
    expect(await statusLine(['GET /health HTTP/1.1', `Host: ${host}`])).toBe('HTTP/1.1 200 OK');
  },
);

test('a WebSocket of two hosts is not opened', async () => {
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
  const offer = ['Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', 'Sec-WebSocket-Protocol: graphql-transport-ws'];
  const open = (...hosts: string[]) => statusLine(['GET /graphql HTTP/1.1', ...hosts, ...upgrade, ...offer]);
  expect(await open('Host: a', 'Host: b')).toBe('HTTP/1.1 400 Bad Request');
  expect(await open('Host: a')).toBe('HTTP/1.1 101 Switching Protocols');
});
