import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { graphql } from '../../generated/gql.js';
import type { AddMessageInput } from '../../generated/graphql.js';
import {
  addMessage,
  setConversationStatus,
  snoozeConversation,
  startConversation,
  unsnoozeConversation,
  updateConversation,
} from '../../graphql/mutations.js';
import { openTestApp, type TestApp } from '../../kit/app.js';
import { expectKeptUp, newEvents } from '../../kit/records.js';
import { statementsOf } from '../../kit/statements.js';
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

const update = async (input: object) =>
  (await story.desk.run(updateConversation, { input: { id: story.billing.id, ...input } })).updateConversation;
const snooze = async (until: string, ifVersion?: number) => {
  const input = { id: story.billing.id, until, ...(ifVersion !== undefined && { ifVersion }) };
  return (await story.desk.run(snoozeConversation, { input })).snoozeConversation;
};
const unsnooze = async (input: object = {}) =>
  (await story.desk.run(unsnoozeConversation, { input: { id: story.billing.id, ...input } })).unsnoozeConversation;
const add = async (input: Partial<AddMessageInput>) =>
  (await story.desk.run(addMessage, { input: { conversationId: story.billing.id, text: 'Hello', ...input } }))
    .addMessage;
const setStatus = async (status: 'OPEN' | 'CLOSED' | 'ARCHIVED') =>
  (await story.desk.run(setConversationStatus, { input: { id: story.billing.id, status } })).setConversationStatus;
const store = (fields: { snoozedUntil?: Date; closedAt?: Date; createdAt?: Date }) =>
  testApp.database.prisma.conversation.update({
    where: { workspaceId_id: { workspaceId: story.desk.workspaceId, id: story.billing.id } },
    data: fields,
  });

const notesOf = graphql(`
  query NotesOf($id: ID!) { conversation(id: $id) { notes version } }
`);

const metadataOf = graphql(`
  query MetadataOf($id: ID!) { conversation(id: $id) { metadata version } }
`);

const minutesLater = (minutes: number): string =>
  new Date(story.question.sentAt.getTime() + minutes * 60_000).toISOString();

describe('updateConversation', () => {
  test('changes the notes', async () => {
    const shown = async () => (await story.desk.run(notesOf, { id: story.billing.id })).conversation;
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await update({ notes: 'She is right.' })).toMatchObject({ result: 'UPDATED' });
      expect(await shown()).toEqual({ notes: 'She is right.', version: 2 });
      expect(await update({ notes: 'She is right.' })).toMatchObject({ result: 'UNCHANGED' });
      expect(await update({ notes: null })).toMatchObject({ result: 'UPDATED' });
      expect(await shown()).toEqual({ notes: null, version: 3 });
      const { userErrors } = await update({ notes: 'x'.repeat(10_001) });
      expect(userErrors).toMatchObject([{ path: ['input', 'notes'], message: 'Must have at most 10000 characters.' }]);
    });
    expect(events.map(({ data }) => data)).toEqual([
      { before: { notes: null }, after: { notes: 'She is right.' } },
      { before: { notes: 'She is right.' }, after: { notes: null } },
    ]);
  });

  test('merges the metadata by top-level key', async () => {
    const shown = async () => (await story.desk.run(metadataOf, { id: story.billing.id })).conversation;
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await shown()).toEqual({ metadata: {}, version: 1 });
      const order = { id: 7, lines: [1, 2] };
      expect(await update({ metadata: { order, plan: 'pro' } })).toMatchObject({ result: 'UPDATED' });
      expect(await update({ metadata: { order } })).toMatchObject({ result: 'UNCHANGED' });
      expect(await update({ metadata: { order: null, seats: 2 } })).toMatchObject({ result: 'UPDATED' });
      expect(await shown()).toEqual({ metadata: { plan: 'pro', seats: 2 }, version: 3 });
      const { userErrors } = await update({ metadata: { text: 'x'.repeat(16_380) } });
      expect(userErrors).toMatchObject([{ path: ['input', 'metadata'], code: 'BAD_USER_INPUT' }]);
    });
    expect(events.map(({ data }) => data)).toEqual([
      { before: { metadata: {} }, after: { metadata: { order: { id: 7, lines: [1, 2] }, plan: 'pro' } } },
      {
        before: { metadata: { order: { id: 7, lines: [1, 2] }, plan: 'pro' } },
        after: { metadata: { plan: 'pro', seats: 2 } },
      },
    ]);
  });

  test('changes the subject and the channel, and tells of what changed, once', async () => {
    const chat = await testApp.services.channels.ensure(story.desk.operator, { kind: 'CHAT', name: 'Chat' });
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await update({ subject: ' Seats ', channelId: chat.id, ifVersion: 1 })).toMatchObject({
        result: 'UPDATED',
        conversation: { subject: 'Seats', channel: { databaseId: chat.id }, source: 'EMAIL', version: 2 },
        userErrors: [],
      });
      expect(await update({ subject: 'Seats' })).toMatchObject({ result: 'UNCHANGED', conversation: { version: 2 } });
      expect(await update({ subject: null, channelId: null })).toMatchObject({
        conversation: { subject: null, channel: null, version: 3 },
      });
    });
    expect(events.map(({ type, data }) => [type, data])).toEqual([
      [
        'conversation.updated',
        {
          before: { subject: 'Billing question', channelId: story.mailbox.id },
          after: { subject: 'Seats', channelId: chat.id },
        },
      ],
      [
        'conversation.updated',
        { before: { subject: 'Seats', channelId: chat.id }, after: { subject: null, channelId: null } },
      ],
    ]);
  });

  test('refuses channels that are not there, and other versions', async () => {
    expect((await update({ channelId: 'chn_none' })).userErrors).toMatchObject([
      { code: 'NOT_FOUND', path: ['input', 'channelId'] },
    ]);
    expect((await update({ subject: 'x', ifVersion: 3 })).userErrors).toMatchObject([
      { code: 'CONFLICT', path: ['input', 'ifVersion'], conflictingId: story.billing.id, retryable: true },
    ]);
  });
});

