import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestApp, type TestApp } from '../kit/app.js';
import { ask, expectRefusals, httpErrorsOf } from '../kit/ask.js';
import { type Story, tellStory } from '../kit/story.js';

let testApp: TestApp;
let story: Story;

beforeAll(async () => {
  testApp = await openTestApp();
  story = await tellStory(testApp);
});
afterAll(() => testApp.close());

type Code = 'BAD_USER_INPUT' | 'GRAPHQL_VALIDATION_FAILED';

/** A way to send one value, and the code and argument of the refusal. */
interface Mistake {
  what: string;
  document: string;
  variables?: unknown;
  code?: Code;
  argument: string;
}

const listCustomers = /* GraphQL */ `
  query ($filter: CustomerFilter, $first: Int, $last: Int, $after: String, $orderBy: CustomerOrder) {
    customers(filter: $filter, first: $first, last: $last, after: $after, orderBy: $orderBy) { nodes { id } }
  }
`;

const inList = (what: string, argument: string, variables: unknown): Mistake => ({
  what,
  document: listCustomers,
  variables,
  argument,
});

const inText = (what: string, argument: string, document: string): Mistake => ({
  what,
  document,
  argument,
  code: 'GRAPHQL_VALIDATION_FAILED',
});

const place = (parts: unknown): string =>
  Buffer.from(typeof parts === 'string' ? parts : JSON.stringify(parts)).toString('base64url');

const dateCursor = (key: unknown, id: unknown = 'ctc_1') => ({
  after: place(['Customer.CREATED_AT', 'DESC', key, id]),
});
const ltvCursor = (key: string) => ({
  after: place(['Customer.LTV', 'DESC', key, 'ctc_1']),
  orderBy: { field: 'LTV', direction: 'DESC' },
});

const nested = (levels: number): object => (levels === 1 ? { name: { eq: 'Jane' } } : { not: nested(levels - 1) });
const many = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

const pages: Mistake[] = [
  ...[-1, 101, 2_147_483_647, 2_147_483_648, 1.5, '20', true].map((first) =>
    inList(`first: ${JSON.stringify(first)}`, 'first', { first }),
  ),
  inList('last: -1', 'last', { last: -1 }),
  inList('first and last together', 'last', { first: 5, last: 5 }),
  inText('a literal first beyond 32 bits', 'first', '{ customers(first: 99999999999) { nodes { id } } }'),
  inList('an order by no field', 'orderBy.field', { orderBy: { field: 'AGE', direction: 'ASC' } }),
];

const cursors: Mistake[] = [
  inList('a cursor that is no base64', 'after', { after: '%%%' }),
  inList('a cursor that is no JSON', 'after', { after: place('nonsense') }),
  inList('a cursor of another form', 'after', { after: place({ key: 1 }) }),
  inList('a cursor with numbers for texts', 'after', dateCursor(5, 7)),
  inList('a cursor with too many parts', 'after', { after: place(many(5, 'Customer.CREATED_AT')) }),
  inList('a cursor of another connection', 'after', {
    after: place(['Agent.CREATED_AT', 'DESC', '2026-01-01T00:00:00.000Z', 'agt_1']),
  }),
  inList('a cursor of another order', 'after', { after: place(['Customer.NAME', 'DESC', 'jane', 'ctc_1']) }),
  inList('a cursor of another direction', 'after', {
    after: place(['Customer.CREATED_AT', 'ASC', '2026-01-01T00:00:00.000Z', 'ctc_1']),
  }),
  inList('a cursor at no date', 'after', dateCursor('yesterday')),
  inList('a cursor at 31 February', 'after', dateCursor('2026-02-31T10:00:00.000Z')),
  inList('a cursor at a date that only JavaScript reads', 'after', dateCursor('2026-03-13 10:00:00 (.000Z')),
  inList('a cursor in the year 0', 'after', dateCursor('0000-01-01T00:00:00.000Z')),
  inList('a cursor in the year 275760', 'after', dateCursor('+275760-09-13T00:00:00.000Z')),
  inList('a cursor with a NUL', 'after', dateCursor('2026-01-01T00:00:00.000Z', 'ctc_\0')),
  inList('a cursor at no number', 'after', ltvCursor('1e3')),
  inList('a cursor at a number beyond 64 bits', 'after', ltvCursor('9223372036854775808')),
  inList('a cursor at a number of 400 digits', 'after', ltvCursor('9'.repeat(400))),
];

