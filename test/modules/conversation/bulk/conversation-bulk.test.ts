import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../../../src/db/global-id.js';
import { newId } from '../../../../src/db/ids.js';
import type { AssignConversationsInput, SetConversationsStatusInput } from '../../../generated/graphql.js';
import { assignConversations, setConversationsStatus } from '../../../graphql/mutations.js';
import { openTestApp, type TestApp } from '../../../kit/app.js';
import { newEvents } from '../../../kit/records.js';
import { statementsOf } from '../../../kit/statements.js';
import { type Story, tellStory } from '../../../kit/story.js';

let testApp: TestApp;
let story: Story;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  story = await tellStory(testApp);
});
afterAll(() => testApp.close());

const setStatus = async (input: SetConversationsStatusInput) =>
  (await story.desk.run(setConversationsStatus, { input })).setConversationsStatus;
const assign = async (input: AssignConversationsInput) =>
  (await story.desk.run(assignConversations, { input })).assignConversations;

/** Omar's conversations, in the order of their ids. */
async function omarsConversations(count: number, fields: { assigneeId?: string } = {}): Promise<string[]> {
  const ids = Array.from({ length: count }, () => newId('Conversation'));
  const { workspaceId } = story.desk;
  await testApp.database.prisma.conversation.createMany({
    data: ids.map((id) => ({ workspaceId, id, customerId: story.omar.id, source: 'CHAT' as const, ...fields })),
  });
  return ids;
}

const conversationsNow = async (ids: readonly string[]) => {
  const where = { workspaceId: story.desk.workspaceId, id: { in: [...ids] } };
  const rows = await testApp.database.prisma.conversation.findMany({ where, orderBy: { id: 'asc' } });
  return rows.map(({ id, status, assigneeId, closedAt, version }) => {
    return { id, status, assigneeId, isClosed: closedAt !== null, version };
  });
};
const globally = (ids: readonly string[]) => ids.map((id) => encodeGlobalId('Conversation', id));

describe('setConversationsStatus', () => {
  test('closes those that are not closed yet, tells of each and says which', async () => {
    const [first = '', second = '', third = ''] = await omarsConversations(3);
    await setStatus({ ids: [second], status: 'CLOSED' });
    const events = await newEvents(testApp, story.desk, async () => {
      // Both forms of an id, and one of them twice.
      const ids = [third, encodeGlobalId('Conversation', first), second, first];
      expect(await setStatus({ ids, status: 'CLOSED' })).toEqual({
        changedIds: globally([first, third]),
        changedCount: 2,
        unchangedCount: 1,
        hasMore: false,
        userErrors: [],
      });
    });
    expect(events.map(({ type, entityId, data }) => [type, entityId, data])).toEqual(
      [first, third].map((id) => [
        'conversation.status_changed',
        id,
        { before: { status: 'OPEN' }, after: { status: 'CLOSED' } },
      ]),
    );
    expect(await conversationsNow([first, second, third])).toEqual(
      [first, second, third].map((id) => ({ id, status: 'CLOSED', assigneeId: null, isClosed: true, version: 2 })),
    );
  });

  test('keeps the closing time of what is archived after it was closed, and takes it from what opens', async () => {
    const ids = await omarsConversations(2);
    await setStatus({ ids, status: 'CLOSED' });
    const closedAt = async () =>
      (await testApp.database.prisma.conversation.findMany({ where: { id: { in: ids } } })).map((one) => one.closedAt);
    const before = await closedAt();
    await setStatus({ ids, status: 'ARCHIVED' });
    expect(await closedAt()).toEqual(before);
    await setStatus({ ids, status: 'OPEN' });
    expect(await closedAt()).toEqual([null, null]);
  });

  test('sent twice writes and tells once', async () => {
    const ids = await omarsConversations(2);
    await setStatus({ ids, status: 'ARCHIVED' });
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await setStatus({ ids, status: 'ARCHIVED' })).toMatchObject({ changedIds: [], unchangedCount: 2 });
    });
    expect(events).toEqual([]);
  });

  test('by a filter takes those that a list with it has: archived ones only when it speaks of the status', async () => {
    const [first = '', second = '', third = ''] = await omarsConversations(3);
    await setStatus({ ids: [third], status: 'ARCHIVED' });
    const filter = { customerId: { eq: story.omar.id } };
    expect(await setStatus({ filter, status: 'CLOSED' })).toMatchObject({
      changedIds: globally([first, second]),
      unchangedCount: 0,
      hasMore: false,
    });
    expect(await setStatus({ filter: { ...filter, status: { eq: 'ARCHIVED' } }, status: 'OPEN' })).toMatchObject({
      changedIds: globally([third]),
    });
    expect((await conversationsNow([story.billing.id]))[0]).toMatchObject({ status: 'OPEN', version: 1 });
  });

  test('by a filter changes 1,000 in one call, and the rest when it is sent again', async () => {
    const ids = await omarsConversations(1_203);
    const input: SetConversationsStatusInput = { filter: { customerId: { eq: story.omar.id } }, status: 'CLOSED' };
    expect(await setStatus(input)).toMatchObject({ changedCount: 1_000, hasMore: true });
    expect(await setStatus(input)).toMatchObject({ changedCount: 203, hasMore: false });
    expect(await setStatus(input)).toMatchObject({ changedCount: 0, hasMore: false });
    expect(new Set((await conversationsNow(ids)).map(({ status, version }) => `${status} ${version}`))).toEqual(
      new Set(['CLOSED 2']),
    );
  });

  test('writes nothing when one of the ids is unknown, and says which', async () => {
    const [id = ''] = await omarsConversations(1);
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await setStatus({ ids: [id, 'thd_none'], status: 'CLOSED' })).toEqual({
        changedIds: null,
        changedCount: null,
        unchangedCount: null,
        hasMore: null,
        userErrors: [
          {
            code: 'NOT_FOUND',
            message: 'Conversation not found.',
            path: ['input', 'ids', '1'],
            conflictingId: null,
            retryable: false,
          },
        ],
      });
    });
    expect(events).toEqual([]);
  });

  test('takes as many statements for 250 as for 2', async () => {
    const ids = await omarsConversations(252, { assigneeId: story.ada.id });
    const count = async (input: SetConversationsStatusInput) =>
      (await statementsOf(async () => expect((await setStatus(input)).userErrors).toEqual([]))).length;
    // Authentication reads the key from time to time; once is out of the way by now.
    await setStatus({ ids: [story.billing.id], status: 'CLOSED' });
    for (const status of ['CLOSED', 'OPEN'] as const) {
      const few = await count({ ids: ids.slice(0, 2), status });
      const many = await count({ ids: ids.slice(2), status });
      expect({ status, few, many }).toEqual({ status, few: expect.any(Number), many: few });
      expect(few).toBeLessThanOrEqual(5);
    }
  });
});

