import { beforeAll, describe, expect, test } from 'vitest';
import { httpErrorsOf } from '../kit/ask.js';
import { bodyBytes, filled, longestAnswer, longestMessage, watchGateway } from './watched.js';

/** The largest bodies that the GraphQL endpoint takes, made to cost as much as can be. */

const gateway = watchGateway();
const room = bodyBytes - 1_000;
const accept = { accept: 'application/graphql-response+json' };

const send = (body: string, headers = {}) => gateway.post('/graphql', body, { ...accept, ...headers });

/** A body whose variables are given as JSON, and as large as a body may be when they are a function of the room. */
const withVariables = (query: string, variables: string): string =>
  `{"query":${JSON.stringify(query)},"variables":${variables}}`;
const withQuery = (query: string): string => JSON.stringify({ query });

const list = (length: number, text: (place: number) => string, separator = ','): string =>
  Array.from({ length }, (_, place) => text(place)).join(separator);

const count = 'query ($f: CustomerFilter) { customersCount: customers(filter: $f) { totalCount } }';
const conversations = 'query ($f: ConversationFilter) { conversations(filter: $f) { totalCount } }';
const upsert =
  'mutation ($i: UpsertCustomerInput!) { upsertCustomer(input: $i) { result userErrors { code message path } } }';
const upsertMany =
  'mutation ($i: UpsertCustomersInput!) { upsertCustomers(input: $i) { results { index } userErrors { code message path } } }';
const clicks =
  'mutation ($i: RecordClicksInput!) { recordClicks(input: $i) { results { index } userErrors { code message path } } }';
const addMessage = 'mutation ($i: AddMessageInput!) { addMessage(input: $i) { userErrors { code message path } } }';
const endpoint =
  'mutation ($i: CreateWebhookEndpointInput!) { createWebhookEndpoint(input: $i) { userErrors { code message path } } }';
const nodes = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
const node = 'query ($id: ID!) { node(id: $id) { id } }';
const page = 'query ($after: String) { customers(after: $after) { totalCount } }';
const search = 'query ($q: String!) { search(query: $q) { contacts { score } } }';

beforeAll(async () => {
  for (const body of [
    withVariables(count, '{"f":{"and":[{}]}}'),
    withVariables(count, '{"f":0}'),
    withVariables(upsert, '{"i":{"externalId":"warm","tags":["a"],"metadata":{"a":1}}}'),
    withQuery('{ nothing }'),
    withQuery('{'),
  ]) {
    await send(body);
  }
});

