import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { graphql } from '../../generated/gql.js';
import type { StartConversationInput } from '../../generated/graphql.js';
import {
  assignConversation,
  markConversationRead,
  setConversationStatus,
  startConversation,
} from '../../graphql/mutations.js';
import { openTestApp, type TestApp } from '../../kit/app.js';
import { expectKeptUp, newEvents } from '../../kit/records.js';
import { type Story, tellStory } from '../../kit/story.js';

let testApp: TestApp;
let story: Story;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  story = await tellStory(testApp);
});
afterAll(() => testApp.close());

const start = async (input: StartConversationInput) =>
  (await story.desk.run(startConversation, { input })).startConversation;
const setStatus = async (status: 'OPEN' | 'CLOSED' | 'ARCHIVED', ifVersion?: number) =>
  (
    await story.desk.run(setConversationStatus, {
      input: { id: story.billing.id, status, ...(ifVersion && { ifVersion }) },
    })
  ).setConversationStatus;
const assign = async (assigneeId: string | null, ifVersion?: number) =>
  (
    await story.desk.run(assignConversation, {
      input: { id: story.billing.id, assigneeId, ...(ifVersion && { ifVersion }) },
    })
  ).assignConversation;
const markRead = async () =>
  (await story.desk.run(markConversationRead, { input: { id: story.billing.id } })).markConversationRead;

const getConversation = graphql(`
  query DeskGetConversation($id: ID!) {
    conversation(id: $id) { ...DeskConversation messages { nodes { ...DeskMessage conversation { databaseId } } } }
  }
`);

describe('conversation', () => {
  test('shows who, where and what was said', async () => {
    const { conversation } = await story.desk.run(getConversation, { id: story.billing.id });
    expect(conversation).toMatchObject({
      subject: 'Billing question',
      status: 'OPEN',
      source: 'EMAIL',
      unreadCount: 1,
      isUnread: true,
      lastMessagePreview: 'Why twelve seats?',
      assignee: null,
      channel: { databaseId: story.mailbox.id },
      contact: { databaseId: story.jane.id },
      messages: {
        nodes: [
          {
            text: 'Why twelve seats?',
            author: { name: 'Jane Doe', agent: null },
            conversation: { databaseId: story.billing.id },
          },
        ],
      },
    });
  });

  test('is null when there is none', async () => {
    expect(await story.desk.run(getConversation, { id: 'thd_none' })).toEqual({ conversation: null });
  });
});

describe('startConversation', () => {
  test('with a new address creates the contact, the conversation and the message, and tells of each', async () => {
    const events = await newEvents(testApp, story.desk, async () => {
      const answer = await start({
        email: 'Nora@example.com',
        name: 'Nora',
        subject: 'Hi',
        text: 'Hello  there',
        html: '<p>Hello</p>',
      });
      expect(answer).toMatchObject({
        userErrors: [],
        contact: { email: 'Nora@example.com', name: 'Nora', conversationCount: 1, lastMessagePreview: 'Hello there' },
        conversation: {
          status: 'OPEN',
          source: 'EMAIL',
          subject: 'Hi',
          unreadCount: 0,
          version: 1,
          updatedAt: null,
          firstResponseAt: null,
        },
        message: {
          direction: 'OUTBOUND',
          status: 'SENT',
          text: 'Hello  there',
          html: '<p>Hello</p>',
          isInternal: false,
        },
      });
      expect(answer.contact?.lastMessageAt).toBe(answer.message?.sentAt);
      expect(answer.conversation?.lastMessageAt).toBe(answer.message?.sentAt);
    });
    expect(events.map(({ type }) => type)).toEqual(['customer.created', 'conversation.created', 'message.created']);
    await expectKeptUp(testApp, story.desk);
  });

  test('with a known address, whatever its case, takes the contact as it is', async () => {
    const answer = await start({ email: 'OMAR@example.com', name: 'Another name', text: 'Hello' });
    expect(answer.contact).toMatchObject({
      databaseId: story.omar.id,
      name: null,
      email: 'omar@example.com',
      conversationCount: 1,
    });
    await expectKeptUp(testApp, story.desk);
  });

  test('with a name alone makes a contact of each, of whom no more is known', async () => {
    const contacts = [];
    for (const text of ['Hello', 'Hello again']) {
      const answer = await start({ name: 'Nora', text, direction: 'INBOUND', source: 'CHAT' });
      expect(answer.userErrors).toEqual([]);
      expect(answer.contact).toMatchObject({ name: 'Nora', email: null, conversationCount: 1 });
      contacts.push(answer.contact?.databaseId);
    }
    expect(new Set(contacts).size).toBe(2);
    await expectKeptUp(testApp, story.desk);
    for (const nobody of [{}, { name: null }, { contactId: story.omar.id, email: 'omar@example.com', name: 'Omar' }]) {
      const { userErrors } = await start({ ...nobody, text: 'Hello' });
      expect(userErrors).toMatchObject([{ code: 'BAD_USER_INPUT', path: ['input', 'email'] }]);
    }
  });

  test('with a contact, a channel, an agent and an externalId', async () => {
    const { jane, ada, desk } = story;
    const chat = await testApp.services.channels.ensure(desk.operator, { kind: 'CHAT', name: 'Chat' });
    const answer = await start({
      contactId: jane.id,
      text: 'Hi',
      direction: 'INBOUND',
      channelId: chat.id,
      assigneeId: ada.id,
      externalId: 'x-1',
    });
    expect(answer).toMatchObject({
      userErrors: [],
      contact: { databaseId: jane.id, conversationCount: 2 },
      conversation: {
        source: 'CHAT',
        channel: { databaseId: chat.id },
        assignee: { databaseId: ada.id },
        externalId: 'x-1',
        unreadCount: 1,
      },
      message: { direction: 'INBOUND', status: 'RECEIVED', author: { name: 'Jane Doe', agent: null } },
    });
  });

  test('refuses an externalId that is taken, names its holder and leaves no contact behind', async () => {
    const first = await start({ email: 'one@example.com', text: 'Hi', externalId: 'x-1' });
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await start({ email: 'two@example.com', text: 'Hi', externalId: 'x-1' })).toMatchObject({
        conversation: null,
        contact: null,
        message: null,
        userErrors: [
          { code: 'CONFLICT', path: ['input', 'externalId'], conflictingId: first.conversation?.databaseId },
        ],
      });
    });
    expect(events).toEqual([]);
    expect(
      await testApp.database.prisma.customer.count({
        where: { workspaceId: story.desk.workspaceId, email: 'two@example.com' },
      }),
    ).toBe(0);
  });
});