const inbox = graphql(`
  query DeskSnoozedInbox($isSnoozed: Boolean) {
    all: conversations { totalCount }
    some: conversations(filter: { isSnoozed: $isSnoozed }) { nodes { databaseId snoozedUntil } totalCount }
  }
`);
const inboxNow = async (isSnoozed: boolean) => {
  const { all, some } = await story.desk.run(inbox, { isSnoozed });
  return { all: all.totalCount, some: some.totalCount, nodes: some.nodes };
};
const later = '2999-01-01T00:00:00.000Z';

describe('snoozeConversation', () => {
  test('puts a conversation out of the way of a list that asks for it, and of no other', async () => {
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await snooze(later, 1)).toMatchObject({
        result: 'UPDATED',
        conversation: { status: 'OPEN', snoozedUntil: later, version: 2 },
        userErrors: [],
      });
      expect(await snooze(later)).toMatchObject({ result: 'UNCHANGED', conversation: { version: 2 } });
    });
    expect(events).toMatchObject([
      {
        type: 'conversation.snoozed',
        entityId: story.billing.id,
        data: { before: { snoozedUntil: null }, after: { snoozedUntil: later } },
      },
    ]);
    expect(await inboxNow(false)).toMatchObject({ all: 1, some: 0 });
    expect(await inboxNow(true)).toEqual({
      all: 1,
      some: 1,
      nodes: [{ databaseId: story.billing.id, snoozedUntil: later }],
    });
  });

  test('ends when its time has come, without a write', async () => {
    await store({ snoozedUntil: new Date('2026-01-01T00:00:00Z') });
    expect(await inboxNow(true)).toMatchObject({ some: 0 });
    expect(await inboxNow(false)).toMatchObject({ nodes: [{ databaseId: story.billing.id, snoozedUntil: null }] });
    expect(await unsnooze()).toMatchObject({ result: 'UNCHANGED', conversation: { version: 1 } });
  });

  test('ends with an inbound message, and tells of it; with no other message', async () => {
    await snooze(later);
    expect((await add({})).conversation).toMatchObject({ snoozedUntil: later });
    expect((await add({ isInternal: true })).conversation).toMatchObject({ snoozedUntil: later });
    const events = await newEvents(testApp, story.desk, async () => {
      expect((await add({ direction: 'INBOUND' })).conversation).toMatchObject({ snoozedUntil: null, status: 'OPEN' });
    });
    expect(events.map(({ type }) => type).sort()).toEqual(['conversation.unsnoozed', 'message.created']);
  });

  test.each(['CLOSED', 'ARCHIVED'] as const)(
    'ends when the conversation is %s, and cannot begin then',
    async (status) => {
      await snooze(later);
      expect((await setStatus(status)).conversation).toMatchObject({ snoozedUntil: null });
      expect(await snooze(later)).toMatchObject({
        conversation: null,
        userErrors: [{ code: 'CONFLICT', path: ['input', 'id'], conflictingId: story.billing.id }],
      });
      expect((await setStatus('OPEN')).conversation).toMatchObject({ snoozedUntil: null });
    },
  );

  test('refuses a time that has passed, and other versions', async () => {
    expect((await snooze('2026-01-01T00:00:00Z')).userErrors).toMatchObject([
      { code: 'BAD_USER_INPUT', message: 'Must be in the future.', path: ['input', 'until'] },
    ]);
    expect((await snooze(later, 3)).userErrors).toMatchObject([{ code: 'CONFLICT', path: ['input', 'ifVersion'] }]);
  });
});

