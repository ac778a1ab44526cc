import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { fileLinks } from '../../../src/modules/file/file.links.js';
import { readDeliveryRequests } from '../../../src/modules/webhooks/sending/webhook.request.js';
import { tidysupportWebhooks } from '../../../src/rest/tidysupport/webhooks/webhook-format.js';
import type { Desk, TestApp } from '../../kit/app.js';
import { statementsOf } from '../../kit/statements.js';
import { endpointAt, openWebhookApp } from './kit.js';
import { openSink, type Received, type Sink, verified } from './sink.js';

let app: TestApp;
let sink: Sink;
let desk: Desk;
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

const jane = { externalId: 'usr_1', email: 'jane@example.com', name: 'Jane Doe' };

async function requests(count: number): Promise<Received[]> {
  await expect.poll(() => sink.at(path).length).toBe(count);
  return sink.at(path);
}

test('a request verifies with each of two secrets after a rotation, and with no other', async () => {
  const { id, secret } = await endpointAt(desk, sink.url + path, { eventTypes: ['customer.*'] });
  const other = await endpointAt(desk, `${sink.url}${path}/other`, { eventTypes: ['agent.*'] });
  const rotated = await app.services.webhooks.rotateSecret(desk.operator, { id });
  await app.services.customers.upsert(desk.operator, jane);
  const [request] = (await requests(1)) as [Received];
  expect(request.headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+$/);
  expect(request.headers['content-type']).toBe('application/json');
  expect(Number(request.headers['webhook-timestamp'])).toBeCloseTo(Date.now() / 1000, -2);
  expect(verified(rotated.secret ?? '', request)).toEqual(verified(secret, request));
  expect(() => verified(other.secret, request)).toThrow('No matching signature found');
  const forged = { ...request, body: request.body.replace('Jane', 'John') };
  expect(() => verified(secret, forged)).toThrow('No matching signature found');
  const renamed = { ...request, headers: { ...request.headers, 'webhook-id': 'whd_other' } };
  expect(() => verified(secret, renamed)).toThrow('No matching signature found');
});

test('a secret whose time is over signs nothing', async () => {
  const { id, secret } = await endpointAt(desk, sink.url + path, { eventTypes: ['customer.*'] });
  const rotated = await app.services.webhooks.rotateSecret(desk.operator, { id, overlapHours: 0 });
  await app.services.customers.upsert(desk.operator, jane);
  const [request] = (await requests(1)) as [Received];
  expect(request.headers['webhook-signature']).toMatch(/^v1,\S+$/);
  expect(verified(rotated.secret ?? '', request)).toMatchObject({ type: 'customer.created' });
  expect(() => verified(secret, request)).toThrow('No matching signature found');
});

test('cStar gets its two events in its own form, signed in its own way as well', async () => {
  const { id, secret } = await endpointAt(desk, sink.url + path, { format: 'CSTAR' });
  const { operator, workspaceId } = desk;
  const { customer } = await app.services.customers.upsert(operator, {
    ...jane,
    tags: ['vip'],
    metadata: { plan: 'team' },
  });
  const changes = { sentiment: 'HAPPY', phone: '+1 555', metadata: { seats: 3 } } as const;
  const updated = (await app.services.customers.update(operator, { id: customer.id, ...changes })).customer;
  await app.services.customers.setStatus(operator, { id: customer.id, status: 'SUSPENDED' });
  // What cStar has no event for.
  await app.services.agents.create(operator, { name: 'Ada', email: 'ada@desk.test' });
  const found = await requests(3);
  const bodies = found.map(
    (request) => verified(secret, request) as { type: string; created_at: string; data: object },
  );
  const { uuid } = await app.database.prisma.workspace.findUniqueOrThrow({ where: { id: workspaceId } });
  const shown = {
    id: customer.uuid,
    name: 'Jane Doe',
    email: 'jane@example.com',
    tags: ['vip'],
    ticket_count: 0,
    notes: null,
    created_at: customer.createdAt.toISOString(),
  };
  expect(bodies.map(({ type }) => type).sort()).toEqual(['customer.created', 'customer.updated', 'customer.updated']);
  const created = bodies.find(({ type }) => type === 'customer.created');
  expect(created).toMatchObject({ team_id: uuid, created_at: expect.any(String), data: { customer: shown } });
  expect(created?.data).not.toHaveProperty('changes');
  // The fields of the REST endpoints of cStar, in the spelling of its webhooks.
  const { customer: told = {} } = (created?.data ?? {}) as { customer?: object };
  expect(Object.keys(told)).toEqual([
    'id',
    'object',
    'name',
    'email',
    'status',
    'sentiment',
    'tags',
    'ticket_count',
    'notes',
    'custom_fields',
    'metadata',
    'created_at',
    'updated_at',
  ]);
  const ofMood = bodies.find(({ data }) => 'changes' in data && JSON.stringify(data.changes).includes('sentiment'));
  expect(ofMood?.data).toMatchObject({
    customer: { ...shown, custom_fields: { plan: 'team', seats: 3 }, sentiment: 'happy' },
  });
  expect(ofMood?.data).toHaveProperty('changes', {
    sentiment: { from: 'neutral', to: 'happy' },
    custom_fields: { from: { plan: 'team' }, to: { plan: 'team', seats: 3 } },
  });
  expect(bodies.some(({ data }) => 'changes' in data && 'status' in (data.changes as object))).toBe(true);
  expect(updated.sentiment).toBe('HAPPY');

  for (const { headers, body } of found) {
    const [time, signature] = String(headers['x-signature']).split(',') as [string, string];
    const timestamp = time.replace('t=', '');
    const expected = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
    expect(signature).toBe(`v1=${expected}`);
    expect(headers).toMatchObject({
      'x-webhook-id': id.replace('whe_', 'whk_'),
      'x-event-id': String(headers['webhook-id']).replace('whd_', 'evt_'),
      'x-event-type': (JSON.parse(body) as { type: string }).type,
      'x-timestamp': new Date(Number(timestamp) * 1000).toISOString(),
      'x-delivery-attempt': '1',
    });
    expect((JSON.parse(body) as { id: string }).id).toBe(headers['x-event-id']);
  }
});

test('a format that shows no UUIDs of customers has none looked up', async () => {
  const { id } = await endpointAt(desk, sink.url + path, {
    format: 'TIDYSUPPORT',
    eventTypes: ['CONVERSATION_CREATED'],
  });
  await app.services.conversations.start(desk.operator, {
    email: 'jane@example.com',
    text: 'Hi',
    direction: 'INBOUND',
  });
  await requests(1);
  const [delivery] = await app.database.prisma.webhookDelivery.findMany({ where: { endpointId: id } });
  if (!delivery) throw new Error('Nothing was delivered.');
  const keys = [{ workspaceId: desk.workspaceId, deliveryId: delivery.id }];
  const statements = await statementsOf(() =>
    readDeliveryRequests(app.database, keys, [tidysupportWebhooks], fileLinks(app.database)),
  );
  expect(statements.filter((text) => text.includes('"Conversation"'))).toHaveLength(1);
  expect(statements.filter((text) => text.includes('"Customer"'))).toEqual([]);
});
