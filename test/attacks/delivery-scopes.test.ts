import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Scope } from '../../src/auth/scopes.js';
import { graphql } from '../generated/gql.js';
import type { UpdateWebhookEndpointInput } from '../generated/graphql.js';
import type { Desk } from '../kit/app.js';
import { ask } from '../kit/ask.js';
import { subscribe, transports } from '../kit/followers.js';
import { listen, type TestServer } from '../kit/http.js';
import { letTimePass, sendKeyed } from '../kit/keyed.js';
import { changes } from '../modules/events/changes.js';
import { deliveriesTo, endpointAt, getEndpoint, openWebhookApp, updateEndpoint } from '../modules/webhooks/kit.js';
import { openSink, type Sink } from '../modules/webhooks/sink.js';

/** Attacks of keys that may arrange where data goes, or once might read it, and may not read it now. */

let app: TestServer;
let sink: Sink;
let desk: Desk;
/** Holds what it takes to arrange webhooks, and nothing that shows a customer. */
let thief: Desk;
let path: string;
let places = 0;

beforeAll(async () => {
  app = await listen(await openWebhookApp());
  sink = await openSink();
});
beforeEach(async () => {
  desk = await app.createDesk();
  thief = await desk.withScopes('webhooks:read', 'webhooks:write');
  places += 1;
  path = `/owner/${places}`;
});
afterAll(async () => {
  await app.close();
  await sink.close();
});

const ownUrl = (): string => sink.url + path;
const thiefUrl = (): string => `${ownUrl()}/thief`;
const toThief = () => sink.at(`${path}/thief`);
const addCustomer = () => app.services.customers.upsert(desk.operator, { externalId: 'jane', name: 'Jane Doe' });
const statuses = async (id: string) =>
  (await deliveriesTo(desk, id)).map(({ eventType, status }) => `${eventType} ${status}`).sort();

/** A client with a key whose scopes can be changed. */
async function clientWith(...scopes: Scope[]) {
  const { id, key } = await app.services.apiKeys.create({ workspaceId: desk.workspaceId, kind: 'API_USER', scopes });
  const setScopes = (...left: Scope[]) =>
    app.database.prisma.apiKey.updateMany({ where: { id }, data: { scopes: left } });
  return { ...app.deskOf(desk.workspaceId, key), id, setScopes };
}

const rotate = `mutation Rotate($id: ID!) { rotateWebhookSecret(input: { id: $id }) { secret } }`;
const replayTime = `mutation ReplayTime($id: ID!) {
  replayWebhookDeliveries(input: { endpointId: $id, from: "2020-01-01T00:00:00Z" }) { replayed }
}`;
const replay = graphql(`
  mutation ScopesReplay($id: ID!) {
    replayWebhookDelivery(input: { id: $id }) { result userErrors { code path conflictingId } }
  }`);

const forbidden = (requiredScope: Scope) => ({ extensions: { code: 'FORBIDDEN', requiredScope } });

describe('of an endpoint that is told of customers, a key that may not read them', () => {
  test.each<[string, Omit<UpdateWebhookEndpointInput, 'id'>]>([
    ['takes the types away', { eventTypes: ['agent.created'] }],
    ['takes the types away and sends the rest elsewhere', { eventTypes: ['agent.created'], url: 'https://a.example' }],
    ['changes the URL', { url: 'https://a.example/' }],
    ['changes the form', { format: 'CSTAR' }],
    ['enables it again', { isEnabled: true }],
    ['changes nothing, to answer for it', {}],
  ])('%s in vain', async (_what, input) => {
    const { id } = await endpointAt(desk, ownUrl(), { eventTypes: ['customer.*'], isEnabled: false });
    const before = await desk.run(getEndpoint, { id });
    expect(await thief.fail(updateEndpoint, { input: { id, ...input } })).toMatchObject([forbidden('customers:read')]);
    expect(await desk.run(getEndpoint, { id })).toEqual(before);
  });

  test.each([
    ['is given the secret', rotate],
    ['replays a time', replayTime],
  ])('%s in vain', async (_what, attack) => {
    const { id } = await endpointAt(desk, ownUrl(), { eventTypes: ['customer.*'] });
    const { errors, data } = await ask(app, thief, attack, { id });
    expect(errors).toMatchObject([forbidden('customers:read')]);
    expect(JSON.stringify(data ?? null)).not.toContain('whsec_');
  });

  test('neither replays a delivery nor sees what was answered to it', async () => {
    sink.answer(path, (response, { body }) => response.writeHead(500).end(body));
    const { id } = await endpointAt(desk, ownUrl(), { eventTypes: ['customer.created'] });
    await addCustomer();
    await expect.poll(() => statuses(id)).toEqual(['customer.created FAILED']);
    const [delivery] = await deliveriesTo(desk, id);
    expect(delivery?.attempts.nodes[0]?.responseExcerpt).toContain('Jane Doe');
    expect(await thief.fail(replay, { id: delivery?.databaseId })).toMatchObject([forbidden('customers:read')]);

    const query = '{ webhookDeliveries { nodes { attempts(first: 1) { nodes { responseStatus responseExcerpt } } } } }';
    const { data, errors } = await ask(app, thief, query);
    expect(errors).toMatchObject([forbidden('customers:read')]);
    const nodes = [{ attempts: { nodes: [{ responseStatus: 500, responseExcerpt: null }] } }];
    expect(data).toEqual({ webhookDeliveries: { nodes } });
  });
});

