import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Desk } from '../../kit/app.js';
import { startTestServer, type TestServer } from '../../kit/http.js';
import { anId, aTime, call, expectAnswer, type RestRequest, refused } from '../../kit/rest.js';
import { fillDesk, tellStory } from '../../kit/story.js';

/** The requests of TidySupport's Customers document, as they stand there, and what it says of them. */

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
const jane = { externalId: 'usr_01J8X3Y', email: 'jane@example.com', name: 'Jane Doe', metadata: { plan: 'pro' } };

async function createJane(): Promise<{ id: string }> {
  const { status, body } = await send('/v1/customers', { method: 'POST', body: jane });
  expect(status).toBe(201);
  return body as { id: string };
}

const janeIn = (workspaceId: string) => ({
  id: anId('ctc'),
  workspaceId,
  ...jane,
  status: 'ACTIVE',
  createdAt: aTime,
  updatedAt: null,
});

const notFound = refused(404, 'Not Found', 'Customer not found.');

describe('the documented requests', () => {
  test('create a customer', async () => {
    const answer = await send('/v1/customers', { method: 'POST', body: jane });
    expectAnswer(answer, { status: 201, body: janeIn(desk.workspaceId) });
    expect(Object.keys(answer.body as object)).toEqual([
      'id',
      'workspaceId',
      'externalId',
      'email',
      'name',
      'status',
      'metadata',
      'createdAt',
      'updatedAt',
    ]);
  });

  test('list, look up and retrieve it', async () => {
    const { id } = await createJane();
    const customer = { ...janeIn(desk.workspaceId), id };
    expectAnswer(await send('/v1/customers?status=ACTIVE&limit=20'), {
      status: 200,
      body: { items: [customer], cursor: null, hasMore: false },
    });
    expectAnswer(await send('/v1/customers/lookup?externalId=usr_01J8X3Y'), { status: 200, body: customer });
    expectAnswer(await send(`/v1/customers/${id}`), { status: 200, body: customer });
  });

  test('suspend it', async () => {
    const { id } = await createJane();
    expectAnswer(await send(`/v1/customers/${id}`, { method: 'PUT', body: { status: 'SUSPENDED' } }), {
      status: 200,
      body: { ...janeIn(desk.workspaceId), id, status: 'SUSPENDED', updatedAt: aTime },
    });
    expect((await send('/v1/customers?status=ACTIVE')).body).toEqual({ items: [], cursor: null, hasMore: false });
    expect((await send('/v1/customers?status=SUSPENDED')).body).toMatchObject({ items: [{ id }] });
  });

  test('delete it, with all that belongs to it', async () => {
    const { id } = await createJane();
    await server.services.conversations.start(desk.operator, { email: jane.email, text: 'Hello' });
    const answer = await send(`/v1/customers/${id}`, { method: 'DELETE' });
    expectAnswer(answer, { status: 204, body: null });
    expect(answer.headers.get('content-type')).toBeNull();
    expectAnswer(await send(`/v1/customers/${id}`), notFound);
    expectAnswer(await send(`/v1/customers/${id}`, { method: 'DELETE' }), notFound);
    const { workspaceId } = desk;
    expect(await server.database.prisma.conversation.count({ where: { workspaceId } })).toBe(0);
    expect(await server.database.prisma.message.count({ where: { workspaceId } })).toBe(0);
  });
});

describe('a customer', () => {
  test('takes the fields that a PUT names and keeps the others', async () => {
    const { id } = await createJane();
    const put = (body: object) => send(`/v1/customers/${id}`, { method: 'PUT', body });
    const unchanged = await put({});
    expectAnswer(unchanged, { status: 200, body: { ...janeIn(desk.workspaceId), id } });
    expect((await put({ metadata: { plan: null, seats: 3 }, name: null })).body).toMatchObject({
      externalId: 'usr_01J8X3Y',
      email: 'jane@example.com',
      name: null,
      metadata: { seats: 3 },
    });
    expect((await put({ externalId: 'usr_2', email: 'new@example.com' })).body).toMatchObject({
      externalId: 'usr_2',
      email: 'new@example.com',
      status: 'ACTIVE',
    });
  });

  test('collides with another of the same externalId or e-mail', async () => {
    const { id } = await createJane();
    const post = (body: object) => send('/v1/customers', { method: 'POST', body });
    expectAnswer(
      await post({ externalId: jane.externalId }),
      refused(409, 'Conflict', `Another customer has this externalId: ${id}.`),
    );
    expectAnswer(
      await post({ externalId: 'usr_2', email: 'JANE@example.com' }),
      refused(409, 'Conflict', `Another customer has this email: ${id}.`),
    );
  });

  test('is made of a contact who has the e-mail and no externalId', async () => {
    const { customer } = await server.services.customers.createContact(desk.operator, { email: jane.email });
    const { status, body } = await send('/v1/customers', { method: 'POST', body: jane });
    expect({ status, body }).toMatchObject({ status: 201, body: { ...jane, id: customer.id } });
  });

  test('without an externalId is none, for whatever request', async () => {
    const { customer } = await server.services.customers.createContact(desk.operator, { email: jane.email });
    const path = `/v1/customers/${customer.id}`;
    expectAnswer(await send(path), notFound);
    expectAnswer(await send(path, { method: 'PUT', body: { name: 'Jane' } }), notFound);
    expectAnswer(await send(path, { method: 'DELETE' }), notFound);
    expect((await send('/v1/customers')).body).toEqual({ items: [], cursor: null, hasMore: false });
    const contact = await server.services.customers.get(desk.operator, { id: customer.id });
    expect(contact).toMatchObject({ name: null, email: jane.email });
  });

  test('of another workspace does not exist', async () => {
    const story = await tellStory(server);
    const path = `/v1/customers/${story.jane.id}`;
    for (const request of [{}, { method: 'PUT', body: { name: 'X' } }, { method: 'DELETE' }]) {
      expectAnswer(await send(path, request), notFound);
    }
    expectAnswer(await send('/v1/customers/lookup?externalId=usr_jane'), notFound);
  });
});

