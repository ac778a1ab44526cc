import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../../src/db/global-id.js';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { ask } from '../../kit/ask.js';
import { newEvents } from '../../kit/records.js';
import { statementsOf } from '../../kit/statements.js';
import { fillDesk, type Story, tellStory } from '../../kit/story.js';
import { expectSettled } from '../conversion/ledger-kit.js';
import {
  deleteTrackedCustomer,
  trackedCustomer,
  trackedCustomers,
  updateTrackedCustomer,
  upsertTrackedCustomer,
} from './tracked-documents.js';

let testApp: TestApp;
let story: Story;
/** A key as revenue tracking gives them out, which knows nothing of the desk. */
let tracker: Desk;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  story = await tellStory(testApp);
  tracker = await story.desk.withScopes('links:read', 'links:create', 'links:update', 'links:delete', 'analytics:read');
});
afterAll(() => testApp.close());

const get = async (key: { id?: string; externalId?: string }) =>
  (await tracker.run(trackedCustomer, key)).trackedCustomer;
type UpsertInput = { externalId: string; email?: string | null; name?: string; clickId?: string; metadata?: object };
const upsert = async (input: UpsertInput) =>
  (await tracker.run(upsertTrackedCustomer, { input: input as never })).upsertTrackedCustomer;
const readRow = (id: string) =>
  testApp.database.prisma.customer.findUniqueOrThrow({
    where: { workspaceId_id: { workspaceId: story.desk.workspaceId, id } },
  });
const click = (input: object) => testApp.services.clicks.record(story.desk.operator, input);

describe('a key of revenue tracking', () => {
  test('sees who has an externalId, and nobody else', async () => {
    const { jane, omar } = story;
    const expected = { databaseId: jane.id, externalId: 'usr_jane', email: 'jane@example.com', name: 'Jane Doe' };
    expect(await get({ id: jane.id })).toMatchObject({ ...expected, ltv: { amountMinor: 0, currency: 'USD' } });
    expect(await get({ id: encodeGlobalId('Contact', jane.id) })).toMatchObject(expected);
    expect(await get({ externalId: 'usr_jane' })).toMatchObject(expected);
    expect(await get({ id: omar.id })).toBeNull();
    const { trackedCustomers: list, trackedCustomersCount } = await tracker.run(trackedCustomers);
    expect(list).toMatchObject({ totalCount: 1, nodes: [{ databaseId: jane.id }] });
    expect(trackedCustomersCount).toBe(1);
    const node = (id: string) =>
      ask(testApp, tracker, `{ node(id: "${encodeGlobalId('TrackedCustomer', id)}") { __typename } }`);
    expect((await node(jane.id)).data).toEqual({ node: { __typename: 'TrackedCustomer' } });
    expect((await node(omar.id)).data).toEqual({ node: null });
  });

  test.each([
    ['customers:read', '{ trackedCustomer(externalId: "usr_jane") { customer { notes } } }'],
    ['customers:read', '{ customer(externalId: "usr_jane") { name } }'],
    ['customers:read', '{ contacts { nodes { name } } }'],
    ['customers:read', '{ customersCount(filter: { query: "jan" }) }'],
    ['conversations:read', '{ conversations { nodes { subject } } }'],
    ['conversations:read', '{ trackedCustomerJourney(externalId: "usr_jane", kinds: [MESSAGE]) { totalCount } }'],
    ['customers:read', '{ trackedCustomerJourney(externalId: "usr_jane", kinds: [PROFILE_CHANGE]) { totalCount } }'],
    ['customers:read', 'mutation { recalculateCustomerLtv(input: { externalId: "usr_jane" }) { customer { notes } } }'],
    ['customers:write', 'mutation { updateCustomer(input: { id: "ctc_1" }) { result } }'],
    ['customers:write', 'mutation { deleteCustomer(input: { id: "ctc_1", mode: SCRUB }) { deletedId } }'],
  ])('learns nothing of the desk, which needs %s: %s', async (scope, document) => {
    expect((await ask(testApp, tracker, document)).errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN', requiredScope: scope } },
    ]);
  });

  test('changes nobody without an externalId', async () => {
    const { omar } = story;
    const notFound = [{ code: 'NOT_FOUND', path: ['input', 'which', 'id'] }];
    const which = { id: omar.id };
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await tracker.run(updateTrackedCustomer, { input: { which, name: 'X' } })).toMatchObject({
        updateTrackedCustomer: { userErrors: notFound },
      });
      expect(await tracker.run(deleteTrackedCustomer, { input: { which } })).toMatchObject({
        deleteTrackedCustomer: { userErrors: notFound },
      });
    });
    expect(events).toEqual([]);
    expect(await readRow(omar.id)).toEqual(omar);
  });
});