const variables: [string, string][] = [
  ['zeros for filters', withVariables(count, `{"f":{"or":[${filled('0,', room)}0]}}`)],
  ['50,000 zeros for filters', withVariables(count, `{"f":{"or":[${filled('0,', 99_998)}0]}}`)],
  ['empty filters', withVariables(count, `{"f":{"or":[${filled('{},', room)}{}]}}`)],
  ['49,000 empty filters', withVariables(count, `{"f":{"or":[${filled('{},', 3 * 24_000)}{}]}}`)],
  ['filters in filters', withVariables(count, `{"f":{"or":[${filled('{"or":[{},{}]},', 60_000)}{}]}}`)],
  ['unknown fields of a filter', withVariables(count, `{"f":{${list(49_000, (n) => `"k${n}":0`)}}}`)],
  ['300,000 unknown fields', withVariables(count, `{"f":{${list(300_000, (n) => `"k${n}":0`)}}}`)],
  ['names much like known ones', withVariables(count, `{"f":{${list(49_000, (n) => `"createdA${n}":0`)}}}`)],
  ['a name of 4 MB', withVariables(count, `{"f":{"${filled('a', room)}":0}}`)],
  ['4 MB for an enum', withVariables(conversations, `{"f":{"status":{"eq":"${filled('OPE', room)}"}}}`)],
  ['40,000 for an enum', withVariables(conversations, `{"f":{"status":{"in":[${filled('"OPEM",', 280_000)}0]}}}`)],
  ['4 MB for a time', withVariables(count, `{"f":{"createdAt":{"eq":"${filled('2', room)}"}}}`)],
  ['40,000 times', withVariables(count, `{"f":{"createdAt":{"in":[${filled('"2024-01-01T00:00:00Z",', 900_000)}0]}}}`)],
  ['4 MB of digits', withVariables(count, `{"f":{"ltvMinor":{"eq":"${filled('1', room)}"}}}`)],
  ['a number of 4 MB', withVariables(count, `{"f":{"ltvMinor":{"eq":${filled('1', room)}}}}`)],
  ['a text to compare of 4 MB', withVariables(count, `{"f":{"name":{"eq":"${filled('x', room)}"}}}`)],
  ['100,000 texts to compare', withVariables(count, `{"f":{"name":{"in":[${filled('"x",', 400_000)}"x"]}}}`)],
  ['nesting of a million', withVariables(count, `{"f":${'['.repeat(room / 2)}${']'.repeat(room / 2)}}`)],
  ['nesting of objects', withVariables(count, `{"f":${'{"not":'.repeat(500_000)}0${'}'.repeat(500_000)}}`)],
  ['escaped quotes', withVariables(count, `{"f":"${filled('\\"', room)}"}`)],
  ['escapes', withVariables(count, `{"f":"${filled('\\u0000', room)}"}`)],
  ['40,000 ids', withVariables(nodes, `{"ids":[${filled('"ctc_1",', 8 * 40_000)}"ctc_1"]}`)],
  ['an id of 4 MB', withVariables(node, `{"id":"${filled('Q', room)}"}`)],
  [
    'a cursor of 4 MB',
    withVariables(page, `{"after":"${Buffer.from(`[${filled('0,', 3_000_000)}0]`).toString('base64url')}"}`),
  ],
  ['a search of 4 MB', withVariables(search, `{"q":"${filled('word ', room)}"}`)],
  ['a search for one word of 4 MB', withVariables(search, `{"q":"${filled('w', room)}"}`)],
];

const inputs: [string, string][] = [
  [
    'metadata with 200,000 keys',
    withVariables(upsert, `{"i":{"externalId":"a","metadata":{${list(200_000, (n) => `"k${n}":0`)}}}}`),
  ],
  [
    'metadata with 49,000 keys',
    withVariables(upsert, `{"i":{"externalId":"a","metadata":{${list(49_000, (n) => `"k${n}":0`)}}}}`),
  ],
  [
    'metadata with a text of 4 MB',
    withVariables(upsert, `{"i":{"externalId":"a","metadata":{"a":"${filled('\\u0000', room)}"}}}`),
  ],
  [
    'metadata with a key of 4 MB',
    withVariables(upsert, `{"i":{"externalId":"a","metadata":{"${filled('k', room)}":1}}}`),
  ],
  [
    'metadata with 40,000 lists',
    withVariables(upsert, `{"i":{"externalId":"a","metadata":{"a":[${filled('[],', 60_000)}[]]}}}`),
  ],
  ['19,000 tags', withVariables(upsert, `{"i":{"externalId":"a","tags":[${filled('"",', 57_000)}""]}}`)],
  ['a tag of 4 MB', withVariables(upsert, `{"i":{"externalId":"a","tags":["${filled(' ', room)}"]}}`)],
  ['a name of 4 MB of blanks', withVariables(upsert, `{"i":{"externalId":"a","name":"${filled(' ', room)}"}}`)],
  ['notes of 4 MB of NUL', withVariables(upsert, `{"i":{"externalId":"a","notes":"${filled('\\u0000', room)}"}}`)],
  ['notes of halves of pairs', withVariables(upsert, `{"i":{"externalId":"a","notes":"${filled('\\ud800', room)}"}}`)],
  ['an address of 4 MB', withVariables(upsert, `{"i":{"email":"a@${filled('a.', room)}"}}`)],
  ['a URL of 4 MB', withVariables(upsert, `{"i":{"externalId":"a","avatarUrl":"https://${filled('a', room)}"}}`)],
  [
    '1,700 customers',
    withVariables(upsertMany, `{"i":{"errorPolicy":"PER_ITEM","customers":[${filled('{},', 5_100)}{}]}}`),
  ],
  [
    '250 customers with 50 bad tags',
    withVariables(
      upsertMany,
      `{"i":{"errorPolicy":"ALL_OR_NOTHING","customers":[${list(250, () => `{"externalId":"a","tags":[${filled('"",', 150)}""]}`)}]}}`,
    ),
  ],
  ['1,100 clicks', withVariables(clicks, `{"i":{"errorPolicy":"PER_ITEM","clicks":[${filled('{},', 3_300)}{}]}}`)],
  [
    'a message of 4 MB',
    withVariables(addMessage, `{"i":{"conversationId":"thd_1","text":"${filled('\\u0000', room)}"}}`),
  ],
  [
    'HTML of 4 MB',
    withVariables(addMessage, `{"i":{"conversationId":"thd_1","text":"a","html":"${filled('<p>', room)}"}}`),
  ],
  [
    '1,900 attachments',
    withVariables(
      addMessage,
      `{"i":{"conversationId":"thd_1","text":"a","attachments":[${filled('{"url":"","fileName":""},', 25 * 1_900)}{"url":"","fileName":""}]}}`,
    ),
  ],
  [
    '19,000 types of events',
    withVariables(endpoint, `{"i":{"url":"https://a.test","eventTypes":[${filled('"x",', 4 * 19_000)}"x"]}}`),
  ],
];