describe('the list', () => {
  test('goes on from its cursor, 20 at a time unless limit says otherwise', async () => {
    await fillDesk(server, desk, { customers: 45 });
    type Page = { items: { id: string }[]; cursor: string | null; hasMore: boolean };
    const sizes: number[] = [];
    const ids = new Set<string>();
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Page = (await send(`/v1/customers${cursor && `?cursor=${encodeURIComponent(cursor)}`}`)).body as Page;
      sizes.push(page.items.length);
      for (const { id } of page.items) ids.add(id);
      expect(page.hasMore).toBe(page.cursor !== null);
      cursor = page.cursor;
    }
    expect(sizes).toEqual([20, 20, 5]);
    expect(ids.size).toBe(45);
    expect((await send('/v1/customers?limit=1')).body).toMatchObject({ items: [{}], hasMore: true });
    expect(((await send('/v1/customers?limit=100')).body as Page).items).toHaveLength(45);
  });
});

describe('what cannot be used is told', () => {
  const limit = 'limit must be an integer from 1 to 100.';
  const status = 'Invalid status. Must be one of: ACTIVE, SUSPENDED.';
  test.each([
    ['?limit=0', limit],
    ['?limit=101', limit],
    ['?limit=1.5', limit],
    ['?limit=ten', limit],
    ['?limit=1&limit=2', 'limit must be given once.'],
    ['?status=active', status],
    ['?cursor=nonsense', 'Invalid cursor.'],
    ['/lookup', 'externalId is required.'],
    ['/lookup?externalId=', 'externalId must not be empty.'],
    [`/lookup?externalId=${'x'.repeat(256)}`, 'externalId must have at most 255 characters.'],
  ])('of the URL: %s', async (rest, message) => {
    expectAnswer(await send(`/v1/customers${rest}`), refused(400, 'Bad Request', message));
  });

  test.each([
    [{}, 'externalId is required.'],
    [{ externalId: null }, 'externalId must be a string.'],
    [{ externalId: 7 }, 'externalId must be a string.'],
    [{ externalId: ' ' }, 'externalId must not be empty.'],
    [{ externalId: 'a', email: 'nobody' }, 'Invalid email address format.'],
    [{ externalId: 'a', email: 5 }, 'email must be a string.'],
    [{ externalId: 'a', name: 'x'.repeat(256) }, 'name must have at most 255 characters.'],
    [{ externalId: 'a', status: 'GONE' }, status],
    [{ externalId: 'a', metadata: [] }, 'metadata must be an object.'],
    [{ externalId: 'a', metadata: { big: 'x'.repeat(17_000) } }, 'metadata must have at most 16384 bytes as JSON.'],
    ['{"externalId":"a","metadata":{"n":[1e400]}}', 'metadata.n must hold numbers up to 1.8e308 only.'],
    [[], 'The request body must be a JSON object.'],
    ['{', 'The request body is not valid JSON.'],
  ])('of the body: %j', async (body, message) => {
    expectAnswer(await send('/v1/customers', { method: 'POST', body }), refused(400, 'Bad Request', message));
  });

  test('of a PUT too', async () => {
    const { id } = await createJane();
    const put = (body: unknown) => send(`/v1/customers/${id}`, { method: 'PUT', body });
    expectAnswer(await put({ status: null }), refused(400, 'Bad Request', status));
    expectAnswer(await put({ externalId: null }), refused(400, 'Bad Request', 'externalId must be a string.'));
    expectAnswer(await put({ email: 'nobody' }), refused(400, 'Bad Request', 'Invalid email address format.'));
  });

  test('and an id of another form names nobody', async () => {
    for (const id of ['7', 'thd_xyz789', 'ctc_', '%20', 'Q3VzdG9tZXI6Y3RjXzE']) {
      expectAnswer(await send(`/v1/customers/${id}`), notFound);
    }
  });
});

test('keys of agents are refused', async () => {
  const agent = await server.services.agents.create(desk.operator, { name: 'Ada', email: 'ada@desk.test' });
  const { workspaceId } = desk;
  const { key } = await server.services.apiKeys.create({ workspaceId, kind: 'USER', agentId: agent.id });
  expectAnswer(
    await send('/v1/customers', { key }),
    refused(403, 'Forbidden', 'This endpoint requires an API key with api_user scope.'),
  );
});
