import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { graphql } from '../../../generated/gql.js';
import { createContact, startConversation, upsertCustomer } from '../../../graphql/mutations.js';
import { openTestApp, type TestApp } from '../../../kit/app.js';
import { expectKeptUp, newEvents } from '../../../kit/records.js';
import { type Story, tellStory } from '../../../kit/story.js';
import { createCustomer, mergeCustomers, unmergeCustomers, updateCustomer } from '../customer-mutations.js';

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
const unmerge = async (sourceId: string) =>
  (await story.desk.run(unmergeCustomers, { input: { sourceId } })).unmergeCustomers;
const create = async (externalId: string) =>
  (await story.desk.run(createCustomer, { input: { externalId } })).createCustomer.customer?.databaseId ?? '';

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
  query UnmergedCustomer($id: ID!) {
    customer(id: $id) { databaseId }
    conversations(filter: { customerId: { eq: $id } }) { totalCount }
  }
`);

describe('unmergeCustomers', () => {
  test('restores exactly what was moved', async () => {
    const { jane } = story;
    const before = await rows();
    await merge(old, jane.id);
    let answer: Awaited<ReturnType<typeof unmerge>> | undefined;
    const events = await newEvents(testApp, story.desk, async () => {
      answer = await unmerge(old);
    });
    expect(answer).toMatchObject({
      conversationsMoved: 1,
      source: { databaseId: old, externalId: 'usr_old', ltv: { amountMinor: 500 }, conversationCount: 1 },
      target: { databaseId: jane.id, phone: null, tags: ['vip'], ltv: { amountMinor: 500 }, mergedIds: [] },
      userErrors: [],
    });
    expect(await rows()).toEqual(before);
    expect(events).toMatchObject([{ type: 'customer.unmerged', entityId: jane.id, data: { sourceId: old } }]);
    await expectKeptUp(testApp, story.desk);
  });

  test('gives names back, and takes chains apart from the end', async () => {
    const { jane, omar } = story;
    const before = await rows();
    await merge(old, omar.id);
    await merge(omar.id, jane.id);
    expect((await unmerge(old)).userErrors).toMatchObject([
      { code: 'CONFLICT', path: ['input', 'sourceId'], conflictingId: omar.id },
    ]);
    expect((await unmerge(omar.id)).userErrors).toEqual([]);
    expect((await story.desk.run(find, { id: old })).customer?.databaseId).toBe(omar.id);
    expect((await unmerge(old)).userErrors).toEqual([]);
    expect(await rows()).toEqual(before);
  });

  test('leaves to the target what came or was changed since', async () => {
    const { jane, desk } = story;
    await merge(old, jane.id);
    await desk.run(startConversation, { input: { contactId: old, text: 'Since then' } });
    await desk.run(updateCustomer, { input: { id: jane.id, phone: '456', tags: ['beta', 'gold'] } });
    expect(await unmerge(old)).toMatchObject({
      source: { phone: '123', tags: ['vip', 'beta'], conversationCount: 1 },
      target: { phone: '456', tags: ['gold'], conversationCount: 2, lastMessagePreview: 'Since then' },
      userErrors: [],
    });
  });

  test('refuses one that is not merged, that it was undone for, and after 30 days', async () => {
    const { jane, desk } = story;
    expect((await unmerge(old)).userErrors).toMatchObject([{ code: 'CONFLICT', path: ['input', 'sourceId'] }]);
    await merge(old, jane.id);
    await unmerge(old);
    expect((await unmerge(old)).userErrors).toMatchObject([{ code: 'CONFLICT', path: ['input', 'sourceId'] }]);
    await merge(old, jane.id);
    await testApp.database.prisma.customerMerge.updateMany({
      where: { workspaceId: desk.workspaceId },
      data: { mergedAt: new Date(Date.now() - 30 * 86_400_000 - 60_000) },
    });
    expect((await unmerge(old)).userErrors).toMatchObject([{ code: 'CONFLICT', path: ['input', 'sourceId'] }]);
  });

  test('refuses when somebody took the name that would go back', async () => {
    const { jane, omar, desk } = story;
    await merge(jane.id, omar.id);
    await desk.run(updateCustomer, { input: { id: omar.id, externalId: 'usr_moved_on' } });
    await create('usr_jane');
    const before = await rows();
    expect((await unmerge(jane.id)).userErrors).toMatchObject([{ code: 'CONFLICT', path: ['input', 'sourceId'] }]);
    expect(await rows()).toEqual(before);
  });
});

describe('merges at once', () => {
  test('in opposite directions make one customer, and no circle', async () => {
    const { jane } = story;
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, place) => (place % 2 ? merge(old, jane.id) : merge(jane.id, old))),
    );
    expect(answers.filter(({ result }) => result === 'MERGED')).toHaveLength(1);
    const survivor = answers.find(({ result }) => result === 'MERGED')?.customer?.databaseId;
    for (const { result, customer, userErrors } of answers) {
      if (result) expect(customer?.databaseId).toBe(survivor);
      else
        expect(userErrors).toMatchObject([{ code: 'CONFLICT', path: ['input', 'targetId'], conflictingId: survivor }]);
    }
    await expectKeptUp(testApp, story.desk);
  });

  test('in a ring leave one survivor that all ids name', async () => {
    const ids = await Promise.all(['a', 'b', 'c', 'd'].map(create));
    await Promise.all(ids.map((id, place) => merge(id, ids[(place + 1) % ids.length] ?? '')));
    const found = await Promise.all(ids.map(async (id) => (await story.desk.run(find, { id })).customer?.databaseId));
    expect(new Set(found).size).toBe(1);
    expect(ids).toContain(found[0]);
  });

  test('beside messages, conversations and upserts lose none', async () => {
    const { jane, desk } = story;
    const works = Array.from({ length: 12 }, (_, place) => [
      () => desk.run(startConversation, { input: { contactId: old, text: `To the old id ${place}` } }),
      () => desk.run(upsertCustomer, { input: { externalId: 'usr_old', notes: `Note ${place}` } }),
      () => desk.run(createContact, { input: { email: 'jane@example.com' } }),
      () => (place % 3 === 1 ? merge(old, jane.id) : place % 3 === 2 ? unmerge(old) : merge(old, jane.id)),
    ]);
    await Promise.all(works.flat().map((work) => work()));
    await merge(old, jane.id);
    expect((await desk.run(find, { id: old })).conversations.totalCount).toBe(2 + 12);
    await expectKeptUp(testApp, desk);
  });
});
