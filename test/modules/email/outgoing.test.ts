import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ParsedMail, parseMail } from '../../../src/modules/email/inbound/reading/inbound-email.parse.js';
import { graphql } from '../../generated/gql.js';
import type { AddMessageInput, StartConversationInput } from '../../generated/graphql.js';
import { mail } from '../../kit/mail.js';
import {
  eventually,
  type Judge,
  type MailServer,
  openPostOffice,
  type PostOffice,
  type ReceivedLetter,
  startMailServer,
} from '../../kit/post-office.js';
import { eventsOf } from '../../kit/records.js';
import { statementsOf } from '../../kit/statements.js';
import { type Story, tellStory } from '../../kit/story.js';

const start = graphql(`
  mutation MailStart($input: StartConversationInput!) {
    startConversation(input: $input) {
      conversation { databaseId channel { databaseId } }
      message { databaseId status emailMessageId }
      userErrors { code path message }
    }
  }
`);

const add = graphql(`
  mutation MailAdd($input: AddMessageInput!) {
    addMessage(input: $input) {
      message { databaseId status emailMessageId }
      userErrors { code path message }
    }
  }
`);

const resend = graphql(`
  mutation MailResend($id: ID!) {
    resendMessage(input: { id: $id }) {
      message { status sendAttempts failure { code } }
      result
      userErrors { code path message }
    }
  }
`);

const sent = graphql(`
  query MailSent($id: ID!) {
    message(id: $id) { status deliveredAt sendAttempts emailMessageId failure { code reason isPermanent } }
  }
`);

let server: MailServer;
let office: PostOffice;
let story: Story;
let judge: Judge;

beforeAll(async () => {
  server = await startMailServer((attempt, recipient) => judge(attempt, recipient));
  office = await openPostOffice({ smtpUrl: server.url, outbox: '/dev/null/no-outbox', retryMs: 30 });
});
beforeEach(async () => {
  judge = () => null;
  story = await tellStory(office);
});
afterAll(async () => {
  await office.close();
  await server.close();
});

let count = 0;
/** An address that no other test writes to. */
const someone = (): string => {
  count += 1;
  return `someone${count}@example.com`;
};

async function begin(input: Partial<StartConversationInput>) {
  const { startConversation } = await story.desk.run(start, { input: { text: 'Hello', ...input } });
  const { message, conversation, userErrors } = startConversation;
  if (!message || !conversation) throw new Error(JSON.stringify(userErrors));
  return { message, conversation };
}

async function say(input: Partial<AddMessageInput>) {
  const { addMessage } = await story.desk.run(add, {
    input: { conversationId: story.billing.id, text: 'Hello', ...input },
  });
  if (!addMessage.message) throw new Error(JSON.stringify(addMessage.userErrors));
  return addMessage.message;
}

const messageOf = async (id: string) => (await story.desk.run(sent, { id })).message;

/** The only letter of a message, once it has arrived and that is written down. */
async function letterOf({ emailMessageId, databaseId }: { emailMessageId: string | null; databaseId: string }) {
  const found = (): ReceivedLetter[] =>
    server.letters.filter((letter) => letter.header('message-id') === `<${emailMessageId}>`);
  await eventually(async () => expect(await messageOf(databaseId)).toMatchObject({ status: 'SENT' }));
  const [letter, ...others] = found();
  expect(others).toEqual([]);
  if (!letter) throw new Error('It was not delivered.');
  return letter;
}

describe('a conversation that the team begins', () => {
  test('goes to the contact by the first mailbox of the workspace, and tells how far it got', async () => {
    const email = someone();
    const { message, conversation } = await begin({
      email,
      name: 'Zoë Quinn',
      subject: 'Über uns',
      html: '<p>Hello</p>',
    });
    expect(message.status).toBe('QUEUED');
    expect(conversation.channel).toEqual({ databaseId: story.mailbox.id });
    const letter = await letterOf(message);
    expect(letter).toMatchObject({ from: 'help@desk.test', to: [email] });
    expect(letter.header('in-reply-to')).toBeUndefined();
    const parsed = await parseMail(Buffer.from(letter.raw));
    expect(parsed).toMatchObject({
      subject: 'Über uns',
      from: { name: 'Support', address: 'help@desk.test' },
      recipients: [email],
      text: 'Hello',
      html: expect.stringContaining('<p>Hello</p>'),
      isAutomatic: false,
    } satisfies Partial<Record<keyof ParsedMail, unknown>>);
    expect(letter.header('to')).toContain('=?UTF-8?');

    expect(await messageOf(message.databaseId)).toMatchObject({
      status: 'SENT',
      deliveredAt: expect.any(String),
      sendAttempts: 1,
      failure: null,
    });
    const told = (await eventsOf(office, story.desk)).filter(({ entityId }) => entityId === message.databaseId);
    expect(told).toMatchObject([
      { type: 'message.created' },
      {
        type: 'message.sent',
        actorId: null,
        data: { after: { conversationId: conversation.databaseId, status: 'SENT' } },
      },
    ]);
  });

  test('says where its files lie', async () => {
    const attachments = [{ url: 'https://files.example.com/a?b=1&c=2', fileName: 'offer.pdf' }];
    const { message } = await begin({ email: someone(), html: '<p>Hello</p>', attachments });
    const { text, html } = await parseMail(Buffer.from((await letterOf(message)).raw));
    expect(text).toBe('Hello\n\noffer.pdf: https://files.example.com/a?b=1&c=2');
    expect(html).toContain('<p><a href="https://files.example.com/a?b=1&amp;c=2">offer.pdf</a></p>');
  });
});

