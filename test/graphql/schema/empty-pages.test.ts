import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { ask } from '../../kit/ask.js';
import { statementsOf } from '../../kit/statements.js';
import { fillDesk } from '../../kit/story.js';

/** A page of nothing, and cursors that say nothing. */

let testApp: TestApp;
let desk: Desk;
beforeAll(async () => {
  testApp = await openTestApp();
  desk = await testApp.createDesk();
  await fillDesk(testApp, desk, { customers: 5, conversationsEach: 2, messagesEach: 1 });
});
afterAll(() => testApp.close());

const run = async (document: string): Promise<unknown> => {
  const { data, errors } = await ask(testApp, desk, document);
  expect(errors).toBeUndefined();
  return data;
};
const info = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';
const cursorOf = async (place: number): Promise<string> => {
  const { customers } = (await run('{ customers { edges { cursor } } }')) as {
    customers: { edges: { cursor: string }[] };
  };
  return customers.edges[place]?.cursor ?? '';
};

describe('a page of nothing', () => {
  test('has the count of the list, without a look at its rows', async () => {
    const document = '{ customers(first: 0) { totalCount nodes { id } } }';
    await run(document);
    let data: unknown;
    const statements = await statementsOf(async () => {
      data = await run(document);
    });
    expect(data).toEqual({ customers: { totalCount: 5, nodes: [] } });
    expect(statements).toHaveLength(1);
    expect(statements[0]).toMatch(/^SELECT count/);
  });

  test('asks nothing when nothing is asked of it', async () => {
    const document = '{ customers(last: 0) { edges { cursor } } }';
    await run(document);
    expect(await statementsOf(() => run(document))).toEqual([]);
  });

  test.each([
    ['first: 0', true, false],
    ['last: 0', false, true],
    ['first: 0, filter: { name: { eq: "Nobody" } }', false, false],
    ['last: 0, filter: { name: { eq: "Nobody" } }', false, false],
  ])('(%s) says whether there are rows beside it', async (args, hasNextPage, hasPreviousPage) => {
    expect(await run(`{ customers(${args}) { ${info} } }`)).toEqual({
      customers: { pageInfo: { hasNextPage, hasPreviousPage, startCursor: null, endCursor: null } },
    });
  });

  test('behind a cursor tells of the rows on its side', async () => {
    const [first, last] = [await cursorOf(0), await cursorOf(4)];
    expect(
      await run(`{ a: customers(first: 0, after: "${first}") { ${info} } b: customers(first: 0, after: "${last}") { ${info} }
      c: customers(last: 0, before: "${first}") { ${info} } }`),
    ).toMatchObject({
      a: { pageInfo: { hasNextPage: true, hasPreviousPage: true } },
      b: { pageInfo: { hasNextPage: false, hasPreviousPage: true } },
      c: { pageInfo: { hasNextPage: true, hasPreviousPage: false } },
    });
  });

  test('is had for each of many parents with as many statements', async () => {
    const document = (first: number) =>
      `{ customers(first: ${first}) { nodes { conversations(first: 0) { totalCount ${info} } } } }`;
    for (const first of [1, 5]) await run(document(first));
    const one = await statementsOf(() => run(document(1)));
    const all = await statementsOf(() => run(document(5)));
    expect(all).toHaveLength(one.length);
    expect(await run(document(2))).toMatchObject({
      customers: {
        nodes: Array.from({ length: 2 }, () => ({ conversations: { totalCount: 2, pageInfo: { hasNextPage: true } } })),
      },
    });
  });

  test('of a journey and of a search has nothing', async () => {
    expect(
      await run(
        '{ customers(first: 1) { nodes { journey(first: 0) { totalCount nodes { kind } } } } search(query: "customer1", first: 0) { contacts { score } } }',
      ),
    ).toMatchObject({
      customers: { nodes: [{ journey: { nodes: [] } }] },
      search: { contacts: [] },
    });
  });
});

test('an empty cursor is none', async () => {
  const all = await run('{ customers { nodes { databaseId } } }');
  expect(await run('{ customers(after: "") { nodes { databaseId } } }')).toEqual(all);
  expect(await run('{ customers(before: "", after: "") { nodes { databaseId } } }')).toEqual(all);
});

describe('JSON in literals', () => {
  const create = (metadata: string) =>
    ask(
      testApp,
      desk,
      `mutation { createCustomer(input: { externalId: "m", metadata: ${metadata} }) { userErrors { code } } }`,
    );
  test.each([
    ['{ a: [1, 12345678901234567890] }', 'a.1 must be a number that a double holds exactly'],
    ['{ a: { b: 0.12345678901234567891 } }', 'a.b must be a number that a double holds exactly'],
    ['{ a: { __proto__: 1 } }', 'a must not have the key __proto__'],
  ])('%s is refused by name', async (metadata, message) => {
    const { errors } = await create(metadata);
    expect(errors?.[0]?.message).toContain(message);
  });
});
