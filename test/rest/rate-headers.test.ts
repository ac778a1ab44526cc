import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultLimits } from '../../src/lib/http/limits.js';
import { withoutRestoring } from '../kit/clock.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { type Story, tellStory } from '../kit/story.js';

/** What cStar and Linquid tell with each answer of what a key can still ask. */

let server: TestServer;
let story: Story;
const limits = { ...defaultLimits, rateCapacity: 5_000, rateRestore: 100 };

beforeAll(async () => {
  server = await withoutRestoring(() => startTestServer({ limits }));
  story = await tellStory(server);
});
afterAll(() => server.close());

const ask = (path: string, headers: Record<string, string>) => fetch(`${server.origin}${path}`, { headers });
const bearer = () => ({ authorization: `Bearer ${story.desk.key}` });
const numberIn = ({ headers }: Response, name: string) => Number(headers.get(`x-ratelimit-${name}`) ?? Number.NaN);

const places: [string, () => string][] = [
  ['Linquid', () => '/customers'],
  ['Linquid below /api', () => '/api/customers'],
  ['cStar', () => `/api/v1/teams/${story.desk.workspaceId}/customers`],
];

test.each(places)('%s tells the limit with each answer to a key, refusals too', async (_name, path) => {
  const first = await ask(path(), bearer());
  expect(first.status).toBe(200);
  expect([numberIn(first, 'limit'), numberIn(first, 'window')]).toEqual([5_000, 50]);
  expect(numberIn(first, 'reset')).toBeGreaterThanOrEqual(Math.floor(Date.now() / 1_000));
  const second = await ask(`${path()}/nobody`, bearer());
  expect(second.status).toBe(404);
  expect(numberIn(second, 'remaining')).toBeLessThan(numberIn(first, 'remaining'));
});

test.each(places)('%s tells it where no route is too, and to a key that has spent all', async (_name, path) => {
  const { workspaceId } = story.desk;
  const limits = { rateCapacity: 5, rateRestore: 1 };
  const { key } = await server.services.apiKeys.create({ workspaceId, kind: 'API_USER', limits });
  const told = (response: Response) => [response.status, numberIn(response, 'limit'), numberIn(response, 'window')];
  const send = (place: string, method = 'GET') =>
    fetch(`${server.origin}${place}`, { method, headers: { authorization: `Bearer ${key}` } });
  expect(told(await send(`${path()}/no/such/path`))).toEqual([404, 5, 5]);
  expect(told(await send(path(), 'PUT'))).toEqual([405, 5, 5]);
  expect(told(await send(path(), 'OPTIONS'))).toEqual([405, 5, 5]);
  const wrong = `${path()}?page=0`;
  await expect.poll(async () => told(await send(wrong))).toEqual([429, 5, 5]);
  expect(told(await send(`${path()}/no/such/path`))).toEqual([404, 5, 5]);
  const without = await fetch(`${server.origin}${path()}/no/such/path`);
  expect([without.status, without.headers.get('x-ratelimit-limit')]).toEqual([404, null]);
});

describe.each(places.slice(0, 2))('%s', (_name, path) => {
  test('takes the key from X-API-Key', async () => {
    expect((await ask(path(), { 'x-api-key': story.desk.key })).status).toBe(200);
    expect((await ask(path(), { 'x-api-key': 'wrong' })).status).toBe(401);
    expect((await ask(path(), {})).status).toBe(401);
  });
});
