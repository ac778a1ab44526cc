import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Desk } from '../kit/app.js';
import { expectCstar } from '../kit/cstar.js';
import { listen, type TestServer } from '../kit/http.js';
import { anId, aTime, call, expectAnswer, type RestRequest, refused } from '../kit/rest.js';
import { openWebhookApp } from '../modules/webhooks/kit.js';
import { openSink, type Sink, verified } from '../modules/webhooks/sink.js';

/** Webhooks by the endpoints of the vendors, and what they are sent. */

let server: TestServer;
let sink: Sink;
let desk: Desk;
let places = 0;
/** Where the webhook of the test listens. */
let place: string;

beforeAll(async () => {
  [server, sink] = await Promise.all([openWebhookApp().then(listen), openSink()]);
});
beforeEach(async () => {
  desk = await server.createDesk();
  places += 1;
  place = `/${places}`;
});
afterAll(async () => {
  await server.close();
  await sink.close();
});

const url = (): string => `${sink.url}${place}`;
const send = (path: string, request?: RestRequest) => call(server, desk, path, request);
const secretKeyOnly = refused(403, 'Forbidden', 'This endpoint requires an API key with api_user scope.');

interface Hook {
  id: string;
  secret: string;
}

/** A conversation that comes, is answered, assigned, closed and opened again. */
async function live(): Promise<{ conversationId: string; contactId: string }> {
  const { conversations, messages, agents } = server.services;
  const { operator } = desk;
  const { conversation, contact } = await conversations.start(operator, {
    email: 'jane@example.com',
    subject: 'Billing question',
    text: 'Hi',
    direction: 'INBOUND',
  });
  const { id } = conversation;
  await messages.add(operator, { conversationId: id, text: 'Hello Jane' });
  const ada = await agents.create(operator, { name: 'Ada', email: 'ada@desk.test' });
  await conversations.assign(operator, { id, assigneeId: ada.id });
  await conversations.setStatus(operator, { id, status: 'CLOSED' });
  await conversations.setStatus(operator, { id, status: 'OPEN' });
  return { conversationId: id, contactId: contact.id };
}

const namesAt = (name: 'event' | 'type') =>
  sink.at(place).map(({ body }) => (JSON.parse(body) as Record<string, unknown>)[name]);

test('TidySupport: made, listed, tried, told of what they want in its form, paused and deleted', async () => {
  const events = ['CONVERSATION_CREATED', 'CONVERSATION_CLOSED', 'MESSAGE_CREATED', 'CONTACT_CREATED'];
  const created = await send('/v1/webhooks', { method: 'POST', body: { url: url(), events } });
  const shown = {
    id: anId('wh'),
    url: url(),
    displayName: new URL(url()).host,
    status: 'ACTIVE',
    events,
    createdAt: aTime,
    updatedAt: aTime,
    lastAttemptedAt: null,
    lastErrorAt: null,
    lastErrorMessage: null,
  };
  const named = { ...shown, events: expect.arrayContaining(events) };
  expectAnswer(created, { status: 201, body: { webhook: { ...named, secret: expect.stringMatching(/^whsec_/) } } });
  const { id, secret } = (created.body as { webhook: Hook }).webhook;
  expectAnswer(await send('/v1/webhooks'), { status: 200, body: { webhooks: { items: [named] } } });

  sink.answer(place, 500, 200);
  const { conversationId, contactId } = await live();
  await expect.poll(() => new Set(namesAt('event')).size).toBe(4);
  await expect.poll(() => sink.at(place).length).toBe(6);
  expect(namesAt('event')).not.toContain('CONVERSATION_REOPENED');
  const told = sink.at(place).find(({ body }) => body.includes('CONVERSATION_CREATED'));
  if (!told) throw new Error('Nothing was told of the conversation.');
  expect(verified(secret, told)).toMatchObject({
    event: 'CONVERSATION_CREATED',
    version: 1,
    timestamp: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
    payload: { conversation: { id: conversationId, workspaceId: desk.workspaceId, contactId } },
  });
  expect(told.body).not.toContain('__typename');
  const hook = async () => ((await send('/v1/webhooks')).body as { webhooks: { items: object[] } }).webhooks.items[0];
  await expect.poll(hook).toMatchObject({ lastErrorAt: aTime, lastErrorMessage: 'HTTP 500', lastAttemptedAt: aTime });

  const path = `/v1/webhooks/${id}`;
  const paused = await send(path, {
    method: 'PUT',
    body: { status: 'PAUSED', displayName: 'App', events: ['CONTACT_CREATED'] },
  });
  expect(paused).toMatchObject({
    status: 200,
    body: { webhook: { id, status: 'PAUSED', displayName: 'App', events: ['CONTACT_CREATED'] } },
  });
  await server.services.webhookDeliveries.sendTest(desk.operator, { endpointId: id.replace('wh_', 'whe_') });
  await expect.poll(() => namesAt('event')).toContain('TESTING_CONNECTION');
  expectAnswer(await send(path, { method: 'DELETE' }), { status: 204, body: null });
  const notFound = refused(404, 'Not Found', 'Webhook not found.');
  expectAnswer(await send(path, { method: 'DELETE' }), notFound);
  expectAnswer(await send(path, { method: 'PUT', body: {} }), notFound);
});

