import type { LookupAddress } from 'node:dns';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPoster, type PosterOptions } from '../../../src/lib/http/post.js';
import { readAllowedTargets } from '../../../src/lib/http/targets.js';

let server: Server;
let port: number;
let requests: string[];

beforeEach(async () => {
  requests = [];
  server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.host}`);
    response.end('taken');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const post = (url: string, options: Partial<PosterOptions> = {}, signal = new AbortController().signal) =>
  createPoster({ allowed: readAllowedTargets('127.0.0.1'), timeoutMs: 60_000, ...options }).post(url, {}, '{}', signal);

const local: LookupAddress = { address: '127.0.0.1', family: 4 };
const forbidden = { allowed: readAllowedTargets('') };

test('a name is dialled at the address that was checked, though it would lead elsewhere a moment later', async () => {
  let asked = 0;
  const resolve = async (): Promise<LookupAddress[]> => {
    asked += 1;
    return [asked === 1 ? local : { address: '10.0.0.1', family: 4 }];
  };
  const url = `http://hooks.example:${port}/a?b=c`;
  expect(await post(url, { resolve })).toEqual({
    kind: 'answered',
    status: 200,
    excerpt: 'taken',
    retryAfter: undefined,
  });
  expect(asked).toBe(1);
  expect(requests).toEqual([`POST /a?b=c hooks.example:${port}`]);
});

test('a name that leads here is not dialled, however it is written', async () => {
  const resolve = async () => [local];
  expect(await post(`http://hooks.example:${port}/`, { ...forbidden, resolve })).toEqual({
    kind: 'forbidden',
    reason: 'hooks.example is not a public address.',
  });
  for (const host of ['127.0.0.1', '2130706433', '[::ffff:127.0.0.1]', 'localhost']) {
    expect(await post(`http://${host}:${port}/`, forbidden)).toMatchObject({ kind: 'forbidden' });
  }
  expect(requests).toEqual([]);
});

test('a redirect is an answer as any other', async () => {
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    requests.push(request.url ?? '');
    response.writeHead(307, { location: `http://127.0.0.1:${port}/other` }).end();
  });
  expect(await post(`http://127.0.0.1:${port}/`)).toMatchObject({ kind: 'answered', status: 307 });
  expect(requests).toEqual(['/']);
});

test('a name server that does not answer does not hold anybody up', async () => {
  const resolve = (): Promise<never> => new Promise(() => undefined);
  expect(await post('http://hooks.example/', { resolve, timeoutMs: 100 })).toEqual({ kind: 'timed out' });
});

test('who is told to stop stops, and says so', async () => {
  server.removeAllListeners('request');
  const controller = new AbortController();
  server.on('request', () => controller.abort(new Error('The process shuts down.')));
  await expect(post(`http://127.0.0.1:${port}/`, {}, controller.signal)).rejects.toThrow('The process shuts down.');
});

test('what cannot be reached is told by its reason', async () => {
  server.close();
  await new Promise((resolve) => server.once('close', resolve));
  expect(await post(`http://127.0.0.1:${port}/`)).toEqual({ kind: 'unreachable', reason: 'ECONNREFUSED' });
});

test('a connection that the server closes while it is idle costs nothing', async () => {
  const poster = createPoster({ allowed: readAllowedTargets('127.0.0.1'), timeoutMs: 60_000 });
  const { signal } = new AbortController();
  const send = () => poster.post(`http://127.0.0.1:${port}/`, {}, '{}', signal);
  expect(await send()).toMatchObject({ kind: 'answered' });
  // Closed on one side, and used on the other before it can know.
  server.closeAllConnections();
  expect(await send()).toMatchObject({ kind: 'answered' });
  expect(requests).toHaveLength(2);
});
