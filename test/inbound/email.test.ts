import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { graphql } from '../generated/gql.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { type MailPost, mail, multipart, postMail } from '../kit/mail.js';
import { eventsOf, expectKeptUp } from '../kit/records.js';
import { type Story, tellStory } from '../kit/story.js';

const inboxOf = graphql(`
  query MailInbox {
    conversations(filter: { status: { in: [OPEN, CLOSED] } }, orderBy: { field: CREATED_AT, direction: ASC }) {
      nodes {
        databaseId
        subject
        status
        source
        unreadCount
        channel { databaseId }
        contact { databaseId name email source }
        messages {
          nodes {
            databaseId
            direction
            status
            text
            html
            author { name }
            emailMessageId
            attachments { url fileName contentType sizeBytes }
          }
        }
      }
    }
  }
`);

let server: TestServer;
let story: Story;

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  story = await tellStory(server);
});
afterAll(() => server.close());

const send = (raw: string, options?: MailPost) => postMail(server, story.desk, raw, options);

/** The conversations that a mail began, or all when Jane's question is wanted too. */
async function inbox() {
  const { conversations } = await story.desk.run(inboxOf);
  return conversations.nodes.filter(({ databaseId }) => databaseId !== story.billing.id);
}

async function only() {
  const [conversation, ...others] = await inbox();
  expect(others).toEqual([]);
  if (!conversation) throw new Error('There is no new conversation.');
  return conversation;
}

describe('a mail from somebody new', () => {
  test('starts a conversation with a contact of that name and address', async () => {
    const { status, body } = await send(mail({ From: '"Zoë Quinn" <zoe@example.com>' }, 'Where is my parcel?\r\n'));
    expect(status).toBe(201);
    const conversation = await only();
    expect(conversation).toMatchObject({
      databaseId: body.conversationId,
      subject: 'Where is it?',
      status: 'OPEN',
      source: 'EMAIL',
      unreadCount: 1,
      channel: { databaseId: story.mailbox.id },
      contact: { databaseId: body.contactId, name: 'Zoë Quinn', email: 'zoe@example.com', source: 'EMAIL' },
      messages: {
        nodes: [
          {
            databaseId: body.messageId,
            direction: 'INBOUND',
            status: 'RECEIVED',
            text: 'Where is my parcel?',
            html: null,
            author: { name: 'Zoë Quinn' },
            emailMessageId: '1@example.com',
            attachments: [],
          },
        ],
      },
    });
    await expectKeptUp(server, story.desk);
    const told = await eventsOf(server, story.desk);
    expect(told.slice(-3).map(({ type }) => type)).toEqual([
      'customer.created',
      'conversation.created',
      'message.created',
    ]);
  });

  test('shows its HTML without what acts, and tells of its files', async () => {
    const body = multipart(
      'b',
      'Content-Type: text/html\r\n\r\n<p onclick="x()">Hi<script>x()</script> <b>you</b></p>',
      'Content-Type: application/pdf; name="bill.pdf"\r\n\r\n%PDF',
    );
    await send(mail({ 'Content-Type': 'multipart/mixed; boundary=b' }, body));
    const conversation = await only();
    expect(conversation.messages.nodes).toMatchObject([
      {
        text: 'Hi you',
        html: '<p>Hi <b>you</b></p>\n',
        attachments: [
          {
            url: expect.stringContaining('/attachments/'),
            fileName: 'bill.pdf',
            contentType: 'application/pdf',
            sizeBytes: 4,
          },
        ],
      },
    ]);
    const stored = await server.database.prisma.message.findFirst({
      where: { workspaceId: story.desk.workspaceId, emailMessageId: '1@example.com' },
    });
    expect(stored?.html).toContain('<script>');
  });

  test('comes to the channel that its delivery, To or Cc names, whatever the case and what follows a plus', async () => {
    for (const [place, header] of ['Delivered-To', 'X-Original-To', 'Cc'].entries()) {
      const other = { To: 'undisclosed-recipients:;', 'Message-ID': `<${place}@example.com>` };
      expect((await send(mail({ ...other, [header]: 'Support <HELP+4711@desk.test>' }))).status).toBe(201);
    }
    expect(await inbox()).toHaveLength(3);
  });

  test('comes to the channel that the query names when it is addressed to none', async () => {
    const raw = mail({ To: 'someone@elsewhere.test' });
    expect((await send(raw)).body.error?.code).toBe('NOT_FOUND');
    expect((await send(raw, { query: '?channel=chn_none' })).status).toBe(404);
    expect((await send(raw, { query: `?channel=${story.mailbox.id}` })).status).toBe(201);
  });
});

