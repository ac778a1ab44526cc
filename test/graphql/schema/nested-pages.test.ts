import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { ask } from '../../kit/ask.js';
import { statementsOf } from '../../kit/statements.js';
import { fillDesk } from '../../kit/story.js';

/** The messages of conversations come with the statement that reads these, and are what a statement of their own brings. */

let app: TestApp;
let desk: Desk;

beforeAll(async () => {
  app = await openTestApp();
  desk = await app.createDesk();
  await fillDesk(app, desk, { customers: 12, conversationsEach: 3, messagesEach: 4 });
  const { workspaceId } = desk;
  const ofEven = {
    workspaceId,
    customerId: { in: [0, 2, 4, 6, 8, 10].map((n) => `ctc_${String(n).padStart(4, '0')}`) },
  };
  await app.database.prisma.conversation.updateMany({ where: ofEven, data: { status: 'ARCHIVED' } });
  await app.database.prisma.message.deleteMany({ where: { workspaceId, conversationId: 'thd_0003_0001' } });
});
afterAll(() => app.close());

const message = 'id preview direction sentAt author { name agent { name } }';
const pageInfo = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';

/** The answer under the same names as that of another document, and how many statements it took. */
async function answered(document: string, variables?: unknown) {
  const bodies: unknown[] = [];
  const counts: number[] = [];
  for (const _executor of ['graphql-js', 'compiled', 'compiled again']) {
    const statements = await statementsOf(async () => {
      bodies.push(await ask(app, desk, document, variables));
    });
    counts.push(statements.filter((statement) => !/"ApiKey"/.test(statement)).length);
  }
  expect(bodies[1]).toEqual(bodies[0]);
  expect(bodies[2]).toEqual(bodies[0]);
  return { body: bodies[0], counts: new Set(counts) };
}

/** The same list twice, so that each is read by itself. */
const apart = (document: string) =>
  document.replace(/messages(\([^)]*\))? \{/, (list) => `again: messages(first: 1) { nodes { id } } ${list}`);
const withoutOthers = (body: unknown): unknown =>
  JSON.parse(JSON.stringify(body, (name, value: unknown) => (name === 'again' ? undefined : value)));

const pages = [
  'first: 5',
  'last: 5',
  'first: 100',
  'first: 4, offset: 3',
  'first: 3, orderBy: { field: CREATED_AT, direction: ASC }',
];
const sizes = ['', '(first: 2)', '(last: 3)', '(last: 4)', '(first: 10)'];

describe('each conversation of a page brings its messages in one statement', () => {
  test.each(pages.flatMap((page) => sizes.map((size) => [page, size])))(
    'conversations(%s) with messages%s',
    async (page, size) => {
      const document = `{ conversations(${page}) { nodes { id subject contact { name } messages${size} { nodes { ${message} } ${pageInfo} } } ${pageInfo} } }`;
      const { body, counts } = await answered(document);
      const separate = await answered(apart(document));
      expect(body).toEqual(withoutOthers(separate.body));
      expect(body).toMatchObject({ data: { conversations: { nodes: expect.arrayContaining([expect.anything()]) } } });
      expect(counts).toEqual(new Set([page === 'first: 100' && size === '' ? 2 : 1]));
      expect(separate.counts).toEqual(new Set([3]));
    },
  );
});

describe('each person of a page brings its latest conversation in one statement', () => {
  const latest = 'latestConversation { id subject contact { name } assignee { name } channel { name } }';
  const lists = ['customers', 'contacts'];
  const sizes = ['first: 5', 'last: 5', 'first: 100', 'first: 3, orderBy: { field: CREATED_AT, direction: ASC }'];
  test.each(lists.flatMap((list) => sizes.map((size) => [list, size])))('%s(%s)', async (list, size) => {
    const document = `{ people: ${list}(${size}) { edges { node { id name ${latest} } } ${pageInfo} } }`;
    const { body, counts } = await answered(document);
    const separate = await answered(document.replace(latest, `again: latestConversation { id } ${latest}`));
    expect(body).toEqual(withoutOthers(separate.body));
    expect(JSON.stringify(body)).toContain('"subject":"Question ');
    expect(JSON.stringify(body)).toContain('"latestConversation":null');
    expect(counts).toEqual(new Set([1]));
    expect(separate.counts).toEqual(new Set([3]));
  });
});

describe('one conversation brings its messages in one statement', () => {
  const forms = [
    `{ conversation(id: "thd_0001_0001") { subject messages(last: 3) { nodes { ${message} } ${pageInfo} } } }`,
    `{ conversation(id: "thd_0003_0001") { messages { edges { cursor node { id } } ${pageInfo} } } }`,
    `{ conversation(id: "thd_0001_0001") { ... on Node { ...Rows ...Rows } } } fragment Rows on Conversation { messages(first: 2) { edges { node { id text } } } }`,
    'query ($after: String, $first: Int = 2) { conversation(id: "thd_0001_0001") { messages(first: $first, after: $after) { nodes { id } } } }',
  ];
  test.each(forms)('%s', async (document) => {
    const { body, counts } = await answered(document, { after: null });
    const separate = await answered(apart(document), { after: null });
    expect(body).toEqual(withoutOthers(separate.body));
    expect(body).toMatchObject({ data: { conversation: { messages: expect.anything() } } });
    expect(counts).toEqual(new Set([1]));
    expect(separate.counts).toEqual(new Set([3]));
  });

  test('an unknown one has none', async () => {
    const { body, counts } = await answered('{ conversation(id: "thd_unknown") { messages { nodes { id } } } }');
    expect(body).toEqual({ data: { conversation: null } });
    expect(counts).toEqual(new Set([1]));
  });
});

describe('what may not be asked for, or is asked for by more than its size, is read by itself:', () => {
  test.each([
    'query ($yes: Boolean = true) { conversations { nodes { messages(first: 1) @include(if: $yes) { nodes { id } } } } }',
    'query ($yes: Boolean = true) { conversations { nodes { ... @include(if: $yes) { messages(first: 1) { nodes { id } } } } } }',
    '{ conversations { nodes { messages(filter: { direction: { eq: INBOUND } }) { nodes { id } } } } }',
    '{ conversations(filter: { query: "question" }) { nodes { messages(first: 1) { nodes { id } } } } }',
    '{ conversations { nodes { messages(first: 1) { nodes { id } } } edges { node { messages(first: 1) { nodes { id } } } } } }',
  ])('%s', async (document) => {
    const { body, counts } = await answered(document);
    expect(body).toMatchObject({ data: { conversations: expect.anything() } });
    expect(counts).toEqual(new Set([2]));
  });

  test('and wrong arguments are told at the list', async () => {
    const { body } = await answered('{ conversations(first: 1) { nodes { messages(first: 101) { nodes { id } } } } }');
    expect(body).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT', argument: 'first' } }] });
  });
});
