import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readAllowedTargets } from '../../../src/lib/http/targets.js';
import { graphql } from '../../generated/gql.js';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { deliveriesTo, endpointAt, getEndpoint, openWebhookApp, updateEndpoint } from './kit.js';
import { openSink, type Received, type Sink, verified } from './sink.js';

let app: TestApp;
let sink: Sink;
let desk: Desk;
/** Where the endpoint of the test listens. */
let path: string;
let places = 0;

beforeAll(async () => {
  [app, sink] = await Promise.all([openWebhookApp(), openSink()]);
});
beforeEach(async () => {
  desk = await app.createDesk();
  places += 1;
  path = `/${places}`;
});
afterAll(async () => {
  await app.close();
  await sink.close();
});

const url = (): string => `${sink.url}${path}`;
const contact = (name: string) => app.services.customers.upsert(desk.operator, { externalId: name, name });

/** The payload of the one request that came, verified. */
async function onlyPayload(secret: string): Promise<unknown> {
  await expect.poll(() => sink.at(path).length).toBe(1);
  return verified(secret, sink.at(path)[0] as Received);
}

const replayDeliveries = graphql(`
  mutation WebhooksReplayRange($input: ReplayWebhookDeliveriesInput!) {
    replayWebhookDeliveries(input: $input) { replayed hasMore lastSeq userErrors { code path conflictingId } }
  }`);
const replayDelivery = graphql(`
  mutation WebhooksReplay($id: ID!) {
    replayWebhookDelivery(input: { id: $id }) {
      result delivery { databaseId status attemptCount } userErrors { code path conflictingId }
    }
  }`);
const sendTest = graphql(`
  mutation WebhooksTest($endpointId: ID!) {
    sendTestWebhook(input: { endpointId: $endpointId }) {
      delivery { databaseId status eventType eventId } userErrors { code path }
    }
  }`);

const longAgo = '2020-01-01T00:00:00Z';

async function replayAll(endpointId: string, input: object = {}) {
  const { replayWebhookDeliveries } = await desk.run(replayDeliveries, {
    input: { endpointId, from: longAgo, ...input },
  });
  return replayWebhookDeliveries;
}

describe('a replay', () => {
  test('sends a delivery again under its id', async () => {
    const { id, secret } = await endpointAt(desk, url(), { eventTypes: ['customer.created'] });
    await contact('Jane');
    await expect.poll(async () => (await deliveriesTo(desk, id))[0]?.status).toBe('SUCCEEDED');
    const [delivery] = await deliveriesTo(desk, id);
    const { replayWebhookDelivery } = await desk.run(replayDelivery, { id: delivery?.databaseId ?? '' });
    expect(replayWebhookDelivery).toMatchObject({
      result: 'UPDATED',
      delivery: { databaseId: delivery?.databaseId, status: 'PENDING', attemptCount: 1 },
    });
    await expect.poll(() => sink.at(path).length).toBe(2);
    const [first, second] = sink.at(path).map((request) => [request.headers['webhook-id'], verified(secret, request)]);
    expect(second).toEqual(first);
    await expect
      .poll(() => deliveriesTo(desk, id))
      .toMatchObject([{ status: 'SUCCEEDED', attemptCount: 2, attempts: { totalCount: 2 } }]);
  });

  test('of a time sends what did not arrive, and what happened while the endpoint was disabled', async () => {
    sink.answer(path, 500, 500, 500, 500, 200);
    const { id } = await endpointAt(desk, url(), { eventTypes: ['customer.created'] });
    await contact('Failed');
    await expect.poll(async () => (await deliveriesTo(desk, id))[0]?.status).toBe('FAILED');
    await contact('Arrived');
    await expect.poll(async () => (await deliveriesTo(desk, id))[0]?.status).toBe('SUCCEEDED');
    await desk.run(updateEndpoint, { input: { id, isEnabled: false } });
    expect((await replayAll(id)).userErrors).toEqual([
      { code: 'CONFLICT', path: ['input', 'endpointId'], conflictingId: id },
    ]);
    await contact('Missed');
    await desk.run(updateEndpoint, { input: { id, isEnabled: true } });
    sink.received.length = 0;

    expect(await replayAll(id)).toMatchObject({ replayed: 2, hasMore: false });
    const names = () =>
      sink
        .at(path)
        .map(({ body }) => (JSON.parse(body) as { data: { after: { name: string } } }).data.after.name)
        .sort();
    await expect.poll(names).toEqual(['Failed', 'Missed']);
    await expect
      .poll(async () => new Set((await deliveriesTo(desk, id)).map(({ status }) => status)))
      .toEqual(new Set(['SUCCEEDED']));
    const { lastSeq } = await replayAll(id, { includeSucceeded: true });
    await expect.poll(names).toEqual(['Arrived', 'Failed', 'Failed', 'Missed', 'Missed']);
    expect(await replayAll(id, { includeSucceeded: true, afterSeq: lastSeq })).toMatchObject({ replayed: 0 });
    expect(await replayAll(id, { includeSucceeded: true, to: longAgo, from: '2019-01-01T00:00:00Z' })).toMatchObject({
      replayed: 0,
    });
  });

  test('sends what happened while the endpoint was disabled, also when others are not told of it yet', async () => {
    const undispatched = await openTestApp({ webhooks: { targets: readAllowedTargets('127.0.0.1') } });
    desk = await undispatched.createDesk();
    await endpointAt(desk, url());
    const { id } = await endpointAt(desk, url(), { eventTypes: ['customer.created'], isEnabled: false });
    await undispatched.services.customers.upsert(desk.operator, { externalId: 'missed' });
    await desk.run(updateEndpoint, { input: { id, isEnabled: true } });
    expect(await replayAll(id)).toMatchObject({ replayed: 1, hasMore: false });
    expect(await replayAll(id)).toMatchObject({ replayed: 0 });
    await undispatched.close();
  });
});

