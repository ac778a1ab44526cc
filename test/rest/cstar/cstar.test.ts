import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Desk } from '../../kit/app.js';
import { expectCstar } from '../../kit/cstar.js';
import { startTestServer, type TestServer } from '../../kit/http.js';
import { eventsOf } from '../../kit/records.js';
import { aTime, aUuid, call, type RestAnswer, type RestRequest } from '../../kit/rest.js';
import { type Story, tellStory } from '../../kit/story.js';

/** The requests of cStar's Customers document, as they stand there, and what it says of them. */

let server: TestServer;
let desk: Desk;
let team: string;
let customers: string;

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  desk = await server.createDesk();
  team = await teamOf(desk);
  customers = `/api/v1/teams/${team}/customers`;
});
afterAll(() => server.close());

const teamOf = async ({ workspaceId }: Desk): Promise<string> =>
  (await server.database.prisma.workspace.findUniqueOrThrow({ where: { id: workspaceId } })).uuid;

const send = (path: string, request?: RestRequest) => call(server, desk, `${customers}${path}`, request);
const post = (body: unknown) => send('', { method: 'POST', body });
const patch = (id: string, body: unknown) => send(`/${id}`, { method: 'PATCH', body });

const john = {
  name: 'John Smith',
  email: 'john@example.com',
  status: 'active',
  tags: ['trial'],
  notes: 'Signed up via referral',
  customFields: { company: 'Smith Industries', referrer: 'Jane Doe' },
};

const asAnswered = {
  ...john,
  object: 'customer',
  metadata: john.customFields,
  id: aUuid,
  sentiment: 'neutral',
  ticketCount: 0,
  createdAt: aTime,
  updatedAt: aTime,
};

const dataIn = ({ body }: RestAnswer): unknown => (body as { data: unknown }).data;

async function createJohn(): Promise<{ id: string; createdAt: string; updatedAt: string }> {
  const { status, body } = await post(john);
  expect(status).toBe(201);
  return (body as { data: { id: string; createdAt: string; updatedAt: string } }).data;
}

const notFound = {
  status: 404,
  body: {
    success: false,
    error: {
      type: 'not_found_error',
      code: 'resource_not_found',
      message: 'Customer not found.',
      param: 'customerId',
    },
  },
};

describe('the documented requests', () => {
  test('create a customer', async () => {
    const answer = await post(john);
    expectCstar(answer, { status: 201, body: { success: true, data: asAnswered } });
    const { data } = answer.body as { data: { createdAt: string; updatedAt: string } };
    expect(data.updatedAt).toBe(data.createdAt);
    expect(Object.keys(data)).toEqual([
      'id',
      'object',
      'name',
      'email',
      'status',
      'sentiment',
      'tags',
      'ticketCount',
      'notes',
      'customFields',
      'metadata',
      'createdAt',
      'updatedAt',
    ]);
  });

  test('list them by status', async () => {
    const { id } = await createJohn();
    expectCstar(await send('?status=active'), {
      status: 200,
      body: {
        success: true,
        data: [{ ...asAnswered, id }],
        pagination: { total: 1, page: 1, pageSize: 20, hasMore: false },
      },
    });
  });

  test('get one', async () => {
    const { id } = await createJohn();
    expectCstar(await send(`/${id}`), { status: 200, body: { success: true, data: { ...asAnswered, id } } });
  });

  test('update one', async () => {
    const { id, createdAt } = await createJohn();
    const body = { sentiment: 'happy', tags: ['vip', 'enterprise'], customFields: { plan: 'enterprise' } };
    expectCstar(await patch(id, body), {
      status: 200,
      body: {
        success: true,
        data: {
          ...asAnswered,
          id,
          sentiment: 'happy',
          tags: ['vip', 'enterprise'],
          customFields: { company: 'Smith Industries', referrer: 'Jane Doe', plan: 'enterprise' },
          metadata: { company: 'Smith Industries', referrer: 'Jane Doe', plan: 'enterprise' },
          createdAt,
        },
      },
    });
  });

  test('delete one, with all associated tickets', async () => {
    const { id } = await createJohn();
    await server.services.conversations.start(desk.operator, { email: john.email, text: 'Hello' });
    expect((await send(`/${id}`)).body).toMatchObject({ data: { ticketCount: 1 } });
    expectCstar(await send(`/${id}`, { method: 'DELETE' }), {
      status: 200,
      body: { success: true, data: { id, deleted: true } },
    });
    expectCstar(await send(`/${id}`), notFound);
    expectCstar(await send(`/${id}`, { method: 'DELETE' }), notFound);
    const { workspaceId } = desk;
    expect(await server.database.prisma.conversation.count({ where: { workspaceId } })).toBe(0);
    expect(await server.database.prisma.message.count({ where: { workspaceId } })).toBe(0);
    expect((await post(john)).status).toBe(201);
  });
});

