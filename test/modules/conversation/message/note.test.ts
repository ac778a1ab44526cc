import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { graphql } from '../../../generated/gql.js';
import { addMessage, editNote, startConversation } from '../../../graphql/mutations.js';
import { openTestApp, type TestApp } from '../../../kit/app.js';
import { expectKeptUp, newEvents } from '../../../kit/records.js';
import { statementsOf } from '../../../kit/statements.js';
import { type Story, tellStory } from '../../../kit/story.js';

let testApp: TestApp;
let story: Story;
let noteId: string;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  story = await tellStory(testApp);
  const { message } = await testApp.services.messages.add(story.desk.operator, {
    conversationId: story.billing.id,
    text: 'Ask Ben',
    html: '<p>Ask Ben</p>',
    isInternal: true,
  });
  noteId = message.id;
});
afterAll(() => testApp.close());

const edit = async (input: object) =>
  (await story.desk.run(editNote, { input: { id: noteId, text: 'Ask Ada', ...input } })).editNote;

const getMessage = graphql(`query DeskGetMessage($id: ID!) { message(id: $id) { ...DeskMessage } }`);

describe('message(id)', () => {
  test('shows one message, and null when there is none', async () => {
    const { message } = await story.desk.run(getMessage, { id: story.question.id });
    expect(message).toMatchObject({ text: 'Why twelve seats?', editedAt: null, version: 1 });
    expect(await story.desk.run(getMessage, { id: 'msg_none' })).toEqual({ message: null });
  });
});

describe('editNote', () => {
  test('replaces what a note says, also its HTML, and leaves the conversation alone', async () => {
    const where = { workspaceId_id: { workspaceId: story.desk.workspaceId, id: story.billing.id } };
    const before = await testApp.database.prisma.conversation.findUnique({ where });
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await edit({ ifVersion: 1 })).toMatchObject({
        result: 'UPDATED',
        message: {
          databaseId: noteId,
          text: 'Ask Ada',
          html: null,
          preview: 'Ask Ada',
          isInternal: true,
          version: 2,
          editedAt: expect.any(String),
        },
        userErrors: [],
      });
    });
    expect(events).toMatchObject([
      {
        type: 'message.updated',
        entityId: noteId,
        data: { before: { preview: 'Ask Ben' }, after: { conversationId: story.billing.id, preview: 'Ask Ada' } },
      },
    ]);
    expect(await testApp.database.prisma.conversation.findUnique({ where })).toEqual(before);
    await expectKeptUp(testApp, story.desk);
  });

  test('sent twice writes and tells once', async () => {
    const { message } = await edit({});
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await edit({})).toEqual({ result: 'UNCHANGED', message, userErrors: [] });
    });
    expect(events).toEqual([]);
  });

  test('refuses a message that is no note, one that is not there, and another version', async () => {
    expect(await edit({ id: story.question.id })).toMatchObject({
      message: null,
      result: null,
      userErrors: [{ code: 'BAD_USER_INPUT', message: 'Only internal notes can be edited.', path: ['input', 'id'] }],
    });
    expect((await edit({ id: 'msg_none' })).userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'id'] }]);
    await edit({ ifVersion: 1 });
    expect((await edit({ text: 'Ask Carl', ifVersion: 1 })).userErrors).toMatchObject([
      { code: 'CONFLICT', path: ['input', 'ifVersion'], conflictingId: noteId, retryable: true },
    ]);
  });

  test('by 50 at once from one version goes through for one of them', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, place) => edit({ text: `Ask ${place}`, ifVersion: 1 })),
    );
    expect(answers.filter(({ result }) => result === 'UPDATED')).toHaveLength(1);
    expect(answers.flatMap(({ userErrors }) => userErrors.map(({ code }) => code))).toEqual(Array(49).fill('CONFLICT'));
  });
});

const files = [
  { url: 'https://files.example.com/b.pdf', fileName: ' b.pdf ', contentType: 'Application/PDF', sizeBytes: 1_234 },
  { url: 'http://files.example.com/a', fileName: 'a' },
];
const stored = [
  {
    databaseId: expect.stringMatching(/^att_/),
    url: 'https://files.example.com/b.pdf',
    fileName: 'b.pdf',
    contentType: 'application/pdf',
    sizeBytes: 1_234,
  },
  {
    databaseId: expect.any(String),
    url: 'http://files.example.com/a',
    fileName: 'a',
    contentType: null,
    sizeBytes: null,
  },
];

const attachmentsOfAll = graphql(`
  query DeskAttachments($first: Int!) {
    conversations(first: $first) {
      nodes { messages { nodes { attachments { id url message: fileName } } } }
    }
  }
`);
const getAttachment = graphql(`
  query DeskGetAttachment($id: ID!) { node(id: $id) { ... on MessageAttachment { databaseId url } } }
`);

describe('attachments', () => {
  test('come with a message in the order they were given in', async () => {
    const input = { conversationId: story.billing.id, text: 'See here', attachments: files };
    const { addMessage: added } = await story.desk.run(addMessage, { input });
    expect(added.message?.attachments).toEqual(stored);
    const [first] = added.message?.attachments ?? [];
    expect(await story.desk.run(getAttachment, { id: first?.databaseId ?? '' })).toEqual({
      node: { databaseId: first?.databaseId, url: first?.url },
    });
  });

  test('come with the first message of a conversation, and with a note', async () => {
    const { startConversation: started } = await story.desk.run(startConversation, {
      input: { contactId: story.omar.id, text: 'Hello', attachments: files },
    });
    expect(started.message?.attachments).toEqual(stored);
    const { addMessage: note } = await story.desk.run(addMessage, {
      input: { conversationId: story.billing.id, text: 'Look', isInternal: true, attachments: files },
    });
    expect(note.message?.attachments).toEqual(stored);
  });

  test('of a message that comes twice are kept once', async () => {
    const input = { conversationId: story.billing.id, text: 'See here', externalId: 'm-1', attachments: files };
    await story.desk.run(addMessage, { input });
    const { addMessage: again } = await story.desk.run(addMessage, { input });
    expect(again).toMatchObject({ result: 'UNCHANGED', message: { attachments: stored } });
  });

  test('of many messages are read by one statement', async () => {
    const { operator } = story.desk;
    for (let place = 0; place < 12; place += 1) {
      const contact = { email: `sender${place}@example.com`, text: `Hello ${place}`, attachments: files };
      await testApp.services.conversations.start(operator, contact);
    }
    const count = async (first: number) => {
      let answer: unknown;
      const statements = await statementsOf(async () => {
        answer = await story.desk.run(attachmentsOfAll, { first });
      });
      return { statements: statements.length, attachments: JSON.stringify(answer).split('"url"').length - 1 };
    };
    await count(2);
    expect(await count(2)).toEqual({ statements: 2, attachments: 4 });
    expect(await count(12)).toEqual({ statements: 2, attachments: 24 });
  });

  test('go with their message', async () => {
    const { workspaceId } = story.desk;
    await testApp.database.prisma.message.delete({ where: { workspaceId_id: { workspaceId, id: story.question.id } } });
    expect(await testApp.database.prisma.messageAttachment.count({ where: { workspaceId } })).toBe(0);
  });
});
