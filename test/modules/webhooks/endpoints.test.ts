import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { graphql } from '../../generated/gql.js';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { newEvents } from '../../kit/records.js';
import { createEndpoint, deliveriesTo, endpointAt, getEndpoint, updateEndpoint } from './kit.js';

let testApp: TestApp;
let desk: Desk;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  desk = await testApp.createDesk();
});
afterAll(() => testApp.close());

const url = 'https://hooks.example/desk?token=t0ps3cret';

const create = async (input: object) =>
  (await desk.run(createEndpoint, { input: { url, ...input } })).createWebhookEndpoint;
const update = async (id: string, input: object) =>
  (await desk.run(updateEndpoint, { input: { id, ...input } })).updateWebhookEndpoint;

const rotate = graphql(`
  mutation WebhooksRotate($id: ID!, $overlapHours: Int) {
    rotateWebhookSecret(input: { id: $id, overlapHours: $overlapHours }) {
      secret endpoint { databaseId version } userErrors { code path message }
    }
  }`);
const remove = graphql(`
  mutation WebhooksDelete($id: ID!) {
    deleteWebhookEndpoint(input: { id: $id }) { deletedId userErrors { code path } }
  }`);
const list = graphql(`
  query WebhooksEndpoints($filter: WebhookEndpointFilter) {
    webhookEndpoints(filter: $filter) { totalCount nodes { databaseId deliveries(first: 1) { totalCount } } }
  }`);

const secretForm = /^whsec_[A-Za-z0-9+/]{43}=$/;

describe('createWebhookEndpoint', () => {
  test('makes an endpoint for everything when nothing else is said, and shows its secret', async () => {
    const { endpoint, secret } = await create({});
    expect(secret).toMatch(secretForm);
    expect(endpoint).toMatchObject({
      url,
      description: null,
      eventTypes: ['*'],
      format: 'DESKGRAPH',
      filter: null,
      isEnabled: true,
      disabledReason: null,
      failingSince: null,
      failureCount: 0,
      version: 1,
      updatedAt: null,
    });
    expect((await desk.run(getEndpoint, { id: endpoint?.databaseId ?? '' })).webhookEndpoint).toEqual(endpoint);
  });

  test('takes types, a filter, a format and a description, and can begin disabled', async () => {
    const { customer } = await testApp.services.customers.upsert(desk.operator, { externalId: 'a', name: 'A' });
    const input = { eventTypes: ['customer.*', 'message.created', 'customer.*'], description: 'CRM', isEnabled: false };
    const { endpoint } = await create({ ...input, filter: { customerId: customer.id } });
    expect(endpoint).toMatchObject({
      eventTypes: ['customer.*', 'message.created'],
      description: 'CRM',
      filter: { customerId: customer.id, conversationId: null, channelId: null },
      isEnabled: false,
      disabledReason: 'REQUESTED',
      disabledAt: expect.any(String),
    });
  });

  test.each([
    ['url', { url: 'ftp://hooks.example/' }],
    ['url', { url: 'hooks' }],
    ['url', { url: 'https://user:password@hooks.example/' }],
    ['url', { url: 'http://127.0.0.1/' }],
    ['url', { url: 'http://2130706433/' }],
    ['url', { url: 'http://[::ffff:10.0.0.1]/' }],
    ['url', { url: 'http://[fd00:ec2::254]/' }],
    ['url', { url: 'http://169.254.169.254/latest/meta-data' }],
    ['url', { url: 'http://localhost:4000/' }],
    ['eventTypes', { eventTypes: [] }],
    ['eventTypes.1', { eventTypes: ['customer.created', 'customer.exploded'] }],
    ['eventTypes.0', { eventTypes: ['custom.*'] }],
    ['description', { description: 'x'.repeat(501) }],
    ['filter.customerId', { filter: { customerId: 'thd_1' } }],
  ])('refuses a wrong %s: %j', async (path, input) => {
    const { endpoint, secret, userErrors } = await create(input);
    expect([endpoint, secret]).toEqual([null, null]);
    expect(userErrors).toMatchObject([{ code: 'BAD_USER_INPUT', path: ['input', ...path.split('.')] }]);
  });

  test('refuses a filter for what is not there', async () => {
    for (const [name, id] of [
      ['customerId', 'ctc_1'],
      ['conversationId', 'thd_1'],
      ['channelId', 'chn_1'],
    ] as const) {
      const { userErrors } = await create({ filter: { [name]: id } });
      expect(userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'filter', name] }]);
    }
  });

  test('stops at fifty', async () => {
    for (let n = 0; n < 50; n += 1) await testApp.services.webhooks.create(desk.operator, { url });
    expect((await create({})).userErrors).toMatchObject([{ code: 'CONFLICT' }]);
    expect((await desk.run(list)).webhookEndpoints.totalCount).toBe(50);
  });
});

