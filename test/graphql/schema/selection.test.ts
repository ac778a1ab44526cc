import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graphql } from '../../generated/gql.js';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';

let app: TestApp;
let desk: Desk;

beforeAll(async () => {
  app = await openTestApp();
  desk = await app.createDesk();
  const { operator } = desk;
  await app.services.customers.upsert(operator, { email: 'jane@example.com', name: 'Jane', phone: '+1-555-0123' });
  for (const text of ['First things first.', 'And second.']) {
    await app.services.conversations.start(operator, { email: 'jane@example.com', subject: text, text });
  }
});

afterAll(() => app.close());

const SharedFragment = graphql(`
  query SharedFragment($one: ID!, $other: ID!) {
    short: conversation(id: $one) { ...FirstMessage }
    long: conversation(id: $other) { ...FirstMessage messages(first: 1) { nodes { text author { name } } } }
    shortAgain: conversation(id: $one) { ...FirstMessage }
  }
  fragment FirstMessage on Conversation { messages(first: 1) { nodes { id } } }
`);

const SharedByPeople = graphql(`
  query SharedByPeople {
    customers { nodes { latestConversation { ...Brief } contact { latestConversation { ...Brief status subject } } } }
  }
  fragment Brief on Conversation { contact { name } ... @include(if: true) { customer { phone } } }
`);

describe('a list reads what its selection asks for', () => {
  test('also when a fragment stands alone in one place and beside more fields in another', async () => {
    const { conversations } = await desk.run(graphql(`query Both { conversations { nodes { databaseId } } }`));
    const [one = '', other = ''] = conversations.nodes.map((node) => node.databaseId);
    for (const executor of ['graphql-js', 'compiled', 'compiled again']) {
      const { short, long, shortAgain } = await desk.run(SharedFragment, { one, other });
      expect(Object.keys(short?.messages.nodes[0] ?? {}), executor).toEqual(['id']);
      expect(shortAgain, executor).toEqual(short);
      expect(long?.messages.nodes, executor).toMatchObject([{ text: 'First things first.' }]);
    }
  });

  test('and of rows that it fetches along', async () => {
    for (const executor of ['graphql-js', 'compiled', 'compiled again']) {
      const { customers } = await desk.run(SharedByPeople);
      const brief = { contact: { name: 'Jane' }, customer: { phone: '+1-555-0123' } };
      expect(customers.nodes, executor).toEqual([
        {
          latestConversation: brief,
          contact: { latestConversation: { ...brief, status: 'OPEN', subject: 'And second.' } },
        },
      ]);
    }
  });
});
