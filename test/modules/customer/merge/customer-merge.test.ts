import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { graphql } from '../../../generated/gql.js';
import { createContact, startConversation, upsertCustomer } from '../../../graphql/mutations.js';
import { openTestApp, type TestApp } from '../../../kit/app.js';
import { expectKeptUp, newEvents } from '../../../kit/records.js';
import { statementsOf } from '../../../kit/statements.js';
import { fillDesk, type Story, tellStory } from '../../../kit/story.js';
import {
  createCustomer,
  deleteCustomer,
  mergeCustomers,
  setCustomerStatus,
  updateContact,
  updateCustomer,
} from '../customer-mutations.js';

let testApp: TestApp;
let story: Story;
/** Another row of Jane's, with another externalId, no address and a conversation of its own. */
let old: string;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  story = await tellStory(testApp);
  const input = {
    externalId: 'usr_old',
    name: 'J. Doe',
    phone: '123',
    tags: ['vip', 'beta'],
    metadata: { seats: 1, size: 'L' },
  };
  old = (await story.desk.run(createCustomer, { input })).createCustomer.customer?.databaseId ?? '';
  await story.desk.run(startConversation, { input: { contactId: old, text: 'From my other self' } });
  const occurredAt = new Date('2026-01-01T00:00:00Z');
  for (const customerId of [old, story.jane.id]) {
    for (const amountMinor of [200, 300]) {
      const sale = { customerId, class: 'SALE', amountMinor, occurredAt } as const;
      await testApp.services.conversions.record(story.desk.operator, sale);
    }
  }
});
afterAll(() => testApp.close());

const merge = async (
  sourceId: string,
  targetId: string,
  versions: { ifSourceVersion?: number; ifTargetVersion?: number } = {},
) => (await story.desk.run(mergeCustomers, { input: { sourceId, targetId, ...versions } })).mergeCustomers;

/** Every row of customers and whose the conversations are, without what any change counts up. */
async function rows(): Promise<unknown> {
  const { prisma } = testApp.database;
  const { workspaceId } = story.desk;
  const customers = await prisma.customer.findMany({ where: { workspaceId }, orderBy: { id: 'asc' } });
  const owners = { orderBy: { id: 'asc' }, select: { id: true, customerId: true } } as const;
  return [
    customers.map(({ version: _version, updatedAt: _updatedAt, ...rest }) => rest),
    await prisma.conversation.findMany({ where: { workspaceId }, ...owners }),
  ];
}

const find = graphql(`
  query MergedCustomer($id: ID!) {
    customer(id: $id) { databaseId mergedIds }
    contact(id: $id) { databaseId }
    node(id: $id) { ... on Customer { databaseId } }
    nodes(ids: [$id]) { ... on Customer { databaseId } }
    customers(filter: { id: { in: [$id] } }) { nodes { databaseId } }
    contacts(filter: { id: { eq: $id } }) { nodes { databaseId } }
    conversations(filter: { customerId: { eq: $id } }) { nodes { contact { databaseId } } totalCount }
  }
`);

