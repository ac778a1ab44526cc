import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graphql } from '../../generated/gql.js';
import { startTestServer, type TestServer } from '../../kit/http.js';
import { type MailAnswer, mail, postMail } from '../../kit/mail.js';
import { type Story, tellStory } from '../../kit/story.js';
import type { CorpusMail } from './corpus/corpus.js';
import { files } from './corpus/files.js';
import { people } from './corpus/people.js';
import { reported } from './corpus/reported.js';
import { reportedTexts } from './corpus/reported-texts.js';
import { states as told } from './corpus/states.js';
import { states } from './corpus/stories/states.js';
import type { Became, Change, MailStep, MailStory } from './corpus/stories/story.js';
import { threads } from './corpus/stories/threads.js';
import { texts } from './corpus/texts.js';

/** Mails that are posted: in which conversation each is, what becomes of its status, and what became no message. */

const add = graphql(`
  mutation StoriesAdd($input: AddMessageInput!) {
    addMessage(input: $input) {
      message { databaseId emailMessageId }
      userErrors { message }
    }
  }
`);

let server: TestServer;
let story: Story;

beforeAll(async () => {
  server = await startTestServer({ mail: { outbox: '/dev/null/no-outbox' } });
  story = await tellStory(server);
  const { operator } = story.desk;
  await server.services.channels.create(operator, { kind: 'EMAIL', name: 'Sales', address: 'sales@desk.test' });
  await server.services.blockedSenders.block(operator, { pattern: 'spam.example' });
});
afterAll(() => server.close());

/** What is known of a step: the ids of its message and conversation, and its Message-ID. */
interface Known {
  conversationId: string;
  messageId: string;
  mailId: string;
}

class Stage {
  private readonly known = new Map<string, Known>();

  constructor(private readonly number: number) {}

  of(name: string): Known {
    const found = this.known.get(name);
    if (!found) throw new Error(`There is no step ${name} before.`);
    return found;
  }

  private readonly filled = (text: string): string =>
    text.replaceAll('%', String(this.number)).replace(/\$([a-z]+)/gi, (_whole, name: string) => {
      const { mailId } = this.of(name.toLowerCase());
      return name === name.toUpperCase() ? mailId.replace(/@.*/, (host) => host.toUpperCase()) : mailId;
    });

  async post({ name, headers, body, wanted }: MailStep): Promise<void> {
    const all: Record<string, string> = {
      From: 'Jane <jane%@x.example>',
      'Message-ID': `<${name}.%@x.example>`,
      Subject: 'Parcel % is late',
      ...headers,
    };
    const entries = Object.entries(all).map(([key, value]) => [key, this.filled(value)]);
    const filled: Record<string, string> = Object.fromEntries(entries);
    const answer = await postMail(server, story.desk, mail(filled, this.filled(body)));
    expect(await becameOf(answer, wanted, this.known)).toEqual(wanted);
    if (answer.status === 201) {
      this.known.set(name, { ...answer.body, mailId: (filled['Message-ID'] ?? '').replace(/^<|>$/g, '') });
    }
  }

  async change(change: Change): Promise<void> {
    const { services, database } = server;
    const { operator, workspaceId } = story.desk;
    const at = (id: string) => ({ where: { workspaceId_id: { workspaceId, id } } });
    if ('say' in change) {
      const { conversationId } = this.of(change.in);
      const { addMessage } = await story.desk.run(add, { input: { conversationId, text: 'We look.' } });
      const { databaseId: messageId = '', emailMessageId: mailId } = addMessage.message ?? {};
      this.known.set(change.say, { conversationId, messageId, mailId: mailId ?? '' });
    } else if ('passedOnAs' in change) {
      const relayMessageId = this.filled(change.passedOnAs);
      await database.prisma.message.update({ ...at(this.of(change.by).messageId), data: { relayMessageId } });
    } else if ('daysAgo' in change) {
      const lastMessageAt = new Date(Date.now() - change.daysAgo * 86_400_000);
      await database.prisma.conversation.update({ ...at(this.of(change.of).conversationId), data: { lastMessageAt } });
    } else {
      const id = this.of(change.of).conversationId;
      const { customerId } = await database.prisma.conversation.findUniqueOrThrow(at(id));
      if (change.set === 'READ') await services.conversations.markRead(operator, { id });
      else if (change.set === 'SNOOZED')
        await services.conversations.snooze(operator, { id, until: new Date(Date.now() + 86_400_000) });
      else if (change.set === 'SUSPENDED')
        await services.customers.setStatus(operator, { id: customerId, status: 'SUSPENDED' });
      else if (change.set === 'DELETED') await services.customers.delete(operator, { id: customerId, mode: 'SCRUB' });
      else await services.conversations.setStatus(operator, { id, status: change.set });
    }
  }
}

