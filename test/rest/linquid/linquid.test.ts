import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Desk } from '../../kit/app.js';
import { startTestServer, type TestServer } from '../../kit/http.js';
import { aMoment, badRequest, notFound, prefixes, refusedWith, succeeded, usd } from '../../kit/linquid.js';
import { anId, call, expectAnswer, type RestRequest } from '../../kit/rest.js';
import { statementsOf } from '../../kit/statements.js';
import { fillDesk, tellStory } from '../../kit/story.js';

/** Linquid's customers, as its document has them, in both places where they lie. */

let server: TestServer;
let desk: Desk;

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  desk = await server.createDesk();
});
afterAll(() => server.close());

const send = (path: string, request?: RestRequest) => call(server, desk, path, request);
const post = (body: object, prefix: string = prefixes[0], headers = {}) =>
  send(prefix, { method: 'POST', body, headers });

const jane = { externalId: 'usr_jane', email: 'jane@example.com', name: 'Jane Doe', metadata: { plan: 'pro' } };
const janeNow = {
  id: anId('ctc'),
  ...jane,
  phone: null,
  avatarUrl: null,
  ltv: usd(0),
  salesCount: 0,
  firstSaleAt: null,
  createdAt: aMoment,
  updatedAt: null,
};
const listed = (data: unknown[], pagination: object) => ({ status: 200, body: { success: true, data, pagination } });

async function createJane(): Promise<string> {
  const { body } = await post(jane);
  return (body as { data: { id: string } }).data.id;
}

describe.each(prefixes)('%s', (prefix) => {
  test('creates a customer, then changes it', async () => {
    const created = await post(jane, prefix);
    expectAnswer(created, succeeded(janeNow, 201));
    expect(Object.keys((created.body as { data: object }).data)).toEqual([
      'id',
      'externalId',
      'email',
      'name',
      'phone',
      'avatarUrl',
      'metadata',
      'ltv',
      'salesCount',
      'firstSaleAt',
      'createdAt',
      'updatedAt',
    ]);
    expectAnswer(await post(jane, prefix), succeeded(janeNow));
    expectAnswer(
      await post({ externalId: 'usr_jane', phone: '1', metadata: { seats: 3 } }, prefix),
      succeeded({ ...janeNow, phone: '1', metadata: { plan: 'pro', seats: 3 }, updatedAt: aMoment }),
    );
  });

  test('lists and counts customers', async () => {
    const id = await createJane();
    const pagination = { page: 1, limit: 20, total: 1, totalPages: 1, hasMore: false };
    expectAnswer(await send(prefix), listed([{ ...janeNow, id }], pagination));
    expectAnswer(await send(`${prefix}/count`), succeeded({ count: 1 }));
  });

  test('fetches, updates and deletes one, by its id or by ext_ and its externalId', async () => {
    for (const name of [null, 'ext_usr_jane']) {
      const id = await createJane();
      const path = `${prefix}/${name ?? id}`;
      expectAnswer(await send(path), succeeded({ ...janeNow, id }));
      expectAnswer(
        await send(path, { method: 'PATCH', body: { name: null, metadata: { plan: null, seats: 3 } } }),
        succeeded({ ...janeNow, id, name: null, metadata: { seats: 3 }, updatedAt: aMoment }),
      );
      expectAnswer(await send(path, { method: 'DELETE' }), succeeded({ id, deleted: true }));
      for (const method of ['GET', 'DELETE']) expectAnswer(await send(path, { method }), notFound);
    }
  });

  test('names the GraphQL operation that gives the same', async () => {
    const operationOf = async (path: string, request?: RestRequest) =>
      (await send(path, request)).headers.get('x-deskgraph-operation');
    expect(await operationOf(prefix)).toBe('query trackedCustomers');
    expect(await operationOf(`${prefix}/count`)).toBe('query trackedCustomersCount');
    expect(await operationOf(`${prefix}/ctc_1`)).toBe('query trackedCustomer');
    expect(await operationOf(prefix, { method: 'POST', body: {} })).toBe('mutation upsertTrackedCustomer');
    expect(await operationOf(`${prefix}/ctc_1`, { method: 'PATCH', body: {} })).toBe('mutation updateTrackedCustomer');
    expect(await operationOf(`${prefix}/ctc_1`, { method: 'DELETE' })).toBe('mutation deleteTrackedCustomer');
  });
});