describe('an answer of the team', () => {
  test('belongs to the mail that it answers, and the answer to it to the conversation', async () => {
    const asked = await office.services.inboundMail.receive(
      story.desk.operator,
      await parseMail(
        Buffer.from(mail({ From: `Zoë <${someone()}>`, Subject: 'Where is it?', 'Message-ID': '<q1@x>' })),
      ),
    );
    const { conversationId } = asked;
    const first = await say({ conversationId, agentId: story.ada.id });
    const one = await letterOf(first);
    expect(one.header('subject')).toBe('Re: Where is it?');
    expect(one.header('from')).toBe('Ada <help@desk.test>');
    expect(one.header('in-reply-to')).toBe('<q1@x>');
    expect(one.header('references')).toBe('<q1@x>');
    const two = await letterOf(await say({ conversationId }));
    expect(two.header('in-reply-to')).toBe('<q1@x>');
    expect(two.header('references')).toBe(`<q1@x> <${first.emailMessageId}>`);

    const answer = mail({
      'Message-ID': '<q2@x>',
      'In-Reply-To': `<${first.emailMessageId}>`,
      From: 'other@example.com',
    });
    const joined = await office.services.inboundMail.receive(story.desk.operator, await parseMail(Buffer.from(answer)));
    expect(joined.conversationId).toBe(conversationId);
  });

  test('to a subject that is an answer already repeats no Re:', async () => {
    const { conversation } = await begin({ email: someone(), subject: 'RE: Offer' });
    const letter = await letterOf(await say({ conversationId: conversation.databaseId }));
    expect(letter.header('subject')).toBe('RE: Offer');
  });
});

describe('nothing is mailed', () => {
  test('of notes, of what comes in, of what was sent elsewhere, and by channels that are no mailbox', async () => {
    const { operator } = story.desk;
    const chat = await office.services.channels.create(operator, { kind: 'CHAT', name: 'Chat' });
    const closed = await office.services.channels.create(operator, { kind: 'EMAIL', name: 'No address' });
    const said = [
      await say({ isInternal: true }),
      await say({ direction: 'INBOUND' }),
      await say({ direction: 'SYSTEM' }),
      await say({ sentAt: '2026-01-01T00:00:00Z' }),
      (await begin({ email: someone(), direction: 'INBOUND' })).message,
      (await begin({ email: someone(), channelId: chat.id })).message,
      (await begin({ email: someone(), channelId: closed.id })).message,
      (await begin({ email: someone(), source: 'CHAT' })).message,
    ];
    expect(said.map(({ emailMessageId }) => emailMessageId)).toEqual(said.map(() => null));
    expect(said.map(({ status }) => status)).not.toContain('QUEUED');
  });

  test('and costs the others no statement; a mail costs one', async () => {
    const { operator } = story.desk;
    const chat = await office.services.channels.create(operator, { kind: 'CHAT', name: 'Chat' });
    const chatting = await office.services.conversations.start(operator, {
      contactId: story.omar.id,
      text: 'Hi',
      channelId: chat.id,
    });
    const idle = await office.createDesk();
    const without = await office.services.conversations.start(idle.operator, { email: someone(), text: 'Hi' });
    const ours = ({ conversation }: { conversation: { id: string } }) => ({
      conversationId: conversation.id,
      text: 'x',
    });
    const plain = await statementsOf(() => office.services.messages.add(idle.operator, ours(without)));
    const bySeparate = async (work: () => Promise<unknown>) =>
      (await statementsOf(work)).filter((text) => !/deskgraph_jobs\.(jobs|_private)|worker_life/.test(text));
    const inChat = await bySeparate(() => story.desk.run(add, { input: ours(chatting) }));
    const byMail = await bySeparate(() => story.desk.run(add, { input: ours({ conversation: story.billing }) }));
    const writes = (texts: string[]) => texts.filter((text) => /INSERT|UPDATE|FOR UPDATE|add_jobs/.test(text)).length;
    expect(writes(inChat)).toBe(writes(plain));
    expect(byMail.filter((text) => text.includes('add_jobs'))).toHaveLength(1);
  });
});

