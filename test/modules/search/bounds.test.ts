import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Scope } from '../../../src/auth/scopes.js';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { ask, expectRefusals, httpErrorsOf } from '../../kit/ask.js';
import { sentBy, statementsOf } from '../../kit/statements.js';
import { fillDesk } from '../../kit/story.js';

/** Who may search what, what a query may be, and what a search costs. */

let testApp: TestApp;
let desk: Desk;
let other: Desk;

beforeAll(async () => {
  testApp = await openTestApp();
  desk = await testApp.createDesk();
  other = await testApp.createDesk();
  await fillDesk(testApp, desk, { customers: 60, conversationsEach: 1, messagesEach: 2 });
  await testApp.services.customers.upsert(other.operator, { externalId: 'usr_other', name: 'Olga Other' });
  await testApp.services.conversations.start(other.operator, {
    email: 'olga@other.test',
    subject: 'Otherworldly',
    text: 'Something otherwise unheard of',
  });
});
afterAll(() => testApp.close());

const document = `query ($query: String!, $types: [SearchType!], $first: Int) {
  search(query: $query, types: $types, first: $first) {
    contacts { node { databaseId } highlights { field } }
    conversations { node { databaseId } highlights { field } }
    messages { node { databaseId } highlights { field } }
  }
}`;

type Group = { node: { databaseId: string } }[] | null;
interface Groups {
  contacts: Group;
  conversations: Group;
  messages: Group;
}

async function groupsOf(by: Desk, variables: object): Promise<Groups> {
  const { data, errors } = await ask(testApp, by, document, variables);
  if (errors) throw new Error(JSON.stringify(errors));
  return (data as { search: Groups }).search;
}

const sizes = ({ contacts, conversations, messages }: Groups) => [
  contacts?.length ?? null,
  conversations?.length ?? null,
  messages?.length ?? null,
];

describe('a key', () => {
  const customersOnly: Scope[] = ['customers:read'];
  const conversationsOnly: Scope[] = ['conversations:read'];

  test('searches what it may read when no types are named', async () => {
    expect(sizes(await groupsOf(desk, { query: 'customer1' }))).toEqual([10, 10, 0]);
    expect(sizes(await groupsOf(await desk.withScopes(...customersOnly), { query: '1' }))).toEqual([6, null, null]);
    expect(sizes(await groupsOf(await desk.withScopes(...conversationsOnly), { query: '1' }))).toEqual([null, 2, 10]);
  });

  test('searches only the types that are named', async () => {
    expect(sizes(await groupsOf(desk, { query: '1', types: ['MESSAGE'] }))).toEqual([null, null, 10]);
    expect(sizes(await groupsOf(desk, { query: '1', types: ['CONTACT', 'CONVERSATION'] }))).toEqual([6, 7, null]);
  });

  test('is refused the types that it may not read, and everything when it may read none', async () => {
    const refusal = async (scopes: Scope[], types?: string[]) =>
      (await ask(testApp, await desk.withScopes(...scopes), document, { query: 'x', types })).errors?.map(
        ({ extensions }) => [extensions?.code, extensions?.requiredScope],
      );
    expect(await refusal(customersOnly, ['CONTACT', 'MESSAGE'])).toEqual([['FORBIDDEN', 'conversations:read']]);
    expect(await refusal(customersOnly, ['CONVERSATION'])).toEqual([['FORBIDDEN', 'conversations:read']]);
    expect(await refusal(conversationsOnly, ['CONTACT'])).toEqual([['FORBIDDEN', 'customers:read']]);
    expect(await refusal(['customers:write'])).toEqual([['FORBIDDEN', 'customers:read']]);
  });

  test('finds nothing of another workspace, however it asks', async () => {
    for (const query of ['Olga', 'Olgga', 'usr_other', 'olga@other.test', 'Otherworldly', 'unheard', 'oth']) {
      expect(sizes(await groupsOf(desk, { query })), query).toEqual([0, 0, 0]);
    }
    expect(sizes(await groupsOf(other, { query: 'oth' }))).toEqual([2, 1, 1]);
    const filters = ['customers', 'contacts', 'conversations'];
    for (const list of filters) {
      const { data } = await ask(
        testApp,
        desk,
        `{ list: ${list}(filter: { query: "oth" }) { totalCount nodes { id } } }`,
      );
      expect(data).toEqual({ list: { totalCount: 0, nodes: [] } });
    }
  });
});

