import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readRows } from '../../../src/db/reading/rows.js';
import { conversations, customers } from '../../../src/db/reading/tables.js';
import { openTestApp, type TestApp } from '../../kit/app.js';
import { statementsOf } from '../../kit/statements.js';
import { type Story, tellStory } from '../../kit/story.js';

let testApp: TestApp;
let story: Story;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  story = await tellStory(testApp);
});
afterAll(() => testApp.close());

const read = (id: string, workspaceId = story.desk.workspaceId) =>
  readRows(testApp.database, customers, workspaceId, [id]);

test('reads that begin at the same time share a statement, and each gets its own rows', async () => {
  const { omar, desk } = story;
  const found: unknown[] = [];
  const sent = await statementsOf(async () => {
    found.push(...(await Promise.all([read(omar.id), read('cus_none'), read(omar.id)])));
  });
  expect(sent).toHaveLength(1);
  expect(found).toMatchObject([[{ id: omar.id, workspaceId: desk.workspaceId }], [null], [{ id: omar.id }]]);
  const [one, , other] = found as object[][];
  expect(one?.[0]).not.toBe(other?.[0]);
});

test('a read that begins later sees what was written since', async () => {
  const { omar, desk } = story;
  const where = { workspaceId_id: { workspaceId: desk.workspaceId, id: omar.id } };
  const first = read(omar.id);
  await testApp.database.prisma.customer.update({ where, data: { notes: 'Written since' } });
  expect(await read(omar.id)).toMatchObject([{ notes: 'Written since' }]);
  expect(await first).toMatchObject([{ id: omar.id }]);
});

test('workspaces, tables and columns keep their own statements', async () => {
  const other = await testApp.createDesk();
  const { omar, desk, billing } = story;
  const found: unknown[] = [];
  const sent = await statementsOf(async () => {
    found.push(
      ...(await Promise.all([
        read(omar.id),
        read(omar.id, other.workspaceId),
        readRows(testApp.database, conversations, desk.workspaceId, [billing.id]),
        readRows(testApp.database, customers, desk.workspaceId, [omar.id], ['name']),
      ])),
    );
  });
  expect(sent).toHaveLength(4);
  expect(found).toMatchObject([[{ id: omar.id }], [null], [{ id: billing.id }], [{ id: omar.id }]]);
  expect(found[3]).toEqual([{ id: omar.id, name: omar.name }]);
});

test('an id that the database refuses fails only who asked for it', async () => {
  const outcomes = await Promise.allSettled([read('\0'), read(story.omar.id)]);
  expect(outcomes).toMatchObject([{ status: 'rejected' }, { value: [{ id: story.omar.id }] }]);
});

test('more ids than a statement takes together are read by one of their own', async () => {
  const many = Array.from({ length: 101 }, (_, place) => `cus_${place}`);
  const sent = await statementsOf(() =>
    Promise.all([readRows(testApp.database, customers, story.desk.workspaceId, many), read(story.omar.id)]),
  );
  expect(sent).toHaveLength(2);
});
