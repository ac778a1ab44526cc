import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createApp } from '../../../../src/app.js';
import { type Database, openDatabase } from '../../../../src/db/database.js';
import { startQueue } from '../../../../src/db/queue/queue.js';
import { createLog } from '../../../../src/lib/process/log.js';
import { createServices } from '../../../../src/services.js';
import { graphql } from '../../../generated/gql.js';
import { openTestApp, type TestApp } from '../../../kit/app.js';
import { createTestDatabase, type TestDatabase } from '../../../kit/database.js';
import { tracesIn } from '../../../kit/everything.js';
import { eventsOf } from '../../../kit/records.js';
import { statementsOf } from '../../../kit/statements.js';
import { fillDesk, type Story, tellStory } from '../../../kit/story.js';
import { deleteCustomer } from '../customer-mutations.js';

/** Deletions that are interrupted, that are large, and that others come in between. */

let own: TestDatabase;
let testApp: TestApp;
let story: Story;

beforeAll(async () => {
  own = await createTestDatabase();
  testApp = await openTestApp({ connection: own.connection });
});
beforeEach(async () => {
  story = await tellStory(testApp);
});
afterAll(async () => {
  await testApp.close();
  await own.drop();
});

const say = graphql(`
  mutation RaceSay($input: AddMessageInput!) { addMessage(input: $input) { message { databaseId } userErrors { code message } } }
`);
const setStatus = graphql(`
  mutation RaceSetStatus($input: SetConversationStatusInput!) {
    setConversationStatus(input: $input) { conversation { status } userErrors { code path } }
  }
`);
const setAll = graphql(`
  mutation RaceSetAll($input: SetConversationsStatusInput!) { setConversationsStatus(input: $input) { changedCount userErrors { code path } } }
`);

const scrub = (id: string) => story.desk.run(deleteCustomer, { input: { id, mode: 'SCRUB' } });

/** A database of which the transactions from the given one on fail. */
function failingFrom(first: number): { database: Database; close(): Promise<void> } {
  const database = openDatabase(own.connection, { connections: 2 });
  let count = 0;
  return {
    close: () => database.close(),
    database: {
      ...database,
      transaction(work, options) {
        count += 1;
        if (count >= first) throw new Error('The process was killed.');
        return database.transaction(work, options);
      },
    },
  };
}

const isDone = async () =>
  (await testApp.database.prisma.erasure.count({
    where: { workspaceId: story.desk.workspaceId, finishedAt: null },
  })) === 0;

describe.each(['PURGE', 'SCRUB'] as const)('%s of a customer with much', (mode) => {
  test.each([2, 3, 4, 5])('goes on by a job when the process dies in transaction %i', async (transaction) => {
    await fillDesk(testApp, story.desk, { customers: 1, conversationsEach: 3, messagesEach: 400 });
    const { workspaceId, operator } = story.desk;
    const { prisma } = testApp.database;
    await prisma.customer.updateMany({
      where: { workspaceId, id: 'ctc_0000' },
      data: { name: 'Zyxwolf Quenby', email: 'zyx@wolf.test' },
    });
    await prisma.message.updateMany({
      where: { workspaceId },
      data: { text: 'Ask Zyxwolf Quenby.', preview: 'Zyxwolf' },
    });
    const dying = failingFrom(transaction);
    const died = createServices(dying.database).customers.delete(operator, { id: 'ctc_0000', mode });
    await expect(died).rejects.toThrow('killed');
    await dying.close();
    expect(await isDone()).toBe(false);
    expect(await prisma.customer.count({ where: { workspaceId, email: 'zyx@wolf.test' } })).toBe(0);
    // As if half a minute had passed.
    await testApp.database.pool.query(`update deskgraph_jobs._private_jobs set run_at = now()`);
    const log = createLog('silent');
    const other = await createApp({ database: testApp.database, log });
    const queue = startQueue({ connection: own.connection, log, workers: other.workers, pollMs: 50 });
    await vi.waitFor(async () => expect(await isDone()).toBe(true), { timeout: 120_000, interval: 50 });
    await queue.stop();
    await other.close();
    expect(await tracesIn(testApp, /zyxwolf|zyx@wolf/i)).toEqual([]);
    const count = await prisma.message.count({ where: { workspaceId, conversationId: { startsWith: 'thd_' } } });
    expect(count).toBe(mode === 'PURGE' ? 1 : 1_201);
  });

  test('writes about 500 rows at once, however many there are', async () => {
    await fillDesk(testApp, story.desk, { customers: 2, conversationsEach: 2, messagesEach: 600 });
    const statements = await statementsOf(() => story.desk.run(deleteCustomer, { input: { id: 'ctc_0001', mode } }));
    expect(statements.filter((text) => text.includes('FROM "Erasure"')).length).toBeGreaterThan(3);
  });
});

