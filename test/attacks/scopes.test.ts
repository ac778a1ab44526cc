import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Scope } from '../../src/auth/scopes.js';
import type { Desk } from '../kit/app.js';
import { ask } from '../kit/ask.js';
import { listen, type TestServer } from '../kit/http.js';
import { sendKeyed } from '../kit/keyed.js';
import { type MarkedDesk, nounsIn, openMarkedDesk } from '../kit/marked-desk.js';
import { eventsOf } from '../kit/records.js';
import { call } from '../kit/rest.js';
import { endpointAt, openWebhookApp } from '../modules/webhooks/kit.js';
import { openSink, type Sink } from '../modules/webhooks/sink.js';

/** Attacks of keys that reach what they may not see by a way that leads around its entrance. */

let server: TestServer;
let sink: Sink;
let marked: MarkedDesk;

beforeAll(async () => {
  server = await listen(await openWebhookApp());
  sink = await openSink();
});
beforeEach(async () => {
  marked = await openMarkedDesk(server);
});
afterAll(async () => {
  await server.close();
  await sink.close();
});

const forbidden = (requiredScope: Scope) => ({ extensions: { code: 'FORBIDDEN', requiredScope } });
const thief = (...scopes: Scope[]): Promise<Desk> => marked.desk.withScopes(...scopes);

describe('the text of a message', () => {
  test.each([
    ['customer', (ids: MarkedDesk['ids']) => `customer(id: "${ids.ctc}") { lastMessagePreview }`],
    ['contact', (ids: MarkedDesk['ids']) => `contact(id: "${ids.ctc}") { lastMessagePreview }`],
    ['customer', (ids: MarkedDesk['ids']) => `customer(id: "${ids.ctc}") { contact { lastMessagePreview } }`],
    [
      'customer',
      (ids: MarkedDesk['ids']) => `customer(id: "${ids.ctc}") { latestConversation { lastMessagePreview } }`,
    ],
    ['node', (ids: MarkedDesk['ids']) => `node(id: "${ids.ctc}") { ... on Customer { lastMessagePreview } }`],
    ['customers', () => 'customers { nodes { name lastMessagePreview } }'],
    ['search', () => 'search(query: "zqperson") { contacts { node { lastMessagePreview } } }'],
  ])('does not show in %s to a key that reads customers', async (_root, documentOf) => {
    const key = await thief('customers:read');
    for (let run = 1; run <= 3; run += 1) {
      const answer = await ask(server, key, `{ ${documentOf(marked.ids)} }`);
      expect(answer.errors).toMatchObject([forbidden('conversations:read')]);
      expect(nounsIn(JSON.stringify(answer))).not.toContain('conversation');
    }
    const both = await thief('customers:read', 'conversations:read');
    const answer = await ask(server, both, `{ ${documentOf(marked.ids)} }`);
    expect(answer.errors).toBeUndefined();
    expect(nounsIn(JSON.stringify(answer))).toContain('conversation');
  });

  test('is null beside what the key may see', async () => {
    const { data } = await ask(
      server,
      await thief('customers:read'),
      '{ customers { nodes { databaseId lastMessagePreview } } }',
    );
    expect(data).toEqual({ customers: { nodes: [{ databaseId: marked.ids.ctc, lastMessagePreview: null }] } });
  });

  test('is null in REST', async () => {
    const { key } = await thief('customers:read');
    const path = `/v1/workspaces/${marked.desk.workspaceId}/support/inbox/contacts/${marked.ids.ctc}`;
    const answer = await call(server, marked.desk, path, { key });
    expect(answer).toMatchObject({ status: 200, body: { contact: { lastMessagePreview: null } } });
    const whole = await call(server, marked.desk, path);
    expect(whole).toMatchObject({
      body: { contact: { lastMessagePreview: expect.stringContaining('zqconversation') } },
    });
  });

  test.each([
    ['is null', ['customers:read'] as Scope[], null],
    ['stands', ['customers:read', 'conversations:read'] as Scope[], expect.stringContaining('zqconversationtext')],
  ])('%s in a webhook of a key with %j', async (_what, scopes, preview) => {
    const path = `/scopes/${scopes.length}`;
    await endpointAt(await thief('webhooks:write', 'webhooks:read', ...scopes), sink.url + path, {
      eventTypes: ['customer.*'],
    });
    await server.services.customers.upsert(marked.desk.operator, {
      externalId: marked.externalId,
      name: 'zqpersonother',
    });
    await expect.poll(() => sink.at(path).length, { timeout: 60_000 }).toBe(1);
    expect(JSON.parse(sink.at(path)[0]?.body ?? '')).toMatchObject({
      data: { entity: { name: 'zqpersonother', lastMessagePreview: preview } },
    });
  });
});

