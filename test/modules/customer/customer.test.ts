import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { graphql } from '../../generated/gql.js';
import type { UpsertCustomerInput } from '../../generated/graphql.js';
import { upsertCustomer } from '../../graphql/mutations.js';
import { openTestApp, type TestApp } from '../../kit/app.js';
import { newEvents } from '../../kit/records.js';
import { type Story, tellStory } from '../../kit/story.js';

let testApp: TestApp;
let story: Story;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  story = await tellStory(testApp);
});
afterAll(() => testApp.close());

const upsert = async (input: UpsertCustomerInput) => (await story.desk.run(upsertCustomer, { input })).upsertCustomer;
const countCustomers = () => testApp.database.prisma.customer.count({ where: { workspaceId: story.desk.workspaceId } });

const getCustomer = graphql(`
  query DeskCustomer($id: ID, $externalId: String, $email: String) {
    customer(id: $id, externalId: $externalId, email: $email) {
      id
      databaseId
      name
      ltv { amountMinor currency }
      contact { id databaseId customer { id } }
      latestConversation { databaseId }
    }
  }
`);

const getBy = graphql(`
  query DeskCustomerBy($customer: CustomerByInput!, $contact: ContactByInput!) {
    customerBy(by: $customer) { databaseId }
    contactBy(by: $contact) { databaseId }
  }
`);

describe('customerBy and contactBy', () => {
  const found = (databaseId: string) => ({ customerBy: { databaseId }, contactBy: { databaseId } });

  test('find by each key', async () => {
    const { jane, desk } = story;
    const email = { email: 'JANE@Example.com' };
    expect(await desk.run(getBy, { customer: { id: jane.id }, contact: { id: jane.id } })).toEqual(found(jane.id));
    expect(await desk.run(getBy, { customer: { externalId: 'usr_jane' }, contact: email })).toEqual(found(jane.id));
    expect(await desk.run(getBy, { customer: email, contact: email })).toEqual(found(jane.id));
  });

  test('are null when there is none in the workspace', async () => {
    const foreign = await tellStory(testApp);
    for (const key of [{ email: 'none@example.com' }, { id: foreign.jane.id }]) {
      expect(await story.desk.run(getBy, { customer: key, contact: key })).toEqual({
        customerBy: null,
        contactBy: null,
      });
    }
  });
});

describe('customer', () => {
  test('is found by either id, by externalId and by e-mail in any case', async () => {
    const { jane, desk } = story;
    const { customer } = await desk.run(getCustomer, { id: jane.id });
    expect(customer).toMatchObject({
      databaseId: jane.id,
      name: 'Jane Doe',
      ltv: { amountMinor: 0, currency: 'USD' },
      contact: { databaseId: jane.id, customer: { id: customer?.id } },
      latestConversation: { databaseId: story.billing.id },
    });
    const keys = [
      { id: customer?.id },
      { id: customer?.contact.id },
      { externalId: 'usr_jane' },
      { email: 'JANE@Example.com' },
    ];
    for (const key of keys) expect(await desk.run(getCustomer, key)).toEqual({ customer });
  });

  test('is null when there is none', async () => {
    for (const key of [{ id: 'ctc_none' }, { externalId: 'usr_none' }, { email: 'none@example.com' }]) {
      expect(await story.desk.run(getCustomer, key)).toEqual({ customer: null });
    }
  });

  test('is null once it was deleted', async () => {
    const { jane, desk } = story;
    await testApp.database.prisma.customer.update({
      where: { workspaceId_id: { workspaceId: desk.workspaceId, id: jane.id } },
      data: { deletedAt: new Date() },
    });
    for (const key of [{ id: jane.id }, { externalId: 'usr_jane' }, { email: 'jane@example.com' }]) {
      expect(await desk.run(getCustomer, key)).toEqual({ customer: null });
    }
  });
});

describe('upsertCustomer creates', () => {
  test('a customer with every field, and tells of it', async () => {
    const fields = {
      externalId: 'usr_new',
      email: 'New@Example.com',
      name: '  Nora New ',
      phone: '+49 30 1234',
      avatarUrl: 'https://example.com/nora.png',
      status: 'SUSPENDED',
      sentiment: 'HAPPY',
      notes: 'Likes to call.',
      tags: ['vip', 'beta', 'vip'],
      metadata: { plan: 'team', gone: null },
    } as const;
    let answer: Awaited<ReturnType<typeof upsert>> | undefined;
    const events = await newEvents(testApp, story.desk, async () => {
      answer = await upsert({ ...fields, tags: [...fields.tags] });
    });
    expect(answer).toMatchObject({
      result: 'CREATED',
      changedFields: Object.keys(fields),
      customer: {
        ...fields,
        name: 'Nora New',
        tags: ['vip', 'beta'],
        metadata: { plan: 'team' },
        source: 'API',
        version: 1,
        updatedAt: null,
      },
      userErrors: [],
    });
    expect(events).toMatchObject([
      {
        type: 'customer.created',
        entityId: answer?.customer?.databaseId,
        data: { after: { name: 'Nora New', metadata: { plan: 'team' } } },
      },
    ]);
    expect(events[0]?.actorId).toMatch(/^key_/);
  });

  test('a customer known by e-mail alone', async () => {
    expect(await upsert({ email: 'only@example.com' })).toMatchObject({
      result: 'CREATED',
      customer: { externalId: null },
    });
  });
});

