import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { graphql } from '../generated/gql.js';
import type { AddMessageInput } from '../generated/graphql.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { type MailPost, mail, multipart, postMail } from '../kit/mail.js';
import { eventsOf, expectKeptUp } from '../kit/records.js';
import { type Story, tellStory } from '../kit/story.js';

const conversationOf = graphql(`
  query PeopleConversation($id: ID!) {
    conversation(id: $id) {
      status
      unreadCount
      contact { email name }
      channel { databaseId }
      messages {
        nodes {
          databaseId
          direction
          status
          isAutomatic
          author { name agent { databaseId } }
          from { name address }
          to { address }
          cc { address }
          bcc { address }
          replyTo { address }
          failure { code reason recipient isPermanent }
        }
      }
    }
  }
`);
const add = graphql(`
  mutation PeopleAdd($input: AddMessageInput!) {
    addMessage(input: $input) {
      message { databaseId emailMessageId to { name address } cc { address } bcc { address } }
      userErrors { message path }
    }
  }
`);
const setStatus = graphql(`
  mutation PeopleStatus($id: ID!, $status: ConversationStatus!) {
    setConversationStatus(input: { id: $id, status: $status }) { userErrors { message } }
  }
`);

let server: TestServer;
let story: Story;

beforeAll(async () => {
  server = await startTestServer({ mail: { outbox: '/dev/null/no-outbox', from: 'desk@desk.test' } });
});
beforeEach(async () => {
  story = await tellStory(server);
});
afterAll(() => server.close());

let count = 0;
const send = async (headers: Record<string, string>, body = 'Hello', options?: MailPost) => {
  count += 1;
  return postMail(server, story.desk, mail({ 'Message-ID': `<${count}@example.com>`, ...headers }, body), options);
};
async function conversation(id: string) {
  const { conversation: found } = await story.desk.run(conversationOf, { id });
  if (!found) throw new Error('There is no such conversation.');
  return found;
}
async function say(input: Partial<AddMessageInput> & { conversationId: string }) {
  const { addMessage } = await story.desk.run(add, { input: { text: 'Hello', ...input } });
  if (!addMessage.message) throw new Error(JSON.stringify(addMessage.userErrors));
  return addMessage.message;
}

describe('the contact of a mail is', () => {
  test.each<[string, Record<string, string>, string, string | null]>([
    ['who is in From', { From: 'Jo <jo@x.example>', 'Reply-To': 'other@x.example' }, 'jo@x.example', 'Jo'],
    [
      'who wrote through our own address',
      { From: 'Help <help@desk.test>', 'Reply-To': 'Jo <jo@x.example>' },
      'jo@x.example',
      'Jo',
    ],
    [
      'who wrote through an address that takes no answers',
      { From: 'Shop <no-reply@shop.example>', 'Reply-To': 'jo@x.example' },
      'jo@x.example',
      'Shop',
    ],
    [
      'who wrote through a form',
      { From: 'WordPress <wordpress@site.example>', 'Reply-To': 'Jo <jo@x.example>' },
      'jo@x.example',
      'Jo',
    ],
    [
      'who wrote through a form that writes to itself',
      {
        From: 'info@site.example',
        To: 'info@site.example',
        'Delivered-To': 'help@desk.test',
        'Reply-To': 'jo@x.example',
      },
      'jo@x.example',
      null,
    ],
    [
      'who wrote to a list',
      { From: "'Jo Doe' via Team <team@lists.example>", 'List-Id': '<team.lists.example>', 'Reply-To': 'jo@x.example' },
      'jo@x.example',
      'Jo Doe',
    ],
    [
      'who wrote to a list that says so itself',
      {
        From: "'Jo Doe' via Team <team@lists.example>",
        'List-Id': '<team.lists.example>',
        'X-Original-From': 'Jo Doe <jo@x.example>',
        'Reply-To': 'team@lists.example',
      },
      'jo@x.example',
      'Jo Doe',
    ],
  ])('%s', async (_what, headers, email, name) => {
    const { status, body } = await send(headers);
    expect(status).toBe(201);
    expect(await conversation(body.conversationId)).toMatchObject({ contact: { email, name }, unreadCount: 1 });
  });

  test('who gets a name by a later mail', async () => {
    await send({ From: 'jo@x.example' });
    const { body } = await send({ From: 'Jo Doe <jo@x.example>' });
    expect((await conversation(body.conversationId)).contact.name).toBe('Jo Doe');
  });
});

test('a person is the same however composed the address is, and whichever form its domain has', async () => {
  const first = await send({ From: 'Zo\u00eb <zo\u00eb@b\u00fccher.example>', 'Message-ID': '<composed-1@x>' });
  const second = await send({ From: 'ZOE\u0308@xn--bcher-kva.example', 'Message-ID': '<composed-2@x>' });
  expect(second.body.contactId).toBe(first.body.contactId);
  const { conversation } = await story.desk.run(conversationOf, { id: second.body.conversationId });
  expect(conversation?.contact).toEqual({ email: 'zo\u00eb@xn--bcher-kva.example', name: 'Zo\u00eb' });
});