const documents: [string, string][] = [
  ['blank lines', withQuery(`${filled('\n', room / 2)}{ nothing }`)],
  ['blanks', withQuery(`${filled(' ', room)}{ nothing }`)],
  ['comments', withQuery(`${filled('#\n', room / 2)}{ nothing }`)],
  ['a name of 4 MB', withQuery(`{ ${filled('a', room)} }`)],
  ['a text of 4 MB', withQuery(`{ node(id: "${filled('a', room - 100)}") { id } }`)],
  ['a number of 4 MB', withQuery(`{ customers(first: ${filled('1', room - 100)}) { totalCount } }`)],
  ['a block of lines', withQuery(`{ node(id: """${filled('\n', room / 2 - 100)}""") { nothing } }`)],
  ['unknown fields between blank lines', withQuery(`{ ${list(1_900, (n) => `nothing${n}\n\n\n\n`, ' ')} }`)],
  ['3,900 braces', withQuery(`{${filled('a{', 7_800)}`)],
  ['names much like known ones', withQuery(`{ ${list(1_990, (n) => `conversation${n}`, ' ')} }`)],
  ['operations', withQuery(list(780, (n) => `query Q${n} { __typename }`, ' '))],
  ['operations of one name', withQuery(filled('query Q { __typename } ', 23 * 780))],
  ['variables', withQuery(`query (${list(980, (n) => `$v${n}: Int`, ' ')}) { __typename }`)],
  ['variables of one name', withQuery(`query (${filled('$v: Int ', 8 * 980)}) { __typename }`)],
  ['variables of unknown types', withQuery(`query (${list(980, (n) => `$v${n}: Customer${n}`, ' ')}) { __typename }`)],
  ['directives', withQuery(`{ __typename ${filled('@skip(if: false) ', 17 * 650)} }`)],
  ['unknown directives', withQuery(`{ __typename ${list(1_900, (n) => `@a${n}`, ' ')} }`)],
  ['arguments', withQuery(`{ customers(${list(1_300, (n) => `a${n}: 1`, ' ')}) { totalCount } }`)],
  ['arguments of one name', withQuery(`{ customers(${filled('first: 1 ', 9 * 1_300)}) { totalCount } }`)],
  ['fields of one object', withQuery(`{ customers(filter: {${list(1_300, (n) => `a${n}: 1`, ' ')}}) { totalCount } }`)],
  ['filters that are none', withQuery(`{ customers(filter: {or: [${filled('0 ', 2 * 3_900)}]}) { totalCount } }`)],
  ['empty filters', withQuery(`{ customers(filter: {or: [${filled('{} ', 3 * 1_900)}]}) { totalCount } }`)],
  [
    'metadata',
    withQuery(
      `mutation { upsertCustomer(input: {externalId: "a", metadata: {${list(1_300, (n) => `key_of_metadata_${n}: 1`, ' ')}}}) { userErrors { code message path } } }`,
    ),
  ],
  [
    'fragments of fragments',
    withQuery(
      `{ ...F0 } ${list(119, (n) => `fragment F${n} on Query { ${filled(`...F${n + 1} `, 3 * `...F${n + 1} `.length)} __typename }`, ' ')} fragment F119 on Query { nothing }`,
    ),
  ],
  [
    'fields that differ in their arguments',
    withQuery(
      `{ ${list(50, (n) => `a: node(id: "${n}") { id ... on Customer { ${list(20, (m) => `b${m}: id`, ' ')} } }`, ' ')} }`,
    ),
  ],
  [
    'inline fragments',
    withQuery(
      `{ ${filled('... { __typename } ', 19 * 45)} ${filled('... on Query { ... on Query { ... { viewer { id } } } } ', 55 * 40)} }`,
    ),
  ],
];

