import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../kit/http.js';
import { anId, aTime, call, expectAnswer, type RestRequest, refused } from '../../kit/rest.js';
import { type Story, tellStory } from '../../kit/story.js';

/** The requests of TidySupport's Messages document. */

let server: TestServer;
let story: Story;
let thread: string;

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  story = await tellStory(server);
  thread = `/v1/workspaces/${story.desk.workspaceId}/support/inbox/conversations/${story.billing.id}`;
});
afterAll(() => server.close());

const send = (path: string, request?: RestRequest) => call(server, story.desk, path, request);
const post = (body: unknown, request: RestRequest = {}) =>
  send(`${thread}/messages`, { method: 'POST', body, ...request });
const itemsOf = async (query = '') => {
  const { body } = await send(`${thread}/messages${query}`);
  return (body as { thread: { messages: { items: { contentText: string; [name: string]: unknown }[] } } }).thread
    .messages;
};

const asked = () => ({
  id: story.question.id,
  direction: 'INBOUND',
  senderType: 'CUSTOMER',
  isInternal: false,
  contentText: 'Why twelve seats?',
  contentHtml: null,
  contentPreview: 'Why twelve seats?',
  status: 'SENT',
  attachments: [
    {
      id: story.screenshot.id,
      fileName: 'seats.png',
      contentType: 'image/png',
      sizeBytes: null,
      url: 'https://files.example.com/seats.png',
    },
  ],
  agentId: null,
  createdAt: aTime,
  sentAt: aTime,
});

test('a thread is read, with whom it is with and where it takes place', async () => {
  const { jane, mailbox, billing } = story;
  expectAnswer(await send(`${thread}/messages?limit=50`), {
    status: 200,
    body: {
      thread: {
        conversation: {
          id: billing.id,
          status: 'OPEN',
          source: 'EMAIL',
          subject: 'Billing question',
          summary: null,
        },
        contact: { id: jane.id, email: 'jane@example.com', name: 'Jane Doe' },
        channel: { id: mailbox.id, name: 'Support', email: 'help@desk.test' },
        messages: { items: [asked()], cursor: null, hasMore: false },
      },
    },
  });
  expectAnswer(await send(thread), {
    status: 200,
    body: {
      conversation: {
        id: billing.id,
        status: 'OPEN',
        source: 'EMAIL',
        subject: 'Billing question',
        isUnread: true,
        lastMessageAt: aTime,
        lastMessagePreview: 'Why twelve seats?',
        assignedToId: null,
        channelId: mailbox.id,
        contact: { id: jane.id, email: 'jane@example.com', name: 'Jane Doe', avatarUrl: null },
      },
    },
  });
});

test('it is answered, and notes are added that only the team sees, in their order', async () => {
  const contentText = "Hi Jane! I'd be happy to help with your invoice...";
  expectAnswer(await post({ contentText, contentHtml: '<p>Hi Jane!</p>', agentId: story.ada.id }), {
    status: 201,
    body: { message: { id: anId('msg'), contentPreview: contentText, status: 'SENT' } },
  });
  expect((await post({ contentText: 'She means the March one.', isInternal: true })).status).toBe(201);
  const { items } = await itemsOf();
  expect(items).toEqual([
    asked(),
    expect.objectContaining({
      direction: 'OUTBOUND',
      senderType: 'AGENT',
      isInternal: false,
      contentText,
      contentHtml: '<p>Hi Jane!</p>',
      status: 'SENT',
      agentId: story.ada.id,
    }),
    expect.objectContaining({ contentText: 'She means the March one.', isInternal: true }),
  ]);
  const first = await itemsOf('?limit=2');
  expect(first).toMatchObject({ hasMore: true, cursor: expect.any(String) });
  const rest = await itemsOf(`?limit=2&cursor=${(first as { cursor?: string }).cursor}`);
  expect([...first.items, ...rest.items]).toEqual(items);
});

describe('is refused', () => {
  test.each([
    [{}, 'contentText is required.'],
    [{ contentText: ' ' }, 'contentText must not be empty.'],
    [{ contentText: 'x', isInternal: 'yes' }, 'isInternal must be true or false.'],
    [{ contentText: 'x', agentId: 'ada' }, 'agentId must be the ID of an agent, or null.'],
    [{ contentText: 'x'.repeat(100_001) }, 'contentText must have at most 100000 characters.'],
  ])('what cannot be used: %j', async (body, message) => {
    expectAnswer(await post(body), refused(400, 'Bad Request', message));
  });

  test('what is asked of another workspace, and of nothing', async () => {
    const other = await tellStory(server);
    const ofOther = thread.replace(story.billing.id, other.billing.id);
    const nothing = thread.replace(story.billing.id, 'thd_nothing');
    const notFound = refused(404, 'Not Found', 'Conversation not found.');
    for (const path of [ofOther, nothing]) {
      expectAnswer(await send(path), notFound);
      expectAnswer(await send(`${path}/messages`), notFound);
      expectAnswer(await send(`${path}/messages`, { method: 'POST', body: { contentText: 'x' } }), notFound);
    }
    const { workspaceId } = other.desk;
    expectAnswer(
      await send(thread.replace(story.desk.workspaceId, workspaceId)),
      refused(404, 'Not Found', 'Workspace not found.'),
    );
    expect(await server.database.prisma.message.count({ where: { workspaceId } })).toBe(1);
  });

  test('who lacks the scope', async () => {
    const { key } = await story.desk.withScopes('customers:read');
    const lacks = (scope: string) => refused(403, 'Forbidden', `This key lacks the scope ${scope}.`);
    expectAnswer(await send(`${thread}/messages`, { key }), lacks('conversations:read'));
    expectAnswer(await post({ contentText: 'x' }, { key }), lacks('conversations:write'));
    const writer = await story.desk.withScopes('conversations:write');
    expect((await post({ contentText: 'x' }, { key: writer.key })).status).toBe(201);
  });
});
