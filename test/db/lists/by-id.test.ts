import { afterAll, beforeAll, expect, test } from 'vitest';
import { conversationLoaders } from '../../../src/modules/conversation/conversation.loaders.js';
import { openTestApp, type TestApp } from '../../kit/app.js';
import { statementsOf } from '../../kit/statements.js';
import { fillDesk } from '../../kit/story.js';

/** Rows by id, each with a page of another list, which several requests read at the same time. */

let testApp: TestApp;
let workspaceId: string;
let ids: string[];

beforeAll(async () => {
  testApp = await openTestApp();
  const desk = await testApp.createDesk();
  ({ workspaceId } = desk);
  await fillDesk(testApp, desk, { customers: 12, conversationsEach: 1, messagesEach: 101 });
  const rows = await testApp.database.prisma.conversation.findMany({ where: { workspaceId }, orderBy: { id: 'asc' } });
  ids = rows.map(({ id }) => id);
});
afterAll(() => testApp.close());

const select = { columns: ['id', 'subject'], related: {} };

/** What one request reads: conversations, and the last of their messages in the order of time. */
async function ask(wanted: readonly string[], last: number) {
  const loaders = conversationLoaders({ db: testApp.database, workspaceId });
  const messages = { last, select: { columns: ['id', 'conversationId', 'sentAt'], related: {} } };
  const rows = await Promise.all(wanted.map((id) => loaders.selected({ select, messages }).load(id)));
  const pages = await Promise.all(wanted.map((id) => loaders.messages(messages).load(id)));
  return pages.map(({ page }, place) => {
    const times = page.rows.map(({ sentAt }) => sentAt.getTime());
    return {
      id: rows[place]?.id,
      count: page.rows.length,
      hasMore: page.hasPreviousPage,
      isSorted: times.every((time, at) => at === 0 || time >= (times[at - 1] ?? 0)),
      isOwn: page.rows.every(({ conversationId }) => conversationId === wanted[place]),
    };
  });
}

const whole = (id: string | undefined, count: number) => ({ id, count, hasMore: true, isSorted: true, isOwn: true });

test('requests for more nested rows than a statement may have share as few statements as suffice, and lose none', async () => {
  const found: unknown[] = [];
  const sent = await statementsOf(async () => {
    found.push(...(await Promise.all(ids.map((id) => ask([id], 100)))));
  });
  expect(sent).toHaveLength(2);
  expect(found).toEqual(ids.map((id) => [whole(id, 100)]));
});

test('requests for the same row each get a whole page of their own', async () => {
  const [id = ''] = ids;
  const found: unknown[] = [];
  const sent = await statementsOf(async () => {
    found.push(...(await Promise.all([ask([id], 5), ask([id], 5), ask([id], 7)])));
  });
  expect(sent).toHaveLength(2);
  expect(found).toEqual([[whole(id, 5)], [whole(id, 5)], [whole(id, 7)]]);
});

test('one request for more than a statement may have reads the rows, and then their pages', async () => {
  const found: unknown[] = [];
  const sent = await statementsOf(async () => {
    found.push(...(await Promise.all([ask(ids, 100), ask(ids.slice(0, 1), 100)])));
  });
  expect(sent).toHaveLength(3);
  expect(found).toEqual([ids.map((id) => whole(id, 100)), [whole(ids[0], 100)]]);
});

test('a nested page of no rows is read like any other', async () => {
  const [id = ''] = ids;
  const loaders = conversationLoaders({ db: testApp.database, workspaceId });
  const messages = { first: 0, select: { columns: ['id'], related: {} } };
  expect(await loaders.selected({ select, messages }).load(id)).toMatchObject({ id });
  expect((await loaders.messages(messages).load(id)).page.rows).toEqual([]);
});
