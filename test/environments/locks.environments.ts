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
