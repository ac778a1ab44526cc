import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { raw, sql } from '../../../src/db/database.js';
import { queueSchema } from '../../../src/db/queue/install.js';
import {
  conversationDeletionWorkers,
  deleteConversation,
} from '../../../src/modules/conversation/deletion/conversation.deletion.js';
import { nothingElsewhere } from '../../../src/modules/customer/deletion/customer.deletion.js';
import { graphql } from '../../generated/gql.js';
import { openTestApp, type TestApp } from '../../kit/app.js';
import { tracesIn } from '../../kit/everything.js';
import { type Story, tellStory } from '../../kit/story.js';

/** What is left of a conversation that is deleted, and what tells of it. */

const remove = graphql(`
  mutation RemoveConversation($input: DeleteConversationInput!) {
    deleteConversation(input: $input) { deletedId userErrors { code path } }
  }
`);
const left = graphql(`
  query LeftOfConversation($id: ID!, $contact: ID!) {
    conversation(id: $id) { databaseId }
    contact(id: $contact) { threadCount: conversationCount lastMessagePreview }
    auditLog(first: 1) { nodes { type entityId } }
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

test('it is gone with its messages and files; its contact and what else he said stay', async () => {
  const { desk, jane, billing } = story;
  const { operator, workspaceId } = desk;
  const earlier = new Date('2026-01-01T00:00:00Z');
  await testApp.services.conversations.start(operator, {
    ...{ contactId: jane.id, text: 'Hello again', direction: 'INBOUND' as const },
  });
  await testApp.database.prisma.conversation.updateMany({
    where: { workspaceId, NOT: { id: billing.id } },
    data: { lastMessageAt: earlier },
  });
  expect((await desk.run(remove, { input: { id: billing.id, ifVersion: 7 } })).deleteConversation).toEqual({
    deletedId: null,
    userErrors: [{ code: 'CONFLICT', path: ['input', 'ifVersion'] }],
  });
  const { deleteConversation: done } = await desk.run(remove, { input: { id: billing.id } });
  expect(done).toEqual({ deletedId: billing.id, userErrors: [] });
  expect(await desk.run(left, { id: billing.id, contact: jane.id })).toEqual({
    conversation: null,
    contact: { threadCount: 1, lastMessagePreview: 'Hello again' },
    auditLog: { nodes: [{ type: 'conversation.deleted', entityId: billing.id }] },
  });
  const traces = await tracesIn(testApp, /twelve seats|Billing question|seats\.png/i);
  expect(traces.filter((row) => row.includes(workspaceId))).toEqual([]);
  expect((await desk.run(remove, { input: { id: billing.id } })).deleteConversation).toMatchObject({
    userErrors: [{ code: 'NOT_FOUND' }],
  });
});

test('what a crash left of it outside the database is forgotten by a job', async () => {
  const { database } = testApp;
  const { operator, workspaceId } = story.desk;
  const { id } = story.billing;
  const reply = await testApp.services.messages.add(operator, { conversationId: id, text: 'Here you are.' });
  await database.prisma.message.updateMany({
    where: { workspaceId, id: reply.message.id },
    data: { emailMessageId: '<reply@desk.test>' },
  });
  const crash = () => Promise.reject(new Error('The process ends here.'));
  await expect(
    deleteConversation(database, operator, { id }, { ...nothingElsewhere, forgetMails: crash }),
  ).rejects.toThrow('ends here');
  expect(await database.prisma.conversation.count({ where: { workspaceId, id } })).toBe(0);

  const forgotten: (readonly string[])[] = [];
  const forgetMails = async (ids: readonly string[]) => forgotten.push(ids);
  const workers = conversationDeletionWorkers({ ...nothingElsewhere, forgetMails });
  const [job] = await database.prisma.$queryRaw<{ payload: object }[]>(
    sql`SELECT "payload" FROM ${raw(queueSchema)}._private_jobs WHERE "payload"->>'workspaceId' = ${workspaceId}`,
  );
  await workers.run(job?.payload ?? {}, { signal: AbortSignal.timeout(60_000) });
  expect(forgotten).toEqual([[reply.message.id]]);
});

test('nobody deletes it from another workspace, or without the scope', async () => {
  const other = await tellStory(testApp);
  expect((await other.desk.run(remove, { input: { id: story.billing.id } })).deleteConversation).toMatchObject({
    userErrors: [{ code: 'NOT_FOUND' }],
  });
  const reader = await story.desk.withScopes('conversations:read');
  await expect(reader.run(remove, { input: { id: story.billing.id } })).rejects.toThrow();
  const { workspaceId } = story.desk;
  expect(await testApp.database.prisma.message.count({ where: { workspaceId } })).toBe(1);
});
