import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Queue, startQueue } from '../../../src/db/queue/queue.js';
import { createLog } from '../../../src/lib/process/log.js';
import { eventFeed } from '../../../src/modules/events/event.feed.js';
import { recordEvents } from '../../../src/modules/events/event.service.js';
import { outboxWatermark } from '../../../src/modules/events/outbox.watermark.js';
import { graphql } from '../../generated/gql.js';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { createTestDatabase, type TestDatabase } from '../../kit/database.js';

/** Events that are older than the workspace keeps them. */

const updateWorkspace = graphql(`
  mutation KeepEvents($input: UpdateWorkspaceInput!) {
    updateWorkspace(input: $input) { workspace { eventRetentionDays } result userErrors { path message } }
  }
`);

let testDatabase: TestDatabase;
let testApp: TestApp;
let queue: Queue;
let desk: Desk;
const days = 86_400_000;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const { connection } = testDatabase;
  testApp = await openTestApp({ connection });
  queue = startQueue({ connection, log: createLog('silent'), workers: testApp.app.workers, pollMs: 50 });
});
afterAll(async () => {
  await queue?.stop();
  await testApp?.close();
  await testDatabase?.drop();
});
beforeEach(async () => {
  desk = await testApp.createDesk();
  // What made the desk comes first, and is the oldest.
  const occurredAt = new Date(Date.now() - 200 * days);
  await testApp.database.prisma.domainEvent.updateMany({
    where: { workspaceId: desk.workspaceId },
    data: { occurredAt },
  });
});

/** Writes as many events as are given, of so many days ago. */
async function write(count: number, daysAgo: number): Promise<void> {
  const { database } = testApp;
  const type = 'customer.updated' as const;
  const entityId = `ctc_${daysAgo}`;
  await database.transaction((tx) =>
    recordEvents(
      tx,
      desk.operator,
      Array.from({ length: count }, () => ({ type, entityId, data: {} })),
    ),
  );
  const occurredAt = new Date(Date.now() - daysAgo * days);
  const where = { workspaceId: desk.workspaceId, entityId };
  await database.prisma.domainEvent.updateMany({ where, data: { occurredAt } });
}

const keep = async (eventRetentionDays: number | null) =>
  (await desk.run(updateWorkspace, { input: { eventRetentionDays } })).updateWorkspace;

const left = async () => {
  const { workspaceId } = desk;
  const rows = await testApp.database.prisma.domainEvent.findMany({ where: { workspaceId }, orderBy: { seq: 'asc' } });
  return rows.map(({ entityId, seq }) => ({ days: Number(entityId.slice(4)), seq })).filter(({ days }) => days > 0);
};

const daysLeft = async () => [...new Set((await left()).map(({ days }) => days))];

const waiting = async () => {
  const { rows } = await testApp.database.pool.query<{ hours: number }>(
    `select extract(epoch from run_at - now())::float8 / 3600 as hours from deskgraph_jobs.jobs where key = $1`,
    [`remove-events:${desk.workspaceId}`],
  );
  return rows.map(({ hours }) => Math.round(hours));
};

test('are removed, thousands of them, and each day again as long as the setting stands', async () => {
  await write(2_300, 100);
  await write(5, 40);
  await write(5, 20);
  expect(await keep(60)).toEqual({ workspace: { eventRetentionDays: 60 }, result: 'UPDATED', userErrors: [] });
  await expect.poll(daysLeft).toEqual([40, 20]);
  await expect.poll(waiting).toEqual([24]);
  expect((await keep(30)).result).toBe('UPDATED');
  await expect.poll(daysLeft).toEqual([20]);
  await expect.poll(waiting).toEqual([24]);

  await keep(null);
  await write(1, 50);
  await testApp.database.pool.query(`select deskgraph_jobs.add_job('remove-events', $1, job_key := $2)`, [
    { workspaceId: desk.workspaceId },
    `remove-events:${desk.workspaceId}`,
  ]);
  await expect.poll(waiting).toEqual([]);
  expect(await daysLeft()).toEqual([20, 50]);
});

test('stay while a webhook has yet to be told of them, with all that came later', async () => {
  const { database, services } = testApp;
  await write(2, 100);
  await services.webhooks.create(desk.operator, { url: 'https://hooks.test/' });
  await write(2, 90);
  const { workspaceId } = desk;
  const [first] = await left();
  await database.prisma.webhookCursor.update({ where: { workspaceId }, data: { seq: first?.seq ?? 0n } });
  await keep(30);
  await expect.poll(waiting).toEqual([24]);
  expect(await left()).toHaveLength(3);
});

test('are told of to who goes on from before them', async () => {
  await write(3, 100);
  await write(1, 2);
  const [, second, third, recent] = await left();
  await keep(30);
  await expect.poll(daysLeft).toEqual([2]);
  const { database } = testApp;
  const onError = (error: unknown) => expect.unreachable(String(error));
  const feed = eventFeed(database, outboxWatermark(database), { onError });
  const follow = (after: bigint | undefined) =>
    feed.follow(desk.workspaceId, { after, signal: new AbortController().signal, onEnd: () => undefined });
  await expect(follow(second?.seq)).rejects.toThrow(
    `Events up to ${third?.seq} are no longer kept. Read the lists again, and follow without after.`,
  );
  const stream = await follow(third?.seq);
  expect((await stream.next()).value?.event.seq).toBe(recent?.seq);
  feed.close();
});

test.each([29, 3_651, 0])('%i days are refused', async (eventRetentionDays) => {
  expect((await keep(eventRetentionDays)).userErrors).toEqual([
    { path: ['input', 'eventRetentionDays'], message: 'Must be from 30 to 3650.' },
  ]);
});