describe('updateWebhookEndpoint', () => {
  test('changes what is given, once, and tells of it', async () => {
    const { id } = await endpointAt(desk, url);
    const events = await newEvents(testApp, desk, async () => {
      const input = { url: 'https://other.example/x', eventTypes: ['agent.*'], description: 'HR', ifVersion: 1 };
      expect(await update(id, input)).toMatchObject({ result: 'UPDATED', endpoint: { version: 2, description: 'HR' } });
      expect(await update(id, { ...input, ifVersion: 2 })).toMatchObject({ result: 'UNCHANGED' });
      expect(await update(id, { ifVersion: 1, description: null })).toMatchObject({
        userErrors: [{ code: 'CONFLICT', path: ['input', 'ifVersion'] }],
      });
    });
    expect(events).toMatchObject([
      {
        type: 'webhook_endpoint.updated',
        entityId: id,
        data: {
          before: { url: 'https://hooks.example', eventTypes: ['*'], description: null },
          after: { url: 'https://other.example', eventTypes: ['agent.*'], description: 'HR' },
        },
      },
    ]);
  });

  test('disables and enables, which forgets failures', async () => {
    const { id } = await endpointAt(desk, url);
    const failing = { failingSince: new Date(), failureCount: 7, pausedUntil: new Date(Date.now() + 60_000) };
    await testApp.database.prisma.webhookEndpoint.updateMany({ where: { id }, data: failing });
    expect(await update(id, { isEnabled: true })).toMatchObject({
      result: 'UNCHANGED',
      endpoint: { failureCount: 7, pausedUntil: expect.any(String) },
    });
    expect((await update(id, { isEnabled: false })).endpoint).toMatchObject({
      isEnabled: false,
      disabledReason: 'REQUESTED',
    });
    expect((await update(id, { isEnabled: true })).endpoint).toMatchObject({
      isEnabled: true,
      disabledReason: null,
      disabledAt: null,
      failingSince: null,
      failureCount: 0,
      pausedUntil: null,
    });
  });

  test('of a key that may not read what the endpoint is told is refused', async () => {
    const { id } = await endpointAt(desk, url, { eventTypes: ['customer.*'] });
    const other = await desk.withScopes('webhooks:write', 'webhooks:read');
    const [error] = await other.fail(updateEndpoint, { input: { id, url: 'https://thief.example/' } });
    expect(error?.extensions).toMatchObject({ code: 'FORBIDDEN', requiredScope: 'customers:read' });
    expect((await desk.run(getEndpoint, { id })).webhookEndpoint?.url).toBe(url);
  });
});