describe('a group', () => {
  test('has 10 hits unless said otherwise, and at most 50', async () => {
    expect((await groupsOf(desk, { query: 'customer' })).contacts).toHaveLength(10);
    expect((await groupsOf(desk, { query: 'customer', first: 3 })).contacts).toHaveLength(3);
    const { contacts } = await groupsOf(desk, { query: 'customer', first: 50 });
    expect(new Set(contacts?.map(({ node }) => node.databaseId)).size).toBe(50);
    for (const first of [-1, 51]) {
      await expectRefusals(testApp, desk, document, { query: 'x', first }, [
        { code: 'BAD_USER_INPUT', argument: 'first' },
      ]);
    }
  });

  test('costs the same whatever its size, and nothing unless it is selected', async () => {
    const costs = async (query: string, first: number) => {
      const statements = await statementsOf(() => groupsOf(desk, { query, first }));
      return statements.filter((statement) => !/"ApiKey"/.test(statement)).length;
    };
    await costs('customer', 1);
    // The words of all: found among the newest rows, once per group; contacts by a whole field before that.
    const common = [await costs('customer example', 1), await costs('customer example', 50)];
    expect(common[0]).toBe(common[1]);
    expect(Math.max(...common)).toBeLessThanOrEqual(4 + 2 * 3);
    // What nobody has: everything is tried.
    expect([await costs('nobody', 1), await costs('nobody', 50)]).toEqual([5 + 3 + 3, 5 + 3 + 3]);
    const nothing = await statementsOf(() => ask(testApp, desk, '{ search(query: "customer") { __typename } }'));
    expect(nothing.filter((statement) => !/"ApiKey"/.test(statement))).toEqual([]);
  });

  test('is prepared where no words are looked up in an index, whose plan depends on them', async () => {
    const preparedFor = async (by: Desk): Promise<boolean[]> => {
      const sent = await sentBy(() => groupsOf(by, { query: '1', types: ['CONVERSATION'] }));
      return sent.filter(({ text }) => /ts_rank.*FROM "Conversation"/s.test(text)).map(({ prepared }) => prepared);
    };
    const [newest, ...others] = await preparedFor(await desk.withScopes('conversations:read'));
    expect(newest).toBe(true);
    expect(new Set(others)).toEqual(new Set([false]));
    expect(new Set(await preparedFor(desk))).toEqual(new Set([false]));
  });

  test('costs no statement more for what its hits belong to', async () => {
    const statements = await statementsOf(() =>
      ask(
        testApp,
        desk,
        '{ search(query: "message", first: 50) { messages { node { conversation { subject contact { name } } } } } }',
      ),
    );
    expect(statements.filter((statement) => !/"ApiKey"/.test(statement))).toHaveLength(1 + 2);
  });

  test('reads of its hits what is selected', async () => {
    const columnsOf = async (hit: string): Promise<string[]> => {
      const question = `{ search(query: "message", first: 1) { messages { ${hit} } } }`;
      const statements = await statementsOf(() => ask(testApp, desk, question));
      const [read = ''] = statements.filter((statement) => /FROM "Message"/.test(statement));
      const [list = ''] = read.split(', whole', 1);
      return [...list.matchAll(/r\."(\w+)"/g)].map(([, column = '']) => column);
    };
    expect(await columnsOf('score')).toEqual(['id']);
    expect(await columnsOf('node { id preview conversation { id } }')).toEqual(['id', 'conversationId', 'preview']);
    expect(await columnsOf('node { id } highlights { field }')).toEqual(['id', 'text']);
    expect(await columnsOf('... on MessageSearchHit { node { html } found: highlights { field } }')).toEqual(
      expect.arrayContaining(['id', 'text', 'html']),
    );
  });

  test('shows the same as the nodes by their ids', async () => {
    const fields = {
      contacts:
        'id name email phone otherEmails tags avatarUrl createdAt customer { id status notes } latestConversation { id }',
      conversations:
        'id number subject status tags notes priority contact { id email } assignee { id } channel { id } messages { nodes { id } }',
      messages:
        'id text textWithoutQuote html preview direction sentAt from { address } author { __typename } conversation { id subject } attachments { id }',
    };
    const types = { contacts: 'Contact', conversations: 'Conversation', messages: 'Message' };
    for (const [group, selected] of Object.entries(fields)) {
      const { data } = await ask(
        testApp,
        desk,
        `{ search(query: "1", first: 5) { ${group} { node { ${selected} } } } }`,
      );
      const hits = (data as { search: Record<string, { node: { id: string } }[]> }).search[group] ?? [];
      expect(hits.length).toBeGreaterThan(0);
      const type = types[group as keyof typeof types];
      const again = await ask(
        testApp,
        desk,
        `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on ${type} { ${selected} } } }`,
        {
          ids: hits.map(({ node }) => node.id),
        },
      );
      expect(again.data).toEqual({ nodes: hits.map(({ node }) => node) });
    }
  });
});

