import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ErrorPolicy, UpsertCustomersItem } from '../../../generated/graphql.js';
import { openTestApp, type TestApp } from '../../../kit/app.js';
import { newEvents } from '../../../kit/records.js';
import { statementsOf } from '../../../kit/statements.js';
import { type Story, tellStory } from '../../../kit/story.js';
import { mergeCustomers, upsertCustomers } from '../customer-mutations.js';

let testApp: TestApp;
let story: Story;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  story = await tellStory(testApp);
});
afterAll(() => testApp.close());

const send = async (customers: UpsertCustomersItem[], errorPolicy: ErrorPolicy = 'PER_ITEM') =>
  (await story.desk.run(upsertCustomers, { input: { customers, errorPolicy } })).upsertCustomers;
const countCustomers = () => testApp.database.prisma.customer.count({ where: { workspaceId: story.desk.workspaceId } });
const newcomers = (count: number, rest: UpsertCustomersItem = {}): UpsertCustomersItem[] =>
  Array.from({ length: count }, (_, place) => ({
    externalId: `usr_${place}`,
    email: `user${place}@example.com`,
    ...rest,
  }));

describe('upsertCustomers', () => {
  test('creates, changes and leaves alone, each as it is named, and tells of it', async () => {
    const { jane, omar } = story;
    let answer: Awaited<ReturnType<typeof send>> | undefined;
    const events = await newEvents(testApp, story.desk, async () => {
      answer = await send([
        { externalId: 'usr_new', name: 'Nora', metadata: { a: 1, b: null } },
        { id: jane.id, name: 'Jane', metadata: { plan: null } },
        { externalId: 'usr_omar', email: 'OMAR@example.com', tags: ['new'] },
        { externalId: 'usr_jane', tags: ['vip'] },
      ]);
    });
    expect(answer?.userErrors).toEqual([]);
    expect(answer?.results).toMatchObject([
      { index: 0, result: 'CREATED', customer: { name: 'Nora', metadata: { a: 1 }, version: 1 }, userErrors: [] },
      {
        index: 1,
        result: 'UPDATED',
        changedFields: ['name', 'metadata'],
        customer: { databaseId: jane.id, version: 2 },
      },
      {
        index: 2,
        result: 'UPDATED',
        changedFields: ['externalId', 'email', 'tags'],
        customer: { databaseId: omar.id },
      },
      { index: 3, result: 'UNCHANGED', changedFields: [], customer: { databaseId: jane.id, name: 'Jane' } },
    ]);
    const created = answer?.results?.[0]?.customer?.databaseId;
    expect(events).toMatchObject([
      { type: 'customer.created', entityId: created },
      {
        type: 'customer.updated',
        entityId: jane.id,
        data: {
          before: { name: 'Jane Doe', metadata: { plan: 'team', seats: 12 } },
          after: { name: 'Jane', metadata: { seats: 12 } },
        },
      },
      { type: 'customer.updated', entityId: omar.id },
    ]);
  });

  test('sent twice changes nothing the second time', async () => {
    await send(newcomers(5, { name: 'N', tags: ['a'], metadata: { deep: [{ x: 1.5 }] } }));
    const events = await newEvents(testApp, story.desk, async () => {
      const { results } = await send(newcomers(5, { name: 'N', tags: ['a'], metadata: { deep: [{ x: 1.5 }] } }));
      expect(results?.map(({ result }) => result)).toEqual(Array.from({ length: 5 }, () => 'UNCHANGED'));
    });
    expect(events).toEqual([]);
  });

  test('lets each item see what those before it did', async () => {
    const { results } = await send([
      { externalId: 'usr_new', name: 'One', tags: ['a'] },
      { externalId: 'usr_new', email: 'new@example.com', name: 'Two' },
      { email: 'NEW@example.com', name: 'Two', phone: '1' },
      { externalId: 'usr_new', name: 'Two' },
    ]);
    expect(results?.map(({ result, changedFields }) => [result, changedFields])).toEqual([
      ['CREATED', ['externalId', 'name', 'tags']],
      ['UPDATED', ['email', 'name']],
      ['UPDATED', ['email', 'phone']],
      ['UNCHANGED', []],
    ]);
    expect(new Set(results?.map(({ customer }) => JSON.stringify(customer))).size).toBe(1);
    expect(results?.[0]?.customer).toMatchObject({ name: 'Two', phone: '1', email: 'NEW@example.com', version: 3 });
    expect(await countCustomers()).toBe(3);
  });

  test('lets two customers of a batch swap their addresses by way of a third', async () => {
    const { jane, omar } = story;
    const { results } = await send([
      { id: jane.id, email: 'between@example.com' },
      { id: omar.id, email: 'jane@example.com' },
      { id: jane.id, email: 'omar@example.com' },
    ]);
    expect(results?.flatMap(({ userErrors }) => userErrors)).toEqual([]);
    expect(results?.map(({ customer }) => customer?.email)).toEqual([
      'omar@example.com',
      'jane@example.com',
      'omar@example.com',
    ]);
  });

  const wrongItems = (): UpsertCustomersItem[] => [
    { name: 'Nobody' },
    { id: 'ctc_nobody', name: 'Nobody' },
    { externalId: 'usr_new', email: 'jane@example.com' },
    { id: story.omar.id, externalId: 'usr_jane' },
    { externalId: 'usr_other', tags: Array.from({ length: 51 }, (_, place) => `${place}`) },
  ];
  const wrongs = () => [
    { code: 'BAD_USER_INPUT', path: ['input', 'customers', '1', 'externalId'] },
    { code: 'NOT_FOUND', path: ['input', 'customers', '2', 'id'] },
    { code: 'CONFLICT', path: ['input', 'customers', '3', 'email'], conflictingId: story.jane.id },
    { code: 'CONFLICT', path: ['input', 'customers', '4', 'externalId'], conflictingId: story.jane.id },
    { code: 'BAD_USER_INPUT', path: ['input', 'customers', '5', 'tags'] },
  ];

  test('with PER_ITEM writes what can be written and says at each other item why not', async () => {
    const { results, userErrors } = await send([
      { externalId: 'usr_good' },
      ...wrongItems(),
      { email: 'b@example.com' },
    ]);
    expect(userErrors).toEqual([]);
    expect(results?.map(({ result }) => result)).toEqual(['CREATED', null, null, null, null, null, 'CREATED']);
    expect(results?.flatMap((item) => item.userErrors)).toMatchObject(wrongs());
    expect(await countCustomers()).toBe(4);
  });

  test('with ALL_OR_NOTHING writes nothing and says everything that is wrong', async () => {
    const events = await newEvents(testApp, story.desk, async () => {
      const { results, userErrors } = await send([{ externalId: 'usr_good' }, ...wrongItems()], 'ALL_OR_NOTHING');
      expect(results).toBeNull();
      expect(userErrors).toMatchObject(wrongs());
    });
    expect(events).toEqual([]);
    expect(await countCustomers()).toBe(2);
  });

  test('tells a customer of another workspace from none in no way', async () => {
    const elsewhere = await tellStory(testApp, 'Elsewhere');
    const { results } = await send([{ id: 'ctc_nobody' }, { id: elsewhere.jane.id }]);
    const [none, foreign] = results ?? [];
    expect(foreign?.userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'customers', '1', 'id'] }]);
    expect(foreign?.userErrors[0]?.message).toBe(none?.userErrors[0]?.message);
  });

  test('takes 1 to 250 items', async () => {
    for (const count of [0, 251]) {
      const { results, userErrors } = await send(newcomers(count));
      expect(results).toBeNull();
      expect(userErrors).toMatchObject([{ code: 'BAD_USER_INPUT', path: ['input', 'customers'] }]);
    }
    expect((await send(newcomers(250))).results).toHaveLength(250);
  });

  test('keeps names of a merged customer with it, and writes the rest to the survivor', async () => {
    const { jane, desk } = story;
    const { results } = await send([{ externalId: 'usr_old', email: 'old@example.com' }]);
    const sourceId = results?.[0]?.customer?.databaseId ?? '';
    await desk.run(mergeCustomers, { input: { sourceId, targetId: jane.id } });
    const again = await send([
      { externalId: 'usr_old', email: 'old@example.com', name: 'By the old names' },
      { id: sourceId, phone: '1' },
      { id: jane.id, externalId: 'usr_old' },
    ]);
    expect(again.results).toMatchObject([
      {
        result: 'UPDATED',
        changedFields: ['name'],
        customer: { databaseId: jane.id, externalId: 'usr_jane', phone: '1' },
      },
      { result: 'UPDATED', changedFields: ['phone'], customer: { databaseId: jane.id, email: 'jane@example.com' } },
      { result: null, userErrors: [{ code: 'CONFLICT', path: ['input', 'customers', '2', 'externalId'] }] },
    ]);
  });

  test('sends as many statements for 250 items as for 2, be they new, changed or as they are', async () => {
    const countOf = async (name: string, count: number, rest: UpsertCustomersItem) => {
      const items = newcomers(count, rest).map((item, place) => ({
        ...item,
        externalId: `${name}_${place}`,
        email: `${name}${place}@example.com`,
      }));
      // Without the two that read the merged ids and the currency for the answer.
      return (await statementsOf(() => send(items))).length - 2;
    };
    for (const [rest, expected] of [
      [{ name: 'New' }, 3],
      [{ name: 'Changed' }, 3],
      [{ name: 'Changed' }, 1],
    ] as const) {
      expect(await countOf('few', 2, rest)).toBe(expected);
      expect(await countOf('many', 250, rest)).toBe(expected);
    }
  });
});

describe('upsertCustomers by many at once', () => {
  test('of one externalId makes one customer', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, place) => send([{ externalId: 'usr_rush', name: `Name ${place}` }])),
    );
    expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual([]);
    const items = answers.flatMap(({ results }) => results ?? []);
    expect(items.flatMap(({ userErrors }) => userErrors)).toEqual([]);
    expect(items.filter(({ result }) => result === 'CREATED')).toHaveLength(1);
    expect(new Set(items.map(({ customer }) => customer?.databaseId)).size).toBe(1);
    expect(new Set(items.map(({ customer }) => customer?.version)).size).toBe(50);
  });

  test('of the same customers in other orders makes each once', async () => {
    const items = newcomers(40);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, place) => send(place % 2 ? items : [...items].reverse(), 'ALL_OR_NOTHING')),
    );
    expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual([]);
    const results = answers.flatMap((answer) => answer.results ?? []);
    expect(results.filter(({ result }) => result === 'CREATED')).toHaveLength(40);
    expect(await countCustomers()).toBe(42);
  });
});