describe('the list', () => {
  test('is filtered, ordered and passed over', async () => {
    const desk = await testApp.createDesk();
    await fillDesk(testApp, desk, { customers: 30 });
    const read = async (args: object) => (await desk.run(trackedCustomers, args)).trackedCustomers;
    const orderBy = { field: 'LTV', direction: 'DESC' } as const;
    const { nodes } = await read({ first: 30, orderBy });
    expect(nodes[0]?.ltv.amountMinor).toBe(7_000);
    expect((await read({ first: 4, offset: 8, orderBy })).nodes).toEqual(nodes.slice(8, 12));
    expect(await read({ filter: { query: 'customer7' } })).toMatchObject({
      totalCount: 1,
      nodes: [{ externalId: 'usr_7' }],
    });
    expect(await read({ filter: { ltvMinor: { gte: 6_000 } } })).toMatchObject({ totalCount: 6 });
  });

  test('costs as many statements for two as for a hundred', async () => {
    const desk = await testApp.createDesk();
    await fillDesk(testApp, desk, { customers: 100 });
    const counts: number[] = [];
    for (const first of [2, 100, 2, 100]) {
      counts.push((await statementsOf(() => desk.run(trackedCustomers, { first }))).length);
    }
    expect(counts.slice(2)).toEqual([4, 4]);
    const nodes = async (count: number) => {
      const ids = Array.from({ length: count }, (_, place) =>
        encodeGlobalId('TrackedCustomer', `ctc_${String(place).padStart(4, '0')}`),
      );
      const document = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on TrackedCustomer { externalId } } }';
      return (await statementsOf(() => ask(testApp, desk, document, { ids }))).length;
    };
    expect([await nodes(2), await nodes(100)]).toEqual([2, 2]);
  });
});