describe('unsnoozeConversation', () => {
  test('brings it back, and tells once', async () => {
    await snooze(later);
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await unsnooze({ ifVersion: 2 })).toMatchObject({
        result: 'UPDATED',
        conversation: { snoozedUntil: null, version: 3 },
      });
      expect(await unsnooze()).toMatchObject({ result: 'UNCHANGED', conversation: { version: 3 } });
    });
    expect(events).toMatchObject([
      {
        type: 'conversation.unsnoozed',
        data: { before: { snoozedUntil: later }, after: { snoozedUntil: null } },
      },
    ]);
  });

  test('refuses conversations that are not there, and other versions', async () => {
    expect((await unsnooze({ id: 'thd_none' })).userErrors).toMatchObject([
      { code: 'NOT_FOUND', path: ['input', 'id'] },
    ]);
    expect((await unsnooze({ ifVersion: 3 })).userErrors).toMatchObject([
      { code: 'CONFLICT', path: ['input', 'ifVersion'] },
    ]);
  });
});

describe('the time of the first response', () => {
  test('counts from when the contact first wrote, also where the team began', async () => {
    const { startConversation: started } = await story.desk.run(startConversation, {
      input: { contactId: story.omar.id, text: 'Are you happy?' },
    });
    const conversationId = started.conversation?.databaseId ?? '';
    const begun = Date.parse(started.message?.sentAt ?? '');
    const at = (minutes: number) => new Date(begun + minutes * 60_000).toISOString();
    await add({ conversationId, sentAt: at(5) });
    expect((await add({ conversationId, direction: 'INBOUND', sentAt: at(60) })).conversation).toMatchObject({
      firstResponseSeconds: null,
    });
    await add({ conversationId, isInternal: true, sentAt: at(61) });
    expect((await add({ conversationId, sentAt: at(62) })).conversation).toMatchObject({
      firstResponseAt: at(62),
      firstResponseSeconds: 120,
    });
    expect((await add({ conversationId, sentAt: at(70) })).conversation).toMatchObject({ firstResponseSeconds: 120 });
    await expectKeptUp(testApp, story.desk);
  });

  test('is right in whatever order the messages come in', async () => {
    await add({ sentAt: minutesLater(10) });
    // Sent before the question, so no answer to it.
    expect((await add({ sentAt: minutesLater(-10) })).conversation).toMatchObject({ firstResponseSeconds: 600 });
    expect((await add({ sentAt: minutesLater(3) })).conversation).toMatchObject({ firstResponseSeconds: 180 });
    // Now what was sent before the question answers an earlier one.
    expect((await add({ direction: 'INBOUND', sentAt: minutesLater(-11) })).conversation).toMatchObject({
      firstResponseAt: minutesLater(-10),
      firstResponseSeconds: 60,
    });
    await add({ direction: 'SYSTEM', sentAt: minutesLater(-12) });
    await expectKeptUp(testApp, story.desk);
  });
});

describe('the time of the resolution', () => {
  test('counts until the conversation was last closed, and is none while it is open', async () => {
    expect((await update({ subject: 'x' })).conversation).toMatchObject({ resolutionSeconds: null });
    await setStatus('CLOSED');
    const createdAt = new Date('2026-05-01T10:00:00Z');
    await store({ createdAt, closedAt: new Date('2026-05-01T11:30:00.900Z') });
    expect((await update({ subject: 'y' })).conversation).toMatchObject({ resolutionSeconds: 5_400 });
    expect((await add({ direction: 'INBOUND' })).conversation).toMatchObject({
      closedAt: null,
      resolutionSeconds: null,
    });
  });
});

test('a change of the status, the assignee or the unread count is one statement, whatever it answers', async () => {
  const { desk, billing, ada } = story;
  const { conversations } = testApp.services;
  const setStatus = (status: 'OPEN' | 'CLOSED' | 'ARCHIVED', ifVersion?: number) =>
    conversations.setStatus(desk.operator, { id: billing.id, status, ifVersion });
  const changes = [
    () => conversations.assign(desk.operator, { id: billing.id, assigneeId: ada.id }),
    () => conversations.assign(desk.operator, { id: billing.id, assigneeId: null }),
    () => setStatus('CLOSED'),
    () => setStatus('OPEN'),
    () => setStatus('OPEN'),
    () => setStatus('ARCHIVED'),
    () => expect(setStatus('OPEN', 1)).rejects.toMatchObject({ code: 'CONFLICT' }),
    () => conversations.markRead(desk.operator, { id: billing.id }),
    () =>
      expect(conversations.markRead(desk.operator, { id: 'thd_none' })).rejects.toMatchObject({ code: 'NOT_FOUND' }),
  ];
  for (const change of changes) expect(await statementsOf(change)).toHaveLength(1);
});

test('a change of the status tells the process, and only when there is one', async () => {
  const { desk, billing } = story;
  const told: string[] = [];
  testApp.database.onChange((workspaceId) => told.push(workspaceId));
  const setStatus = (status: 'OPEN' | 'CLOSED', ifVersion?: number) =>
    testApp.services.conversations.setStatus(desk.operator, { id: billing.id, status, ifVersion });
  await setStatus('OPEN');
  await expect(setStatus('CLOSED', 999)).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(told).toEqual([]);
  await setStatus('CLOSED');
  expect(told).toEqual([desk.workspaceId]);
});