const others: [string, string][] = [
  ['a batch', `[${filled('{"query":"{__typename}"},', room)}{}]`],
  ['a text', JSON.stringify(filled('{', room))],
  ['braces', filled('{', room)],
  ['quotes', filled('"', room)],
  ['commas', filled(',', room)],
  ['blanks', filled(' ', room)],
  ['extensions', `{"query":"{ nothing }","extensions":{${list(300_000, (n) => `"k${n}":0`)}}}`],
  ['a member again and again', `{${filled('"query":"{ nothing }",', room)}"query":""}`],
  [
    'members of the prototype',
    `{"query":"{ nothing }","variables":{${filled('"__proto__":{"a":1},', room)}"constructor":0}}`,
  ],
  [
    'an operation name of 4 MB',
    `{"query":"query A { __typename } query B { __typename }","operationName":"${filled('A', room)}"}`,
  ],
  ['members that nobody asked for', `{"query":"{ __typename }",${list(300_000, (n) => `"k${n}":0`)}}`],
];

interface Body {
  data?: unknown;
  errors?: { message: string; extensions?: { code?: unknown } }[];
}

/** A refusal in a few words, and for a reason. */
async function expectRefused(body: string): Promise<void> {
  expect(body.length).toBeLessThanOrEqual(bodyBytes);
  const { status, text } = await gateway.unblocked(() => send(body));
  expect(text.length, text.slice(0, 1_000)).toBeLessThan(longestAnswer);
  const refusals = httpErrorsOf(JSON.parse(text) as Body as never);
  expect({ status, refusals }).toEqual({
    status: expect.toSatisfy((code) => code >= 200 && code < 500),
    refusals: expect.toSatisfy((all) => all.length > 0 && all.length <= 100),
  });
  for (const { code, message } of refusals) {
    expect(code, text.slice(0, 1_000)).toEqual(expect.any(String));
    expect(code).not.toBe('INTERNAL_SERVER_ERROR');
    expect(message.length).toBeLessThan(longestMessage);
  }
}

describe('nobody waits for a request that is refused for its variables:', () => {
  test.each(variables)('%s', (_what, body) => expectRefused(body));
});

describe('nobody waits for a request that is refused for its input:', () => {
  test.each(inputs)('%s', (_what, body) => expectRefused(body));
});

describe('nobody waits for a request that is refused for its document:', () => {
  test.each(documents)('%s', (_what, body) => expectRefused(body));
});

describe('nobody waits for a body that is refused:', () => {
  test.each(others)('%s', (_what, body) => expectRefused(body));
});