test('a mail keeps to whom it was, and where answers are to go', async () => {
  const { body } = await send({ To: 'help@desk.test, B <b@x.example>', Cc: 'c@x.example', 'Reply-To': 'r@x.example' });
  const { messages } = await conversation(body.conversationId);
  expect(messages.nodes).toMatchObject([
    {
      from: { name: 'Jane Doe', address: 'jane@example.com' },
      to: [{ address: 'help@desk.test' }, { address: 'b@x.example' }],
      cc: [{ address: 'c@x.example' }],
      replyTo: [{ address: 'r@x.example' }],
    },
  ]);
  expect(await say({ conversationId: body.conversationId })).toMatchObject({
    to: [{ address: 'r@x.example' }],
    cc: [],
  });
});

describe('an answer goes', () => {
  test('to whoever wrote the message that it answers, with the contact in Cc', async () => {
    const { body } = await send({ 'Message-ID': '<a@x>', From: 'a@x.example' });
    expect(await say({ conversationId: body.conversationId })).toMatchObject({
      to: [{ address: 'a@x.example' }],
      cc: [],
    });
    await send({ From: 'B <b@x.example>', 'In-Reply-To': '<a@x>' });
    expect(await say({ conversationId: body.conversationId })).toMatchObject({
      to: [{ name: 'B', address: 'b@x.example' }],
      cc: [{ address: 'a@x.example' }],
    });
    // Not to a program.
    await send({ From: 'MAILER-DAEMON@x.example', 'In-Reply-To': '<a@x>' });
    expect(await say({ conversationId: body.conversationId })).toMatchObject({ to: [{ address: 'b@x.example' }] });
  });

  test('to whom it says', async () => {
    const { body } = await send({ From: 'a@x.example' });
    const addressed = { to: ['b@x.example'], cc: ['c@x.example'], bcc: ['d@x.example'] };
    expect(await say({ conversationId: body.conversationId, ...addressed })).toMatchObject({
      to: [{ address: 'b@x.example' }],
      cc: [{ address: 'c@x.example' }],
      bcc: [{ address: 'd@x.example' }],
    });
    const { addMessage } = await story.desk.run(add, {
      input: { conversationId: body.conversationId, text: 'Hi', to: ['nobody'] },
    });
    expect(addMessage.userErrors).toMatchObject([{ path: ['input', 'to', '0'] }]);
    const note = await story.desk.run(add, {
      input: { conversationId: body.conversationId, text: 'Hi', isInternal: true, cc: ['a@x.example'] },
    });
    expect(note.addMessage.userErrors).toMatchObject([{ path: ['input', 'to'] }]);
  });
});

describe('a mail of the team', () => {
  test('that answers is the message of the agent', async () => {
    const { body } = await send({ 'Message-ID': '<a@x>', From: 'a@x.example' });
    const answer = await send({ From: 'Ada <Ada@desk.test>', 'In-Reply-To': '<a@x>' });
    expect(answer.body.conversationId).toBe(body.conversationId);
    const { messages, contact } = await conversation(body.conversationId);
    expect(contact.email).toBe('a@x.example');
    expect(messages.nodes[1]).toMatchObject({
      direction: 'OUTBOUND',
      status: 'SENT',
      author: { name: 'Ada', agent: { databaseId: story.ada.id } },
    });
    await expectKeptUp(server, story.desk);
  });

  test('to a person begins a conversation with the person, and is not believed to be of the agent', async () => {
    const { body } = await send({ From: 'ada@desk.test', To: 'Jo <jo@x.example>', Cc: 'help@desk.test' });
    expect(await conversation(body.conversationId)).toMatchObject({
      contact: { email: 'jo@x.example' },
      unreadCount: 0,
      messages: { nodes: [{ direction: 'OUTBOUND', author: { name: 'ada@desk.test', agent: null } }] },
    });
  });

  test('to the team makes nobody a contact', async () => {
    for (const from of ['help@desk.test', 'ada@desk.test']) {
      const { status, body } = await send({ From: from });
      expect([status, body.error?.code]).toEqual([400, 'BAD_USER_INPUT']);
    }
  });

  test('that comes back as a copy is known', async () => {
    const { body } = await send({ From: 'a@x.example' });
    const sent = await say({ conversationId: body.conversationId });
    const copy = await send({ From: 'help@desk.test', To: 'a@x.example', 'Message-ID': `<${sent.emailMessageId}>` });
    expect([copy.status, copy.body.messageId]).toEqual([200, sent.databaseId]);
  });
});