test('TidySupport: what cannot be used is refused, and other workspaces have none', async () => {
  const post = (body: unknown, request: RestRequest = {}) => send('/v1/webhooks', { method: 'POST', body, ...request });
  const events = ['CONTACT_CREATED'];
  for (const [body, message] of [
    [{ events }, 'url is required.'],
    [{ url: url() }, 'events is required.'],
    [{ url: url(), events: [] }, 'events must not be empty.'],
    [{ url: 'http://10.0.0.1/x', events }, 'url must lead to a public address.'],
    [{ url: 'ftp://example.com', events }, 'url must be an http or https URL.'],
    [{ url: url(), events, status: 'GONE' }, 'Invalid status. Must be one of: ACTIVE, PAUSED.'],
  ] as const) {
    expectAnswer(await post(body), refused(400, 'Bad Request', message));
  }
  expect((await post({ url: url(), events: ['SIGNAL'] })).status).toBe(400);
  const { key } = await desk.withScopes('webhooks:write', 'webhooks:read');
  expectAnswer(
    await post({ url: url(), events }, { key }),
    refused(403, 'Forbidden', 'This key lacks the scope customers:read.'),
  );
  const user = await server.services.apiKeys.create({
    workspaceId: desk.workspaceId,
    kind: 'USER',
    agentId: (await server.services.agents.create(desk.operator, { name: 'Ada', email: 'ada@desk.test' })).id,
  });
  expectAnswer(await send('/v1/webhooks', { key: user.key }), secretKeyOnly);
  const made = await post({ url: url(), events });
  const { id } = (made.body as { webhook: Hook }).webhook;
  const other = await server.createDesk();
  const of = (method: string, body?: object) => call(server, other, `/v1/webhooks/${id}`, { method, body });
  expect([(await of('PUT', {})).status, (await of('DELETE')).status]).toEqual([404, 404]);
  expectAnswer(await call(server, other, '/v1/webhooks'), { status: 200, body: { webhooks: { items: [] } } });
});

test('cStar: made, read, changed, tried and deleted, and told of tickets and customers', async () => {
  const path = `/api/v1/teams/${desk.workspaceId}/webhooks`;
  const events = ['ticket.*', 'customer.created'];
  const created = await send(path, { method: 'POST', body: { name: 'Slack', url: url(), events } });
  const shown = {
    id: anId('whk'),
    name: 'Slack',
    url: url(),
    events,
    isActive: true,
    createdAt: aTime,
    updatedAt: aTime,
  };
  const succeeded = (data: unknown, status = 200) => ({ status, body: { success: true, data } });
  expectCstar(created, succeeded({ ...shown, secret: expect.stringMatching(/^whsec_/) }, 201));
  const { id } = (created.body as { data: Hook }).data;
  expectCstar(await send(path), succeeded([shown]));
  expectCstar(await send(`${path}/${id}`), succeeded(shown));

  const { conversationId } = await live();
  const wanted = ['customer.created', 'ticket.closed', 'ticket.created', 'ticket.message_added', 'ticket.updated'];
  await expect.poll(() => [...new Set(namesAt('type'))].sort()).toEqual(wanted);
  const closed = sink.at(place).find(({ headers }) => headers['x-event-type'] === 'ticket.closed');
  expect(JSON.parse(closed?.body ?? '{}')).toMatchObject({
    id: expect.stringMatching(/^evt_/),
    type: 'ticket.closed',
    data: { ticket: { id: conversationId.replace('thd_', 'tkt_'), title: 'Billing question', priority: 'normal' } },
  });

  const ticketId = conversationId.replace('thd_', 'tkt_');
  await send(`/api/v1/teams/${desk.workspaceId}/tickets/${ticketId}`, { method: 'DELETE' });
  await expect.poll(() => namesAt('type')).toContain('ticket.deleted');
  const deleted = sink.at(place).find(({ headers }) => headers['x-event-type'] === 'ticket.deleted');
  expect(JSON.parse(deleted?.body ?? '{}')).toMatchObject({ data: { ticket: { id: ticketId } } });

  expectCstar(
    await send(`${path}/${id}`, { method: 'PATCH', body: { isActive: false, events: ['*'] } }),
    succeeded({ ...shown, isActive: false, events: ['*'] }),
  );
  const tested = await send(`${path}/${id}/test`, { method: 'POST' });
  expectCstar(tested, succeeded({ id: anId('evt'), sentAt: aTime }, 202));
  await expect.poll(() => namesAt('type')).toContain('webhook_endpoint.test');
  const trial = sink.at(place).find(({ headers }) => headers['x-event-type'] === 'webhook_endpoint.test');
  const { uuid } = await server.database.prisma.workspace.findUniqueOrThrow({ where: { id: desk.workspaceId } });
  expect(JSON.parse(trial?.body ?? '{}')).toEqual({
    id: (tested.body as { data: Hook }).data.id,
    type: 'webhook_endpoint.test',
    created_at: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
    team_id: uuid,
    data: {},
  });
  expect(trial?.headers['x-webhook-id']).toBe(id);

  const notFound = {
    status: 404,
    body: {
      success: false,
      error: {
        type: 'not_found_error',
        code: 'resource_not_found',
        message: 'Webhook not found.',
        param: 'webhookId',
      },
    },
  };
  const other = await server.createDesk();
  const elsewhere = `/api/v1/teams/${other.workspaceId}/webhooks/${id}`;
  for (const method of ['GET', 'PATCH', 'DELETE']) {
    const body = method === 'PATCH' ? { name: 'Mine' } : undefined;
    expectCstar(await call(server, other, elsewhere, { method, body }), notFound);
  }
  expectCstar(await call(server, other, `${elsewhere}/test`, { method: 'POST' }), notFound);
  const wrong = await send(path, { method: 'POST', body: { url: url(), events: ['ticket.lost'] } });
  const message = 'events.0 must be a type of event, such as "customer.created", or "customer.*", or "*" for all.';
  expect(wrong).toMatchObject({
    status: 400,
    body: { error: { code: 'parameter_invalid', param: 'events.0', message } },
  });
  expectCstar(await send(`${path}/${id}`, { method: 'DELETE' }), succeeded({ id, deleted: true }));
  expectCstar(await send(`${path}/${id}`), notFound);
});

