import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { graphql } from '../../../generated/gql.js';
import type { DeletionMode } from '../../../generated/graphql.js';
import { addMessage, upsertCustomer } from '../../../graphql/mutations.js';
import { openTestApp, type TestApp } from '../../../kit/app.js';
import { eventsOf } from '../../../kit/records.js';
import { statementsOf } from '../../../kit/statements.js';
import { fillDesk, type Story, tellStory } from '../../../kit/story.js';
import {
  createCustomer,
  deleteCustomer,
  mergeCustomers,
  unmergeCustomers,
  updateCustomer,
} from '../customer-mutations.js';

/** Asks nothing that is read after the message was written. */
const say = graphql(`
  mutation Say($input: AddMessageInput!) {
    addMessage(input: $input) { message { text } userErrors { code } }
  }
`);

let testApp: TestApp;
let story: Story;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  story = await tellStory(testApp);
});
afterAll(() => testApp.close());

const remove = async (id: string, mode: DeletionMode, ifVersion?: number) =>
  (await story.desk.run(deleteCustomer, { input: { id, mode, ifVersion } })).deleteCustomer;
const create = async (input: { externalId: string; email?: string; name?: string }) =>
  (await story.desk.run(createCustomer, { input })).createCustomer.customer?.databaseId ?? '';
const countOf = (receipt: Awaited<ReturnType<typeof remove>>['receipt']) =>
  Object.fromEntries((receipt ?? []).map(({ table, action, count }) => [`${table} ${action}`, count]));

/** Everything that the database holds of the workspace, as one text to search in; random ids, which may spell any word, left out. */
async function everything(): Promise<string> {
  const { prisma } = testApp.database;
  const where = { where: { workspaceId: story.desk.workspaceId } };
  const rows = await Promise.all([
    prisma.customer.findMany(where),
    prisma.customerMerge.findMany(where),
    prisma.conversation.findMany(where),
    prisma.message.findMany(where),
    prisma.messageAttachment.findMany(where),
    prisma.domainEvent.findMany(where),
  ]);
  const text = JSON.stringify(rows, (_name, value) => (typeof value === 'bigint' ? String(value) : value));
  return text.replaceAll(/\b[a-z]{3}_0\w+/g, 'id').replaceAll(/ts_sk_live_\w+/g, 'key');
}

/** What a receipt tells of beside the person's own rows. */
const nothingElse = {
  'Click MASKED': 0,
  'Conversation MASKED': 0,
  'Conversion MASKED': 0,
  'Customer MASKED': 0,
  'DomainEvent MASKED': 0,
  'IdempotencyRecord BLANKED': 0,
  'MailFile REMOVED': 0,
  'Message MASKED': 0,
  'MessageAttachment MASKED': 0,
  'QueuedMail REMOVED': 0,
  'WebhookAttempt BLANKED': 0,
  'WebhookEndpoint MASKED': 0,
};

const traces = /jane|doe|twelve|usr_jane|seats|billing|vip|secret/i;

const lookups = graphql(`
  query DeletedCustomer($id: ID!) {
    customer(id: $id) { databaseId }
    contact(id: $id) { databaseId }
    node(id: $id) { id }
    customers { nodes { databaseId } }
    contacts(filter: { id: { eq: $id } }) { nodes { databaseId } }
    conversations { nodes { databaseId subject lastMessagePreview contact { databaseId name email } } }
  }
`);

const fileOf = (fileName: string) => [{ fileName, url: `https://files.example.com/${fileName}` }];

/** Jane says more, the team answers and notes something about her, each with a file, and her data changes. */
async function tellMore(): Promise<void> {
  const { desk, billing, jane, ada } = story;
  const conversationId = billing.id;
  await desk.run(addMessage, {
    input: {
      conversationId,
      text: 'A secret of mine',
      html: '<p>A secret</p>',
      direction: 'INBOUND',
      attachments: fileOf('secret.pdf'),
    },
  });
  await desk.run(addMessage, {
    input: {
      conversationId,
      text: 'She is a secret agent',
      isInternal: true,
      attachments: fileOf('jane.pdf'),
    },
  });
  await desk.run(addMessage, {
    input: {
      conversationId,
      text: 'We will look into it.',
      agentId: ada.id,
      attachments: fileOf('terms.pdf'),
    },
  });
  await desk.run(updateCustomer, { input: { id: jane.id, notes: 'Secret notes', phone: '1', status: 'SUSPENDED' } });
}