describe('assignConversations', () => {
  test('gives to an agent those that have another or none, and tells of each', async () => {
    const [first = '', second = ''] = await omarsConversations(2);
    const [third = ''] = await omarsConversations(1, { assigneeId: story.ada.id });
    const [fourth = ''] = await omarsConversations(1, { assigneeId: story.ben.id });
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await assign({ ids: [fourth, third, second, first], assigneeId: story.ada.id })).toEqual({
        changedIds: globally([first, second, fourth]),
        changedCount: 3,
        unchangedCount: 1,
        hasMore: false,
        userErrors: [],
      });
    });
    expect(events.map(({ type, entityId, data }) => [type, entityId, data])).toEqual([
      ['conversation.assigned', first, { before: { assigneeId: null }, after: { assigneeId: story.ada.id } }],
      ['conversation.assigned', second, { before: { assigneeId: null }, after: { assigneeId: story.ada.id } }],
      ['conversation.assigned', fourth, { before: { assigneeId: story.ben.id }, after: { assigneeId: story.ada.id } }],
    ]);
    expect((await conversationsNow([first, third])).map(({ version }) => version)).toEqual([2, 1]);
  });

  test('by a filter hands over what a colleague has, and takes it away with null', async () => {
    const ids = await omarsConversations(3, { assigneeId: story.ada.id });
    const filter = { assigneeId: { eq: story.ada.id } };
    expect(await assign({ filter, assigneeId: story.ben.id })).toMatchObject({ changedCount: 3, hasMore: false });
    expect(await assign({ filter, assigneeId: story.ben.id })).toMatchObject({ changedCount: 0 });
    expect(await assign({ filter: { assigneeId: { eq: story.ben.id } } })).toMatchObject({ changedIds: globally(ids) });
    expect((await conversationsNow(ids)).map(({ assigneeId }) => assigneeId)).toEqual([null, null, null]);
  });

  test('refuses agents who are not there or left', async () => {
    const ids = await omarsConversations(1);
    for (const assigneeId of ['agt_none', story.carl.id]) {
      expect((await assign({ ids, assigneeId })).userErrors).toMatchObject([
        { code: 'NOT_FOUND', message: 'Agent not found.', path: ['input', 'assigneeId'] },
      ]);
    }
    expect((await conversationsNow(ids))[0]).toMatchObject({ assigneeId: null, version: 1 });
  });

  test('takes as many statements for 250 as for 2', async () => {
    const ids = await omarsConversations(252);
    await assign({ ids: [story.billing.id], assigneeId: story.ben.id });
    const count = async (some: string[]) =>
      (await statementsOf(async () => assign({ ids: some, assigneeId: story.ada.id }))).length;
    const few = await count(ids.slice(0, 2));
    expect(few).toBeLessThanOrEqual(5);
    expect(await count(ids.slice(2))).toBe(few);
  });
});
