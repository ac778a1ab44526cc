import { getOperationAST, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileOperation } from '../../../src/graphql/execution/compile.js';
import { schema } from '../../../src/graphql/schema.js';
import { openTestApp, post, type TestApp } from '../../kit/app.js';
import { fillDesk, type Story, tellStory } from '../../kit/story.js';

/** What graphql-js answers to the first run of an operation, the compiled one has to answer to all later ones. */

let testApp: TestApp;
let story: Story;

beforeAll(async () => {
  testApp = await openTestApp();
  story = await tellStory(testApp);
  await fillDesk(testApp, story.desk, { customers: 9, conversationsEach: 3, messagesEach: 2 });
});
afterAll(() => testApp.close());

type Run = readonly [what: string, document: string, variables?: Record<string, unknown>, operationName?: string];

const filtered =
  'query ($filter: CustomerFilter) { customers(filter: $filter) { totalCount nodes { databaseId ltv { amountMinor } } } }';
const twoOperations =
  'query A { viewer { kind } } query B($first: Int = 1) { agents(first: $first) { nodes { ...N } } } fragment N on Agent { name }';
const partly =
  'query ($name: String, $status: CustomerStatus, $min: BigInt, $ids: [ID!]) { customers(filter: { name: { eq: $name }, status: { eq: $status }, ltvMinor: { gte: $min }, id: { in: $ids } }) { totalCount } }';
const conditional =
  'query ($yes: Boolean!, $no: Boolean = false) { viewer { kind @include(if: $yes) scopes @skip(if: $yes) workspace @skip(if: $no) { name } ... @include(if: $no) { __typename } ...F @include(if: $yes) } } fragment F on Viewer { agent { name } }';

const runs: Run[] = [
  ['the caller', '{ viewer { kind scopes agent { name } workspace { id name entitlements } } }'],
  [
    '__typename everywhere',
    '{ __typename viewer { __typename workspace { __typename } } agents { __typename edges { __typename node { __typename } } } }',
  ],
  [
    'aliases of one field with other arguments',
    '{ a: customers(first: 1) { nodes { id } } b: customers(last: 2) { nodes { id } } }',
  ],
  [
    'nested aliases of other arguments',
    '{ conversations { nodes { a: messages(first: 1) { nodes { text } } b: messages(last: 1) { nodes { text } } } } }',
  ],
  ['fields that are merged', '{ agents { nodes { id } } agents { nodes { name } pageInfo { hasNextPage } } }'],
  [
    'named fragments within fragments',
    'query { customers { ...C } } fragment C on CustomerConnection { nodes { ...P } } fragment P on Customer { name contact { ...Q } } fragment Q on Contact { email }',
  ],
  [
    'inline fragments',
    '{ customers { ... on CustomerConnection { nodes { ... on Customer { name } ... { email } } } } }',
  ],
  [
    'fragments on the interface',
    'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Customer { name } ... on Contact { email } ... on Node { id } } }',
    { ids: ['ctc_0001', 'agt_1', 'thd_0001_0001', 'ctc_none', 'Q29udGFjdDpjdGNfMDAwMQ'] },
  ],
  ['@skip and @include as variables say', conditional, { yes: true }],
  ['@skip and @include the other way', conditional, { yes: false, no: true }],
  ['@skip and @include with literals', '{ viewer { kind @skip(if: true) scopes @include(if: true) } }'],
  [
    'a connection in a connection in a connection',
    '{ agents { nodes { assignedConversations(first: 2) { totalCount nodes { subject messages(last: 1) { edges { cursor node { text } } } } } } } }',
  ],
  [
    'back and forth',
    '{ conversations(first: 3) { nodes { contact { customer { contact { name } } } messages { nodes { conversation { subject } author { name agent { name } } } } } } }',
  ],
  [
    'the latest conversations',
    '{ customers { nodes { latestConversation { subject assignee { name } } contact { latestConversation { channel { name } } } } } }',
  ],
  ['the first of two operations', twoOperations, {}, 'A'],
  ['the second of two operations', twoOperations, {}, 'B'],
  ['the second of two operations with a variable', twoOperations, { first: 2 }, 'B'],
  ['an operation that is not there', twoOperations, {}, 'C'],
  ['no name for two operations', twoOperations],
  [
    'defaults of variables',
    'query ($first: Int = 2, $order: CustomerOrder = { field: LTV, direction: ASC }, $filter: CustomerFilter = { createdAt: { gte: "2026-03-01T01:00:00Z" }, ltvMinor: { lt: "5000" } }) { customers(first: $first, orderBy: $order, filter: $filter) { nodes { databaseId } } }',
  ],
  [
    'null over a default',
    'query ($first: Int = 2) { customers(first: $first) { nodes { databaseId } } }',
    { first: null },
  ],
  ['variables left out within an object', partly, {}],
  ['some variables within an object', partly, { name: 'Jane Doe', min: 0 }],
  ['null for a variable within an object', partly, { name: null }],
  ['a list for a variable within an object', partly, { ids: ['ctc_0001'] }],
  ['one value for a list', partly, { ids: 'ctc_0001' }],
  [
    'enums, times and large numbers',
    filtered,
    {
      filter: {
        status: { in: ['ACTIVE'] },
        createdAt: { lt: '2030-01-01T00:00:00+02:00' },
        ltvMinor: { gt: '-9000000000000000000', lt: 5 },
      },
    },
  ],
  [
    'a filter in filters',
    filtered,
    { filter: { or: [{ name: { isNull: true } }, { not: { and: [{ ltvMinor: { eq: 0 } }] } }] } },
  ],
  [
    'literals of every kind',
    '{ customers(filter: { status: { eq: ACTIVE }, createdAt: { gt: "2020-01-01T00:00:00Z" }, ltvMinor: { gt: -5 }, name: { in: ["NAME 0", "Name 0"] } }) { nodes { databaseId } } }',
  ],
  ['a large literal', '{ customers(filter: { ltvMinor: { lt: 9007199254740993 } }) { totalCount } }'],
  ['an error in a nullable field', '{ customer(id: "nonsense") { id } viewer { kind } }'],
  ['an error in a field that cannot be null', '{ viewer { kind } customers(first: -1) { nodes { id } } }'],
  ['errors under a list', '{ conversations(first: 2) { nodes { messages(first: -1) { nodes { id } } } } }'],
  [
    'errors of several fields',
    '{\n  a: customer(id: "x") { id }\r\n  b: node(id: "y") { id }\r\r  c: contact { id }\n}',
  ],
  ['a bad variable', filtered, { filter: { status: { eq: 'ASLEEP' } } }],
  [
    'several bad variables',
    'query ($a: Int, $b: ID!, $c: [Int!]) { customers(first: $a) { totalCount } node(id: $b) { id } c: customers(first: $a) { totalCount } }',
    { a: 'one', c: [1] },
  ],
  ['null where the argument is required', 'query ($id: ID = "thd_1") { conversation(id: $id) { id } }', { id: null }],
  [
    'null within a literal where a value is required',
    'mutation ($text: String = "x") { addMessage(input: { conversationId: "thd_none", text: $text }) { userErrors { path } } }',
    { text: null },
  ],
  [
    'user errors',
    'mutation ($input: UpsertCustomerInput!) { upsertCustomer(input: $input) { result customer { id } changedFields userErrors { code message path conflictingId retryable } } }',
    { input: { email: 'nonsense', tags: [''] } },
  ],
  [
    'two mutations in a row',
    'mutation { a: markConversationRead(input: { id: "thd_none" }) { userErrors { code } } b: createContact(input: { email: "omar@example.com" }) { result contact { email } } }',
  ],
  [
    'JSON with variables in it',
    'mutation ($plan: String, $seats: Int) { upsertCustomer(input: { externalId: "usr_1", metadata: { plan: $plan, list: [1, 2.5, "x", true, null, { seats: $seats }] } }) { customer { metadata } userErrors { message } } }',
    { plan: 'team' },
  ],
  [
    'JSON as a variable',
    'mutation ($metadata: JSONObject) { upsertCustomer(input: { externalId: "usr_2", metadata: $metadata }) { customer { metadata } } }',
    { metadata: { a: { b: [1, { c: null }] }, big: 1e21 } },
  ],
  [
    'introspection',
    '{ __type(name: "Money") { name fields(includeDeprecated: true) { name type { kind ofType { name } } } } __schema { queryType { name } } }',
  ],
  [
    'a text that would be code',
    '{ contact(email: "__MAGIC_DATE__33a9e76d_02e0_4128_8e92_3530ad3da74d0),globalThis.hacked=(1") { id } }',
  ],
  [
    'a name that the compiler uses',
    'query ($literal0: ID!, $Anything: ID = "agt_1") { a: node(id: $literal0) { id } b: node(id: $Anything) { id } c: node(id: "ctc_0002") { id } }',
    { literal0: 'ctc_0001' },
  ],
];

