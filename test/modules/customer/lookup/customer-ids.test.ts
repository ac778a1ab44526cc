import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { graphql } from '../../../generated/gql.js';
import type { CreateCustomerInput, UpsertCustomersItem } from '../../../generated/graphql.js';
import { openTestApp, type TestApp } from '../../../kit/app.js';
import { eventsOf } from '../../../kit/records.js';
import { type Story, tellStory } from '../../../kit/story.js';
import {
  addCustomerTags,
  archiveContact,
  createCustomer,
  deleteCustomer,
  mergeCustomers,
  removeCustomerTags,
  restoreContact,
  setCustomerStatus,
  unmergeCustomers,
  updateContact,
  updateCustomer,
  upsertCustomers,
} from '../customer-mutations.js';

let testApp: TestApp;
let story: Story;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  story = await tellStory(testApp);
});
afterAll(() => testApp.close());

/** Every mutation that takes the id of a customer, sent for one. */
const byId = {
  updateCustomer: (id: string) => [updateCustomer, { id, name: 'X' }, 'id'],
  setCustomerStatus: (id: string) => [setCustomerStatus, { id, status: 'SUSPENDED' }, 'id'],
  addCustomerTags: (id: string) => [addCustomerTags, { id, tags: ['x'] }, 'id'],
  removeCustomerTags: (id: string) => [removeCustomerTags, { id, tags: ['vip'] }, 'id'],
  deleteCustomer: (id: string) => [deleteCustomer, { id, mode: 'PURGE' }, 'id'],
  mergeCustomers: (id: string) => [mergeCustomers, { sourceId: id, targetId: story.omar.id }, 'sourceId'],
  'mergeCustomers as the target': (id: string) => [
    mergeCustomers,
    { sourceId: story.omar.id, targetId: id },
    'targetId',
  ],
  unmergeCustomers: (id: string) => [unmergeCustomers, { sourceId: id }, 'sourceId'],
  updateContact: (id: string) => [updateContact, { id, name: 'X' }, 'id'],
  archiveContact: (id: string) => [archiveContact, { id }, 'id'],
  restoreContact: (id: string) => [restoreContact, { id }, 'id'],
} as const;

describe.each(Object.entries(byId))('%s', (_name, sent) => {
  test('tells a customer of another workspace from none in no way, and leaves it alone', async () => {
    const elsewhere = await tellStory(testApp, 'Elsewhere');
    const before = await eventsOf(testApp, elsewhere.desk);
    const answers = [];
    for (const id of ['ctc_nobody', elsewhere.jane.id]) {
      const [document, input, path] = sent(id);
      const data: object = await story.desk.run(document as never, { input } as never);
      const [payload] = Object.values(data) as { userErrors: object[] }[];
      expect(payload?.userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', path] }]);
      answers.push(payload);
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(await eventsOf(testApp, elsewhere.desk)).toEqual(before);
  });

  test('refuses what is no id', async () => {
    const [document, input, path] = sent('nonsense');
    const data: object = await story.desk.run(document as never, { input } as never);
    const [payload] = Object.values(data) as { userErrors: object[] }[];
    expect(payload?.userErrors).toMatchObject([{ code: 'BAD_USER_INPUT', path: ['input', path] }]);
  });

  test('needs customers:write', async () => {
    const reader = await story.desk.withScopes('customers:read', 'conversations:write');
    const [document, input] = sent(story.jane.id);
    const [error] = await reader.fail(document as never, { input });
    expect(error?.extensions).toMatchObject({ code: 'FORBIDDEN', requiredScope: 'customers:write' });
  });
});

test.each([
  ['createCustomer', createCustomer, { externalId: 'usr_new' }],
  ['upsertCustomers', upsertCustomers, { customers: [{ externalId: 'usr_new' }], errorPolicy: 'PER_ITEM' }],
] satisfies [string, unknown, CreateCustomerInput | { customers: UpsertCustomersItem[]; errorPolicy: string }][])(
  '%s needs customers:write',
  async (_name, document, input) => {
    const reader = await story.desk.withScopes('customers:read');
    const [error] = await reader.fail(document as never, { input });
    expect(error?.extensions).toMatchObject({ code: 'FORBIDDEN', requiredScope: 'customers:write' });
  },
);

describe('the uuid of a customer', () => {
  const oneOfThem = graphql(`
    query CustomerByUuid($id: ID!) { customer(id: $id) { databaseId uuid } }
  `);

  test('serves as the id, whatever its case', async () => {
    const { jane, desk } = story;
    for (const id of [jane.uuid, jane.uuid.toUpperCase()]) {
      const { customer } = await desk.run(oneOfThem, { id });
      expect(customer).toEqual({ databaseId: jane.id, uuid: jane.uuid });
    }
    const changes = ['updateCustomer', 'setCustomerStatus', 'addCustomerTags', 'removeCustomerTags', 'updateContact'];
    for (const name of [...changes, 'deleteCustomer'] as (keyof typeof byId)[]) {
      const [document, input] = byId[name](jane.uuid);
      const data: object = await desk.run(document as never, { input } as never);
      expect({ name, data }).toMatchObject({ name, data: { [name]: { userErrors: [] } } });
    }
    expect(await desk.run(oneOfThem, { id: jane.uuid })).toEqual({ customer: null });
    expect(await testApp.database.prisma.conversation.count({ where: { workspaceId: desk.workspaceId } })).toBe(0);
  });

  test('names the survivor once the customer was merged', async () => {
    const { jane, omar, desk } = story;
    await desk.run(mergeCustomers, { input: { sourceId: omar.id, targetId: jane.id } });
    expect(await desk.run(oneOfThem, { id: omar.uuid })).toEqual({
      customer: { databaseId: jane.id, uuid: jane.uuid },
    });
    const { updateCustomer: payload } = await desk.run(updateCustomer, { input: { id: omar.uuid, name: 'Both' } });
    expect(payload).toMatchObject({ customer: { databaseId: jane.id, name: 'Both' }, userErrors: [] });
  });

  test('is nobody in another workspace', async () => {
    const elsewhere = await tellStory(testApp, 'Elsewhere');
    const notFound = [{ code: 'NOT_FOUND', path: ['input', 'id'] }];
    for (const id of [elsewhere.jane.uuid, '00000000-0000-4000-8000-000000000000']) {
      expect(await story.desk.run(oneOfThem, { id })).toEqual({ customer: null });
      const updated = await story.desk.run(updateCustomer, { input: { id, name: 'X' } });
      expect(updated.updateCustomer).toMatchObject({ userErrors: notFound });
      const deleted = await story.desk.run(deleteCustomer, { input: { id, mode: 'PURGE' } });
      expect(deleted.deleteCustomer).toMatchObject({ userErrors: notFound });
    }
  });
});
