import { once } from 'node:events';
import { createServer as createHttpServer, request as httpRequest } from 'node:http';
import { type AddressInfo, connect, type Server } from 'node:net';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../src/app.js';
import { boundDrain } from '../../src/lib/http/drain.js';
import { type Desk, openTestApp } from '../kit/app.js';
import { listen, type TestServer } from '../kit/http.js';

/** Uploads that are refused, and uploads whose sender goes away: who sends them learns why, and nobody else is troubled. */

let server: TestServer;
let desk: Desk;
const lines: { level: number; msg: string }[] = [];

beforeAll(async () => {
  const testApp = await openTestApp();
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  server = await listen({ ...testApp, app: await createApp({ database: testApp.database, log }) });
  desk = await server.createDesk();
});
afterAll(() => server.close());

const entries = ['/graphql', '/v1/customers', '/customers', '/inbound/email'] as const;

const headersFor = (path: string, key = desk.key) => ({
  authorization: `Bearer ${key}`,
  'content-type': path === '/inbound/email' ? 'message/rfc822' : 'application/json',
});

describe('a client of fetch sees why its upload is refused', () => {
  const megabyte = 1_024 * 1_024;
  test.each([
    ['/graphql', 5, 413],
    ['/v1/customers', 5, 413],
    ['/customers', 5, 413],
    ['/inbound/email', 26, 413],
  ] as const)('at %s', async (path, megabytes, status) => {
    for (let time = 0; time < 8; time += 1) {
      const body = Buffer.alloc(megabytes * megabyte, 'x');
      const answer = await fetch(server.origin + path, { method: 'POST', headers: headersFor(path), body });
      expect(answer.status).toBe(status);
      await answer.text();
    }
  });

  test.each(entries)('for want of a key at %s', async (path) => {
    const body = Buffer.alloc(5 * megabyte, 'x');
    const answer = await fetch(server.origin + path, { method: 'POST', headers: headersFor(path, 'wrong'), body });
    expect(answer.status).toBe(401);
  });

  test('when it does not say how much it will send', async () => {
    const chunk = Buffer.alloc(65_536, 'x');
    const sent = httpRequest(`${server.origin}/v1/customers`, { method: 'POST', headers: headersFor('/v1/customers') });
    const answered = once(sent, 'response');
    for (let count = 0; count < 100; count += 1) if (!sent.write(chunk)) await once(sent, 'drain');
    sent.end();
    const [response] = await answered;
    expect(response.statusCode).toBe(413);
    response.resume();
  });
});

describe('a peer that goes on sending after its answer is cut off', () => {
  let http: Server;
  const bounds = { bytes: 1_024 * 1_024, ms: 300 };

  beforeAll(async () => {
    http = createHttpServer((request, response) => {
      boundDrain(request, response, bounds);
      response.writeHead(413).end();
    });
    await once(http.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(() => http.close());

  async function sendUntilCut(pace: number, bytes: number): Promise<void> {
    const socket = connect((http.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume();
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999\r\n\r\n');
    const timer = setInterval(() => socket.write(Buffer.alloc(bytes)), pace);
    await new Promise((resolve) => socket.once('close', resolve));
    clearInterval(timer);
  }

  test('when it sends much', () => sendUntilCut(5, 100_000));
  test('when it sends little, for ever', () => sendUntilCut(20, 1));
});

test('a thousand uploads that are broken off are nobody’s failure', async () => {
  lines.length = 0;
  const { port } = new URL(server.origin);
  const breakOff = async (path: string, when: 'at once' | 'later'): Promise<void> => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => undefined);
    const headers = Object.entries({ ...headersFor(path), 'content-length': 100_000 });
    const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\n${head}\r\n${'x'.repeat(5_000)}`);
    if (when === 'later') await new Promise((resolve) => socket.write('x', resolve));
    socket.resetAndDestroy();
    await new Promise((resolve) => socket.once('close', resolve));
  };
  for (let round = 0; round < 125; round += 1) {
    await Promise.all(entries.flatMap((path) => [breakOff(path, 'at once'), breakOff(path, 'later')]));
  }
  // Answered after all of them.
  const answer = await fetch(server.endpoint, {
    method: 'POST',
    headers: headersFor('/graphql'),
    body: JSON.stringify({ query: '{ customers { nodes { id } } }' }),
  });
  expect(answer.status).toBe(200);
  // Each has its line in the access log, and no other.
  expect(lines.filter(({ msg }) => msg !== 'request')).toEqual([]);
  expect(server.database.health.trouble()).toBeUndefined();
});
