import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { expectCstar } from '../../kit/cstar.js';
import { startTestServer, type TestServer } from '../../kit/http.js';
import { anId, aTime, call, type RestRequest } from '../../kit/rest.js';
import { type Story, tellStory } from '../../kit/story.js';

/** The requests of cStar's Tickets pages. */

let server: TestServer;
let story: Story;
let tickets: string;

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  story = await tellStory(server);
  tickets = `/api/v1/teams/${story.desk.workspaceId}/tickets`;
});
afterAll(() => server.close());

const send = (path: string, request?: RestRequest) => call(server, story.desk, `${tickets}${path}`, request);
const succeeded = (data: unknown, status = 200) => ({ status, body: { success: true, data } });
const billingPath = () => `/${story.billing.id.replace('thd_', 'tkt_')}`;
const billing = (others: object = {}) => ({
  id: billingPath().slice(1),
  object: 'ticket',
  number: 1,
  title: 'Billing question',
  status: 'new',
  priority: 'normal',
  customerId: story.jane.uuid,
  customerName: 'Jane Doe',
  assignedTo: null,
  tags: [],
  notes: null,
  metadata: {},
  messageCount: 1,
  responseDeadline: null,
  resolutionDeadline: null,
  responseTier: null,
  resolutionTier: null,
  slaPaused: false,
  firstResponseAt: null,
  closedAt: null,
  createdAt: aTime,
  updatedAt: aTime,
  ...others,
});
const notFound = {
  status: 404,
  body: {
    success: false,
    error: { type: 'not_found_error', code: 'resource_not_found', message: 'Ticket not found.', param: 'ticketId' },
  },
};

test('a ticket is created, listed and read with its messages', async () => {
  const dashboard = {
    title: 'Cannot access dashboard',
    customerId: `cus_${story.jane.uuid.replaceAll('-', '')}`,
    priority: 'high',
    tags: ['login', 'dashboard'],
    notes: 'Called twice.',
    metadata: { source: 'web-form' },
    initialMessage: 'I keep getting a 403 error when trying to log in.',
  };
  const created = await send('', { method: 'POST', body: dashboard });
  const { title, priority, tags, notes, metadata } = dashboard;
  const shown = billing({ id: anId('tkt'), number: 2, title, priority, tags, notes, metadata });
  expectCstar(created, succeeded(shown, 201));
  const { id } = (created.body as { data: { id: string } }).data;
  const message = {
    id: anId('msg'),
    content: dashboard.initialMessage,
    sender: 'customer',
    senderName: 'Jane Doe',
    agentId: null,
    isInternal: false,
    createdAt: aTime,
  };
  for (const name of [id, id.replace('tkt_', 'thd_')]) {
    expectCstar(await send(`/${name}`), succeeded({ ...shown, id, messages: [message] }));
  }
  expectCstar(await send('?status=new&priority=high&pageSize=1'), {
    status: 200,
    body: { success: true, data: [{ ...shown, id }], pagination: { total: 1, page: 1, pageSize: 1, hasMore: false } },
  });
  const byMail = { title: 'Seats', customerEmail: 'zoe@example.com', customerName: 'Zoë' };
  expect(await send('', { method: 'POST', body: byMail })).toMatchObject({
    status: 201,
    body: { data: { customerName: 'Zoë', messageCount: 1 } },
  });
});

test('a ticket may be of somebody of whom no more is known than a name', async () => {
  const post = (body: object) => send('', { method: 'POST', body });
  const created = await post({ title: 'Seats', customerName: 'Zoë' });
  expect(created).toMatchObject({ status: 201, body: { data: { customerName: 'Zoë', title: 'Seats' } } });
  const { customerId } = (created.body as { data: { customerId: string } }).data;
  const customer = await call(server, story.desk, `/api/v1/teams/${story.desk.workspaceId}/customers/${customerId}`);
  expect(customer.body).toMatchObject({ data: { id: customerId, name: 'Zoë', email: null, ticketCount: 1 } });
  const message = 'Exactly one of customerId and customerEmail is required, or customerName alone.';
  const both = { customerId, customerEmail: 'zoe@example.com' };
  for (const named of [{}, { customerName: ' ' }, { customerName: null }, both, { ...both, customerName: 'Zoë' }]) {
    expect(await post({ title: 'Seats', ...named })).toMatchObject({
      status: 400,
      body: { error: { message, param: 'customerId' } },
    });
  }
});

test('the list shows who the customers are where it is asked to', async () => {
  const { jane } = story;
  const customer = { id: jane.uuid, object: 'customer', name: 'Jane Doe', email: 'jane@example.com' };
  const data = [billing({ customer })];
  const pagination = { total: 1, page: 1, pageSize: 20, hasMore: false };
  for (const expand of ['customer', 'customer,%20customer']) {
    expectCstar(await send(`?expand=${expand}`), { status: 200, body: { success: true, data, pagination } });
  }
  for (const query of ['', '?expand=']) {
    expectCstar(await send(query), { status: 200, body: { success: true, data: [billing()], pagination } });
  }
  expect(await send('?expand=customer,messages')).toMatchObject({
    status: 400,
    body: { error: { message: 'Invalid expand. Must be one of: customer.', param: 'expand' } },
  });
});

