import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../src/db/ids.js';
import { migrate } from '../../src/db/migrations/migrations.js';
import { openTestApp, type TestApp } from '../kit/app.js';
import { tellStory } from '../kit/story.js';
import { type Postgres, startPostgres } from './servers.js';

/** What waits for the locks of others, and what does not. It takes a database with several sessions. */

let postgres: Postgres;
let testApp: TestApp;

beforeAll(async () => {
  postgres = await startPostgres();
  const connection = { connectionString: postgres.url };
  await migrate(connection);
  testApp = await openTestApp({ connection });
});
afterAll(async () => {
  await testApp.close();
  await postgres.stop();
});

/** Closed conversations: the first is Omar's, the others are Jane's. With `isAssigned`, Ada has all of them. */
async function closed(count: number, { isAssigned = false } = {}) {
  const story = await tellStory(testApp);
  const { workspaceId, operator } = story.desk;
  const ids = Array.from({ length: count }, () => newId('Conversation')).sort();
  const contactIds = [story.omar.id, ...Array<string>(count - 1).fill(story.jane.id)];
  await testApp.database.prisma.conversation.createMany({
    data: ids.map((id, place) => ({
      workspaceId,
      id,
      customerId: contactIds[place] ?? '',
      source: 'CHAT' as const,
      status: 'CLOSED' as const,
      closedAt: new Date(),
      assigneeId: isAssigned ? story.ada.id : null,
    })),
  });
  const open = (id: string) => testApp.services.conversations.setStatus(operator, { id, status: 'OPEN' });
  return { story, workspaceId, operator, ids, open };
}

test('a contact that is locked holds up only the change of its own conversation', async () => {
  const { story, workspaceId, ids, open } = await closed(2);
  const [held = '', free = ''] = ids;
  let waiting: Promise<unknown> | undefined;
  await testApp.database.transaction(async (tx) => {
    await tx.$queryRaw`SELECT FROM "Customer" WHERE "workspaceId" = ${workspaceId} AND "id" = ${story.omar.id} FOR UPDATE`;
    waiting = open(held);
    expect(await open(free)).toMatchObject({ conversation: { id: free }, result: 'UPDATED' });
  });
  expect(await waiting).toMatchObject({ conversation: { id: held, status: 'OPEN' }, result: 'UPDATED' });
});

test('reopening does not hold another conversation while it waits for an agent who is being deactivated', async () => {
  const { story, workspaceId, ids, open } = await closed(2, { isAssigned: true });
  const [reopened = '', alreadyOpen = ''] = ids;
  await open(alreadyOpen);
  let waiting: Promise<unknown> | undefined;
  await testApp.database.transaction(async (tx) => {
    await tx.$queryRaw`SELECT FROM "Agent" WHERE "workspaceId" = ${workspaceId} AND "id" = ${story.ada.id} FOR UPDATE`;
    waiting = open(reopened);
    await open(alreadyOpen);
    await tx.$queryRaw`SELECT FROM "Conversation" WHERE "workspaceId" = ${workspaceId} AND "id" = ${alreadyOpen} FOR UPDATE NOWAIT`;
    const where = { workspaceId_id: { workspaceId, id: story.ada.id } };
    await tx.agent.update({ where, data: { deactivatedAt: new Date() } });
  });
  expect(await waiting).toMatchObject({ conversation: { id: reopened, status: 'OPEN', assigneeId: null } });
});

test('a change of a conversation that is locked does not hold up those that share its statement', async () => {
  const { desk, omar } = await tellStory(testApp);
  const { workspaceId, operator } = desk;
  const [held, free] = [newId('Conversation'), newId('Conversation')];
  await testApp.database.prisma.conversation.createMany({
    data: [held, free].map((id) => ({ workspaceId, id, customerId: omar.id, source: 'CHAT' as const })),
  });
  const close = (id: string) => testApp.services.conversations.setStatus(operator, { id, status: 'CLOSED' });
  let waiting: Promise<unknown> | undefined;
  await testApp.database.transaction(async (tx) => {
    await tx.$queryRaw`SELECT FROM "Conversation" WHERE "workspaceId" = ${workspaceId} AND "id" = ${held} FOR UPDATE`;
    waiting = close(held);
    expect(await close(free)).toMatchObject({ conversation: { id: free }, result: 'UPDATED' });
    await tx.conversation.update({ where: { workspaceId_id: { workspaceId, id: held } }, data: { subject: 'Held' } });
  });
  expect(await waiting).toMatchObject({ conversation: { id: held, subject: 'Held', status: 'CLOSED' } });
});