describe('setConversationStatus', () => {
  test('closes, archives and opens, and says since when', async () => {
    const closed = await setStatus('CLOSED');
    expect(closed).toMatchObject({
      result: 'UPDATED',
      conversation: { status: 'CLOSED', closedAt: expect.any(String), version: 2, updatedAt: expect.any(String) },
    });
    expect((await setStatus('ARCHIVED')).conversation).toMatchObject({
      status: 'ARCHIVED',
      closedAt: closed.conversation?.closedAt,
    });
    expect((await setStatus('OPEN')).conversation).toMatchObject({ status: 'OPEN', closedAt: null, version: 4 });
  });

  test('sent twice writes and tells once', async () => {
    const events = await newEvents(testApp, story.desk, async () => {
      await setStatus('CLOSED');
      expect(await setStatus('CLOSED')).toMatchObject({ result: 'UNCHANGED', conversation: { version: 2 } });
    });
    expect(events).toMatchObject([
      {
        type: 'conversation.status_changed',
        entityId: story.billing.id,
        data: { before: { status: 'OPEN' }, after: { status: 'CLOSED' } },
      },
    ]);
  });

  test('refuses a version that is not current, and may be tried again', async () => {
    await setStatus('CLOSED', 1);
    expect(await setStatus('OPEN', 1)).toMatchObject({
      result: null,
      userErrors: [
        { code: 'CONFLICT', path: ['input', 'ifVersion'], conflictingId: story.billing.id, retryable: true },
      ],
    });
    expect(await setStatus('OPEN', 2)).toMatchObject({ result: 'UPDATED' });
  });
});

describe('assignConversation', () => {
  test('gives to an agent and takes away with null', async () => {
    const { ada, ben } = story;
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await assign(ada.id)).toMatchObject({
        result: 'UPDATED',
        conversation: { assignee: { databaseId: ada.id }, version: 2 },
      });
      expect(await assign(ada.id)).toMatchObject({ result: 'UNCHANGED', conversation: { version: 2 } });
      expect(await assign(ben.id, 2)).toMatchObject({
        result: 'UPDATED',
        conversation: { assignee: { databaseId: ben.id } },
      });
      expect(await assign(null)).toMatchObject({ result: 'UPDATED', conversation: { assignee: null } });
    });
    expect(events.map(({ type, data }) => [type, data])).toEqual([
      ['conversation.assigned', { before: { assigneeId: null }, after: { assigneeId: ada.id } }],
      ['conversation.assigned', { before: { assigneeId: ada.id }, after: { assigneeId: ben.id } }],
      ['conversation.assigned', { before: { assigneeId: ben.id }, after: { assigneeId: null } }],
    ]);
  });

  test('refuses agents who are not there or left, and other versions', async () => {
    for (const id of ['agt_none', story.carl.id]) {
      expect((await assign(id)).userErrors).toMatchObject([
        { code: 'NOT_FOUND', message: 'Agent not found.', path: ['input', 'assigneeId'] },
      ]);
    }
    expect((await assign(story.ada.id, 9)).userErrors).toMatchObject([
      { code: 'CONFLICT', path: ['input', 'ifVersion'] },
    ]);
    const { conversation } = await story.desk.run(getConversation, { id: story.billing.id });
    expect(conversation).toMatchObject({ assignee: null, version: 1 });
  });
});

describe('markConversationRead', () => {
  test('counts everything as read, and tells once', async () => {
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await markRead()).toMatchObject({
        result: 'UPDATED',
        conversation: { unreadCount: 0, isUnread: false, version: 2 },
      });
      expect(await markRead()).toMatchObject({ result: 'UNCHANGED', conversation: { version: 2 } });
    });
    expect(events).toMatchObject([
      {
        type: 'conversation.read',
        entityId: story.billing.id,
        data: { before: { unreadCount: 1 }, after: { unreadCount: 0 } },
      },
    ]);
  });
});