/** The name of the step whose conversation it is; null for one that no step has. */
const stepIn = (known: ReadonlyMap<string, Known>, conversationId: string, wanted: string | null): string | null => {
  const names = [...known].filter(([, one]) => one.conversationId === conversationId).map(([name]) => name);
  return names.find((name) => name === wanted) ?? names[0] ?? null;
};

async function becameOf(
  { status, body }: MailAnswer,
  wanted: Became,
  known: ReadonlyMap<string, Known>,
): Promise<Became> {
  const { prisma } = server.database;
  const { workspaceId } = story.desk;
  const { rejectedMailId } = (body.error ?? {}) as { rejectedMailId?: string };
  if (rejectedMailId !== undefined) {
    const { reason } = await prisma.rejectedMail.findFirstOrThrow({ where: { workspaceId, id: rejectedMailId } });
    return { ...wanted, outcome: reason as Became['outcome'] };
  }
  expect([200, 201]).toContain(status);
  const conversation = await prisma.conversation.findFirstOrThrow({ where: { workspaceId, id: body.conversationId } });
  const message = await prisma.message.findFirstOrThrow({ where: { workspaceId, id: body.messageId } });
  expect(conversation.snoozedUntil).toBeNull();
  return {
    outcome: status === 201 ? 'MESSAGE' : 'SAME',
    thread: stepIn(known, conversation.id, wanted.thread),
    status: conversation.status,
    unread: conversation.unreadCount,
    direction: message.direction === 'OUTBOUND' ? 'OUTBOUND' : 'INBOUND',
    isAutomatic: message.isAutomatic,
  };
}

const all: readonly MailStory[] = [...threads, ...states];

test('there are at least 60 stories, each of another name', () => {
  expect(all.length).toBeGreaterThanOrEqual(60);
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
});

describe.each([
  ['threads', threads],
  ['states', states],
] as const)('%s:', (_room, stories) => {
  test.each(stories.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    const stage = new Stage(all.indexOf(one) + 100);
    for (const step of one.steps) await ('headers' in step ? stage.post(step) : stage.change(step));
  });
});

test('no mail of the corpus is lost: each is a message, or kept with the reason', async () => {
  const { prisma } = server.database;
  const desk = await server.createDesk();
  const { workspaceId } = desk;
  await server.services.channels.create(desk.operator, { kind: 'EMAIL', name: 'Help', address: 'help@desk.test' });
  const corpus: CorpusMail[] = [...texts, ...people, ...files, ...told, ...reported, ...reportedTexts];
  const taken = new Map<string, CorpusMail>();
  for (const [place, one] of corpus.entries()) {
    const { name, raw, wanted } = one;
    // Mails of one Message-ID that say the same are the same.
    const own = Buffer.from(raw.toString('latin1').replace('<corpus@', `<corpus-${place}@`), 'latin1');
    const { status, body } = await postMail(server, desk, new Uint8Array(own));
    const isForUs = (wanted.recipients ?? ['help@desk.test']).some((to) => /^help(?:\+\w+)?@desk\.test$/.test(to));
    expect([name, status], JSON.stringify(body)).toEqual([name, wanted.from === null ? 400 : isForUs ? 201 : 404]);
    if (status === 201) taken.set(body.messageId, one);
  }
  const messages = await prisma.message.findMany({ where: { workspaceId }, include: { conversation: true } });
  for (const { id, direction, isAutomatic, conversation } of messages) {
    const { name, wanted } = taken.get(id) ?? { name: 'none', wanted: {} };
    const { status, unreadCount } = conversation;
    expect([name, direction, isAutomatic, status, unreadCount > 0]).toEqual([
      name,
      'INBOUND',
      wanted.isAutomatic ?? false,
      'OPEN',
      true,
    ]);
  }
  expect(messages.length).toBe(taken.size);
  expect(taken.size + (await prisma.rejectedMail.count({ where: { workspaceId } }))).toBe(corpus.length);
});