test('a UUID names the ticket that was imported under it', async () => {
  const { desk, jane } = story;
  const uuid = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
  const id = `tkt_${uuid.replaceAll('-', '')}`;
  await server.database.prisma.conversation.create({
    data: { workspaceId: desk.workspaceId, id: id.replace('tkt_', 'thd_'), customerId: jane.id, source: 'API' },
  });
  for (const name of [uuid, uuid.toUpperCase(), id]) {
    expect(await send(`/${name}`)).toMatchObject({ status: 200, body: { data: { id } } });
  }
  expect(await send(`/${uuid}`, { method: 'PATCH', body: { priority: 'low' } })).toMatchObject({ status: 200 });
  expect(await send(`/${uuid}/messages`)).toMatchObject({ status: 200, body: { data: [] } });
  expect((await send('/00000000-0000-4000-8000-000000000000')).status).toBe(404);
  expect((await send(`/${uuid}`, { method: 'DELETE' })).body).toMatchObject({ data: { id, deleted: true } });
});

test('it passes through its statuses, each of which finds it', async () => {
  const found = async (query: string) =>
    ((await send(`?${query}`)).body as { data: { id: string }[] }).data.map(({ id }) => id);
  const id = billingPath().slice(1);
  expect(await found('status=new')).toEqual([id]);
  const answered = await send(`${billingPath()}/messages`, {
    method: 'POST',
    body: { content: "Hi! We've reset your password.", sender: 'agent' },
  });
  const reply = {
    id: anId('msg'),
    content: "Hi! We've reset your password.",
    sender: 'agent',
    senderName: null,
    agentId: null,
    isInternal: false,
    createdAt: aTime,
  };
  expectCstar(answered, succeeded(reply, 201));
  expect(await found('status=open')).toEqual([id]);
  for (const status of ['pending', 'resolved', 'closed', 'open']) {
    const patched = await send(billingPath(), { method: 'PATCH', body: { status } });
    expect(patched).toMatchObject({ status: 200, body: { data: { id, status } } });
    expect([status, await found(`status=${status}`)]).toEqual([status, [id]]);
    expect(await found('')).toEqual([id]);
  }
  const body = {
    title: 'Seats',
    priority: 'urgent',
    assignedTo: story.ada.id,
    tags: ['auth'],
    notes: 'Hers.',
    metadata: { a: 1, b: 2 },
  };
  expectCstar(
    await send(billingPath(), { method: 'PATCH', body }),
    succeeded(billing({ ...body, status: 'open', messageCount: 2, firstResponseAt: aTime })),
  );
  expect(
    (await send(billingPath(), { method: 'PATCH', body: { notes: null, metadata: { a: null } } })).body,
  ).toMatchObject({
    data: { title: 'Seats', notes: null, metadata: { b: 2 } },
  });
  for (const query of [`assignedTo=${story.ada.id}`, `customerId=${story.jane.uuid}`, 'tag=auth', 'search=seats']) {
    expect([query, await found(query)]).toEqual([query, [id]]);
  }
  for (const query of [`assignedTo=${story.ben.id}`, 'tag=aut', 'priority=low', 'search=nothing', 'status=new']) {
    expect([query, await found(query)]).toEqual([query, []]);
  }
  const note = { content: 'She means March.', isInternal: true };
  expect((await send(`${billingPath()}/messages`, { method: 'POST', body: note })).status).toBe(201);
  expect((await send(`${billingPath()}/messages`)).body).toMatchObject({
    data: [{ sender: 'customer' }, reply, { isInternal: true, content: 'She means March.' }],
  });
});

test('it is changed as a whole or not at all', async () => {
  const { prisma } = server.database;
  const { workspaceId } = story.desk;
  const where = { workspaceId_id: { workspaceId, id: story.billing.id } };
  const before = await prisma.conversation.findUniqueOrThrow({ where });
  const events = await prisma.domainEvent.count({ where: { workspaceId } });
  const patch = (body: object) => send(billingPath(), { method: 'PATCH', body });
  const refusedPatch = await patch({ title: 'Seats', status: 'resolved', tags: ['a'], assignedTo: story.carl.id });
  expect(refusedPatch).toMatchObject({ status: 404, body: { error: { param: 'assignedTo' } } });
  expect(await prisma.conversation.findUniqueOrThrow({ where })).toEqual(before);
  expect(await prisma.domainEvent.count({ where: { workspaceId } })).toBe(events);
  const all = { title: 'Seats', status: 'pending', tags: ['a'], assignedTo: story.ada.id, priority: 'low' };
  expect(await patch(all)).toMatchObject({ status: 200, body: { data: all } });
  const told = await prisma.domainEvent.findMany({ where: { workspaceId }, orderBy: { seq: 'asc' }, skip: events });
  expect(told.map(({ type }) => type)).toEqual([
    'conversation.assigned',
    'conversation.snoozed',
    'conversation.updated',
  ]);
});

