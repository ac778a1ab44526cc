import type { VariablesOf } from '@graphql-typed-document-node/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { graphql } from '../../generated/gql.js';
import { openTestApp, type TestApp } from '../../kit/app.js';

let testApp: TestApp;

beforeAll(async () => {
  testApp = await openTestApp();
});
afterAll(() => testApp.close());

const start = graphql(`
  mutation StartNumbered($input: StartConversationInput!) {
    startConversation(input: $input) { conversation { id number tags version } userErrors { path message } }
  }
`);
const update = graphql(`
  mutation UpdateTags($input: UpdateConversationInput!) {
    updateConversation(input: $input) { conversation { tags version } result userErrors { path message } }
  }
`);
const add = graphql(`
  mutation AddConversationTags($input: AddConversationTagsInput!) {
    addConversationTags(input: $input) { conversation { tags version } result userErrors { path message } }
  }
`);
const remove = graphql(`
  mutation RemoveConversationTags($input: RemoveConversationTagsInput!) {
    removeConversationTags(input: $input) { conversation { tags version } result userErrors { path message } }
  }
`);
const found = graphql(`
  query FoundByNumber($filter: ConversationFilter, $orderBy: ConversationOrder, $first: Int, $after: String) {
    conversations(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
      nodes { number }
      pageInfo { endCursor }
    }
  }
`);
const changesOf = graphql(`
  query TagChanges($id: ID!) {
    auditLog(filter: { entityId: { eq: $id }, type: { eq: "conversation.updated" } }) { nodes { before after } }
  }
`);

async function openDesk() {
  const desk = await testApp.createDesk();
  const begin = async (name: string, more: { tags?: string[]; externalId?: string } = {}) => {
    const input = {
      email: `${name}@example.com`,
      subject: name,
      text: 'Hello',
      direction: 'INBOUND' as const,
      ...more,
    };
    const { startConversation } = await desk.run(start, { input });
    return startConversation.conversation ?? expect.fail(JSON.stringify(startConversation.userErrors));
  };
  const numbers = async (variables: VariablesOf<typeof found>) =>
    (await desk.run(found, variables)).conversations.nodes.map(({ number }) => number);
  return { ...desk, begin, numbers };
}

test('conversations are numbered from 1 in each workspace, also when many begin at once', async () => {
  const [one, two] = [await openDesk(), await openDesk()];
  const names = Array.from({ length: 8 }, (_, place) => `person${place}`);
  const begun = await Promise.all(names.map((name) => one.begin(name)));
  expect(begun.map(({ number }) => number).toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(await two.begin('alone')).toMatchObject({ number: 1 });
});

test('a start that is refused takes no number', async () => {
  const { begin, run } = await openDesk();
  await begin('first', { externalId: 'E-1' });
  const input = { email: 'b@example.com', text: 'Hello', externalId: 'E-1' };
  expect((await run(start, { input })).startConversation.userErrors).toMatchObject([{ path: ['input', 'externalId'] }]);
  expect(await begin('second')).toMatchObject({ number: 2 });
});

test('a conversation is found by its number as one says it, filtered by it and sorted by it', async () => {
  const { begin, numbers, run } = await openDesk();
  for (const name of ['ada', 'ben', 'cleo']) await begin(name);
  for (const query of ['#2', '2', ' 2 ']) expect(await numbers({ filter: { query } }), query).toEqual([2]);
  for (const query of ['#', '#0', '0', '99999999999', '#2a'])
    expect(await numbers({ filter: { query } }), query).toEqual([]);
  expect(await numbers({ filter: { number: { gte: 2 } }, orderBy: { field: 'NUMBER', direction: 'ASC' } })).toEqual([
    2, 3,
  ]);
  const orderBy = { field: 'NUMBER', direction: 'DESC' } as const;
  const { conversations } = await run(found, { orderBy, first: 2 });
  expect(conversations.nodes.map(({ number }) => number)).toEqual([3, 2]);
  expect(await numbers({ orderBy, first: 2, after: conversations.pageInfo.endCursor })).toEqual([1]);
});

test('tags are given at the start, replaced, added and removed, each change with a version and an event', async () => {
  const { begin, run } = await openDesk();
  const { id } = await begin('tagged', { tags: ['billing', 'Café', 'billing'] });
  const tags = (...given: string[]) => ({ input: { id, tags: given } });
  expect((await run(add, tags('vip', 'billing'))).addConversationTags).toMatchObject({
    result: 'UPDATED',
    conversation: { tags: ['billing', 'Café', 'vip'], version: 2 },
  });
  // The same in another composition of characters.
  expect((await run(add, tags('Cafe\u0301'))).addConversationTags.result).toBe('UNCHANGED');
  expect((await run(remove, tags('billing', 'other'))).removeConversationTags).toMatchObject({
    result: 'UPDATED',
    conversation: { tags: ['Café', 'vip'], version: 3 },
  });
  expect((await run(update, tags())).updateConversation).toMatchObject({ conversation: { tags: [], version: 4 } });
  expect((await run(changesOf, { id })).auditLog.nodes).toContainEqual({
    before: { tags: ['billing', 'Café'] },
    after: { tags: ['billing', 'Café', 'vip'] },
  });
});

test('conversations are found by tags, in the filter and in words', async () => {
  const { begin, numbers } = await openDesk();
  await begin('one', { tags: ['billing', 'refund request'] });
  await begin('two', { tags: ['billing'] });
  await begin('three');
  expect(await numbers({ filter: { tags: { hasAll: ['billing', 'refund request'] } } })).toEqual([1]);
  expect(await numbers({ filter: { tags: { isEmpty: true } } })).toEqual([3]);
  expect(await numbers({ filter: { query: 'bill' } })).toEqual([2, 1]);
  expect(await numbers({ filter: { query: 'refund' } })).toEqual([1]);
});

test('too many tags, blank and invisible ones are refused by name', async () => {
  const { begin, run } = await openDesk();
  const { id } = await begin('full', { tags: Array.from({ length: 50 }, (_, place) => `tag ${place}`) });
  const refused = async (tag: string) =>
    (await run(add, { input: { id, tags: [tag] } })).addConversationTags.userErrors;
  expect(await refused('one more')).toEqual([
    { path: ['input', 'tags'], message: 'At most 50 tags; with these there would be 51.' },
  ]);
  expect(await refused(' ')).toMatchObject([{ path: ['input', 'tags', '0'] }]);
  expect(await refused('vi\u200bp')).toMatchObject([{ message: 'Must not contain invisible characters.' }]);
});