describe('upsertCustomer changes', () => {
  test('only the given fields, and says which have another value now', async () => {
    const before = (await upsert({ externalId: 'usr_jane' })).customer;
    let answer: Awaited<ReturnType<typeof upsert>> | undefined;
    const events = await newEvents(testApp, story.desk, async () => {
      answer = await upsert({ externalId: 'usr_jane', name: 'Jane Roe', email: 'jane@example.com', phone: '1' });
    });
    expect(answer).toMatchObject({ result: 'UPDATED', changedFields: ['name', 'phone'], userErrors: [] });
    expect(answer?.customer).toEqual({
      ...before,
      name: 'Jane Roe',
      phone: '1',
      version: 2,
      updatedAt: expect.any(String),
    });
    expect(events).toMatchObject([
      {
        type: 'customer.updated',
        entityId: story.jane.id,
        data: { before: { name: 'Jane Doe', phone: null }, after: { name: 'Jane Roe', phone: '1' } },
      },
    ]);
  });

  test('nothing when everything is as asked, and tells of nothing', async () => {
    const input = { externalId: 'usr_jane', name: 'Jane Doe', tags: ['vip'], metadata: { seats: 12 }, phone: null };
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await upsert(input)).toMatchObject({
        result: 'UNCHANGED',
        changedFields: [],
        customer: { version: 1, updatedAt: null },
      });
    });
    expect(events).toEqual([]);
  });

  test('the one that id names, before externalId and e-mail', async () => {
    const answer = await upsert({ id: story.omar.id, externalId: 'usr_omar', email: 'omar@new.example.com' });
    expect(answer).toMatchObject({
      result: 'UPDATED',
      changedFields: ['externalId', 'email'],
      customer: { databaseId: story.omar.id, externalId: 'usr_omar', email: 'omar@new.example.com' },
    });
  });

  test('the one that the e-mail names whatever its case, which then is written as given', async () => {
    expect(await upsert({ email: 'JANE@example.com', name: 'J' })).toMatchObject({
      result: 'UPDATED',
      customer: { databaseId: story.jane.id, email: 'JANE@example.com', externalId: 'usr_jane', name: 'J' },
    });
  });

  test('a contact known by e-mail alone, which takes the externalId', async () => {
    expect(await upsert({ externalId: 'usr_omar', email: 'Omar@example.com' })).toMatchObject({
      result: 'UPDATED',
      changedFields: ['externalId', 'email'],
      customer: { databaseId: story.omar.id, externalId: 'usr_omar' },
    });
    expect(await countCustomers()).toBe(2);
  });

  test('metadata by its top level, where null removes', async () => {
    const input = { externalId: 'usr_jane', metadata: { seats: null, plan: 'pro', nested: { a: null } } };
    expect(await upsert(input)).toMatchObject({
      changedFields: ['metadata'],
      customer: { metadata: { plan: 'pro', nested: { a: null } } },
    });
    expect(await upsert(input)).toMatchObject({ result: 'UNCHANGED' });
  });

  test('tags as a whole, and empties them with an empty list', async () => {
    expect((await upsert({ externalId: 'usr_jane', tags: ['a', 'b'] })).customer?.tags).toEqual(['a', 'b']);
    expect((await upsert({ externalId: 'usr_jane', tags: [] })).customer?.tags).toEqual([]);
  });

  test('a field to nothing where null is given', async () => {
    await upsert({ externalId: 'usr_jane', phone: '1', notes: 'n', avatarUrl: 'https://a.test/b' });
    const answer = await upsert({
      id: story.jane.id,
      externalId: null,
      email: null,
      name: null,
      phone: null,
      notes: null,
      avatarUrl: null,
    });
    expect(answer.customer).toMatchObject({
      externalId: null,
      email: null,
      name: null,
      phone: null,
      notes: null,
      avatarUrl: null,
    });
  });
});

describe('upsertCustomer refuses', () => {
  const conflictWith = (path: string, id: string) => ({
    result: null,
    customer: null,
    changedFields: null,
    userErrors: [
      {
        code: 'CONFLICT',
        path: ['input', path],
        conflictingId: id,
        retryable: false,
        message: expect.stringContaining(id),
      },
    ],
  });

  test('the e-mail of a customer with another externalId', async () => {
    expect(await upsert({ externalId: 'usr_other', email: 'jane@example.com' })).toEqual(
      conflictWith('email', story.jane.id),
    );
  });

  test('the e-mail of somebody else for a customer that externalId names', async () => {
    expect(await upsert({ externalId: 'usr_jane', email: 'OMAR@example.com' })).toEqual(
      conflictWith('email', story.omar.id),
    );
  });

  test('the e-mail and the externalId of somebody else for a customer that id names', async () => {
    expect(await upsert({ id: story.omar.id, email: 'jane@example.com' })).toEqual(
      conflictWith('email', story.jane.id),
    );
    expect(await upsert({ id: story.omar.id, externalId: 'usr_jane' })).toEqual(
      conflictWith('externalId', story.jane.id),
    );
  });

  test('an id that is not there', async () => {
    expect(await upsert({ id: 'ctc_none', name: 'N' })).toMatchObject({
      userErrors: [{ code: 'NOT_FOUND', message: 'Customer not found.', path: ['input', 'id'], conflictingId: null }],
    });
  });

  test('and then has written and told nothing', async () => {
    const events = await newEvents(testApp, story.desk, async () => {
      await upsert({ id: story.omar.id, name: 'Never', externalId: 'usr_jane' });
      await upsert({ externalId: 'usr_x', email: 'jane@example.com' });
    });
    expect(events).toEqual([]);
    expect(await countCustomers()).toBe(2);
    expect((await upsert({ id: story.omar.id })).customer).toMatchObject({ name: null, version: 1 });
  });
});
