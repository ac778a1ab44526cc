import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Desk } from '../kit/app.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { call } from '../kit/rest.js';
import { fillDesk } from '../kit/story.js';

/** Whoever follows what a numbered list says of its pages comes to its end, however long it is. */

let server: TestServer;
let desk: Desk;
const customers = 10_230;

beforeAll(async () => {
  server = await startTestServer();
  desk = await server.createDesk();
  await fillDesk(server, desk, { customers });
});
afterAll(() => server.close());

const read = async (path: string) => {
  const { status, body } = await call(server, desk, path);
  expect(status).toBe(200);
  return body as { data: never; pagination?: { hasMore: boolean } };
};
const team = () => `/api/v1/teams/${desk.workspaceId}/customers`;

test('cStar: while hasMore says so', async () => {
  const ids: string[] = [];
  for (let page = 1, more = true; more; page += 1) {
    const { data, pagination } = await read(`${team()}?pageSize=100&page=${page}`);
    ids.push(...(data as { id: string }[]).map(({ id }) => id));
    more = pagination?.hasMore === true;
  }
  expect(new Set(ids).size).toBe(customers);
  expect(ids).toHaveLength(customers);
});

test('pages of which none was read before are found by counting, in both directions', async () => {
  const all = async (order: string, page: number) => {
    const { data } = await read(`/customers?limit=100&page=${page}&sortOrder=${order}`);
    return (data as { externalId: string }[]).map(({ externalId }) => Number(externalId.slice('usr_'.length)));
  };
  expect(await all('asc', 103)).toEqual(Array.from({ length: 30 }, (_, place) => 10_200 + place));
  expect((await all('desc', 103)).toSorted((one, other) => one - other)).toEqual(
    Array.from({ length: 30 }, (_, place) => place),
  );
  expect(await all('asc', 104)).toEqual([]);
});

test('a page after one that was read goes on behind it, when others come in between', async () => {
  const other = await server.createDesk();
  await fillDesk(server, other, { customers: 6 });
  const page = async (number: number) => {
    const { body } = await call(server, other, `/customers?limit=2&page=${number}`);
    return (body as { data: { externalId: string }[] }).data.map(({ externalId }) => externalId);
  };
  const first = await page(1);
  await server.services.customers.upsert(other.operator, { externalId: 'usr_newest' });
  const rest = [...(await page(2)), ...(await page(3))];
  expect([...first, ...rest].toSorted()).toEqual(['usr_0', 'usr_1', 'usr_2', 'usr_3', 'usr_4', 'usr_5']);
});