const filters: Mistake[] = [
  inText(
    'a literal of no enum',
    'filter.status.eq',
    '{ customers(filter: { status: { eq: ASLEEP } }) { nodes { id } } }',
  ),
  inText(
    'a literal of no time',
    'filter.createdAt.gt',
    '{ customers(filter: { createdAt: { gt: "noon" } }) { nodes { id } } }',
  ),
  inText(
    'a literal of no number',
    'filter.ltvMinor.gt',
    '{ customers(filter: { ltvMinor: { gt: "1.5" } }) { nodes { id } } }',
  ),
  inList('a variable of no enum', 'filter.status.eq', { filter: { status: { eq: 'ASLEEP' } } }),
  inList('an id that is none', 'filter.id.in.1', { filter: { id: { in: ['ctc_1', 'nonsense'] } } }),
  inList('the id of a conversation', 'filter.id.eq', { filter: { id: { eq: 'thd_1' } } }),
  inList('a NUL', 'filter.name.eq', { filter: { name: { eq: 'Ja\0ne' } } }),
  inList('a NUL in a list', 'filter.tags.hasAny.0', { filter: { tags: { hasAny: ['\0'] } } }),
  inList('a megabyte', 'filter.name.eq', { filter: { name: { eq: 'x'.repeat(1_000_000) } } }),
  inList('nesting of 6', 'filter.not.not.not.not.not', { filter: nested(6) }),
  inList('nesting of 14', 'filter.not.not.not.not.not', { filter: nested(14) }),
  inList('nesting of 40', 'variables', { filter: nested(40) }),
  inList('a list of 101', 'filter.name.in', { filter: { name: { in: many(101, 'Jane') } } }),
  inList('an "or" of 101', 'filter.or', { filter: { or: many(101, {}) } }),
  inList('conditions by the ten thousand', 'filter.and.2.or.48.name', {
    filter: { and: many(100, { or: many(100, { name: { eq: 'Jane' }, status: { eq: 'ACTIVE' } }) }) },
  }),
  inList('null for a condition', 'filter.name', { filter: { name: null } }),
  inList('null for an operand', 'filter.name.eq', { filter: { name: { eq: null } } }),
  inList('null for a list', 'filter.name.in', { filter: { name: { in: null } } }),
  inList('null for a list of texts', 'filter.tags.hasAny', { filter: { tags: { hasAny: null } } }),
  inList('null in a list', 'filter.name.in.0', { filter: { name: { in: [null] } } }),
  inList('an int beyond 32 bits', 'filter.conversationCount.eq', {
    filter: { conversationCount: { eq: 2_147_483_648 } },
  }),
  ...['9223372036854775808', '-9223372036854775809', '1e3', 'many', '', ' 5', '0x10', 1.5, 1e30, 2 ** 53, true, {}].map(
    (gt) =>
      inList(`ltvMinor greater than ${JSON.stringify(gt)}`, 'filter.ltvMinor.gt', { filter: { ltvMinor: { gt } } }),
  ),
  ...[
    'noon',
    '',
    '2026-02-30T00:00:00Z',
    '2026-03-13',
    '275760-01-01T00:00:00Z',
    '+275760-09-13T00:00:00Z',
    '-000001-01-01T00:00:00Z',
    '0000-06-01T00:00:00Z',
    '0001-01-01T00:00:00+23:00',
    '9999-12-31T23:59:59-23:00',
    8.64e15,
  ].map((gt) =>
    inList(`createdAt later than ${JSON.stringify(gt)}`, 'filter.createdAt.gt', { filter: { createdAt: { gt } } }),
  ),
];