test('cStar: customers are known by their UUID, pending is a change, and what is gone by its id', async () => {
  const team = `/api/v1/teams/${desk.workspaceId}`;
  await send(`${team}/webhooks`, { method: 'POST', body: { url: url(), events: ['*'] } });
  const made = await send(`${team}/customers`, { method: 'POST', body: { name: 'Jane', email: 'jane@example.com' } });
  const { id: customerId } = (made.body as { data: Hook }).data;
  const title = 'Billing question';
  const opened = await send(`${team}/tickets`, { method: 'POST', body: { title, customerId } });
  const { id: ticketId } = (opened.body as { data: Hook }).data;
  type Told = { type: string; data: { ticket?: object; customer?: object } };
  const told = () => sink.at(place).map(({ body }) => JSON.parse(body) as Told);
  const of = (type: string) => told().find((event) => event.type === type)?.data;
  await expect.poll(() => of('ticket.created')).toMatchObject({ ticket: { id: ticketId, customer_id: customerId } });

  await send(`${team}/tickets/${ticketId}`, { method: 'PATCH', body: { status: 'pending' } });
  const pending = { ticket: { id: ticketId, status: 'pending', customer_id: customerId } };
  await expect.poll(() => of('ticket.updated')).toMatchObject(pending);

  await send(`${team}/customers/${customerId}`, { method: 'DELETE' });
  await expect.poll(() => of('customer.deleted')).toEqual({ customer: { id: customerId } });
});

test('cStar: a scrubbed customer is deleted under the same UUID', async () => {
  const path = `/api/v1/teams/${desk.workspaceId}/webhooks`;
  await send(path, { method: 'POST', body: { url: url(), events: ['customer.deleted'] } });
  const { customer } = await server.services.customers.upsert(desk.operator, { externalId: 'usr_1', name: 'Jane' });
  expect((await send('/customers/ext_usr_1', { method: 'DELETE' })).status).toBe(200);
  await expect
    .poll(() => sink.at(place).map(({ body }) => JSON.parse(body)))
    .toMatchObject([{ type: 'customer.deleted', data: { customer: { id: customer.uuid } } }]);
});

test('cStar: a key tells of which team it is', async () => {
  const { uuid, name } = await server.services.workspaces.get(desk.workspaceId);
  const { key } = await desk.withScopes();
  expectCstar(await send('/api/v1/auth/whoami', { key }), {
    status: 200,
    body: {
      success: true,
      data: { teamId: uuid, teamName: name, teamSlug: desk.workspaceId, keyType: 'secret', environment: 'live' },
    },
  });
  expect((await send('/api/v1/auth/whoami', { key: 'sk_live_nobody' })).status).toBe(401);
});