describe('upsertTrackedCustomer', () => {
  test('creates, changes, and leaves as it is', async () => {
    const created = await upsert({ externalId: 'usr_new', email: 'new@example.com' });
    expect(created).toMatchObject({ result: 'CREATED', clickClaimed: null, userErrors: [] });
    const changed = await upsert({ externalId: 'usr_new', name: 'New', metadata: { plan: 'pro' } });
    expect(changed).toMatchObject({
      result: 'UPDATED',
      changedFields: ['name', 'metadata'],
      customer: { databaseId: created.customer?.databaseId, email: 'new@example.com', metadata: { plan: 'pro' } },
    });
    expect(await upsert({ externalId: 'usr_new', name: 'New' })).toMatchObject({ result: 'UNCHANGED' });
  });

  test('makes the contact with the e-mail a customer', async () => {
    const { customer, result } = await upsert({ externalId: 'usr_omar', email: 'OMAR@example.com' });
    expect(result).toBe('UPDATED');
    expect(customer).toMatchObject({ databaseId: story.omar.id, externalId: 'usr_omar' });
  });

  test('names the customer who has the e-mail by another externalId', async () => {
    const { userErrors } = await upsert({ externalId: 'usr_new', email: 'jane@example.com' });
    expect(userErrors).toMatchObject([{ code: 'CONFLICT', path: ['input', 'email'], conflictingId: story.jane.id }]);
  });

  test('brings the customer together with a click of nobody, once', async () => {
    await click({ clickId: 'k1', utmSource: 'news', occurredAt: new Date('2025-01-01T00:00:00Z') });
    const input = { externalId: 'usr_new', clickId: 'k1' };
    const { customer, clickClaimed } = await upsert(input);
    expect(clickClaimed).toBe(true);
    const stored = await testApp.database.prisma.click.findFirst({ where: { workspaceId: story.desk.workspaceId } });
    expect(stored?.customerId).toBe(customer?.databaseId);
    expect((await readRow(customer?.databaseId ?? '')).acquiredAt).toEqual(stored?.occurredAt);
    await expectSettled(testApp, story.desk);
    expect(await newEvents(testApp, story.desk, () => upsert(input))).toEqual([]);
    expect(await upsert(input)).toMatchObject({ result: 'UNCHANGED', clickClaimed: false });
  });

  test('gives the externalId to whom the click made known', async () => {
    const { click: known } = await click({ clickId: 'k1', email: 'lead@example.com' });
    expect(await upsert({ externalId: 'usr_lead', clickId: 'k1' })).toMatchObject({
      result: 'UPDATED',
      clickClaimed: false,
      customer: { databaseId: known.customerId, email: 'lead@example.com' },
    });
    // From now on the click is that of somebody else.
    const other = await upsert({ externalId: 'usr_other', clickId: 'k1' });
    expect(other).toMatchObject({ result: 'CREATED', clickClaimed: false });
    expect(other.customer?.databaseId).not.toBe(known.customerId);
    await click({ clickId: 'k2', email: 'second@example.com' });
    const third = await upsert({ externalId: 'usr_third', email: 'third@example.com', clickId: 'k2' });
    expect(third).toMatchObject({ result: 'CREATED', clickClaimed: false });
  });

  test('writes nothing for a click that is not known', async () => {
    const events = await newEvents(testApp, story.desk, async () => {
      const { userErrors } = await upsert({ externalId: 'usr_new', clickId: 'k1' });
      expect(userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'clickId'] }]);
    });
    expect(events).toEqual([]);
    expect(await get({ externalId: 'usr_new' })).toBeNull();
  });

  test('makes one customer for many who say the same at once', async () => {
    await click({ clickId: 'k1' });
    const payloads = await Promise.all(
      Array.from({ length: 6 }, (_, place) => upsert({ externalId: 'usr_new', name: `Name ${place}`, clickId: 'k1' })),
    );
    expect(payloads.flatMap(({ userErrors }) => userErrors)).toEqual([]);
    expect(new Set(payloads.map(({ customer }) => customer?.databaseId)).size).toBe(1);
    expect(payloads.filter(({ result }) => result === 'CREATED')).toHaveLength(1);
    expect(payloads.filter(({ clickClaimed }) => clickClaimed)).toHaveLength(1);
    await expectSettled(testApp, story.desk);
  });
});

describe('updateTrackedCustomer', () => {
  const update = async (input: object) =>
    (await tracker.run(updateTrackedCustomer, { input: input as never })).updateTrackedCustomer;

  test('takes either name, and gives another externalId', async () => {
    const which = { externalId: 'usr_jane' };
    expect(await update({ which, externalId: 'usr_j' })).toMatchObject({
      result: 'UPDATED',
      changedFields: ['externalId'],
      customer: { databaseId: story.jane.id, externalId: 'usr_j' },
    });
    expect((await update({ which, name: 'X' })).userErrors).toMatchObject([
      { code: 'NOT_FOUND', path: ['input', 'which', 'externalId'] },
    ]);
    expect(await update({ which: { id: story.jane.id }, name: 'J' })).toMatchObject({ customer: { name: 'J' } });
  });

  test('refuses what cannot be', async () => {
    await upsert({ externalId: 'usr_new' });
    expect((await update({ which: { externalId: 'usr_new' }, externalId: 'usr_jane' })).userErrors).toMatchObject([
      { code: 'CONFLICT', path: ['input', 'externalId'], conflictingId: story.jane.id },
    ]);
    for (const which of [{}, { id: story.jane.id, externalId: 'usr_jane' }]) {
      expect((await update({ which })).userErrors).toMatchObject([
        { code: 'BAD_USER_INPUT', path: ['input', 'which', 'id'] },
      ]);
    }
    expect((await update({ which: { externalId: 'usr_new' }, externalId: null })).userErrors).toMatchObject([
      { code: 'BAD_USER_INPUT', path: ['input', 'externalId'], message: 'Must not be null.' },
    ]);
  });
});