test('what is pending when the owner ends it does not follow the endpoint to the host of the next', async () => {
  const held: ServerResponse[] = [];
  sink.answer(path, (response) => held.push(response));
  const { id } = await endpointAt(desk, ownUrl(), { eventTypes: ['customer.created'] });
  await addCustomer();
  await expect.poll(() => held.length).toBe(1);
  await desk.run(updateEndpoint, { input: { id, eventTypes: ['agent.created'] } });
  await thief.run(updateEndpoint, { input: { id, url: thiefUrl() } });
  held[0]?.writeHead(500).end();
  await expect.poll(() => statuses(id)).toEqual(['customer.created CANCELLED']);

  const [delivery] = await deliveriesTo(desk, id);
  for (const client of [desk, thief]) {
    const { replayWebhookDelivery } = await client.run(replay, { id: delivery?.databaseId ?? '' });
    const userErrors = [{ code: 'CONFLICT', path: ['input', 'id'], conflictingId: id }];
    expect(replayWebhookDelivery).toEqual({ result: null, userErrors });
  }
  await app.services.agents.create(desk.operator, { name: 'Ada', email: 'ada@desk.example' });
  await expect
    .poll(() => toThief().map(({ body }) => (JSON.parse(body) as { type: string }).type))
    .toEqual(['agent.created']);
});

describe('the key that configured an endpoint', () => {
  const everything: Scope[] = ['customers:read', 'webhooks:read', 'webhooks:write'];

  test('takes along what it loses, until another one answers for it', async () => {
    const owner = await clientWith(...everything);
    const { id } = await endpointAt(owner, ownUrl(), { eventTypes: ['customer.created', 'agent.created'] });
    await owner.setScopes('webhooks:read', 'webhooks:write');
    await addCustomer();
    await app.services.agents.create(desk.operator, { name: 'Ada', email: 'ada@desk.example' });
    await expect.poll(() => statuses(id)).toEqual(['agent.created SUCCEEDED', 'customer.created CANCELLED']);
    expect(sink.at(path).map(({ body }) => body.includes('Jane Doe'))).toEqual([false]);

    const { updateWebhookEndpoint } = await desk.run(updateEndpoint, { input: { id } });
    expect(updateWebhookEndpoint).toMatchObject({ result: 'UPDATED', endpoint: { version: 2 } });
    const cancelled = (await deliveriesTo(desk, id)).find(({ status }) => status === 'CANCELLED');
    await desk.run(replay, { id: cancelled?.databaseId ?? '' });
    await expect.poll(() => statuses(id)).toEqual(['agent.created SUCCEEDED', 'customer.created SUCCEEDED']);
  });

  test('gives it nothing that it is given later itself', async () => {
    const owner = await clientWith('webhooks:read', 'webhooks:write');
    const { id } = await endpointAt(owner, ownUrl(), { eventTypes: ['agent.created'] });
    await owner.setScopes(...everything);
    // As if what it is told of had come to need a scope since.
    await app.database.prisma.webhookEndpoint.updateMany({ where: { id }, data: { eventTypes: ['*'] } });
    await addCustomer();
    await expect.poll(async () => (await statuses(id)).includes('customer.created CANCELLED')).toBe(true);
    expect(sink.at(path).filter(({ body }) => body.includes('Jane Doe'))).toEqual([]);
  });

  test.each([
    ['is revoked', { revokedAt: new Date() }],
    ['has expired', { expiresAt: new Date() }],
  ])('may be rotated: the endpoint goes on when it %s', async (_what, ended) => {
    const owner = await clientWith(...everything);
    const { id } = await endpointAt(owner, ownUrl(), { eventTypes: ['customer.created'] });
    await app.database.prisma.apiKey.updateMany({ where: { id: owner.id }, data: ended });
    await addCustomer();
    await expect.poll(() => statuses(id)).toEqual(['customer.created SUCCEEDED']);
    const query = `query ($key: ID!) {
      webhookEndpoints(filter: { configuredBy: { eq: $key } }) { nodes { databaseId configuredBy { kind databaseId } } }
    }`;
    const nodes = [{ databaseId: id, configuredBy: { kind: 'API_KEY', databaseId: owner.id } }];
    await endpointAt(desk, ownUrl(), { isEnabled: false });
    expect(await ask(app, desk, query, { key: owner.id })).toEqual({ data: { webhookEndpoints: { nodes } } });
  });
});

