import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Desk } from '../../kit/app.js';
import { expectCstar } from '../../kit/cstar.js';
import { startTestServer, type TestServer } from '../../kit/http.js';
import { call, type RestRequest } from '../../kit/rest.js';
import { statementsOf } from '../../kit/statements.js';
import { fillDesk } from '../../kit/story.js';

/** The list of cStar's Customers document. */

let server: TestServer;
let desk: Desk;

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  desk = await server.createDesk();
});
afterAll(() => server.close());

const path = () => `/api/v1/teams/${desk.workspaceId}/customers`;
const send = (query: string, request?: RestRequest) => call(server, desk, path() + query, request);
const post = (body: unknown) => call(server, desk, path(), { method: 'POST', body });

type Page = { data: { id: string; name: string | null }[]; pagination: object };
const page = async (query: string) => (await send(query)).body as Page;

test('has numbered pages of 20, the newest customer first', async () => {
  await fillDesk(server, desk, { customers: 45 });
  const all = (await page('?pageSize=100')).data;
  expect(all).toHaveLength(45);
  const pages = [await page(''), await page('?page=2'), await page('?page=3'), await page('?page=4')];
  expect(pages.map(({ pagination }) => pagination)).toEqual([
    { total: 45, page: 1, pageSize: 20, hasMore: true },
    { total: 45, page: 2, pageSize: 20, hasMore: true },
    { total: 45, page: 3, pageSize: 20, hasMore: false },
    { total: 45, page: 4, pageSize: 20, hasMore: false },
  ]);
  expect(pages.flatMap(({ data }) => data)).toEqual(all);
  expectCstar(await send('?page=2&pageSize=1'), {
    status: 200,
    body: {
      success: true,
      data: all.slice(1, 2),
      pagination: { total: 45, page: 2, pageSize: 1, hasMore: true },
    },
  });
});

test('ends where there are no more, however far that is', async () => {
  for (const query of ['?page=2', '?page=10001&pageSize=1', '?page=999999999&pageSize=100']) {
    expect(await send(query)).toMatchObject({ status: 200, body: { data: [], pagination: { hasMore: false } } });
  }
});

test('is filtered by status, mood and part of the name or address', async () => {
  for (const [name, email, status, sentiment] of [
    ['Ann Lee', 'ann@example.com', 'active', 'happy'],
    ['Bob', 'bob@lee.example', 'inactive', 'angry'],
    ['Zoë', 'zoe@example.com', 'active', 'angry'],
  ]) {
    await post({ name, email, status, sentiment });
  }
  await server.services.customers.upsert(desk.operator, { externalId: 'lee', phone: '+49 30 1' });
  const found = async (query: string) => (await page(query)).data.map(({ name }) => name).sort();
  expect(await found('?status=active&search=e')).toEqual(['Ann Lee', 'Zoë']);
  expect(await found('?status=inactive')).toEqual(['Bob']);
  expect(await found('?sentiment=angry')).toEqual(['Bob', 'Zoë']);
  expect(await found('?sentiment=angry&status=active')).toEqual(['Zoë']);
  expect(await found('?sentiment=frustrated')).toEqual([]);
  expect(await found('?search=LEE')).toEqual(['Ann Lee', 'Bob']);
  expect(await found('?search=zoe')).toEqual(['Zoë']);
  expect(await found('?search=ann%20le')).toEqual(['Ann Lee']);
  expect(await found('?search=%20Bob+')).toEqual(['Bob']);
  expect(await found('?search=%40example.com')).toEqual(['Ann Lee', 'Zoë']);
  expect(await found('?search=%2549')).toEqual([]);
  expect(await found('?search=49%2030')).toEqual([]);
  expect(await found('?search=')).toHaveLength(4);
  expect((await page('?search=lee&pageSize=1')).pagination).toEqual({
    total: 2,
    page: 1,
    pageSize: 1,
    hasMore: true,
  });
});

test('is filtered by a tag, as it is written', async () => {
  for (const [name, tags] of [
    ['Ann', ['vip', 'trial']],
    ['Bob', ['vips']],
    ['Zoë', ['VIP']],
  ] as const) {
    await post({ name, email: `${name.length}${tags.join('')}@example.com`, tags });
  }
  const found = async (query: string) => (await page(query)).data.map(({ name }) => name).sort();
  expect(await found('?tag=vip')).toEqual(['Ann']);
  expect(await found('?tag=trial&status=active')).toEqual(['Ann']);
  expect(await found('?tag=v')).toEqual([]);
  expect(await found('?tag=')).toHaveLength(3);
});

test('costs two statements and one for its validator, whatever the page', async () => {
  await fillDesk(server, desk, { customers: 60, conversationsEach: 1 });
  for (const query of ['?pageSize=2', '?pageSize=50', '?pageSize=2&page=20']) {
    // Runs are the same from the third on, when the operation is compiled.
    await send(query);
    await send(query);
    // Who has another answer is not content with a validator of a moment ago.
    const headers = { 'if-none-match': '"other"' };
    const anew = async () => expect((await send(query, { headers })).status).toBe(200);
    expect(await statementsOf(anew)).toHaveLength(3);
  }
});
