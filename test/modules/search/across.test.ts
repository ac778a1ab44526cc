import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeGlobalId } from '../../../src/db/global-id.js';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { ask } from '../../kit/ask.js';
import { statementsOf } from '../../kit/statements.js';

/** Conversations are found by their contact and by their ids. */

let testApp: TestApp;
let desk: Desk;
let id: string;
let contactId: string;

beforeAll(async () => {
  testApp = await openTestApp();
  desk = await testApp.createDesk();
  const { services } = testApp;
  await services.customers.upsert(desk.operator, {
    externalId: 'crm-77',
    email: 'petra@garden.test',
    name: 'Petra O’Brien',
    phone: '+49 30 901820',
  });
  const start = async (email: string, externalId: string) =>
    (await services.conversations.start(desk.operator, { email, externalId, subject: 'Hello', text: 'Hi' }))
      .conversation;
  ({ id, customerId: contactId } = await start('petra@garden.test', 'TICKET-2026/0042'));
  await start('other@web.test', 'TICKET-9');
});
afterAll(() => testApp.close());

const document = `query ($query: String!) {
  search(query: $query, types: [CONVERSATION]) { conversations { score node { databaseId } } }
  conversations(filter: { query: $query }) { totalCount nodes { databaseId } }
}`;

async function find(
  query: string,
  by = desk,
): Promise<{ search: string[]; list: string[]; score: number | undefined }> {
  const { data, errors } = await ask(testApp, by, document, { query });
  expect(errors, query).toBeUndefined();
  const { search, conversations } = data as {
    search: { conversations: { score: number; node: { databaseId: string } }[] };
    conversations: { nodes: { databaseId: string }[] };
  };
  return {
    search: search.conversations.map(({ node }) => node.databaseId),
    list: conversations.nodes.map(({ databaseId }) => databaseId),
    score: search.conversations[0]?.score,
  };
}

const ofContact = [
  'Petra',
  'obrien',
  'petra@garden.test',
  'garden',
  '030 901820',
  '+4930901820',
  'petra brien',
  'crm77',
];

test.each(ofContact)('by the contact: %s', async (query) => {
  expect(await find(query)).toMatchObject({ search: [id], list: [id] });
});

test.each(['TICKET-2026/0042', 'ticket20260042', '2026/0042'])('by the externalId: %s', async (query) => {
  expect(await find(query)).toMatchObject({ search: [id], list: [id] });
});

test.each(['#1', '1', '# 1', '＃１', '#١', '(#1)', '[#1]', 'No. 1', '№ 1', 'Re: [#1] Hello there'])(
  'by its number: %s',
  async (query) => {
    expect(await find(query)).toMatchObject({ search: [id], list: [id], score: 1 });
  },
);

test('by its number before those that have it in their words', async () => {
  const about = { email: 'counter@web.test', text: 'Hi' };
  for (const subject of ['2 2 2', '2', 'Twice 2']) {
    await testApp.services.conversations.start(desk.operator, { ...about, subject });
  }
  const { data } = await ask(
    testApp,
    desk,
    '{ search(query: "#2", types: [CONVERSATION]) { conversations { score node { number } } } }',
  );
  const { conversations } = (data as { search: { conversations: { score: number; node: { number: number } }[] } })
    .search;
  expect(conversations[0]).toEqual({ score: 1, node: { number: 2 } });
  expect(conversations).toHaveLength(4);
});

test('by the id in either form, first of all', async () => {
  for (const query of [id, encodeGlobalId('Conversation', id)]) {
    expect(await find(query)).toMatchObject({ search: [id], list: [id] });
    expect((await find(query)).score).toBe(1);
  }
  for (const query of ['thd', 'thd_', 'thd_nobody', encodeGlobalId('Message', id)]) {
    expect(await find(query), query).toMatchObject({ search: [], list: [] });
  }
});

test('and contacts by theirs', async () => {
  const contacts =
    'query ($query: String!) { search(query: $query, types: [CONTACT]) { contacts { score node { name } } } }';
  for (const query of [contactId, encodeGlobalId('Contact', contactId), encodeGlobalId('Customer', contactId)]) {
    const { data } = await ask(testApp, desk, contacts, { query });
    expect(data).toEqual({ search: { contacts: [{ score: 1, node: { name: 'Petra O’Brien' } }] } });
  }
});

test('but not by a contact that the key may not read, or that is gone', async () => {
  const blind = await desk.withScopes('conversations:read');
  for (const query of ofContact) expect(await find(query, blind), query).toMatchObject({ search: [], list: [] });
  expect(await find(id, blind)).toMatchObject({ search: [id], list: [id] });
  const other = await testApp.createDesk();
  for (const query of ['Petra', id]) expect(await find(query, other), query).toMatchObject({ search: [], list: [] });
});

test('in one statement for a page, and at most three for a search', async () => {
  const sent = async (text: string) =>
    (await statementsOf(() => ask(testApp, desk, text))).filter((statement) => !/"ApiKey"/.test(statement)).length;
  expect(await sent('{ conversations(filter: { query: "petra" }) { nodes { id } } }')).toBe(1);
  expect(
    await sent('{ search(query: "petra", types: [CONVERSATION]) { conversations { score } } }'),
  ).toBeLessThanOrEqual(3);
});