describe('a statistic', () => {
  test('names links, and shows no more of them to a key that may not read them', async () => {
    const key = await thief('analytics:read');
    const shown = 'key label amount { amountMinor }';
    const called = `trackedCustomerAttribution(externalId: "${marked.externalId}")`;
    const { data, errors } = await ask(server, key, `{ ${called} { links { ${shown} } clicks { ${shown} } } }`);
    expect(errors).toBeUndefined();
    expect(nounsIn(JSON.stringify(data))).toEqual(['label']);
    for (const way of ['clicks { click { url } }', 'links { link { url } }', 'campaigns { campaign { createdAt } }']) {
      const answer = await ask(server, key, `{ ${called} { ${way} } }`);
      expect(answer.errors).toMatchObject([forbidden('links:read')]);
      expect(nounsIn(JSON.stringify(answer))).toEqual([]);
    }
  });

  test('does not count who has a phone number, or whose purchases are large, for a key that may not read them', async () => {
    const key = await thief('analytics:read');
    for (const [document, scope] of [
      ['{ customersCount(filter: { phone: { eq: "zqpersonphone" } }) }', 'customers:read'],
      ['{ trackedCustomersCount(filter: { ltvMinor: { gt: 1 } }) }', 'links:read'],
    ] as const) {
      expect((await ask(server, key, document)).errors).toMatchObject([forbidden(scope)]);
    }
  });
});

describe('REST', () => {
  test('does not read a customer for a key that may write it, and writes nothing', async () => {
    const { desk, ids, externalId } = marked;
    const { key } = await thief('customers:write');
    const { uuid } = await server.database.prisma.customer.findFirstOrThrow({ where: { id: ids.ctc ?? '' } });
    const before = await eventsOf(server, desk);
    for (const [method, path, body] of [
      ['PATCH', `/api/v1/teams/${desk.workspaceId}/customers/${uuid}`, {}],
      ['PATCH', `/api/v1/teams/${desk.workspaceId}/customers/${uuid}`, { name: 'Other' }],
      ['PUT', `/v1/customers/${ids.ctc}`, {}],
      ['POST', '/v1/customers', { externalId }],
      ['POST', `/v1/workspaces/${desk.workspaceId}/support/inbox/contacts`, { email: marked.email }],
    ] as const) {
      const answer = await call(server, desk, path, { method, body, key });
      expect(answer.status, `${method} ${path}`).toBe(403);
      expect(JSON.stringify(answer.body)).toContain('customers:read');
      expect(nounsIn(JSON.stringify(answer.body))).toEqual([]);
    }
    expect(await eventsOf(server, desk)).toEqual(before);
  });

  test('starts and changes conversations for a key that may only write them', async () => {
    const { desk, ids, email } = marked;
    const { key } = await thief('conversations:write');
    const inbox = `/v1/workspaces/${desk.workspaceId}/support/inbox/conversations`;
    const started = await call(server, desk, inbox, { method: 'POST', key, body: { email, contentText: 'Hello' } });
    expect(started.status).toBe(201);
    expect(nounsIn(JSON.stringify(started.body))).toEqual([]);
    for (const [path, body] of [
      ['status', { status: 'CLOSED' }],
      ['assign', { agentId: ids.agt }],
    ] as const) {
      const answer = await call(server, desk, `${inbox}/${ids.thd}/${path}`, { method: 'PUT', key, body });
      expect(answer.status).toBe(200);
      expect(nounsIn(JSON.stringify(answer.body))).toEqual([]);
    }
  });
});

test('the answer that REST shows by its vendor is not kept for the graph', async () => {
  const { desk, externalId } = marked;
  const key = await thief('links:create');
  const headers = { 'idempotency-key': 'mine' };
  const answer = await call(server, desk, '/customers', {
    method: 'POST',
    key: key.key,
    headers,
    body: { externalId },
  });
  expect(answer.status).toBe(200);
  expect(nounsIn(JSON.stringify(answer.body))).toEqual(['person']);
  const query =
    'mutation ($input: UpsertTrackedCustomerInput!) { upsertTrackedCustomer(input: $input) { customer { name } } }';
  const again = await sendKeyed(server.app, key, { query, variables: { input: { externalId } } }, 'mine');
  expect(again).toMatchObject({ code: 'FORBIDDEN', replayed: false });
  expect(nounsIn(again.text)).toEqual([]);
});

test('the audit log shows keys, and nothing of endpoints to a key that may not read them', async () => {
  const document = '{ auditLog { nodes { type before after details entity { ... on WebhookEndpoint { url } } } } }';
  const answer = await ask(server, await thief('audit:read'), document);
  expect(nounsIn(JSON.stringify(answer))).toEqual(['apikey']);
});