describe('an answer', () => {
  const first = '<first@example.com>';
  let begun: Awaited<ReturnType<typeof send>>['body'];
  beforeEach(async () => {
    begun = (await send(mail({ 'Message-ID': first }))).body;
  });

  test('joins the conversation of the mail that it answers, or that it refers to', async () => {
    const second = await send(mail({ 'Message-ID': '<second@example.com>', 'In-Reply-To': first }));
    const third = await send(
      mail({ 'Message-ID': '<third@example.com>', References: `${first}\r\n <unknown@example.com>` }),
    );
    expect([second, third]).toMatchObject([
      { status: 201, body: { conversationId: begun.conversationId, contactId: begun.contactId } },
      { status: 201, body: { conversationId: begun.conversationId, contactId: begun.contactId } },
    ]);
    expect(await only()).toMatchObject({ unreadCount: 3, messages: { nodes: [{}, {}, {}] } });
    await expectKeptUp(server, story.desk);
  });

  test('belongs where it answers rather than where it refers to', async () => {
    const other = await send(mail({ 'Message-ID': '<other@example.com>' }));
    const answer = { 'Message-ID': '<second@example.com>', 'In-Reply-To': first, References: '<other@example.com>' };
    expect((await send(mail(answer))).body.conversationId).toBe(begun.conversationId);
    expect(other.body.conversationId).not.toBe(begun.conversationId);
  });

  test('of somebody else joins too, shown with name and address, and makes no contact', async () => {
    const answer = { 'Message-ID': '<second@example.com>', 'In-Reply-To': first, From: 'Bob <bob@example.com>' };
    expect((await send(mail(answer))).body).toMatchObject({
      conversationId: begun.conversationId,
      contactId: begun.contactId,
    });
    expect((await only()).messages.nodes.map(({ author }) => author.name)).toEqual([
      'Jane Doe',
      'Bob <bob@example.com>',
    ]);
    const { workspaceId } = story.desk;
    const bob = await server.database.prisma.customer.count({ where: { workspaceId, email: 'bob@example.com' } });
    expect(bob).toBe(0);
  });

  test('opens a closed conversation again', async () => {
    await server.services.conversations.setStatus(story.desk.operator, { id: begun.conversationId, status: 'CLOSED' });
    await send(mail({ 'Message-ID': '<second@example.com>', 'In-Reply-To': first }));
    expect(await only()).toMatchObject({ status: 'OPEN', unreadCount: 2 });
  });

  test.each([
    ['an out-of-office note', { 'Auto-Submitted': 'auto-replied' }],
    ['a newsletter', { Precedence: 'bulk' }],
    ['a bounce', { 'Return-Path': '<>', From: 'MAILER-DAEMON@mail.example' }],
  ])('of a program, such as %s, is kept and rouses nobody', async (_name, headers) => {
    await server.services.conversations.setStatus(story.desk.operator, { id: begun.conversationId, status: 'CLOSED' });
    await send(mail({ 'Message-ID': '<second@example.com>', 'In-Reply-To': first, ...headers }));
    expect(await only()).toMatchObject({ status: 'CLOSED', unreadCount: 1, messages: { nodes: [{}, {}] } });
    await expectKeptUp(server, story.desk);
  });

  test('of a mail server finds the conversation by the mail that it sends back', async () => {
    const report = multipart(
      'b',
      'Content-Type: text/plain\r\n\r\nIt could not be delivered.',
      'Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example\r\n\r\nAction: failed',
      `Content-Type: message/rfc822\r\n\r\nSubject: Hi\r\nMessage-ID: ${first}\r\n\r\nHi`,
    );
    const { body } = await send(
      mail(
        {
          'Message-ID': '<report@example.com>',
          From: 'MAILER-DAEMON@mail.example',
          'Content-Type': 'multipart/report; report-type=delivery-status; boundary=b',
        },
        report,
      ),
    );
    expect(body.conversationId).toBe(begun.conversationId);
  });

  test('to a mail of another workspace starts a conversation', async () => {
    const other = await tellStory(server);
    const answer = mail({ 'Message-ID': '<second@example.com>', 'In-Reply-To': first });
    const { status, body } = await postMail(server, other.desk, answer);
    expect(status).toBe(201);
    expect(body.conversationId).not.toBe(begun.conversationId);
  });

  test.each(['PURGE', 'SCRUB'] as const)('to somebody who was deleted (%s) starts a conversation', async (mode) => {
    await server.services.customers.delete(story.desk.operator, { id: begun.contactId, mode });
    const { status, body } = await send(mail({ 'Message-ID': '<second@example.com>', 'In-Reply-To': first }));
    expect(status).toBe(201);
    expect(body.conversationId).not.toBe(begun.conversationId);
    expect(body.contactId).not.toBe(begun.contactId);
  });
});