describe('a secret', () => {
  test('stands neither in the endpoint, nor in the audit log, nor in the outbox', async () => {
    const secrets: string[] = [];
    const events = await newEvents(testApp, desk, async () => {
      const { id, secret } = await endpointAt(desk, url);
      const { rotateWebhookSecret } = await desk.run(rotate, { id });
      secrets.push(secret, rotateWebhookSecret.secret ?? '');
    });
    expect(secrets.every((secret) => secretForm.test(secret))).toBe(true);
    expect(events.map(({ type }) => type)).toEqual(['webhook_endpoint.created', 'webhook_endpoint.secret_rotated']);
    expect(events[1]?.data).toEqual({ overlapHours: 24 });
    // Neither in whole nor in part; the URL may hold one too.
    const text = JSON.stringify(events);
    for (const part of ['whsec', 't0ps3cret', ...secrets.map((secret) => secret.slice(10, 30))]) {
      expect(text).not.toContain(part);
    }
    const columns = Object.keys((await testApp.database.prisma.webhookEndpoint.findFirst()) ?? {});
    expect(columns.filter((column) => /secret/i.test(column))).toEqual([]);
  });

  test('that is rotated is kept for a while, one at most', async () => {
    const { id, secret } = await endpointAt(desk, url);
    const stored = async () => {
      const found = await testApp.database.prisma.webhookSecret.findMany({
        where: { endpointId: id },
        orderBy: { createdAt: 'desc' },
      });
      return found.map((one) => [
        one.secret,
        one.expiresAt && Math.round((one.expiresAt.getTime() - Date.now()) / 3.6e6),
      ]);
    };
    const second = (await desk.run(rotate, { id })).rotateWebhookSecret;
    expect(second.endpoint).toEqual({ databaseId: id, version: 2 });
    expect(await stored()).toEqual([
      [second.secret, null],
      [secret, 24],
    ]);
    const third = (await desk.run(rotate, { id, overlapHours: 2 })).rotateWebhookSecret;
    expect(await stored()).toEqual([
      [third.secret, null],
      [second.secret, 2],
    ]);
    expect((await desk.run(rotate, { id, overlapHours: 169 })).rotateWebhookSecret.userErrors).toEqual([
      { code: 'BAD_USER_INPUT', path: ['input', 'overlapHours'], message: 'Must be from 0 to 168.' },
    ]);
  });
});

test('deleteWebhookEndpoint removes an endpoint with its deliveries, and tells of it', async () => {
  const { id } = await endpointAt(desk, url);
  await testApp.services.webhookDeliveries.sendTest(desk.operator, { endpointId: id });
  expect(await deliveriesTo(desk, id)).toHaveLength(1);
  const events = await newEvents(testApp, desk, async () => {
    expect((await desk.run(remove, { id })).deleteWebhookEndpoint).toEqual({ deletedId: id, userErrors: [] });
  });
  expect(events).toMatchObject([
    { type: 'webhook_endpoint.deleted', entityId: id, data: { before: { url: 'https://hooks.example' } } },
  ]);
  expect(await deliveriesTo(desk, id)).toEqual([]);
  expect((await desk.run(remove, { id })).deleteWebhookEndpoint).toEqual({
    deletedId: null,
    userErrors: [{ code: 'NOT_FOUND', path: ['input', 'id'] }],
  });
});

test('webhookEndpoints lists by filter, with the deliveries of each', async () => {
  const enabled = await endpointAt(desk, url);
  const disabled = await endpointAt(desk, `${url}&other`, { isEnabled: false });
  await testApp.services.webhookDeliveries.sendTest(desk.operator, { endpointId: disabled.id });
  expect((await desk.run(list, { filter: { isEnabled: false } })).webhookEndpoints).toEqual({
    totalCount: 1,
    nodes: [{ databaseId: disabled.id, deliveries: { totalCount: 1 } }],
  });
  expect((await desk.run(list, { filter: { url: { eq: url } } })).webhookEndpoints).toEqual({
    totalCount: 1,
    nodes: [{ databaseId: enabled.id, deliveries: { totalCount: 0 } }],
  });
});

test('a delivery that is about to be sent is not sent twice by a replay', async () => {
  const { id } = await endpointAt(desk, url);
  const { webhookDeliveries } = testApp.services;
  const delivery = await webhookDeliveries.sendTest(desk.operator, { endpointId: id });
  expect(await webhookDeliveries.replay(desk.operator, { id: delivery.id })).toMatchObject({ result: 'UNCHANGED' });
  await testApp.database.prisma.webhookDelivery.updateMany({
    where: { id: delivery.id },
    data: { nextAttemptAt: new Date(Date.now() + 3_600_000) },
  });
  expect(await webhookDeliveries.replay(desk.operator, { id: delivery.id })).toMatchObject({ result: 'UPDATED' });
});