describe('a customer', () => {
  test('is brought together by externalId, e-mail and clickId', async () => {
    const { operator, workspaceId } = desk;
    await server.services.clicks.record(operator, { clickId: 'k1' });
    const { customer: contact } = await server.services.customers.createContact(operator, { email: jane.email });
    const { status, body } = await post({ ...jane, clickId: 'k1' });
    expect({ status, body }).toMatchObject({ status: 200, body: { data: { id: contact.id, externalId: 'usr_jane' } } });
    const click = await server.database.prisma.click.findFirst({ where: { workspaceId } });
    expect(click?.customerId).toBe(contact.id);
    expectAnswer(await post({ externalId: 'usr_2', clickId: 'k2' }), badRequest('clickId names no click.'));
    expectAnswer(await send('/customers/ext_usr_2'), notFound);
  });

  test('collides with another of the same e-mail, or takes its externalId in vain', async () => {
    const id = await createJane();
    expectAnswer(
      await post({ externalId: 'usr_2', email: 'JANE@example.com' }),
      refusedWith(409, 'CONFLICT', `Another customer has this email: ${id}.`),
    );
    await post({ externalId: 'usr_2' });
    const patch = (body: object) => send('/customers/ext_usr_2', { method: 'PATCH', body });
    expectAnswer(
      await patch({ externalId: 'usr_jane' }),
      refusedWith(409, 'DUPLICATE_EXTERNAL_ID', `Another customer has this externalId: ${id}.`),
    );
    expectAnswer(
      await patch({ email: jane.email }),
      refusedWith(409, 'CONFLICT', `Another customer has this email: ${id}.`),
    );
    expect(await patch({ externalId: 'usr_3' })).toMatchObject({ status: 200 });
    expectAnswer(await patch({ name: 'X' }), notFound);
  });

  test('without an externalId, or of another workspace, is none', async () => {
    const { customer: contact } = await server.services.customers.createContact(desk.operator, { email: jane.email });
    const { jane: theirs } = await tellStory(server);
    for (const name of [contact.id, theirs.id, 'ext_usr_nobody', 'ext_%00', 'ext_', 'usr_jane', '7', '%20']) {
      const path = `/customers/${name}`;
      for (const rest of ['', '/journey', '/attribution']) expectAnswer(await send(`${path}${rest}`), notFound);
      expectAnswer(await send(path, { method: 'PATCH', body: { name: 'X' } }), notFound);
      expectAnswer(await send(path, { method: 'DELETE' }), notFound);
      expectAnswer(await send(`${path}/recalculate-ltv`, { method: 'POST' }), notFound);
    }
    expectAnswer(await send('/customers'), listed([], { page: 1, limit: 20, total: 0, totalPages: 0, hasMore: false }));
    expectAnswer(await send('/customers/count'), succeeded({ count: 0 }));
    const unchanged = await server.services.customers.get(desk.operator, { id: contact.id });
    expect(unchanged).toEqual(contact);
  });

  test('may have any externalId, however it is written in a path', async () => {
    for (const externalId of ['a/b?c#d', 'ext_ctc_1', 'ctc_1', 'count', 'Ä 100 %', 'x'.repeat(255)]) {
      const path = `/customers/${encodeURIComponent(`ext_${externalId}`)}`;
      await post({ externalId });
      expect(await send(path)).toMatchObject({ status: 200, body: { data: { externalId } } });
    }
    expectAnswer(await send(`/customers/ext_${'x'.repeat(256)}`), notFound);
  });

  test('is found by its UUID on every route, as an integration may hold it', async () => {
    const id = await createJane();
    const where = { workspaceId_id: { workspaceId: desk.workspaceId, id } };
    const { uuid } = await server.database.prisma.customer.findUniqueOrThrow({ where });
    for (const prefix of prefixes) {
      const path = `${prefix}/${uuid}`;
      expectAnswer(await send(path.toUpperCase().replace(prefix.toUpperCase(), prefix)), succeeded({ ...janeNow, id }));
      for (const part of ['/journey', '/attribution'])
        expect([part, (await send(path + part)).status]).toEqual([part, 200]);
      const recalculated = await send(`${path}/recalculate-ltv`, { method: 'POST' });
      expect(recalculated).toMatchObject({ status: 200, body: { data: { id } } });
      expect(await send(path, { method: 'PATCH', body: {} })).toMatchObject({ status: 200, body: { data: { id } } });
    }
    expectAnswer(await send('/customers/00000000-0000-4000-8000-000000000000'), notFound);
    expectAnswer(await send(`/customers/${uuid}`, { method: 'DELETE' }), succeeded({ id, deleted: true }));
    expectAnswer(await send(`/customers/${uuid}`), notFound);
  });

  test('is scrubbed when it is deleted, and its history stays', async () => {
    const id = await createJane();
    const { workspaceId, operator } = desk;
    await server.services.conversations.start(operator, { contactId: id, text: 'Hello' });
    await server.services.conversions.record(operator, { class: 'SALE', customerId: id, amountMinor: 500 });
    expectAnswer(await send(`/customers/${id}`, { method: 'DELETE' }), succeeded({ id, deleted: true }));
    const { prisma } = server.database;
    const row = await prisma.customer.findUnique({ where: { workspaceId_id: { workspaceId, id } } });
    expect(row).toMatchObject({ email: null, name: null, externalId: null, metadata: {}, ltvMinor: 500n });
    expect(row?.deletedAt).not.toBeNull();
    expect(await prisma.conversation.count({ where: { workspaceId } })).toBe(1);
    expect(await prisma.conversion.count({ where: { workspaceId } })).toBe(1);
    expectAnswer(await send('/customers/count'), succeeded({ count: 0 }));
  });

  test('with more than JSON numbers can tell has its lifetime value as text', async () => {
    const id = await createJane();
    const where = { workspaceId_id: { workspaceId: desk.workspaceId, id } };
    for (const [ltvMinor, told] of [
      [9_007_199_254_740_991n, 9_007_199_254_740_991],
      [9_007_199_254_740_993n, '9007199254740993'],
      [-9_007_199_254_740_993n, '-9007199254740993'],
    ] as const) {
      await server.database.prisma.customer.update({ where, data: { ltvMinor } });
      expectAnswer(await send(`/customers/${id}`), succeeded({ ...janeNow, id, ltv: usd(told) }));
    }
  });

  test('is created once, however often a request with one Idempotency-Key is sent', async () => {
    const headers = { 'idempotency-key': 'once' };
    const first = await post(jane, '/customers', headers);
    const again = await post(jane, '/customers', headers);
    expectAnswer(again, { status: 201, body: first.body });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await post({ externalId: 'usr_2' }, '/customers', headers)).toMatchObject({
      status: 422,
      body: { success: false, code: 'IDEMPOTENCY_KEY_REUSED', statusCode: 422 },
    });
  });
});