describe('mergeCustomers', () => {
  test('makes one customer of two, with what both had', async () => {
    const { jane } = story;
    let answer: Awaited<ReturnType<typeof merge>> | undefined;
    const events = await newEvents(testApp, story.desk, async () => {
      answer = await merge(old, jane.id);
    });
    expect(answer).toMatchObject({
      result: 'MERGED',
      conversationsMoved: 1,
      changedFields: ['phone', 'tags', 'metadata'],
      customer: {
        databaseId: jane.id,
        externalId: 'usr_jane',
        email: 'jane@example.com',
        name: 'Jane Doe',
        phone: '123',
        tags: ['vip', 'beta'],
        metadata: { plan: 'team', seats: 12, size: 'L' },
        conversationCount: 2,
        lastMessagePreview: 'From my other self',
        ltv: { amountMinor: 1000 },
        salesCount: 4,
        mergedIds: [old],
      },
      userErrors: [],
    });
    expect(events).toMatchObject([
      {
        type: 'customer.merged',
        entityId: jane.id,
        data: {
          sourceId: old,
          targetId: jane.id,
          conversationCount: 1,
          before: { phone: null, tags: ['vip'] },
          after: { phone: '123', tags: ['vip', 'beta'] },
        },
      },
    ]);
    await expectKeptUp(testApp, story.desk);
  });

  test('gives the target the names that it lacks', async () => {
    const { jane, omar } = story;
    const { customer } = await merge(jane.id, omar.id);
    expect(customer).toMatchObject({ externalId: 'usr_jane', email: 'omar@example.com', name: 'Jane Doe' });
  });

  test('lets every old name lead to the survivor, also through a chain of merges', async () => {
    const { jane, omar, desk } = story;
    await merge(old, omar.id);
    await merge(omar.id, jane.id);
    for (const id of [old, omar.id, jane.id]) {
      const answer = await desk.run(find, { id });
      expect(answer).toMatchObject({
        customer: { databaseId: jane.id, mergedIds: [omar.id, old].sort() },
        contact: { databaseId: jane.id },
        node: { databaseId: jane.id },
        nodes: [{ databaseId: jane.id }],
        customers: { nodes: [{ databaseId: jane.id }] },
        contacts: { nodes: [{ databaseId: jane.id }] },
        conversations: { totalCount: 2 },
      });
    }
    const input = { externalId: 'usr_old', email: 'omar@example.com', notes: 'By old names' };
    expect((await desk.run(upsertCustomer, { input })).upsertCustomer).toMatchObject({
      result: 'UPDATED',
      changedFields: ['notes'],
      customer: { databaseId: jane.id, externalId: 'usr_jane', email: 'jane@example.com' },
    });
    expect((await desk.run(createContact, { input: { email: 'omar@example.com' } })).createContact).toMatchObject({
      result: 'UNCHANGED',
      contact: { databaseId: jane.id },
    });
    expect(
      (await desk.run(startConversation, { input: { contactId: old, text: 'Hi' } })).startConversation,
    ).toMatchObject({
      contact: { databaseId: jane.id, conversationCount: 3 },
    });
    const suspended = await desk.run(setCustomerStatus, { input: { id: old, status: 'SUSPENDED' } });
    expect(suspended.setCustomerStatus.customer).toMatchObject({ databaseId: jane.id, status: 'SUSPENDED' });
    const called = await desk.run(updateContact, { input: { id: omar.id, name: 'Jane' } });
    expect(called.updateContact.contact).toMatchObject({ databaseId: jane.id, name: 'Jane' });
    for (const key of [{ externalId: 'usr_old' }, { email: 'omar@example.com' }]) {
      const taken = await desk.run(createCustomer, { input: key });
      expect(taken.createCustomer.userErrors).toMatchObject([{ code: 'CONFLICT', conflictingId: jane.id }]);
    }
  });

  test('sent twice says that it is done', async () => {
    await merge(old, story.jane.id);
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await merge(old, story.jane.id)).toMatchObject({
        result: 'UNCHANGED',
        conversationsMoved: 0,
        customer: { databaseId: story.jane.id, conversationCount: 2 },
        userErrors: [],
      });
    });
    expect(events).toEqual([]);
  });

  test('refuses a customer with itself, a circle, a deleted one and another version', async () => {
    const { jane, omar, desk } = story;
    expect((await merge(jane.id, jane.id)).userErrors).toMatchObject([
      { code: 'BAD_USER_INPUT', path: ['input', 'sourceId'] },
    ]);
    for (const [versions, path] of [
      [{ ifSourceVersion: 9 }, 'ifSourceVersion'],
      [{ ifTargetVersion: 9 }, 'ifTargetVersion'],
    ] as const) {
      expect((await merge(old, jane.id, versions)).userErrors).toMatchObject([
        { code: 'CONFLICT', path: ['input', path], retryable: true },
      ]);
    }
    await merge(old, jane.id);
    expect((await merge(jane.id, old)).userErrors).toMatchObject([
      { code: 'CONFLICT', path: ['input', 'targetId'], conflictingId: jane.id },
    ]);
    await desk.run(deleteCustomer, { input: { id: omar.id, mode: 'SCRUB' } });
    expect((await merge(omar.id, jane.id)).userErrors).toMatchObject([
      { code: 'NOT_FOUND', path: ['input', 'sourceId'] },
    ]);
    expect((await merge(jane.id, omar.id)).userErrors).toMatchObject([
      { code: 'NOT_FOUND', path: ['input', 'targetId'] },
    ]);
  });

  test('refuses what would be too much for one customer, and writes nothing', async () => {
    const { jane, omar, desk } = story;
    const tagsOf = (prefix: string) => Array.from({ length: 30 }, (_, place) => `${prefix}${place}`);
    const metadata = (name: string) => ({ [name]: 'x'.repeat(9_000) });
    const before = await rows();
    for (const fields of [
      [{ tags: tagsOf('a') }, { tags: tagsOf('b') }],
      [{ tags: [], metadata: metadata('a') }, { metadata: metadata('b') }],
    ]) {
      await desk.run(updateCustomer, { input: { id: jane.id, ...fields[0] } });
      await desk.run(updateCustomer, { input: { id: omar.id, ...fields[1] } });
      expect((await merge(omar.id, jane.id)).userErrors).toMatchObject([
        { code: 'BAD_USER_INPUT', path: ['input', 'sourceId'] },
      ]);
    }
    expect(before).not.toEqual(await rows());
    expect((await desk.run(find, { id: omar.id })).customer?.databaseId).toBe(omar.id);
  });

  test('and reading by an id costs one statement, two by one of a merged customer', async () => {
    const { jane, desk } = story;
    const read = graphql(`
      query MergedNode($id: ID!) { node(id: $id) { ... on Customer { databaseId } } }
    `);
    await merge(old, jane.id);
    await desk.run(read, { id: jane.id });
    expect(await statementsOf(() => desk.run(read, { id: jane.id }))).toHaveLength(1);
    expect(await statementsOf(() => desk.run(read, { id: old }))).toHaveLength(2);
  });

  test('reads the merged ids of a whole page with one statement', async () => {
    const { desk } = story;
    const list = graphql(`
      query MergedIdsOfPage($first: Int!) { customers(first: $first) { nodes { mergedIds } } }
    `);
    await fillDesk(testApp, desk, { customers: 20 });
    await desk.run(list, { first: 1 });
    for (const first of [2, 20]) expect(await statementsOf(() => desk.run(list, { first }))).toHaveLength(2);
  });

  test('sends as many statements however many conversations move', async () => {
    const { jane, omar } = story;
    await fillDesk(testApp, story.desk, { customers: 2, conversationsEach: 100 });
    await merge(old, jane.id);
    // To read one that names no country takes a statement, and those of the crowd have none.
    await testApp.services.customers.update(story.desk.operator, { id: jane.id, phone: null });
    const few = await statementsOf(() => merge(jane.id, omar.id));
    const many = await statementsOf(() => merge('ctc_0000', 'ctc_0001'));
    expect(many).toHaveLength(few.length);
  });
});
