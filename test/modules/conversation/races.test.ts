import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { UpsertCustomerInput } from '../../generated/graphql.js';
import {
  addMessage,
  assignConversation,
  createContact,
  markConversationRead,
  setConversationStatus,
  startConversation,
  upsertCustomer,
} from '../../graphql/mutations.js';
import { openTestApp, type TestApp } from '../../kit/app.js';
import { eventsOf, expectKeptUp } from '../../kit/records.js';
import { type Story, tellStory } from '../../kit/story.js';

/** Many callers at once, through pools of several connections. */

let testApp: TestApp;
let story: Story;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  story = await tellStory(testApp);
});
afterAll(() => testApp.close());

const upsert = async (input: UpsertCustomerInput) => (await story.desk.run(upsertCustomer, { input })).upsertCustomer;
const countCustomers = () => testApp.database.prisma.customer.count({ where: { workspaceId: story.desk.workspaceId } });
const times = <T>(count: number, work: (place: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, place) => work(place)));

describe('createContact by many at once', () => {
  test('with one address in many cases makes one contact', async () => {
    const answers = await times(50, async (place) => {
      const email = place % 2 ? 'Rush@Example.com' : 'rush@example.com';
      return (await story.desk.run(createContact, { input: { email, name: `Name ${place}` } })).createContact;
    });
    expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual([]);
    expect(answers.filter(({ result }) => result === 'CREATED')).toHaveLength(1);
    expect(new Set(answers.map(({ contact }) => JSON.stringify(contact))).size).toBe(1);
  });
});

describe('startConversation by many at once', () => {
  test('with a new address makes one contact with all of them', async () => {
    const answers = await times(20, async (place) => {
      const input = { email: place % 2 ? 'NEW@example.com' : 'new@example.com', text: `Hello ${place}` };
      return (await story.desk.run(startConversation, { input })).startConversation;
    });
    expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual([]);
    expect(new Set(answers.map(({ contact }) => contact?.databaseId)).size).toBe(1);
    await expectKeptUp(testApp, story.desk);
  });

  test('with one externalId makes one conversation, and tells the others which', async () => {
    const answers = await times(20, async () => {
      const input = { contactId: story.jane.id, text: 'Hello', externalId: 'x-1' };
      return (await story.desk.run(startConversation, { input })).startConversation;
    });
    const made = answers.flatMap(({ conversation }) => (conversation ? [conversation.databaseId] : []));
    const inTheWay = answers.flatMap(({ userErrors }) => userErrors.map(({ conflictingId }) => conflictingId));
    expect(made).toHaveLength(1);
    expect(inTheWay).toEqual(Array.from({ length: 19 }, () => made[0]));
    await expectKeptUp(testApp, story.desk);
  });
});

describe('one conversation', () => {
  test('that 50 write to at once keeps its counters right', async () => {
    const answers = await times(50, async (place) => {
      const input = {
        conversationId: story.billing.id,
        text: `Message ${place}`,
        direction: place % 2 ? ('INBOUND' as const) : ('OUTBOUND' as const),
      };
      return (await story.desk.run(addMessage, { input })).addMessage;
    });
    expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual([]);
    const { prisma } = testApp.database;
    const where = { workspaceId: story.desk.workspaceId, id: story.billing.id };
    expect(await prisma.conversation.findFirst({ where })).toMatchObject({ unreadCount: 1 + 25, version: 1 + 50 });
    expect((await eventsOf(testApp, story.desk)).filter(({ type }) => type === 'message.created')).toHaveLength(1 + 50);
    await expectKeptUp(testApp, story.desk);
  });

  test('that gets the same message 20 times at once has it once', async () => {
    const answers = await times(20, async () => {
      const input = { conversationId: story.billing.id, text: 'Again', externalId: 'm-1' };
      return (await story.desk.run(addMessage, { input })).addMessage;
    });
    expect(answers.filter(({ result }) => result === 'CREATED')).toHaveLength(1);
    expect(answers.filter(({ result }) => result === 'UNCHANGED')).toHaveLength(19);
    expect(new Set(answers.map(({ message }) => message?.databaseId)).size).toBe(1);
  });

  test('that 50 assign at once from one version goes to one of them', async () => {
    const answers = await times(50, async (place) => {
      const input = { id: story.billing.id, assigneeId: place % 2 ? story.ada.id : story.ben.id, ifVersion: 1 };
      return (await story.desk.run(assignConversation, { input })).assignConversation;
    });
    expect(answers.filter(({ result }) => result === 'UPDATED')).toHaveLength(1);
    expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual(
      Array.from({ length: 49 }, () =>
        expect.objectContaining({ code: 'CONFLICT', path: ['input', 'ifVersion'], retryable: true }),
      ),
    );
  });
});

describe('a busy desk', () => {
  test('where everything happens at once to the same people keeps its columns right', async () => {
    const { desk, billing, jane, omar, ada } = story;
    const works: (() => Promise<unknown>)[] = [
      () => desk.run(startConversation, { input: { contactId: jane.id, text: 'Hi' } }),
      () => desk.run(startConversation, { input: { email: 'omar@example.com', text: 'Hi', direction: 'INBOUND' } }),
      () => desk.run(addMessage, { input: { conversationId: billing.id, text: 'Hi', direction: 'INBOUND' } }),
      () => desk.run(addMessage, { input: { conversationId: billing.id, text: 'Hi' } }),
      () => desk.run(setConversationStatus, { input: { id: billing.id, status: 'CLOSED' } }),
      () => desk.run(markConversationRead, { input: { id: billing.id } }),
      () => desk.run(assignConversation, { input: { id: billing.id, assigneeId: ada.id } }),
      () => upsert({ id: jane.id, notes: `Note ${Math.random()}` }),
      () => upsert({ externalId: 'usr_jane', email: 'jane@example.com', tags: [] }),
      () => upsert({ id: omar.id, email: 'omar@example.com', phone: `${Math.random()}` }),
    ];
    await Promise.all(Array.from({ length: 10 }, () => works).flatMap((round) => round.map((work) => work())));
    await expectKeptUp(testApp, desk);
  });
});

describe('upsertCustomer by many at once', () => {
  test('of one externalId makes one customer', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, place) =>
        upsert({ externalId: 'usr_rush', name: `Name ${place % 5}`, tags: [`t${place}`] }),
      ),
    );
    expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual([]);
    expect(answers.filter(({ result }) => result === 'CREATED')).toHaveLength(1);
    expect(new Set(answers.map(({ customer }) => customer?.databaseId)).size).toBe(1);
    expect(new Set(answers.map(({ customer }) => customer?.version)).size).toBe(50);
    expect(await countCustomers()).toBe(3);
  });

  test('of one e-mail by externalId and without makes one customer', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, place) =>
        upsert({
          email: place % 2 ? 'rush@example.com' : 'RUSH@example.com',
          ...(place % 3 === 0 && { externalId: 'usr_rush' }),
        }),
      ),
    );
    expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual([]);
    expect(new Set(answers.map(({ customer }) => customer?.databaseId)).size).toBe(1);
  });

  test('who swap two addresses back and forth gets answers, not a deadlock', async () => {
    const { jane, omar } = story;
    const swaps = Array.from({ length: 20 }, (_, place) =>
      upsert({ id: place % 2 ? jane.id : omar.id, email: place % 4 < 2 ? 'one@example.com' : 'two@example.com' }),
    );
    for (const { userErrors } of await Promise.all(swaps)) {
      for (const error of userErrors) expect(error).toMatchObject({ code: 'CONFLICT', path: ['input', 'email'] });
    }
  });
});