describe('the list', () => {
  type Page = { data: { externalId: string }[]; pagination: object };
  const read = async (query: string) => (await send(`/customers${query}`)).body as Page;
  const namesOf = ({ data }: Page) => data.map(({ externalId }) => externalId);

  test('has 20 customers a page, at most 100, the newest first', async () => {
    await fillDesk(server, desk, { customers: 45 });
    const pages = await Promise.all(['', '?page=2', '?page=3', '?page=4'].map(read));
    expect(pages.map(({ data }) => data.length)).toEqual([20, 20, 5, 0]);
    expect(pages.map(({ pagination }) => pagination)).toEqual(
      [1, 2, 3, 4].map((page) => ({ page, limit: 20, total: 45, totalPages: 3, hasMore: page < 3 })),
    );
    const newestFirst = pages.flatMap(namesOf);
    expect(new Set(newestFirst).size).toBe(45);
    expect(newestFirst[0]).toBe('usr_44');
    expect(namesOf(await read('?limit=100'))).toEqual(newestFirst);
    expect(namesOf(await read('?limit=100&sortOrder=desc'))).toEqual(newestFirst);
    expect(namesOf(await read('?limit=100&sortOrder=asc'))).toEqual([...newestFirst].reverse());
    expect(namesOf(await read('?limit=1&page=45'))).toEqual(['usr_0']);
  });

  test('is searched by identity, and leaves out who has no externalId', async () => {
    await post(jane);
    await post({ externalId: 'crm-77', name: 'Zoë Ångström', phone: '+49 151 2345' });
    await server.services.customers.createContact(desk.operator, { email: 'jane@elsewhere.example' });
    const found = async (search: string) => namesOf(await read(`?search=${encodeURIComponent(search)}`));
    expect(await found('jan')).toEqual(['usr_jane']);
    expect(await found('jane@example.com')).toEqual(['usr_jane']);
    expect(await found('zoe angs')).toEqual(['crm-77']);
    expect(await found('77')).toEqual(['crm-77']);
    expect(await found('151')).toEqual(['crm-77']);
    expect(await found('nobody')).toEqual([]);
  });

  test('costs as many statements as its GraphQL operation and its validator, whatever the page', async () => {
    await fillDesk(server, desk, { customers: 60 });
    const query = `query ($first: Int!) { trackedCustomers(first: $first) {
      nodes { databaseId externalId email name phone avatarUrl metadata ltv { amountMinor currency } salesCount } totalCount
    } }`;
    for (const limit of [2, 50]) {
      // Who has another answer is not content with a validator of a moment ago.
      const headers = { 'if-none-match': '"other"' };
      const rest = () => send(`/customers?limit=${limit}`, { headers });
      const graph = () =>
        fetch(server.endpoint, {
          method: 'POST',
          headers: { authorization: `Bearer ${desk.key}`, 'content-type': 'application/json' },
          body: JSON.stringify({ query, variables: { first: limit } }),
        });
      const counts: number[] = [];
      for (const run of [rest, graph]) {
        // Runs are the same from the third on, when the operation is compiled.
        await run();
        await run();
        const statements = await statementsOf(async () => expect((await run()).status).toBe(200));
        counts.push(statements.length);
      }
      // The list over GET has a validator, which is one more.
      expect(counts).toEqual([4, 3]);
    }
  });
});