describe('an answer that is kept under an Idempotency-Key', () => {
  test('is for no other API key, and for its own only while that has what it had', async () => {
    const owner = await clientWith('customers:read', 'webhooks:read', 'webhooks:write');
    const { id, secret } = await endpointAt(owner, ownUrl(), { eventTypes: ['customer.*'] });
    const send = (client: Desk) => sendKeyed(app.app, client, { query: rotate, variables: { id } }, `try-${id}`);
    const first = await send(owner);
    expect(first.text).toContain('whsec_');
    // A secret is shown once.
    const again = await send(owner);
    expect(again).toMatchObject({ replayed: true });
    expect(again.text).not.toContain('whsec_');
    expect(await send(thief)).toMatchObject({ code: 'FORBIDDEN', replayed: false });
    await owner.setScopes('webhooks:read', 'webhooks:write');
    await expect.poll(async () => (await send(owner)).code).toBe('FORBIDDEN');
    const { text } = await send(owner);
    expect(text).not.toContain('whsec_');
    await owner.setScopes('customers:read', 'links:read', 'webhooks:read', 'webhooks:write');
    await expect.poll(() => send(owner)).toEqual(again);
    expect(first.text).not.toContain(secret);
  });

  test('is not made of what a run did before it broke off, either', async () => {
    const { idempotency } = app.services;
    const caller = { ...desk.operator, keyId: 'key_1' };
    const key = `broken-${desk.workspaceId}`;
    const begun = await idempotency.begin(caller, key, 'fingerprint');
    if (!('run' in begun)) throw new Error('There is no run.');
    await begun.run.databaseFor('field').transaction(async () => 'whsec_');
    await letTimePass(app, key, '1 minute');
    const left = new Set([...caller.scopes].filter((scope) => scope !== 'customers:read'));
    await expect(idempotency.begin({ ...caller, scopes: left }, key, 'fingerprint')).rejects.toMatchObject({
      code: 'FORBIDDEN',
      details: { requiredScope: 'customers:read' },
    });
    expect(await idempotency.begin(caller, key, 'fingerprint')).toHaveProperty('run');
  });
});

describe.each(transports)('a subscription over %s', (transport) => {
  test('ends when its key loses a scope, and is not told again from the beginning what it hides', async () => {
    const client = await clientWith('customers:read');
    const options = { endpoint: app.endpoint, key: client.key, transport };
    const following = subscribe(options, changes, { after: '0' });
    await addCustomer();
    await following.until(1);
    await client.setScopes('links:read');
    const end = await following.ended;
    if (transport === 'SSE') expect(following.failed.at(-1)?.errors).toMatchObject([forbidden('customers:read')]);
    else expect(end).toMatchObject({ code: 4403, reason: expect.stringContaining('customers:read') });

    const agent = await app.services.agents.create(desk.operator, { name: 'Ada', email: 'ada@desk.example' });
    // Another request may take a key for what it was a quarter of a second ago.
    await expect.poll(async () => (await ask(app, client, '{ customers { totalCount } }')).errors).toBeDefined();
    const again = subscribe(options, changes, { after: '0' });
    expect((await again.until(1)).map(({ changes: { entityId } }) => entityId)).toEqual([agent.id]);
    again.leave();
  });
});

test('the audit log shows who changed a customer, and not to what, without the scope to read customers', async () => {
  const auditor = await desk.withScopes('audit:read');
  await addCustomer();
  const { data, errors } = await ask(app, auditor, '{ auditLog { nodes { type before after details } } }');
  expect(JSON.stringify(data)).not.toContain('Jane Doe');
  expect(errors).toMatchObject(['before', 'after', 'details'].map(() => forbidden('customers:read')));
  const { nodes } = (data as { auditLog: { nodes: { type: string; after: object | null }[] } }).auditLog;
  expect(nodes.find(({ type }) => type === 'customer.created')).toMatchObject({ before: null, after: null });
  expect(nodes.find(({ type }) => type === 'api_key.created')?.after).toHaveProperty('scopes');
});