describe('a customer', () => {
  test('is active, neutral and without tags, notes and fields unless said otherwise', async () => {
    const { body } = await post({ name: 'Jane', email: 'jane@example.com' });
    expect(body).toMatchObject({
      data: { status: 'active', sentiment: 'neutral', tags: [], notes: null, customFields: {}, ticketCount: 0 },
    });
  });

  test.each([
    ['status', ['active', 'inactive']],
    ['sentiment', ['happy', 'neutral', 'frustrated', 'angry']],
  ])('has each %s, from the start and later', async (field, values) => {
    const { id } = await createJohn();
    for (const value of values) {
      const created = await post({ name: 'Jane', email: `${value}@example.com`, [field]: value });
      expect(created).toMatchObject({ status: 201, body: { data: { [field]: value } } });
      expect(await patch(id, { [field]: value })).toMatchObject({ status: 200, body: { data: { [field]: value } } });
      expect(await send(`/${id}`)).toMatchObject({ body: { data: { [field]: value } } });
    }
  });

  test('of the graph that is suspended is inactive', async () => {
    const { id } = await createJohn();
    await server.services.customers.setStatus(desk.operator, { id, status: 'SUSPENDED' });
    expect((await send(`/${id}`)).body).toMatchObject({ data: { status: 'inactive' } });
    await patch(id, { status: 'active' });
    const stored = await server.services.customers.get(desk.operator, { id });
    expect(stored).toMatchObject({ status: 'ACTIVE', source: 'API', externalId: null });
  });

  test('keeps what a PATCH does not name', async () => {
    const { id } = await createJohn();
    expectCstar(await patch(id, {}), { status: 200, body: { success: true, data: { ...asAnswered, id } } });
    const changed = await patch(id, { name: 'John', email: 'J@example.com', notes: null });
    expect(changed.body).toMatchObject({ data: { ...john, name: 'John', email: 'J@example.com', notes: null } });
  });

  test('may be sent back as it is answered, also one without name and address', async () => {
    const { customer } = await server.services.customers.upsert(desk.operator, { externalId: 'usr_nameless' });
    const { body } = await send(`/${customer.uuid}`);
    const { data } = body as { data: object };
    expect(data).toMatchObject({ name: null, email: null });
    expect(await patch(customer.uuid, data)).toMatchObject({ status: 200, body: { data } });
    const { id } = await createJohn();
    const emptied = await patch(id, { name: null, email: null });
    expect(emptied).toMatchObject({ status: 200, body: { data: { name: null, email: null } } });
  });

  test('is known by cus_ and its UUID without dashes, and its fields by the name metadata too', async () => {
    const { id } = await createJohn();
    const short = `cus_${id.replaceAll('-', '')}`;
    for (const name of [short, short.toUpperCase()]) {
      expectCstar(await send(`/${name}`), { status: 200, body: { success: true, data: { ...asAnswered, id } } });
    }
    const both = { metadata: { plan: 'free', seats: 3 }, customFields: { plan: 'pro' } };
    const fields = { ...john.customFields, plan: 'pro', seats: 3 };
    const { body } = await patch(short, both);
    expect(body).toMatchObject({ data: { id, customFields: fields, metadata: fields } });
    expect((await send(`/cus_${'0'.repeat(32)}`)).status).toBe(404);
    expect((await send(`/cus_${'0'.repeat(31)}`)).status).toBe(404);
  });

  test('has its fields merged, those that are null removed, and its tags replaced', async () => {
    const { id } = await createJohn();
    const dataOf = async (body: object) => ((await patch(id, body)).body as { data: object }).data;
    const { company } = john.customFields;
    expect(await dataOf({ customFields: { referrer: null, seats: 3, nested: { deep: [1, null] } } })).toMatchObject({
      customFields: { company, seats: 3, nested: { deep: [1, null] } },
    });
    expect(await dataOf({ customFields: { nested: { other: true } } })).toHaveProperty('customFields', {
      company,
      seats: 3,
      nested: { other: true },
    });
    expect(await dataOf({ tags: ['b', 'a', 'b'] })).toHaveProperty('tags', ['b', 'a']);
    expect(await dataOf({ tags: [] })).toHaveProperty('tags', []);
  });

  test('is known by the id of the graph as well', async () => {
    const story = await tellStory(server);
    const path = `/api/v1/teams/${story.desk.workspaceId}/customers/${story.jane.id}`;
    const jane = { id: story.jane.uuid, name: 'Jane Doe', ticketCount: 1, customFields: { plan: 'team', seats: 12 } };
    expect(await call(server, story.desk, path)).toMatchObject({ status: 200, body: { data: jane } });
    const renamed = await call(server, story.desk, path, { method: 'PATCH', body: { name: 'Jane' } });
    expect(renamed).toMatchObject({ status: 200, body: { data: { ...jane, name: 'Jane' } } });
    expectCstar(await call(server, story.desk, path, { method: 'DELETE' }), {
      status: 200,
      body: { success: true, data: { id: story.jane.uuid, deleted: true } },
    });
  });

  test('whose name or address is not known has null there', async () => {
    const { customer } = await server.services.customers.upsert(desk.operator, { externalId: 'usr_1' });
    expect((await send(`/${customer.uuid}`)).body).toMatchObject({ data: { name: null, email: null } });
  });

  test('has the time of its creation for that of its change until there is one', async () => {
    const { customer } = await server.services.customers.upsert(desk.operator, { externalId: 'usr_1' });
    const { workspaceId } = desk;
    const where = { workspaceId_id: { workspaceId, id: customer.id } };
    await server.database.prisma.customer.update({ where, data: { createdAt: new Date('2025-01-15T10:00:00.987Z') } });
    const unchanged = { createdAt: '2025-01-15T10:00:00Z', updatedAt: '2025-01-15T10:00:00Z' };
    expect((await send(`/${customer.uuid}`)).body).toMatchObject({ data: unchanged });
    const { body } = await patch(customer.uuid, { name: 'Jane' });
    expect(body).toMatchObject({ data: { createdAt: '2025-01-15T10:00:00Z', updatedAt: aTime } });
    expect((body as { data: { updatedAt: string } }).data.updatedAt > '2026').toBe(true);
  });

  test('cannot have the address of another, whoever that is', async () => {
    const { id } = await createJohn();
    const { customer: omar } = await server.services.customers.createContact(desk.operator, {
      email: 'omar@example.com',
    });
    const plain = (await server.services.customers.get(desk.operator, { id }))?.id;
    const taken = (holder: string | undefined) => ({
      status: 409,
      body: {
        success: false,
        error: {
          type: 'invalid_request_error',
          code: 'resource_already_exists',
          message: `Another customer has this email: ${holder}.`,
          param: 'email',
        },
      },
    });
    expectCstar(await post({ name: 'John', email: 'JOHN@example.com' }), taken(plain));
    expectCstar(await post({ name: 'Omar', email: 'omar@example.com' }), taken(omar.id));
    expectCstar(await patch(id, { email: 'omar@example.com' }), taken(omar.id));
    expect((await patch(id, { email: 'JOHN@example.com' })).status).toBe(200);
  });
});