/** An answer with its errors in the order of their places: fields fail in no certain order. */
async function answer([, document, variables, operationName]: Run): Promise<object> {
  const { status, body } = await post(testApp.app, document, variables, story.desk.key, operationName);
  const errors = body.errors?.sort((one, other) => String(one.path).localeCompare(String(other.path)));
  return { status, data: body.data, errors };
}

describe('the compiled operation answers as the first run did:', () => {
  test.each(runs.map((run) => [run[0], run] as const))('%s', async (_what, run) => {
    const before = await answer(run);
    expect(await answer(run)).toEqual(before);
    expect(await answer(run)).toEqual(before);
    expect(JSON.stringify(before)).not.toContain('INTERNAL_SERVER_ERROR');
  });
});

test('every operation of these is compiled in fact', () => {
  const interpreted = runs.filter(([, document, , operationName]) => {
    const parsed = parse(document);
    const operation = getOperationAST(parsed, operationName);
    return operation && !compileOperation(schema, parsed, operation);
  });
  expect(interpreted.map(([what]) => what)).toEqual([]);
});

test('no text of a client became code', () => {
  expect(globalThis).not.toHaveProperty('hacked');
});

test('a field that was left out of a mutation stays as it is, in the compiled operation too', async () => {
  const document =
    'mutation ($externalId: String!, $name: String) { upsertCustomer(input: { externalId: $externalId, name: $name }) { customer { name } } }';
  const upsert = async (name?: string) =>
    (await post(testApp.app, document, { externalId: 'usr_kept', ...(name && { name }) }, story.desk.key)).body.data;
  const kept = { upsertCustomer: { customer: { name: 'Kept' } } };
  expect(await upsert('Kept')).toEqual(kept);
  for (let time = 0; time < 3; time += 1) expect(await upsert()).toEqual(kept);
});
