import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Desk } from '../kit/app.js';
import { ask } from '../kit/ask.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { call } from '../kit/rest.js';

/** The searches of the vendors' documents, and the filter by phone, find what people type. */

let server: TestServer;
let desk: Desk;

beforeAll(async () => {
  server = await startTestServer();
  desk = await server.createDesk();
  for (const person of [
    { externalId: 'usr_1', name: 'Ann O’Hara', email: 'ann@web.test', phone: '+1-415-777-0288' },
    { externalId: 'ABC-12', name: '田中太郎', email: 'taro@web.test', phone: '0171 123 45 67' },
    { externalId: 'usr_3', name: 'مُحَمَّد الهاشمي', email: 'm@web.test', phone: '(212) 555-0143 ext. 12' },
  ]) {
    await server.services.customers.upsert(desk.operator, person);
  }
});
afterAll(() => server.close());

const read = async (path: string): Promise<Record<string, unknown>> => {
  const { status, body } = await call(server, desk, path);
  expect(status, JSON.stringify(body)).toBe(200);
  return body as Record<string, unknown>;
};

interface Named {
  name: string | null;
}

const searches: Record<string, (query: string) => Promise<Named[]>> = {
  cStar: async (query) => {
    const { uuid } = await server.services.workspaces.get(desk.workspaceId);
    return (await read(`/api/v1/teams/${uuid}/customers?search=${query}`)).data as Named[];
  },
  Linquid: async (query) => (await read(`/customers?search=${query}`)).data as Named[],
  TidySupport: async (query) =>
    (
      (await read(`/v1/workspaces/${desk.workspaceId}/support/inbox/search?q=${query}`)).results as {
        contacts: Named[];
      }
    ).contacts,
};

const phones: [query: string, name: string][] = [
  ...[
    '+1-415-777-0288',
    '(415) 777-0288',
    '001 415 777 0288',
    'tel:+14157770288',
    '4157770288',
    '14157770288',
    '7770288',
    '777-0288',
    '０４１５７７７０２８８',
  ].map((query): [string, string] => [query, 'Ann O’Hara']),
  ...['+49 171 1234567', '01711234567', '0049 (0)171 1234567', '171 1234567', '1234567'].map(
    (query): [string, string] => [query, '田中太郎'],
  ),
  ...['+1 212 555 0143', '(212) 555-0143 ext. 12', '2125550143', '555-0143'].map((query): [string, string] => [
    query,
    'مُحَمَّد الهاشمي',
  ]),
];
const names: [query: string, name: string][] = [
  ['ohara', 'Ann O’Hara'],
  ["o'hara", 'Ann O’Hara'],
  ['太郎', '田中太郎'],
  ['محمد', 'مُحَمَّد الهاشمي'],
  ['هاشمي', 'مُحَمَّد الهاشمي'],
];

for (const [vendor, search] of Object.entries(searches)) {
  test.each([...phones.filter(([query]) => !query.includes('ext')), ...names])(
    `${vendor}: %s finds %s`,
    async (query, name) => {
      expect((await search(encodeURIComponent(query))).map((one) => one.name)).toEqual([name.normalize('NFC')]);
    },
  );

  test.each(['🦄', '@@', '%', Array.from({ length: 40 }, () => 'nobody').join(' '), '7770289'])(
    `${vendor}: %s finds nothing`,
    async (query) => {
      expect(await search(encodeURIComponent(query))).toEqual([]);
    },
  );
}

test('Linquid: an externalId with and without signs', async () => {
  for (const query of ['ABC12', 'abc-12']) {
    expect((await searches.Linquid?.(query))?.map(({ name }) => name)).toEqual(['田中太郎']);
  }
});

const byPhone =
  'query ($phone: StringComparator!) { customers(filter: { phone: $phone }) { nodes { name } } contacts(filter: { phone: $phone }) { nodes { name } } }';

test.each(phones)('phone: { eq: %s } finds %s', async (query, name) => {
  for (const phone of [{ eq: query }, { in: [query, '5550000000'] }]) {
    const { data, errors } = await ask(server, desk, byPhone, { phone });
    expect(errors).toBeUndefined();
    expect(data).toEqual({ customers: { nodes: [{ name }] }, contacts: { nodes: [{ name }] } });
  }
});

test.each(['+44 171 123 45', '0288', '777 0289', '', 'Ann', '+1 415 777 02881'])(
  'phone: { eq: %s } finds nobody',
  async (query) => {
    expect((await ask(server, desk, byPhone, { phone: { eq: query } })).data).toEqual({
      customers: { nodes: [] },
      contacts: { nodes: [] },
    });
  },
);