describe('deleteCustomer', () => {
  test('with PURGE leaves nothing but events without personal data, and a receipt', async () => {
    await tellMore();
    const before = await eventsOf(testApp, story.desk);
    const answer = await remove(story.jane.id, 'PURGE');
    expect(answer).toMatchObject({ deletedId: story.jane.id, mode: 'PURGE', userErrors: [] });
    expect(countOf(answer.receipt)).toEqual({
      'Customer REMOVED': 1,
      'Click REMOVED': 0,
      'Conversion REMOVED': 0,
      'CustomerMerge REMOVED': 0,
      'Conversation REMOVED': 1,
      'Message REMOVED': 4,
      'MessageAttachment REMOVED': 4,
      'DomainEvent BLANKED': 7,
      ...nothingElse,
    });
    expect(await everything()).not.toMatch(traces);
    const after = await eventsOf(testApp, story.desk);
    expect(after.slice(0, before.length).map(({ type, entityId }) => [type, entityId])).toEqual(
      before.map(({ type, entityId }) => [type, entityId]),
    );
    expect(after.slice(before.length)).toMatchObject([
      { type: 'customer.deleted', entityId: story.jane.id, data: { mode: 'PURGE', uuid: expect.any(String) } },
    ]);
    expect(after.find(({ type }) => type === 'customer.updated')?.data).toEqual({
      before: { notes: null, phone: null, status: 'ACTIVE' },
      after: { notes: null, phone: null, status: 'SUSPENDED' },
    });
    expect(await story.desk.run(lookups, { id: story.jane.id })).toEqual({
      customer: null,
      contact: null,
      node: null,
      customers: { nodes: [{ databaseId: story.omar.id }] },
      contacts: { nodes: [] },
      conversations: { nodes: [] },
    });
  });

  test('with SCRUB keeps the rows without what says who it was, and what the team sent', async () => {
    await tellMore();
    const answer = await remove(story.jane.id, 'SCRUB');
    expect(answer).toMatchObject({ deletedId: story.jane.id, mode: 'SCRUB', userErrors: [] });
    expect(countOf(answer.receipt)).toEqual({
      'Click BLANKED': 0,
      'Customer BLANKED': 1,
      'CustomerMerge REMOVED': 0,
      'Conversation BLANKED': 1,
      'Message BLANKED': 3,
      'MessageAttachment REMOVED': 3,
      'DomainEvent BLANKED': 7,
      ...nothingElse,
      // Whom the answer was sent to.
      'Message MASKED': 1,
    });
    const rest = await everything();
    expect(rest).not.toMatch(traces);
    expect(rest).toContain('We will look into it.');
    expect(rest).toContain('terms.pdf');
    expect(await story.desk.run(lookups, { id: story.jane.id })).toEqual({
      customer: null,
      contact: null,
      node: null,
      customers: { nodes: [{ databaseId: story.omar.id }] },
      contacts: { nodes: [] },
      conversations: {
        nodes: [
          {
            databaseId: story.billing.id,
            subject: null,
            lastMessagePreview: '',
            contact: { databaseId: story.jane.id, name: null, email: null },
          },
        ],
      },
    });
  });

  test.each(['PURGE', 'SCRUB'] as const)('with %s frees the names, and sent twice finds nobody', async (mode) => {
    await remove(story.jane.id, mode);
    expect((await remove(story.jane.id, mode)).userErrors).toMatchObject([
      { code: 'NOT_FOUND', path: ['input', 'id'] },
    ]);
    expect(await create({ externalId: 'usr_jane', email: 'jane@example.com' })).not.toBe(story.jane.id);
  });

  test('is refused for a version that is not the last', async () => {
    expect((await remove(story.jane.id, 'PURGE', 7)).userErrors).toMatchObject([
      { code: 'CONFLICT', path: ['input', 'ifVersion'], conflictingId: story.jane.id, retryable: true },
    ]);
    expect(await remove(story.jane.id, 'PURGE', 1)).toMatchObject({ userErrors: [] });
  });

  test('needs a mode', async () => {
    const [error] = await story.desk.fail(deleteCustomer, { input: { id: story.jane.id } });
    expect(error?.message).toContain('mode');
  });

  test.each(['PURGE', 'SCRUB'] as const)('with %s takes those along that were merged into it', async (mode) => {
    const { omar, jane, desk } = story;
    await desk.run(updateCustomer, { input: { id: omar.id, name: 'Secret Omar', externalId: 'usr_omar' } });
    await desk.run(mergeCustomers, { input: { sourceId: omar.id, targetId: jane.id } });
    const answer = await remove(omar.id, mode);
    expect(answer.deletedId).toBe(jane.id);
    expect(countOf(answer.receipt)).toMatchObject({
      [`Customer ${mode === 'PURGE' ? 'REMOVED' : 'BLANKED'}`]: 2,
      'CustomerMerge REMOVED': 1,
    });
    expect(await everything()).not.toMatch(traces);
    expect(await everything()).not.toMatch(/omar@|usr_omar/);
    for (const id of [omar.id, jane.id]) {
      expect(await desk.run(lookups, { id })).toMatchObject({ customer: null, contact: null, node: null });
      const { unmergeCustomers: answer } = await desk.run(unmergeCustomers, { input: { sourceId: id } });
      expect(answer.userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    }
  });

  test('reaches what others tell of a merge that was taken back', async () => {
    const { omar, desk } = story;
    const sourceId = await create({ externalId: 'usr_secret', name: 'Secret' });
    await desk.run(mergeCustomers, { input: { sourceId, targetId: omar.id } });
    await desk.run(unmergeCustomers, { input: { sourceId } });
    expect(await everything()).toContain('usr_secret');
    await remove(sourceId, 'PURGE');
    expect(await everything()).not.toMatch(/secret/i);
    expect(await everything()).toContain('omar@example.com');
  });

  test.each(['PURGE', 'SCRUB'] as const)('with %s sends as many statements however much there is', async (mode) => {
    await fillDesk(testApp, story.desk, { customers: 2, conversationsEach: 12, messagesEach: 5 });
    await remove(story.omar.id, mode);
    const few = await statementsOf(() => remove(story.jane.id, mode));
    const many = await statementsOf(() => remove('ctc_0000', mode));
    expect(many).toHaveLength(few.length);
  });

  test.each(['PURGE', 'SCRUB'] as const)(
    'with %s beside upserts and messages deletes or is found by them',
    async (mode) => {
      const { desk, jane, billing } = story;
      const upserts = Array.from({ length: 10 }, (_, place) =>
        desk.run(upsertCustomer, { input: { externalId: 'usr_jane', name: `Name ${place}` } }),
      );
      const messages = Array.from({ length: 10 }, () =>
        desk.run(say, { input: { conversationId: billing.id, text: 'Hi', direction: 'INBOUND' } }),
      );
      const deletion = remove(jane.id, mode);
      for (const { upsertCustomer: answer } of await Promise.all(upserts)) expect(answer.userErrors).toEqual([]);
      for (const { addMessage: answer } of await Promise.all(messages)) {
        for (const error of answer.userErrors) expect(error.code).toBe('NOT_FOUND');
      }
      expect((await deletion).userErrors).toEqual([]);
      expect(await desk.run(lookups, { id: jane.id })).toMatchObject({ customer: null });
      const left = await testApp.database.prisma.customer.findMany({
        where: { workspaceId: desk.workspaceId, externalId: 'usr_jane' },
      });
      expect(left.length).toBeLessThanOrEqual(1);
      expect(left.map(({ id }) => id)).not.toContain(jane.id);
    },
  );
});

test('onlyIdentified leaves alone who has no externalId, also when it comes to changes', async () => {
  const { desk, omar, jane } = story;
  const asked = (id: string) => ({ id, onlyIdentified: true });
  const updated = await desk.run(updateCustomer, { input: { ...asked(omar.id), name: 'Omar' } });
  const deleted = await desk.run(deleteCustomer, { input: { ...asked(omar.id), mode: 'PURGE' } });
  for (const { userErrors } of [updated.updateCustomer, deleted.deleteCustomer]) {
    expect(userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'id'] }]);
  }
  expect(await testApp.services.customers.get(desk.operator, { id: omar.id })).toMatchObject({ name: null });
  const named = await desk.run(updateCustomer, { input: { ...asked(jane.id), name: 'Jane' } });
  expect(named.updateCustomer).toMatchObject({ customer: { name: 'Jane' }, userErrors: [] });
});