test('of many who create one customer at once, one does', async () => {
  const answers = await Promise.all(Array.from({ length: 6 }, () => post(john)));
  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses).toEqual([201, 409, 409, 409, 409, 409]);
  for (const { status, body } of answers) {
    if (status === 409) expect(body).toMatchObject({ error: { code: 'resource_already_exists', param: 'email' } });
  }
  expect((await send('')).body).toMatchObject({ pagination: { total: 1 } });
});

test('what is done is told as the events that webhooks tell of', async () => {
  const { id } = await createJohn();
  await patch(id, { sentiment: 'happy' });
  await patch(id, { sentiment: 'happy' });
  const types = (await eventsOf(server, desk)).map(({ type }) => type);
  expect(types.filter((type) => type.startsWith('customer.'))).toEqual(['customer.created', 'customer.updated']);
});

describe('the team', () => {
  test.each(['uuid', 'uuid in capitals', 'id'])('is named by its %s', async (name) => {
    const path = { uuid: team, 'uuid in capitals': team.toUpperCase(), id: desk.workspaceId }[name];
    expect(await call(server, desk, `/api/v1/teams/${path}/customers`)).toMatchObject({ status: 200 });
  });

  test('of another key is as one that does not exist', async () => {
    const other: Story = await tellStory(server);
    const teamNotFound = {
      status: 404,
      body: {
        success: false,
        error: { type: 'not_found_error', code: 'resource_not_found', message: 'Team not found.', param: 'teamId' },
      },
    };
    const nobody = '00000000-0000-4000-8000-000000000000';
    for (const id of [await teamOf(other.desk), other.desk.workspaceId, nobody, 'wrk_nobody', 'x', '%20']) {
      const path = `/api/v1/teams/${id}/customers`;
      expectCstar(await call(server, desk, path), teamNotFound);
      expectCstar(await call(server, desk, path, { method: 'POST', body: john }), teamNotFound);
      for (const method of ['GET', 'PATCH', 'DELETE']) {
        const body = method === 'PATCH' ? { name: 'X' } : undefined;
        expectCstar(await call(server, desk, `${path}/${other.jane.uuid}`, { method, body }), teamNotFound);
      }
    }
    for (const id of [other.jane.uuid, other.jane.id]) {
      expectCstar(await send(`/${id}`), notFound);
      expectCstar(await patch(id, { name: 'X' }), notFound);
      expectCstar(await send(`/${id}`, { method: 'DELETE' }), notFound);
    }
    const { workspaceId } = other.desk;
    expect(await server.database.prisma.customer.count({ where: { workspaceId, name: 'Jane Doe' } })).toBe(1);
  });
});

describe('an Idempotency-Key', () => {
  const once = { 'idempotency-key': 'once' };
  const create = (name: string) => send('', { method: 'POST', body: { ...john, name }, headers: once });

  test('makes a repetition answer as the first time', async () => {
    const first = await create('John');
    expect(first.status).toBe(201);
    const again = await create('John');
    expectCstar(again, { status: 201, body: { success: true, data: dataIn(first) } });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    const { id } = (first.body as { data: { id: string } }).data;
    const remove = () => send(`/${id}`, { method: 'DELETE', headers: { 'idempotency-key': 'gone' } });
    const removed = await remove();
    expect(removed.status).toBe(200);
    expectCstar(await remove(), { status: 200, body: { success: true, data: dataIn(removed) } });
  });

  test('is refused with another request', async () => {
    await create('John');
    expect(await create('Jane')).toMatchObject({
      status: 422,
      body: { success: false, error: { type: 'invalid_request_error', code: 'idempotency_key_reused', param: null } },
    });
  });
});
