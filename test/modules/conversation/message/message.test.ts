import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AddMessageInput } from '../../../generated/graphql.js';
import { addMessage, setConversationStatus } from '../../../graphql/mutations.js';
import { openTestApp, type TestApp } from '../../../kit/app.js';
import { expectKeptUp, newEvents } from '../../../kit/records.js';
import { type Story, tellStory } from '../../../kit/story.js';

let testApp: TestApp;
let story: Story;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  story = await tellStory(testApp);
});
afterAll(() => testApp.close());

const add = async (input: Partial<AddMessageInput>) =>
  (await story.desk.run(addMessage, { input: { conversationId: story.billing.id, text: 'Hello', ...input } }))
    .addMessage;
const setStatus = (status: 'CLOSED' | 'ARCHIVED') =>
  story.desk.run(setConversationStatus, { input: { id: story.billing.id, status } });

const minutesLater = (minutes: number): string =>
  new Date(story.question.sentAt.getTime() + minutes * 60_000).toISOString();

describe('an inbound message', () => {
  test('counts as unread and becomes the latest of conversation and contact', async () => {
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await add({ direction: 'INBOUND', text: 'Well?', sentAt: minutesLater(5) })).toMatchObject({
        result: 'CREATED',
        userErrors: [],
        message: {
          direction: 'INBOUND',
          status: 'RECEIVED',
          preview: 'Well?',
          sentAt: minutesLater(5),
          author: { name: 'Jane Doe', agent: null },
        },
        conversation: {
          unreadCount: 2,
          lastMessageAt: minutesLater(5),
          lastMessagePreview: 'Well?',
          version: 2,
          contact: { conversationCount: 1, lastMessageAt: minutesLater(5), lastMessagePreview: 'Well?' },
        },
      });
    });
    expect(events).toMatchObject([
      {
        type: 'message.created',
        data: { after: { conversationId: story.billing.id, direction: 'INBOUND', preview: 'Well?' } },
      },
    ]);
    await expectKeptUp(testApp, story.desk);
  });

  test('opens a closed conversation again, and tells of both', async () => {
    await setStatus('CLOSED');
    const events = await newEvents(testApp, story.desk, async () => {
      expect((await add({ direction: 'INBOUND' })).conversation).toMatchObject({ status: 'OPEN', closedAt: null });
    });
    expect(events.map(({ type }) => type).sort()).toEqual(['conversation.status_changed', 'message.created']);
  });

  test('opens an archived conversation', async () => {
    await setStatus('ARCHIVED');
    expect((await add({ direction: 'INBOUND' })).conversation).toMatchObject({ status: 'OPEN', unreadCount: 2 });
  });

  test('that was sent earlier than the latest changes no preview', async () => {
    const { conversation } = await add({ direction: 'INBOUND', text: 'Earlier', sentAt: minutesLater(-5) });
    expect(conversation).toMatchObject({
      unreadCount: 2,
      lastMessagePreview: 'Why twelve seats?',
      contact: { lastMessagePreview: 'Why twelve seats?' },
    });
    await expectKeptUp(testApp, story.desk);
  });
});

