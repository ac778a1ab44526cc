import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Desk, TestApp } from '../../kit/app.js';
import { deliveriesTo, endpointAt, getEndpoint, openWebhookApp } from './kit.js';
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

describe('an endpoint that fails', () => {
  test('is tried again under the same id until it succeeds', async () => {
    const breakOff = (response: ServerResponse) => response.writeHead(200).write('Half', () => response.destroy());
    sink.answer(path, 500, breakOff, 302, 204);
    const { id, secret } = await endpointAt(desk, url(), { eventTypes: ['customer.created'] });
    await contact('Jane');
    await expect.poll(() => sink.at(path).length).toBe(4);
    const ids = sink.at(path).map((request) => [request.headers['webhook-id'], verified(secret, request)]);
    expect(new Set(ids.map((one) => JSON.stringify(one))).size).toBe(1);
    await expect.poll(async () => (await deliveriesTo(desk, id))[0]?.status).toBe('SUCCEEDED');
    const [delivery] = await deliveriesTo(desk, id);
    expect(delivery).toMatchObject({
      attemptCount: 4,
      attempts: {
        nodes: [
          { result: 'REJECTED', responseStatus: 500, error: null },
          { result: 'UNREACHABLE', responseStatus: null, error: 'ECONNRESET' },
          { result: 'REJECTED', responseStatus: 302 },
          { result: 'SUCCEEDED', responseStatus: 204, responseExcerpt: '' },
        ],
      },
    });
    expect((await desk.run(getEndpoint, { id })).webhookEndpoint).toMatchObject({
      failingSince: null,
      failureCount: 0,
    });
  });

  test('is given up after the last attempt', async () => {
    sink.answer(path, 500);
    const { id } = await endpointAt(desk, url(), { eventTypes: ['customer.created'] });
    await contact('Jane');
    await expect.poll(async () => (await deliveriesTo(desk, id))[0]?.status).toBe('FAILED');
    expect(await deliveriesTo(desk, id)).toMatchObject([{ attemptCount: 4, nextAttemptAt: null }]);
    expect(sink.at(path)).toHaveLength(4);
    expect((await desk.run(getEndpoint, { id })).webhookEndpoint).toMatchObject({
      isEnabled: true,
      failingSince: expect.any(String),
      failureCount: 4,
    });
  });

  test('that takes too long is cut off', async () => {
    const impatient = await openWebhookApp({ timeoutMs: 300 });
    sink.answer(
      path,
      () => undefined,
      (response) => {
        response.writeHead(200).write('Slowly');
      },
    );
    const owner = await impatient.createDesk();
    const { id } = await endpointAt(owner, url(), { eventTypes: ['customer.created'] });
    await impatient.services.customers.upsert(owner.operator, { externalId: 'Jane' });
    await expect.poll(async () => (await deliveriesTo(owner, id))[0]?.status).toBe('FAILED');
    const [delivery] = await deliveriesTo(owner, id);
    const attempts = delivery?.attempts.nodes ?? [];
    expect(attempts.map(({ result }) => result)).toEqual(Array(4).fill('TIMED_OUT'));
    expect(attempts[0]).toMatchObject({ responseStatus: null });
    expect(Math.min(...attempts.map(({ durationMs }) => durationMs))).toBeGreaterThan(250);
    await impatient.close();
  });

  test('that answers without end is cut off', async () => {
    let written = 0;
    sink.answer(path, (response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      const more = (): void => {
        written += 1;
        if (!response.destroyed) response.write('é'.repeat(4096), () => setImmediate(more));
      };
      more();
    });
    const { id } = await endpointAt(desk, url(), { eventTypes: ['customer.created'] });
    await contact('Jane');
    await expect.poll(async () => (await deliveriesTo(desk, id))[0]?.status).toBe('SUCCEEDED');
    const [delivery] = await deliveriesTo(desk, id);
    expect(delivery?.attempts.nodes).toMatchObject([{ result: 'SUCCEEDED', responseExcerpt: 'é'.repeat(512) }]);
    expect(written).toBeLessThan(1_000);
  });

  test('with 410 is disabled, and says so', async () => {
    sink.answer(path, 410);
    const { id } = await endpointAt(desk, url(), { eventTypes: ['customer.created'] });
    const other = await endpointAt(desk, `${url()}/other`, { eventTypes: ['webhook_endpoint.disabled'] });
    await contact('Jane');
    await expect.poll(async () => (await deliveriesTo(desk, id))[0]?.status).toBe('FAILED');
    expect((await desk.run(getEndpoint, { id })).webhookEndpoint).toMatchObject({
      isEnabled: false,
      disabledReason: 'GONE',
      disabledAt: expect.any(String),
      version: 2,
    });
    await expect.poll(() => sink.at(`${path}/other`).length).toBe(1);
    expect(verified(other.secret, sink.at(`${path}/other`)[0] as Received)).toMatchObject({
      type: 'webhook_endpoint.disabled',
      data: { entityId: id, actorId: null, after: { disabledReason: 'GONE' }, entity: null },
    });
    expect(sink.at(path)).toHaveLength(1);
  });

  test('for five days is disabled', async () => {
    sink.answer(path, 500);
    const { id } = await endpointAt(desk, url(), { eventTypes: ['customer.created'] });
    const failingSince = new Date(Date.now() - 5 * 24 * 3_600_000);
    await app.database.prisma.webhookEndpoint.updateMany({ where: { id }, data: { failingSince, failureCount: 18 } });
    await contact('Jane');
    await expect
      .poll(async () => (await desk.run(getEndpoint, { id })).webhookEndpoint)
      .toMatchObject({ isEnabled: false, disabledReason: 'FAILING', failureCount: 20 });
    // What was planned is not sent any more.
    await expect
      .poll(() => deliveriesTo(desk, id))
      .toMatchObject([{ status: 'CANCELLED', attemptCount: 2, nextAttemptAt: null }]);
  });

  test('and asks for a pause gets one, for all of its deliveries', async () => {
    sink.answer(path, (response) => response.writeHead(429, { 'retry-after': '1800' }).end(), 200);
    const { id } = await endpointAt(desk, url(), { eventTypes: ['customer.created'] });
    await contact('Jane');
    await expect
      .poll(async () => (await desk.run(getEndpoint, { id })).webhookEndpoint?.pausedUntil)
      .toEqual(expect.any(String));
    const [delivery] = await deliveriesTo(desk, id);
    const [attempt] = delivery?.attempts.nodes ?? [];
    const endedAt = new Date(attempt?.startedAt ?? 0).getTime() + (attempt?.durationMs ?? 0);
    expect(delivery).toMatchObject({ status: 'PENDING', attemptCount: 1 });
    expect(new Date(delivery?.nextAttemptAt ?? 0).getTime()).toBe(endedAt + 1_800_000);

    await contact('Omar');
    const isPutOff = (time: string | null) => new Date(time ?? 0).getTime() >= endedAt + 1_800_000;
    await expect
      .poll(async () => (await deliveriesTo(desk, id)).map((one) => [one.attemptCount, isPutOff(one.nextAttemptAt)]))
      .toEqual([
        [0, true],
        [1, true],
      ]);
    expect(sink.at(path)).toHaveLength(1);

    // As if the half hour was over.
    await app.database.prisma.webhookEndpoint.updateMany({ where: { id }, data: { pausedUntil: new Date(0) } });
    await app.database.pool.query(
      'SELECT FROM deskgraph_jobs.reschedule_jobs(ARRAY(SELECT id FROM deskgraph_jobs.jobs), run_at => now())',
    );
    await expect
      .poll(async () => (await deliveriesTo(desk, id)).map(({ status }) => status))
      .toEqual(['SUCCEEDED', 'SUCCEEDED']);
    expect(sink.at(path)).toHaveLength(3);
  });
});