describe('deleteTrackedCustomer', () => {
  test('scrubs, and keeps what was sold', async () => {
    const { jane, desk } = story;
    const { prisma } = testApp.database;
    const { workspaceId } = desk;
    await click({ clickId: 'k1', customerId: jane.id, referrer: 'https://jane.example/' });
    await testApp.services.conversions.record(desk.operator, {
      class: 'SALE',
      customerId: jane.id,
      orderId: 'o1',
      amountMinor: 500,
    });
    const { deleteTrackedCustomer: payload } = await tracker.run(deleteTrackedCustomer, {
      input: { which: { externalId: 'usr_jane' } },
    });
    expect(payload).toMatchObject({ deletedId: jane.id, userErrors: [] });
    expect(payload.receipt).toContainEqual({ table: 'Customer', action: 'BLANKED', count: 1 });
    expect(await get({ id: jane.id })).toBeNull();
    expect(await get({ externalId: 'usr_jane' })).toBeNull();
    expect(await readRow(jane.id)).toMatchObject({ email: null, name: null, externalId: null, ltvMinor: 500n });
    expect(await prisma.conversion.count({ where: { workspaceId, customerId: jane.id } })).toBe(1);
    expect(await prisma.conversation.count({ where: { workspaceId, customerId: jane.id } })).toBe(1);
    // The name is free again.
    expect(await upsert({ externalId: 'usr_jane' })).toMatchObject({ result: 'CREATED' });
  });
});

test('the names of a merged customer lead to the survivor', async () => {
  const { customer } = await upsert({ externalId: 'usr_twin', email: 'twin@example.com' });
  const sourceId = customer?.databaseId ?? '';
  await testApp.services.customers.merge(story.desk.operator, { sourceId, targetId: story.jane.id });
  for (const key of [{ id: sourceId }, { externalId: 'usr_twin' }]) {
    expect(await get(key)).toMatchObject({ databaseId: story.jane.id });
    expect(await tracker.run(updateTrackedCustomer, { input: { which: key, name: 'Both' } })).toMatchObject({
      updateTrackedCustomer: { customer: { databaseId: story.jane.id } },
    });
  }
});

test('attribution names what it credits to a key that may not read links', async () => {
  const { desk, jane } = story;
  const { campaigns, links, conversions } = testApp.services;
  const campaign = await campaigns.create(desk.operator, { name: 'Spring' });
  const link = await links.create(desk.operator, { url: 'https://example.com/', campaignId: campaign.id });
  const { click: made } = await click({ clickId: 'k1', linkId: link.id, customerId: jane.id, utmSource: 'news' });
  await conversions.record(desk.operator, { class: 'SALE', customerId: jane.id, amountMinor: 500 });
  const fields = 'key label amount { amountMinor }';
  const { data } = await ask(
    testApp,
    await desk.withScopes('analytics:read'),
    `{ trackedCustomerAttribution(externalId: "usr_jane") {
      clicks { ${fields} } links { ${fields} } campaigns { ${fields} } sources { ${fields} }
    } }`,
  );
  const amount = { amountMinor: 500 };
  expect(data).toEqual({
    trackedCustomerAttribution: {
      clicks: [{ key: made.id, label: 'k1', amount }],
      links: [{ key: link.id, label: 'https://example.com/', amount }],
      campaigns: [{ key: campaign.id, label: 'Spring', amount }],
      sources: [{ key: 'news', label: 'news', amount }],
    },
  });
});