test('messages and notes that come in meanwhile are erased, or refused', async () => {
  const { desk, billing, jane, ada } = story;
  const texts = ['Hello Jane Doe', 'wombat'];
  const said = Array.from({ length: 24 }, (_, place) =>
    desk.run(say, {
      input: {
        conversationId: billing.id,
        text: texts[place % 2] ?? '',
        ...(place % 2 === 1 ? { direction: 'INBOUND' as const } : { agentId: ada.id, isInternal: place % 4 === 0 }),
      },
    }),
  );
  const [{ deleteCustomer: deleted }, ...answers] = await Promise.all([scrub(jane.id), ...said]);
  expect(deleted.userErrors).toEqual([]);
  for (const { addMessage } of answers) for (const { code } of addMessage.userErrors) expect(code).toBe('NOT_FOUND');
  expect(await tracesIn(testApp, /"text":"[^"]*(jane|wombat)/i)).toEqual([]);
});

describe('a conversation of a deleted contact', () => {
  beforeEach(async () => {
    await scrub(story.jane.id);
  });

  test('is closed, and says so', async () => {
    const events = await eventsOf(testApp, story.desk);
    expect(events.map(({ type, entityId }) => [type, entityId])).toContainEqual([
      'conversation.status_changed',
      story.billing.id,
    ]);
    const kept = await testApp.database.prisma.conversation.findFirstOrThrow({ where: { id: story.billing.id } });
    expect(kept).toMatchObject({ status: 'CLOSED', subject: null, closedAt: expect.any(Date) });
  });

  test('stays closed and takes no messages', async () => {
    const { desk, billing } = story;
    const { id } = billing;
    expect(await desk.run(setStatus, { input: { id, status: 'OPEN' } })).toMatchObject({
      setConversationStatus: { userErrors: [{ code: 'NOT_FOUND', path: ['input', 'id'] }] },
    });
    expect(await desk.run(setAll, { input: { ids: [id], status: 'OPEN' } })).toMatchObject({
      setConversationsStatus: { userErrors: [{ code: 'NOT_FOUND', path: ['input', 'ids'] }] },
    });
    expect(await desk.run(setAll, { input: { filter: {}, status: 'OPEN' } })).toMatchObject({
      setConversationsStatus: { changedCount: 0, userErrors: [] },
    });
    for (const input of [{ isInternal: true }, { direction: 'INBOUND' as const }, {}]) {
      expect(await desk.run(say, { input: { conversationId: id, text: 'Hello', ...input } })).toMatchObject({
        addMessage: { message: null, userErrors: [{ code: 'NOT_FOUND' }] },
      });
    }
    expect(await desk.run(setStatus, { input: { id, status: 'ARCHIVED' } })).toMatchObject({
      setConversationStatus: { conversation: { status: 'ARCHIVED' }, userErrors: [] },
    });
  });
});

test('names that others have too are left alone in the texts of others', async () => {
  const { desk, omar, jane } = story;
  const { customers, conversations } = testApp.services;
  await customers.update(desk.operator, { id: jane.id, name: 'Ada Doe' });
  await customers.create(desk.operator, { externalId: 'usr_twin', name: 'ada doe' });
  const { conversation } = await conversations.start(desk.operator, {
    contactId: omar.id,
    text: 'Ada Doe wrote, not jane@example.com. Doe is a deer.',
  });
  const other = await conversations.start(desk.operator, { contactId: omar.id, text: 'Ada Doe wrote.' });
  await scrub(jane.id);
  const [message] = await testApp.database.prisma.message.findMany({ where: { conversationId: conversation.id } });
  expect(message?.text).toBe('[redacted] wrote, not [redacted]. [redacted] is a deer.');
  const shared = await testApp.database.prisma.message.findFirstOrThrow({ where: { id: other.message.id } });
  expect(shared.text).toBe('Ada Doe wrote.');
  await customers.delete(desk.operator, {
    id: (await customers.get(desk.operator, { externalId: 'usr_twin' }))?.id ?? '',
    mode: 'SCRUB',
  });
  const kept = await testApp.database.prisma.message.findFirstOrThrow({ where: { id: other.message.id } });
  expect(kept.text).toBe('[redacted] wrote.');
});
