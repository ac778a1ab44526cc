import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { newId } from '../../src/db/ids.js';
import { graphql } from '../generated/gql.js';
import { subscribe, transports } from '../kit/followers.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { type Story, tellStory } from '../kit/story.js';

/** The clock is put forward and back between changes: what comes after what is said by seq, and by no time. */

let server: TestServer;
let story: Story;

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  story = await tellStory(server);
});
afterEach(() => vi.useRealTimers());
afterAll(() => server.close());

const dayMs = 24 * 3_600_000;
const putClock = (byMs: number): void => void vi.setSystemTime(new Date(Date.now() + byMs));

const following = graphql(`
  subscription FollowedAcrossJumps($after: BigInt) { customerChanged(after: $after) { seq customer { databaseId } } }
`);
const walk = graphql(`
  query WalkAcrossJumps($after: String) {
    customers(first: 2, after: $after) { nodes { databaseId } pageInfo { endCursor hasNextPage } }
  }
`);
const snoozed = graphql(`
  query SnoozedAcrossJumps($id: ID!) { conversation(id: $id) { snoozedUntil } }
`);

async function createAcrossJumps(): Promise<string[]> {
  const ids: string[] = [];
  for (const byMs of [0, dayMs, -2 * dayMs, dayMs, 0]) {
    putClock(byMs);
    const externalId = `jump-${ids.length}`;
    const { customer } = await server.services.customers.create(story.desk.operator, { externalId });
    ids.push(customer.id);
  }
  return ids;
}

test.each(transports)('over %s, every change is told once and in the order of seq', async (transport) => {
  const { endpoint } = server;
  const last = await server.database.prisma.domainEvent.findFirstOrThrow({ orderBy: { seq: 'desc' } });
  const ids = await createAcrossJumps();
  const follower = subscribe({ endpoint, key: story.desk.key, transport }, following, { after: `${last.seq}` });
  try {
    const told = await follower.until(ids.length);
    expect(told.map(({ customerChanged }) => customerChanged.customer?.databaseId)).toEqual(ids);
    const third = told[2]?.customerChanged.seq;
    const again = subscribe({ endpoint, key: story.desk.key, transport }, following, { after: third });
    const rest = await again.until(2);
    again.leave();
    expect(rest.map(({ customerChanged }) => customerChanged.customer?.databaseId)).toEqual(ids.slice(3));
  } finally {
    follower.leave();
  }
});

test('pages miss nothing and repeat nothing', async () => {
  await createAcrossJumps();
  const all = await server.database.prisma.customer.count({ where: { workspaceId: story.desk.workspaceId } });
  const seen: string[] = [];
  let after: string | undefined;
  for (let isOver = false; !isOver; ) {
    const { customers } = await story.desk.run(walk, { ...(after !== undefined && { after }) });
    seen.push(...customers.nodes.map(({ databaseId }) => databaseId));
    isOver = !customers.pageInfo.hasNextPage;
    after = customers.pageInfo.endCursor ?? undefined;
  }
  expect(new Set(seen).size).toBe(all);
  expect(seen).toHaveLength(all);
});

test('ids of one process go on sorting by creation', () => {
  const ids = [0, dayMs, -2 * dayMs, 1, dayMs].map((byMs) => {
    putClock(byMs);
    return newId('Message');
  });
  expect(ids.toSorted()).toEqual(ids);
});

test('a snooze holds by the time that it names, whatever the clock said between', async () => {
  const { desk, billing } = story;
  const isSnoozed = async () => (await desk.run(snoozed, { id: billing.id })).conversation?.snoozedUntil != null;
  const until = new Date(Date.now() + 3_600_000);
  await server.services.conversations.snooze(desk.operator, { id: billing.id, until });
  expect(await isSnoozed()).toBe(true);
  putClock(dayMs);
  expect(await isSnoozed()).toBe(false);
  putClock(-dayMs);
  expect(await isSnoozed()).toBe(true);
});