const listWithQuery = 'query ($query: String) { customers(filter: { query: $query }) { nodes { id } } }';
const hostile: [what: string, query: string][] = [
  ['operators', `jane & !doe | (x <-> y):*A`],
  ['quotes', `'jane' "doe" \\' '' ; DROP TABLE "Message" --`],
  ['unbalanced quotes', `'jane`],
  ['patterns', '%_jane_% .* [a-z]+ \\d'],
  ['markup', '<script>alert(1)</script>'],
  ['an emoji beside a word', '🎉 jane 👩‍👩‍👧'],
  ['right to left', 'שלום مرحبا \u202Ejane\u202C'],
  ['Thai, Devanagari, Chinese', 'สวัสดี नमस्ते 日本語です'],
  ['combining marks', 'j\u0301a\u0300n\u0327e\u0308\u0301\u0302'],
  ['only marks', '\u0301\u0301\u0301 a'],
  ['half of a surrogate pair', 'jane \ud83d x'],
  ['signs that are digits of a kind', '½ ² ٣ Ⅷ 一'],
  ['a number of any form', '1e5 -5 0x10 1.5.2 1_000 +49'],
  ['one word of 1,000 letters', 'x'.repeat(1_000)],
  ['one word of 1,000 letters of three bytes', '語'.repeat(1_000)],
  ['a thousand characters in 32 words', Array.from({ length: 32 }, () => 'abcdefghijklmnopqrstuvwxyzabcd').join(' ')],
  ['the same word 32 times', 'jane '.repeat(32)],
  ['a tab and line breaks', '\tjane\r\n\u2028doe\u00a0x\u200bx'],
];

describe('any text may be looked for:', () => {
  test.each(hostile)('%s', async (_what, query) => {
    expect(httpErrorsOf(await ask(testApp, desk, document, { query }))).toEqual([]);
    expect(httpErrorsOf(await ask(testApp, desk, listWithQuery, { query }))).toEqual([]);
  });

  test('also in all of what is stored', async () => {
    for (const [, text] of hostile) {
      await testApp.services.conversations.start(desk.operator, {
        email: 'hostile@web.test',
        subject: text.replace(/\p{Surrogate}/gu, '').slice(0, 400),
        text: text.replace(/\p{Surrogate}/gu, ''),
      });
    }
    // The longest message of words that are all different, which is the longest list of them.
    const most = Array.from({ length: 33_000 }, (_, place) =>
      String.fromCodePoint(0x4e00 + (place % 20_000), 0x20000 + place),
    );
    await testApp.services.conversations.start(desk.operator, {
      email: 'hostile@web.test',
      text: most
        .join(' ')
        .slice(0, 99_000)
        .replace(/\p{Surrogate}$/u, ''),
    });
    expect((await groupsOf(desk, { query: 'alert script' })).messages).toHaveLength(1);
  });
});

describe('what one types on the way finds nothing or what fits, and is no error:', () => {
  test.each([
    ['nothing', ''],
    ['blanks', ' \t\n'],
    ['a sign', '@'],
    ['signs', '!?.,;:-_ … “”'],
    ['an emoji', '🦄'],
    ['marks', "'&|!()<->:*"],
  ])('%s', async (_what, query) => {
    expect(sizes(await groupsOf(desk, { query }))).toEqual([0, 0, 0]);
    const { data, errors } = await ask(testApp, desk, listWithQuery, { query });
    expect(errors).toBeUndefined();
    // A blank filter is as good as none.
    expect((data as { customers: { nodes: object[] } }).customers.nodes).toHaveLength(query.trim() === '' ? 20 : 0);
  });

  test('more words than are looked for', async () => {
    const query = `customer1 ${'example '.repeat(39)}`;
    expect((await groupsOf(desk, { query })).contacts).not.toHaveLength(0);
    expect(sizes(await groupsOf(desk, { query: 'nobody '.repeat(40) }))).toEqual([0, 0, 0]);
  });
});

describe('a query is refused by name', () => {
  test.each([
    ['when it has a NUL', 'ja\0ne'],
    ['when it has 1,001 characters', 'x'.repeat(1_001)],
    ['when it has a megabyte', 'x '.repeat(500_000)],
  ])('%s', async (_what, query) => {
    await expectRefusals(testApp, desk, document, { query }, [{ code: 'BAD_USER_INPUT', argument: 'query' }]);
    await expectRefusals(testApp, desk, listWithQuery, { query }, [
      { code: 'BAD_USER_INPUT', argument: 'filter.query' },
    ]);
  });

  test('when no type is named in types', async () => {
    await expectRefusals(testApp, desk, document, { query: 'x', types: [] }, [
      { code: 'BAD_USER_INPUT', argument: 'types' },
    ]);
  });
});