describe('a mail server', () => {
  test('that refuses three in ten for now gets each mail once in the end, however many processes send', async () => {
    const refused = new Map<string, number>();
    judge = (attempt, recipient) => {
      if (attempt % 10 >= 3) return null;
      refused.set(recipient, (refused.get(recipient) ?? 0) + 1);
      return '451 4.3.0 Try again later';
    };
    await office.hire();
    const addresses = Array.from({ length: 60 }, someone);
    const begun = await Promise.all(addresses.map((email) => begin({ email, subject: `For ${email}`, text: email })));
    for (const [place, { message }] of begun.entries()) {
      const email = addresses[place] ?? '';
      const letter = await letterOf(message);
      expect(letter).toMatchObject({ from: 'help@desk.test', to: [email] });
      expect(letter.header('to')).toBe(email);
      expect(letter.header('subject')).toBe(`For ${email}`);
      expect(letter.body.trim()).toBe(email);
      expect(await messageOf(message.databaseId)).toMatchObject({
        status: 'SENT',
        sendAttempts: 1 + (refused.get(email) ?? 0),
        failure: null,
      });
    }
    expect(refused.size).toBeGreaterThan(0);
    const all = server.letters.flatMap(({ to }) => to).filter((address) => addresses.includes(address));
    expect(all.sort()).toEqual(addresses.sort());
  });

  test('that refuses a mail for good has its answer shown, and the mail sent again on demand', async () => {
    const email = someone();
    judge = (_attempt, recipient) => (recipient === email ? '550 5.1.1 No such user here' : null);
    const { message } = await begin({ email });
    await eventually(async () => expect(await messageOf(message.databaseId)).toMatchObject({ status: 'FAILED' }));
    expect(await messageOf(message.databaseId)).toMatchObject({
      deliveredAt: null,
      sendAttempts: 1,
      failure: { code: '550', reason: '550 5.1.1 No such user here', isPermanent: true },
    });
    const told = (await eventsOf(office, story.desk)).filter(({ entityId }) => entityId === message.databaseId);
    expect(told.at(-1)).toMatchObject({ type: 'message.failed', data: { after: { status: 'FAILED', code: '550' } } });

    judge = () => null;
    const again = await story.desk.run(resend, { id: message.databaseId });
    expect(again.resendMessage).toMatchObject({ result: 'UPDATED', message: { status: 'QUEUED', failure: null } });
    expect((await letterOf(message)).to).toEqual([email]);
    expect((await story.desk.run(resend, { id: message.databaseId })).resendMessage.userErrors).toMatchObject([
      { code: 'BAD_USER_INPUT', path: ['input', 'id'] },
    ]);
  });

  test('that is asked to send again twice at once sends once', async () => {
    const email = someone();
    judge = () => '554 Refused';
    const { message } = await begin({ email });
    await eventually(async () => expect(await messageOf(message.databaseId)).toMatchObject({ status: 'FAILED' }));
    judge = () => null;
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => story.desk.run(resend, { id: message.databaseId })),
    );
    expect(
      answers.map(({ resendMessage }) => resendMessage.result).filter((result) => result === 'UPDATED'),
    ).toHaveLength(1);
    await letterOf(message);
  });

  test('that is away is told of in words of ours, and gets the mail when it is back', async () => {
    const { port } = server;
    await server.close();
    const { message } = await begin({ email: someone() });
    await eventually(async () => {
      const failed = await messageOf(message.databaseId);
      expect(failed).toMatchObject({
        status: 'QUEUED',
        failure: { code: 'UNREACHABLE', reason: 'The mail server cannot be reached.', isPermanent: false },
      });
    });
    server = await startMailServer((attempt, recipient) => judge(attempt, recipient), port);
    expect((await letterOf(message)).from).toBe('help@desk.test');
  });
});

test('a contact without an address cannot be mailed, which the message says', async () => {
  const { operator } = story.desk;
  const { customer } = await office.services.customers.upsert(operator, { externalId: 'usr_none', name: 'Nobody' });
  const { message } = await begin({ contactId: customer.id });
  await eventually(async () =>
    expect(await messageOf(message.databaseId)).toMatchObject({
      status: 'FAILED',
      failure: { code: 'NO_ADDRESS', isPermanent: true },
    }),
  );
});

test('a key without the scope sends nothing again', async () => {
  const reader = await story.desk.withScopes('conversations:read');
  expect(await reader.fail(resend, { id: story.question.id })).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
});