const ids: Mistake[] = [
  '',
  'nonsense',
  'ctc_',
  'xyz_123',
  'ctc_with space',
  'ctc_\0',
  place('Customer:thd_1'),
  place('Nothing:ctc_1'),
]
  .flatMap((id): Mistake[] =>
    ['customer', 'contact', 'conversation', 'node'].map((field) => ({
      what: `${field}(id: ${JSON.stringify(id)})`,
      document: `query ($id: ID!) { ${field}(id: $id) { id } }`,
      variables: { id },
      argument: 'id',
    })),
  )
  .concat([
    {
      what: '101 ids',
      document: 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
      variables: { ids: many(101, 'ctc_1') },
      argument: 'ids',
    },
    {
      what: 'a bad id among good ones',
      document: 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
      variables: { ids: ['ctc_1', 'x'] },
      argument: 'ids.1',
    },
    { what: 'no key of a customer', document: '{ customer { id } }', argument: 'id' },
    { what: 'two keys of a customer', document: '{ customer(id: "ctc_1", email: "a@b.test") { id } }', argument: 'id' },
    {
      what: 'a field of @oneOf that is empty',
      document: '{ customerBy(by: { id: "" }) { id } }',
      argument: 'by.id',
    },
    ...[{}, { id: 'ctc_1', email: 'a@b.test' }].map((by) => ({
      what: `@oneOf with ${JSON.stringify(by)} in a variable`,
      document: 'query ($by: CustomerByInput!) { customerBy(by: $by) { id } }',
      variables: { by },
      argument: 'by',
    })),
    {
      what: 'a NUL in an externalId',
      document: 'query ($id: String) { customer(externalId: $id) { id } }',
      variables: { id: '\0' },
      argument: 'externalId',
    },
    { what: 'an address without @', document: '{ contact(email: "jane") { id } }', argument: 'email' },
    {
      what: 'null for a required id',
      document: 'query ($id: ID!) { conversation(id: $id) { id } }',
      variables: { id: null },
      argument: 'id',
    },
    {
      what: 'null for a required id that has a default',
      document: 'query ($id: ID = "thd_1") { conversation(id: $id) { id } }',
      variables: { id: null },
      argument: 'id',
    },
    { what: 'a missing variable', document: 'query ($id: ID!) { conversation(id: $id) { id } }', argument: 'id' },
  ]);

const expectRefusal = ({ document, variables, code = 'BAD_USER_INPUT', argument }: Mistake): Promise<void> =>
  expectRefusals(testApp, story.desk, document, variables, [{ code, argument }]);

const titled = (mistakes: readonly Mistake[]) => mistakes.map((mistake) => [mistake.what, mistake] as const);

describe('a query is refused by naming the argument for', () => {
  test.each(titled(pages))('%s', (_what, mistake) => expectRefusal(mistake));
  test.each(titled(cursors))('%s', (_what, mistake) => expectRefusal(mistake));
  test.each(titled(filters))('a filter with %s', (_what, mistake) => expectRefusal(mistake));
  test.each(titled(ids))('%s', (_what, mistake) => expectRefusal(mistake));
});

describe('a query may ask for', () => {
  test.each([
    [
      'numbers at the ends of 64 bits',
      { filter: { ltvMinor: { gte: '-9223372036854775808', lte: '9223372036854775807' } } },
    ],
    [
      'times at the ends of the years',
      { filter: { createdAt: { gte: '0001-01-01T00:00:00Z', lte: '9999-12-31T23:59:59Z' } } },
    ],
    ['a cursor at the end of 64 bits', ltvCursor('9223372036854775807')],
    ['nesting of 5', { filter: nested(5) }],
    ['a list of 100', { filter: { name: { in: many(100, 'Jane') } } }],
    ['half of a surrogate pair, which matches nothing', { filter: { name: { eq: '\ud800' } } }],
  ])('%s', async (_what, variables) => {
    expect(httpErrorsOf(await ask(testApp, story.desk, listCustomers, variables))).toEqual([]);
  });
});
