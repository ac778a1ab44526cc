import { getIntrospectionQuery, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createCostOf } from '../../../src/graphql/limits/cost.js';
import { schema } from '../../../src/graphql/schema.js';

const costOf = createCostOf(schema);
const pointsOf = (text: string, variables: Record<string, unknown> = {}): number =>
  costOf(parse(text), undefined, variables).points;

describe('an operation costs', () => {
  test.each<[string, number, string, Record<string, unknown>?]>([
    ['one point at least', 1, '{ __typename }'],
    ['one for each object', 2, '{ viewer { kind agent { name } } }'],
    ['one for a connection and one for each row of a page', 11, '{ agents(first: 10) { nodes { name } } }'],
    ['the same by edges', 11, '{ agents(last: 10) { edges { cursor node { name } } pageInfo { endCursor } } }'],
    ['the default page', 21, '{ agents { nodes { name } } }'],
    ['what variables say', 6, 'query ($n: Int) { agents(first: $n) { nodes { name } } }', { n: 5 }],
    ['what their defaults say', 8, 'query ($n: Int = 7) { agents(first: $n) { nodes { name } } }'],
    ['the default page for null', 21, 'query ($n: Int = 7) { agents(first: $n) { nodes { name } } }', { n: null }],
    ['never more than the largest page', 101, '{ agents(first: 2000000000) { nodes { name } } }'],
    ['one for a count', 2, '{ agents { totalCount } }'],
    [
      'pages within pages by each other',
      1 + 10 * (1 + 1 + 3 * (1 + 1)),
      '{ conversations(first: 10) { nodes { messages(last: 3) { nodes { author { name } } } } } }',
    ],
    ['one for each id', 3, 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: ['a', 'b', 'c'] }],
    [
      'what fragments say, wherever they stand',
      4,
      '{ viewer { ...V } ...Q } fragment V on Viewer { agent { id } } fragment Q on Query { viewer { ...V } }',
    ],
    ['one more for 25 scalars', 2, `{ viewer { ${names(25)} } }`],
    ['ten for a write', 11, 'mutation { markConversationRead(input: { id: "x" }) { conversation { id } } }'],
  ])('%s', (_what, points, text, variables) => {
    expect(pointsOf(text, variables)).toBe(points);
  });

  test('the same when it comes again, with each size of its pages', () => {
    const document = parse('query ($n: Int = 7) { agents(first: $n) { nodes { name } } }');
    for (const [n, points] of [
      [5, 6],
      [undefined, 8],
      [null, 21],
      [5, 6],
    ] as const) {
      expect(costOf(document, null, n === undefined ? {} : { n }).points).toBe(points);
    }
  });
});

describe('an answer costs', () => {
  const actualOf = (text: string, data: Record<string, unknown>, variables: Record<string, unknown> = {}) => {
    const { points, actualOf: count } = costOf(parse(text), undefined, variables);
    return [points, count?.(data)];
  };
  const rows = (...lengths: number[]) =>
    lengths.map((length) => ({ messages: { nodes: Array.from({ length }, () => ({ author: { name: 'Ada' } })) } }));
  const inbox = 'messages(first: 4) { nodes { author { name } } }';

  test.each<[string, number, number, string, Record<string, unknown>, Record<string, unknown>?]>([
    ['its rows', 11, 4, '{ agents(first: 10) { nodes { name } } }', { agents: { nodes: [{}, {}, {}] } }],
    ['the same by edges', 11, 3, '{ agents(last: 10) { edges { node { name } } } }', { agents: { edges: [{}, {}] } }],
    ['the connection when it is empty', 21, 1, '{ agents { nodes { name } } }', { agents: { nodes: [] } }],
    [
      'rows within rows, each list by itself',
      101,
      1 + 2 * (1 + 1) + (4 + 1) * 2,
      `{ conversations(first: 10) { nodes { ${inbox} } } }`,
      { conversations: { nodes: rows(4, 1) } },
    ],
    [
      'as much as was asked for when every page is full',
      1 + 3 * (1 + 1 + 4 * 2),
      1 + 3 * (1 + 1 + 4 * 2),
      `{ conversations(first: 3) { nodes { ${inbox} } } }`,
      { conversations: { nodes: rows(4, 4, 4) } },
    ],
    [
      'what stands under other names and in fragments',
      1 + 10 * (1 + 1 + 4 * 2),
      1 + 2 + 2 + 2 * 2,
      `{ all: conversations(first: 10) { ...C } }
       fragment C on ConversationConnection { of: nodes { ... { ...D } } } fragment D on Conversation { m: ${inbox} }`,
      { all: { of: [{ m: { nodes: [{}, {}] } }, { m: { nodes: [] } }] } },
    ],
    [
      'nothing for the lists of what was not found',
      22,
      2,
      '{ customer(id: "ctc_1") { conversations { nodes { id } } } }',
      { customer: null },
    ],
    [
      'nothing for the fields of other types',
      1 + 21 + 21,
      1 + 1 + 1 + 1,
      `query ($ids: [ID!]!) { nodes(ids: $ids) {
        ... on Customer { conversations { nodes { id } } } ... on Agent { assignedConversations { nodes { id } } }
      } }`,
      { nodes: [{ conversations: { nodes: [{}] } }] },
      { ids: ['ctc_1'] },
    ],
    [
      'a search and its hits',
      500 + 3 * 10 * 2,
      500 + 2,
      '{ search(query: "x", first: 10) { contacts { node { id } } conversations { node { id } } messages { node { id } } } }',
      { search: { contacts: [{}], conversations: [], messages: null } },
    ],
    [
      'a write with the lists of what it answers',
      10 + 1 + 1 + 20,
      10 + 1 + 1 + 1,
      'mutation { markConversationRead(input: { id: "x" }) { conversation { messages { nodes { id } } } } }',
      { markConversationRead: { conversation: { messages: { nodes: [{}] } } } },
    ],
  ])('%s', (_what, requested, actual, text, data, variables) => {
    expect(actualOf(text, data, variables)).toEqual([requested, actual]);
  });

  test('what was asked for where no list can be shorter', () => {
    expect(actualOf('{ viewer { kind agent { name } } }', { viewer: null })).toEqual([2, undefined]);
    expect(actualOf(getIntrospectionQuery(), { __schema: null })[1]).toBeUndefined();
  });
});

test('asking for the whole schema stays within what is allowed', () => {
  const query = getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true, schemaDescription: true });
  expect(pointsOf(query)).toBeGreaterThan(3_000);
  expect(pointsOf(query)).toBeLessThan(6_000);
});

test('fragments that double each other are summed at once', () => {
  const doubling = Array.from(
    { length: 60 },
    (_, place) => `fragment F${place} on Query { ...F${place + 1} ...F${place + 1} }`,
  );
  const text = `{ ...F0 } ${doubling.join(' ')} fragment F60 on Query { agents(first: 1) { nodes { name } } }`;
  expect(pointsOf(text)).toBe(2 ** 61);
});

test('depth counts fields below each other, through fragments', () => {
  const document = parse(
    '{ agents { nodes { ...A } } } fragment A on Agent { assignedConversations { nodes { id } } }',
  );
  expect(costOf(document, undefined, {}).depth).toBe(5);
});

function names(count: number): string {
  return Array.from({ length: count }, (_, place) => `a${place}: kind`).join(' ');
}