describe('an outbound message', () => {
  test('is the first response once, and leaves the unread count alone', async () => {
    expect((await add({ text: 'One', sentAt: minutesLater(1) })).conversation).toMatchObject({
      firstResponseAt: minutesLater(1),
      unreadCount: 1,
    });
    expect((await add({ text: 'Two', sentAt: minutesLater(2) })).conversation).toMatchObject({
      firstResponseAt: minutesLater(1),
      lastMessagePreview: 'Two',
    });
    await expectKeptUp(testApp, story.desk);
  });

  test('is no response where nobody asked', async () => {
    const { conversation } = await testApp.services.conversations.start(story.desk.operator, {
      contactId: story.omar.id,
      text: 'Hi',
    });
    expect((await add({ conversationId: conversation.id })).conversation).toMatchObject({ firstResponseAt: null });
  });

  test('is no response when it was sent before the contact asked', async () => {
    const backdated = await add({ text: 'Welcome', sentAt: minutesLater(-60) });
    expect(backdated.conversation).toMatchObject({ firstResponseAt: null });
    await expectKeptUp(testApp, story.desk);
  });

  test('leaves a closed conversation closed', async () => {
    await setStatus('CLOSED');
    expect((await add({})).conversation).toMatchObject({ status: 'CLOSED' });
  });

  test('bears the name of the agent, or the one that is given', async () => {
    expect((await add({ agentId: story.ada.id })).message?.author).toEqual({
      name: 'Ada',
      agent: { databaseId: story.ada.id },
    });
    expect((await add({ agentId: story.ada.id, authorName: 'A.' })).message?.author.name).toBe('A.');
    expect((await add({})).message?.author).toEqual({ name: null, agent: null });
  });

  test('is written by the agent of the key', async () => {
    const { workspaceId } = story.desk;
    const { key } = await testApp.services.apiKeys.create({ workspaceId, kind: 'USER', agentId: story.ben.id });
    const ben = testApp.deskOf(workspaceId, key);
    const events = await newEvents(testApp, story.desk, async () => {
      const { addMessage: answer } = await ben.run(addMessage, {
        input: { conversationId: story.billing.id, text: 'Hi' },
      });
      expect(answer.message?.author.agent?.databaseId).toBe(story.ben.id);
    });
    expect(events).toMatchObject([{ actorId: story.ben.id }]);
  });

  test('shows at most 140 characters of itself on one line', async () => {
    const { message } = await add({ text: `  One\n two ${'word '.repeat(100)}` });
    expect(message?.preview).toMatch(/^One two word.*\.\.\.$/);
    expect(message?.preview.length).toBeLessThanOrEqual(140);
  });
});

describe('an internal note', () => {
  test('is told of, and leaves previews, times, counts and the version alone', async () => {
    const { conversation: before } = await story.desk
      .run(setConversationStatus, { input: { id: story.billing.id, status: 'OPEN' } })
      .then(({ setConversationStatus: { conversation } }) => ({ conversation }));
    const events = await newEvents(testApp, story.desk, async () => {
      const { conversation, message } = await add({ isInternal: true, text: 'Careful', sentAt: minutesLater(9) });
      expect(message).toMatchObject({ isInternal: true, text: 'Careful' });
      expect(conversation).toMatchObject({ ...before, contact: expect.anything() });
    });
    expect(events).toMatchObject([{ type: 'message.created', data: { after: { isInternal: true } } }]);
    await expectKeptUp(testApp, story.desk);
  });
});

describe('a message with an externalId', () => {
  test('that comes twice is one message', async () => {
    const first = await add({ direction: 'INBOUND', externalId: 'm-1' });
    const events = await newEvents(testApp, story.desk, async () => {
      const second = await add({ direction: 'INBOUND', externalId: 'm-1', text: 'Another text' });
      expect(second).toEqual({ ...first, result: 'UNCHANGED' });
    });
    expect(events).toEqual([]);
  });

  test('that another conversation has is refused by naming the message', async () => {
    const first = await add({ externalId: 'm-1' });
    const { conversation } = await testApp.services.conversations.start(story.desk.operator, {
      contactId: story.omar.id,
      text: 'Hi',
    });
    expect(await add({ conversationId: conversation.id, externalId: 'm-1' })).toMatchObject({
      message: null,
      userErrors: [{ code: 'CONFLICT', path: ['input', 'externalId'], conflictingId: first.message?.databaseId }],
    });
  });
});

describe('addMessage with ifVersion', () => {
  test('adds while the conversation is at this version, and not after', async () => {
    expect(await add({ ifVersion: 1 })).toMatchObject({ result: 'CREATED' });
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await add({ ifVersion: 1 })).toMatchObject({
        result: null,
        userErrors: [{ code: 'CONFLICT', retryable: true, path: ['input', 'ifVersion'] }],
      });
    });
    expect(events).toEqual([]);
  });

  test('and answers the message once more when the same call is repeated', async () => {
    const first = await add({ ifVersion: 1, externalId: 'm-1' });
    expect(first).toMatchObject({ result: 'CREATED' });
    expect(await add({ ifVersion: 1, externalId: 'm-1' })).toEqual({ ...first, result: 'UNCHANGED' });
  });
});
