import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database, Transaction } from '../../../src/db/database.js';
import { Prisma } from '../../../src/generated/prisma/client.js';
import { conversationImporter } from '../../../src/modules/conversation/import/conversation.import.js';
import type { Input } from '../../graphql/mistakes.js';
import { openTestApp, post, type TestApp } from '../../kit/app.js';
import { withGateway } from '../../kit/keyed.js';
import { eventsOf } from '../../kit/records.js';
import { type Story, tellStory } from '../../kit/story.js';

/** Others who change the same rows at the wrong moment, and again at every moment after: made up, as nobody is so fast. */

let testApp: TestApp;
let story: Story;

beforeAll(async () => {
  testApp = await openTestApp();
  story = await tellStory(testApp);
});
afterAll(() => testApp.close());

/** Each new customer collides with one that is gone when we look for it. */
const losingInserts = (database: Database): Partial<Database> => ({
  transaction: (work, options) =>
    database.transaction((tx) => {
      const customer = Object.assign(Object.create(tx.customer), { createManyAndReturn: async () => [] });
      return work(Object.assign(Object.create(tx), { customer }) as Transaction);
    }, options),
});

let runs = 0;
/** Each transaction writes what somebody else has written since it looked. */
const losingTransactions = (): Partial<Database> => ({
  transaction: () => {
    runs += 1;
    return Promise.reject(new Prisma.PrismaClientKnownRequestError('taken', { code: 'P2002', clientVersion: '' }));
  },
});

/** Rows of a table are gone whenever they are read. */
const losing =
  (table: string) =>
  (database: Database): Partial<Database> => ({
    read: async (statement, options) =>
      statement.text.includes(`FROM "${table}" AS r`) ? [] : database.read(statement, options),
  });

describe('a write that is overtaken every time says that it can be tried again, and leaves nothing behind', () => {
  const errors = 'userErrors { code path retryable }';
  const fresh = { email: 'fresh@example.com' };

  test.each<[mutation: string, path: string, change: (database: Database) => Partial<Database>, input: Input]>([
    ['createCustomer', 'externalId', losingInserts, { externalId: 'usr_fresh' }],
    ['upsertCustomer', 'externalId', losingInserts, { externalId: 'usr_fresh' }],
    ['createContact', 'email', losingInserts, fresh],
    ['startConversation', 'email', losingInserts, { ...fresh, text: 'Hello' }],
    [
      'upsertCustomers',
      'customers',
      losingTransactions,
      { customers: [{ externalId: 'usr_fresh' }], errorPolicy: 'PER_ITEM' },
    ],
  ])('%s', async (mutation, path, change, input) => {
    const before = await eventsOf(testApp, story.desk);
    const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
    const document = `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${errors} } }`;
    const { body } = await withGateway(change, (app) => post(app, document, { input }, story.desk.key));
    const told = { code: 'CONFLICT', path: ['input', path], retryable: true };
    expect(body).toEqual({ data: { [mutation]: { userErrors: [told] } } });
    expect(await eventsOf(testApp, story.desk)).toEqual(before);
  });

  test('an imported conversation, without holding up the import', async () => {
    runs = 0;
    const db = { ...testApp.database, ...losingTransactions() };
    await testApp.services.channels.ensure(story.desk.operator, { kind: 'CHAT', name: 'Support' });
    const importer = conversationImporter(db, story.desk.operator);
    const conversation = importer.parse({
      externalId: 'conv_1',
      team: 'Support',
      source: 'CHAT',
      customer: { externalId: 'usr_fresh' },
      messages: [{ direction: 'INBOUND', text: 'Hi', sentAt: '2024-05-01T09:30:00Z' }],
    });
    expect(await importer.write([conversation])).toMatchObject([
      { code: 'CONFLICT', message: 'Another change of this conversation or its customer is under way.' },
    ]);
    expect(runs).toBe(4);
  });
});

describe('what is deleted while it is read is not found', () => {
  test.each([
    ['a customer between its conversation and itself', 'Customer', ['node', 'customer']],
    ['a contact between its conversation and itself', 'Customer', ['node', 'contact']],
    ['the workspace', 'Workspace', ['workspace']],
  ])('%s', async (_what, table, path) => {
    const argument = `(id: "${story.billing.id}")`;
    const query =
      path.length === 1
        ? `{ ${path[0]} { id } }`
        : `{ ${path[0]}${argument} { ...C } } fragment C on Conversation { ${path[1]} { name } }`;
    const { body } = await withGateway(losing(table), (app) => post(app, query, {}, story.desk.key));
    expect(body.errors).toMatchObject([{ message: `${table} not found.`, path, extensions: { code: 'NOT_FOUND' } }]);
  });
});