describe('a mail reaches', () => {
  test('the channel that the service names', async () => {
    for (const [name, value] of [
      ['envelope', '{"to":["help@desk.test"],"from":"a@x.example"}'],
      ['recipient', 'help@desk.test'],
    ]) {
      const form = new URLSearchParams({ [name ?? '']: value ?? '' });
      count += 1;
      form.set('email', mail({ To: 'undisclosed', 'Message-ID': `<${count}@form>` }));
      const options = { contentType: 'application/x-www-form-urlencoded' };
      expect((await postMail(server, story.desk, form.toString(), options)).status).toBe(201);
    }
    const form = new FormData();
    form.set('envelope[recipients][0]', 'help@desk.test');
    form.set('message', mail({ To: 'undisclosed', 'Message-ID': '<message@form>' }));
    const posted = new Request('http://desk.test', { method: 'POST', body: form });
    const contentType = posted.headers.get('content-type') ?? '';
    expect((await postMail(server, story.desk, await posted.text(), { contentType })).status).toBe(201);
    const json = {
      OriginalRecipient: 'help@desk.test',
      RawEmail: mail({ To: 'x@y.example', 'Message-ID': '<json@form>' }),
    };
    expect((await postMail(server, story.desk, JSON.stringify(json), { contentType: 'application/json' })).status).toBe(
      201,
    );
  });

  test('the conversation that it answers, whatever address it is sent to', async () => {
    const { body } = await send({ 'Message-ID': '<A@X.Example>' });
    const answer = await send({ 'In-Reply-To': 'A@x.example', To: 'former@desk.test' });
    expect([answer.status, answer.body.conversationId]).toEqual([201, body.conversationId]);
  });
});

describe('an inbound message opens a conversation that is', () => {
  test.each(['CLOSED', 'ARCHIVED'] as const)('%s, by mail and by hand', async (status) => {
    const { body } = await send({ 'Message-ID': '<a@x>' });
    const id = body.conversationId;
    await story.desk.run(setStatus, { id, status });
    await send({ 'In-Reply-To': '<a@x>' });
    expect(await conversation(id)).toMatchObject({ status: 'OPEN', unreadCount: 2 });
    await story.desk.run(setStatus, { id, status });
    await say({ conversationId: id, direction: 'INBOUND' });
    expect(await conversation(id)).toMatchObject({ status: 'OPEN', unreadCount: 3 });
    await story.desk.run(setStatus, { id, status });
    await send({ 'In-Reply-To': '<a@x>', 'Auto-Submitted': 'auto-replied' });
    expect(await conversation(id)).toMatchObject({ status, unreadCount: 3 });
    expect((await conversation(id)).messages.nodes.map(({ isAutomatic }) => isAutomatic)).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });
});

describe('a report about a mail of ours', () => {
  const report = (id: string | null, action: string, type = 'delivery-status') =>
    send(
      {
        From: 'MAILER-DAEMON (Mail Delivery System)',
        To: 'elsewhere@desk.test',
        'Content-Type': `multipart/report; report-type=${type}; boundary=b`,
      },
      multipart(
        'b',
        'Content-Type: text/plain\r\n\r\nIt could not be delivered.',
        `Content-Type: message/${type}\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; gone@x.example\r\nAction: ${action}\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 No such user`,
        `Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <${id}>`,
      ),
    );

  test('that it failed sets it to FAILED, tells of it, and makes the conversation open and unread', async () => {
    const { body } = await send({ From: 'gone@x.example' });
    const sent = await say({ conversationId: body.conversationId });
    await story.desk.run(setStatus, { id: body.conversationId, status: 'ARCHIVED' });
    expect((await report(sent.emailMessageId, 'failed')).body.conversationId).toBe(body.conversationId);
    const found = await conversation(body.conversationId);
    expect(found).toMatchObject({ status: 'OPEN', unreadCount: 2 });
    expect(found.messages.nodes[1]).toMatchObject({
      status: 'FAILED',
      failure: { code: '5.1.1', reason: '550 No such user', recipient: 'gone@x.example', isPermanent: true },
    });
    expect(found.messages.nodes[2]).toMatchObject({ direction: 'INBOUND', isAutomatic: true });
    const told = await eventsOf(server, story.desk);
    expect(told.filter(({ type }) => type === 'message.failed')).toMatchObject([
      { entityId: sent.databaseId, data: { after: { status: 'FAILED', code: '5.1.1' } } },
    ]);
    await expectKeptUp(server, story.desk);
  });

  test.each([
    ['is late', 'delayed', 'delivery-status'],
    ['was read', 'displayed', 'disposition-notification'],
  ])('that it %s changes nothing else', async (_what, action, type) => {
    const { body } = await send({ From: 'gone@x.example' });
    const sent = await say({ conversationId: body.conversationId });
    await story.desk.run(setStatus, { id: body.conversationId, status: 'CLOSED' });
    await report(sent.emailMessageId, action, type);
    const found = await conversation(body.conversationId);
    expect(found).toMatchObject({ status: 'CLOSED', unreadCount: 1 });
    expect(found.messages.nodes[1]?.failure).toBeNull();
  });

  test('begins no conversation when the contact is gone', async () => {
    const { body } = await send({ From: 'gone@x.example' });
    const sent = await say({ conversationId: body.conversationId });
    await server.services.customers.delete(story.desk.operator, { id: body.contactId, mode: 'SCRUB' });
    expect((await report(sent.emailMessageId, 'failed')).status).toBe(200);
  });
});