describe('the same mail', () => {
  test('sent again is the same message, also to be found after it', async () => {
    const first = await send(mail({}));
    const second = await send(mail({}));
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body).toEqual(first.body);
    expect((await only()).messages.nodes).toHaveLength(1);
  });

  test('sent fifty times at once is one message', async () => {
    const raw = mail({ From: 'New <new@example.com>' });
    const answers = await Promise.all(Array.from({ length: 50 }, () => send(raw)));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(49).fill(200), 201]);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect((await only()).messages.nodes).toHaveLength(1);
    await expectKeptUp(server, story.desk);
  });

  test('sent at once by people of two names is a message of each', async () => {
    const raws = Array.from({ length: 20 }, (_, place) => mail({ From: `sender${place}@example.com` }));
    const answers = await Promise.all([...raws, ...raws].map((raw) => send(raw)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(20);
    expect(new Set(answers.map(({ body }) => body.messageId)).size).toBe(20);
    await expectKeptUp(server, story.desk);
  });

  test.each([
    ['with other words', mail({}, 'Another')],
    ['with another subject', mail({ Subject: 'Another' })],
    ['of another sender', mail({ From: 'other@example.com' })],
  ])('but %s is another message, under one Message-ID', async (_what, other) => {
    const [first, second] = [await send(mail({})), await send(other)];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect((await send(other)).body).toEqual(second.body);
  });

  test('to two channels reaches both', async () => {
    await server.services.channels.create(story.desk.operator, {
      kind: 'EMAIL',
      name: 'Two',
      address: 'two@desk.test',
    });
    const to = { To: 'help@desk.test, two@desk.test' };
    const answers = [
      await send(mail({ ...to, 'Delivered-To': 'help@desk.test' })),
      await send(mail({ ...to, 'Delivered-To': 'two@desk.test' })),
      await send(mail({ ...to, 'Delivered-To': 'two@desk.test' })),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 200]);
  });

  test('without a Message-ID is known by its content', async () => {
    const raw = mail({ 'Message-ID': '' });
    expect([(await send(raw)).status, (await send(raw)).status]).toEqual([201, 200]);
    expect((await send(mail({ 'Message-ID': '' }, 'Another'))).status).toBe(201);
  });
});