test('what is answered may be sent back, also of a ticket without a title', async () => {
  const patch = (body: unknown) => send(billingPath(), { method: 'PATCH', body });
  for (const title of ['', null]) expectCstar(await patch({ title }), succeeded(billing({ title: '' })));
  const { body } = await send(billingPath());
  const { data } = body as { data: object };
  expectCstar(await patch(data), succeeded(billing({ title: '' })));
});

test('it is deleted with its messages, for good', async () => {
  const id = billingPath().slice(1);
  const deleted = await send(billingPath(), { method: 'DELETE' });
  expectCstar(deleted, succeeded({ id, deleted: true }));
  expectCstar(await send(billingPath(), { method: 'DELETE' }), notFound);
  expectCstar(await send(billingPath()), notFound);
  expect((await send('')).body).toMatchObject({ data: [], pagination: { total: 0 } });
});

describe('is refused', () => {
  test('a ticket of a customer who is not there', async () => {
    const body = { title: 'x', customerId: '550e8400-e29b-41d4-a716-446655440000' };
    expect(await send('', { method: 'POST', body })).toMatchObject({
      status: 404,
      body: { error: { message: 'Customer not found.', param: 'customerId' } },
    });
  });

  test.each([
    [{}, 'title is required.', 'title'],
    [{ title: 'x' }, 'Exactly one of customerId and customerEmail is required, or customerName alone.', 'customerId'],
    [{ title: 'x', customerId: 'jane' }, 'customerId must be the ID of a customer.', 'customerId'],
    [{ title: 'x', customerEmail: 'jane' }, 'Invalid email address format.', 'customerEmail'],
    [
      { title: 'x', customerId: null, customerEmail: null },
      'Exactly one of customerId and customerEmail is required, or customerName alone.',
      'customerId',
    ],
    [
      { title: 'x', customerEmail: 'a@example.com', priority: 'critical' },
      'Invalid priority. Must be one of: low, normal, high, urgent.',
      'priority',
    ],
  ])('a ticket that cannot be used: %j', async (body, message, param) => {
    expect(await send('', { method: 'POST', body })).toMatchObject({
      status: 400,
      body: { error: { message, param } },
    });
  });

  test('what cannot be changed', async () => {
    const patch = (body: object) => send(billingPath(), { method: 'PATCH', body });
    for (const metadata of [null, 'x', []]) {
      expect(await patch({ metadata })).toMatchObject({ status: 400, body: { error: { param: 'metadata' } } });
    }
    const large = { metadata: { text: 'x'.repeat(16_384) } };
    expect(await patch(large)).toMatchObject({ status: 400, body: { error: { param: 'metadata' } } });
    expect(await patch({ status: 'gone' })).toMatchObject({ status: 400, body: { error: { param: 'status' } } });
    expect(await patch({ assignedTo: 'ada' })).toMatchObject({ status: 400, body: { error: { param: 'assignedTo' } } });
    expect(await patch({ assignedTo: 'agt_nobody', status: 'open' })).toMatchObject({
      status: 404,
      body: { error: { param: 'assignedTo' } },
    });
    expect(await send('?status=gone')).toMatchObject({ status: 400, body: { error: { param: 'status' } } });
  });

  test('what is asked of another team, of nothing, and without the scope', async () => {
    const other = await tellStory(server);
    for (const id of [other.billing.id, 'tkt_nothing', '7']) {
      expectCstar(await send(`/${id}`), notFound);
      expectCstar(await send(`/${id}`, { method: 'PATCH', body: { title: 'Mine' } }), notFound);
      expectCstar(await send(`/${id}`, { method: 'DELETE' }), notFound);
      expectCstar(await send(`/${id}/messages`), notFound);
      expectCstar(await send(`/${id}/messages`, { method: 'POST', body: { content: 'x' } }), notFound);
    }
    const { key } = await story.desk.withScopes('conversations:read', 'customers:read');
    for (const [path, method] of [
      ['', 'POST'],
      [billingPath(), 'PATCH'],
      [billingPath(), 'DELETE'],
      [`${billingPath()}/messages`, 'POST'],
    ] as const) {
      const body = { title: 'x', customerEmail: 'a@example.com', content: 'x' };
      expect(await send(path, { method, body, key })).toMatchObject({
        status: 403,
        body: { error: { code: 'insufficient_permissions' } },
      });
    }
  });
});

test('a ticket that becomes pending under an idempotency key does so once, though its time is that of the request', async () => {
  const headers = { 'idempotency-key': 'pending' };
  const pend = (body: object) => send(billingPath(), { method: 'PATCH', body, headers });
  const first = await pend({ status: 'pending', priority: 'high' });
  const again = await pend({ priority: 'high', status: 'pending' });
  expectCstar(first, succeeded(billing({ status: 'pending', priority: 'high' })));
  expectCstar(again, succeeded(billing({ status: 'pending', priority: 'high' })));
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(await pend({ status: 'pending', priority: 'low' })).toMatchObject({ status: 422 });
});