describe('a test', () => {
  test('is sent once, also to an endpoint that is disabled, and does not count as a failure', async () => {
    sink.answer(path, 500);
    const { id, secret } = await endpointAt(desk, url(), { isEnabled: false });
    const { sendTestWebhook } = await desk.run(sendTest, { endpointId: id });
    expect(sendTestWebhook.delivery).toMatchObject({
      status: 'PENDING',
      eventType: 'webhook_endpoint.test',
      eventId: null,
    });
    expect(await onlyPayload(secret)).toEqual({
      type: 'webhook_endpoint.test',
      timestamp: expect.any(String),
      data: { workspaceId: desk.workspaceId, endpointId: id },
    });
    await expect.poll(() => deliveriesTo(desk, id)).toMatchObject([{ status: 'FAILED', attemptCount: 1 }]);
    expect((await desk.run(getEndpoint, { id })).webhookEndpoint).toMatchObject({ failureCount: 0 });
  });

  test('to a host that is not public says so, whatever the host was when the endpoint was created', async () => {
    const { id } = await endpointAt(desk, url());
    const forbidden = 'http://10.1.2.3/';
    await app.database.prisma.webhookEndpoint.updateMany({ where: { id }, data: { url: forbidden } });
    await desk.run(sendTest, { endpointId: id });
    await expect
      .poll(async () => (await deliveriesTo(desk, id)).find(({ eventId }) => eventId === null))
      .toMatchObject({
        status: 'FAILED',
        attempts: { nodes: [{ result: 'FORBIDDEN_TARGET', error: '10.1.2.3 is not a public address.' }] },
      });
  });
});

test('deliveries that ended more than thirty days ago are forgotten with the next event, others are not', async () => {
  const { prisma } = app.database;
  const { id: endpointId } = await endpointAt(desk, url(), { eventTypes: ['customer.created'], isEnabled: false });
  const daysAgo = (days: number): Date => new Date(Date.now() - days * 24 * 3_600_000);
  const add = async (id: string, days: number, status: 'SUCCEEDED' | 'PENDING') => {
    const { workspaceId } = desk;
    const data = { workspaceId, id, endpointId, type: 'webhook_endpoint.test', status, createdAt: daysAgo(days) };
    await prisma.webhookDelivery.create({ data });
  };
  await add('whd_old', 31, 'SUCCEEDED');
  await add('whd_young', 29, 'SUCCEEDED');
  await add('whd_waiting', 31, 'PENDING');
  await desk.run(updateEndpoint, { input: { id: endpointId, isEnabled: true } });
  await contact('Jane');
  await expect.poll(() => sink.at(path).length).toBe(1);
  const left = await deliveriesTo(desk, endpointId);
  expect(left.map(({ databaseId }) => databaseId).filter((id) => id.length < 20)).toEqual(['whd_young', 'whd_waiting']);
});
