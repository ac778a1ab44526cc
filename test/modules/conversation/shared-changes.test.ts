import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { newId } from '../../../src/db/ids.js';
import { currentRequest, notesOf, withRequest } from '../../../src/lib/observe/request.js';
import { openTestApp, type TestApp } from '../../kit/app.js';
import { eventsOf } from '../../kit/records.js';
import { statementsOf } from '../../kit/statements.js';
import { type Story, tellStory } from '../../kit/story.js';

/** Changes that requests ask for at the same time share a statement, and nothing else. */

let testApp: TestApp;
let story: Story;
let ids: string[];

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  story = await tellStory(testApp);
  const { workspaceId } = story.desk;
  ids = Array.from({ length: 5 }, () => newId('Conversation'));
  await testApp.database.prisma.conversation.createMany({
    data: ids.map((id) => ({ workspaceId, id, customerId: story.omar.id, source: 'CHAT' as const })),
  });
});
afterAll(() => testApp.close());

const close = (id: string, ifVersion?: number) =>
  testApp.services.conversations.setStatus(story.desk.operator, { id, status: 'CLOSED', ifVersion });

test('each of many gets its own outcome, from one statement', async () => {
  const [first = '', second = '', third = ''] = ids;
  await close(second);
  const outcomes: unknown[] = [];
  const sent = await statementsOf(async () => {
    outcomes.push(...(await Promise.allSettled([close(first, 1), close(second), close(third, 7)])));
  });
  expect(sent).toHaveLength(1);
  expect(outcomes).toMatchObject([
    { value: { conversation: { id: first, status: 'CLOSED', version: 2 }, result: 'UPDATED' } },
    { value: { conversation: { id: second, version: 2 }, result: 'UNCHANGED' } },
    { reason: { code: 'CONFLICT' } },
  ]);
});

test('every event names who asked for its change', async () => {
  const { desk, ada } = story;
  const [first = '', second = ''] = ids;
  await Promise.all([
    close(first),
    testApp.services.conversations.setStatus({ ...desk.operator, actorId: ada.id }, { id: second, status: 'CLOSED' }),
  ]);
  const events = await eventsOf(testApp, desk);
  const actorOf = (id: string) =>
    events.find(({ entityId, type }) => entityId === id && type === 'conversation.status_changed')?.actorId;
  expect(actorOf(first)).toBe(desk.operator.actorId);
  expect(actorOf(second)).toBe(ada.id);
});

test('one that is unknown, or asked for twice, is as if it were asked for alone', async () => {
  const [first = '', second = ''] = ids;
  const outcomes = await Promise.allSettled([close(first), close('thd_none'), close(first), close(second)]);
  expect(outcomes).toMatchObject([
    { value: { conversation: { id: first }, result: 'UPDATED' } },
    { reason: { code: 'NOT_FOUND' } },
    { value: { conversation: { id: first }, result: 'UNCHANGED' } },
    { value: { conversation: { id: second }, result: 'UPDATED' } },
  ]);
});

test('a change to something else has a statement of its own', async () => {
  const [first = '', second = ''] = ids;
  const { conversations } = testApp.services;
  const sent = await statementsOf(() =>
    Promise.all([
      close(first),
      conversations.assign(story.desk.operator, { id: second, assigneeId: story.ada.id }),
      conversations.assign(story.desk.operator, { id: first, assigneeId: null }),
    ]),
  );
  expect(sent).toHaveLength(3);
});

test('a change that the database refuses fails alone, and the others are made and told once', async () => {
  const [first = '', second = ''] = ids;
  const tooGreat = 2 ** 31;
  const outcomes = await Promise.allSettled([close(first), close(second, tooGreat)]);
  expect(outcomes).toMatchObject([
    { value: { result: 'UPDATED', conversation: { version: 2 } } },
    { status: 'rejected' },
  ]);
  const events = await eventsOf(testApp, story.desk);
  const told = events.filter(({ type, entityId }) => type === 'conversation.status_changed' && ids.includes(entityId));
  expect(told).toMatchObject([{ entityId: first }]);
});

test('everybody who shares a statement reads nothing older from then on, not only who was first', async () => {
  const acknowledged = new Set<unknown>();
  testApp.database.onAcknowledge(async () => void acknowledged.add(currentRequest()?.keyId));
  try {
    const changes = ids.map((id) => withRequest({ ...notesOf(id), keyId: `key of ${id}` }, () => close(id)));
    await Promise.all(changes);
  } finally {
    testApp.database.onAcknowledge(async () => undefined);
  }
  expect(acknowledged).toEqual(new Set(ids.map((id) => `key of ${id}`)));
});
