import type {
  Agent,
  Channel,
  Conversation,
  Customer,
  Message,
  MessageAttachment,
} from '../../src/generated/prisma/client.js';
import type { Desk, TestApp } from './app.js';

/** One morning at a support desk: the people, and the one conversation that everybody knows. */
export interface Story {
  desk: Desk;
  /** The agent who takes care of what comes in. */
  ada: Agent;
  /** Her colleague. */
  ben: Agent;
  /** Who left the team. */
  carl: Agent;
  mailbox: Channel;
  /** A customer with an externalId, an address and a history. */
  jane: Customer;
  /** Known by his address alone. */
  omar: Customer;
  /** Jane's question, not answered yet: one unread message, nobody assigned. */
  billing: Conversation;
  question: Message;
  /** What Jane's question came with. */
  screenshot: MessageAttachment;
}

/** Tells the story in a workspace of its own. */
export async function tellStory(testApp: TestApp, name = 'Support'): Promise<Story> {
  const { services, database } = testApp;
  const desk = await testApp.createDesk(name);
  const { operator, workspaceId } = desk;
  const ada = await services.agents.create(operator, { name: 'Ada', email: 'ada@desk.test' });
  const ben = await services.agents.create(operator, { name: 'Ben', email: 'ben@desk.test' });
  const { id } = await services.agents.create(operator, { name: 'Carl', email: 'carl@desk.test' });
  const carl = await database.prisma.agent.update({
    where: { workspaceId_id: { workspaceId, id } },
    data: { deactivatedAt: new Date('2026-01-31T17:00:00Z') },
  });
  const mailbox = await services.channels.ensure(operator, {
    kind: 'EMAIL',
    name: 'Support',
    address: 'help@desk.test',
  });
  await services.customers.upsert(operator, {
    externalId: 'usr_jane',
    email: 'jane@example.com',
    name: 'Jane Doe',
    tags: ['vip'],
    metadata: { plan: 'team', seats: 12 },
  });
  const { customer: omar } = await services.customers.createContact(operator, { email: 'omar@example.com' });
  const {
    contact: jane,
    conversation: billing,
    message: question,
  } = await services.conversations.start(operator, {
    email: 'jane@example.com',
    subject: 'Billing question',
    text: 'Why twelve seats?',
    direction: 'INBOUND',
    channelId: mailbox.id,
    attachments: [{ url: 'https://files.example.com/seats.png', fileName: 'seats.png', contentType: 'image/png' }],
  });
  const screenshot = await database.prisma.messageAttachment.findFirstOrThrow({ where: { workspaceId } });
  return { desk, ada, ben, carl, mailbox, jane, omar, billing, question, screenshot };
}

/** How many rows `fillDesk` makes. */
export interface Crowd {
  customers: number;
  conversationsEach?: number;
  messagesEach?: number;
}

/** The hour in which the crowd came; its rows tie in every sort key, three by three. */
const hour = (place: number): Date => new Date(Date.UTC(2026, 2, 1, Math.floor(place / 3)));
const number = (place: number): string => String(place).padStart(4, '0');

/** Rows by the hundred, written at once, for tests of lists. Their ids are their places, so that failures are read. */
export async function fillDesk({ database }: TestApp, { workspaceId }: Desk, crowd: Crowd): Promise<void> {
  const { prisma } = database;
  const { conversationsEach = 0, messagesEach = 0 } = crowd;
  const places = (count: number) => Array.from({ length: count }, (_, place) => place);

  await prisma.agent.createMany({
    data: places(3).map((place) => ({
      workspaceId,
      id: `agt_${place}`,
      name: `Agent ${place}`,
      email: `agent${place}@desk.test`,
      createdAt: hour(0),
    })),
  });
  await prisma.channel.createMany({
    data: places(3).map((place) => ({
      workspaceId,
      id: `chn_${place}`,
      kind: 'EMAIL' as const,
      name: `Mailbox ${place}`,
      createdAt: hour(0),
    })),
  });
  await prisma.customer.createMany({
    data: places(crowd.customers).map((place) => ({
      workspaceId,
      id: `ctc_${number(place)}`,
      externalId: `usr_${place}`,
      email: `customer${place}@example.com`,
      // Every fourth has no name, and the others share theirs in pairs that differ in case.
      name: place % 4 === 0 ? null : `${place % 2 === 0 ? 'Name' : 'NAME'} ${Math.floor(place / 6)}`,
      createdAt: hour(place),
      conversationCount: conversationsEach,
      lastMessageAt: place % 5 === 0 ? null : hour(place + 1),
      ltvMinor: BigInt((Math.floor(place / 3) - 2) * 1_000),
    })),
  });
  const conversations = places(crowd.customers).flatMap((customer) =>
    places(conversationsEach).map((place) => ({ customer, place })),
  );
  await prisma.conversation.createMany({
    data: conversations.map(({ customer, place }) => ({
      workspaceId,
      id: `thd_${number(customer)}_${number(place)}`,
      customerId: `ctc_${number(customer)}`,
      assigneeId: place % 4 === 0 ? null : `agt_${place % 3}`,
      channelId: `chn_${place % 3}`,
      source: 'EMAIL' as const,
      subject: `Question ${place} of ${customer}`,
      lastMessageAt: hour(place),
      createdAt: hour(place),
    })),
  });
  await prisma.message.createMany({
    data: conversations.flatMap(({ customer, place }) =>
      places(messagesEach).map((message) => ({
        workspaceId,
        id: `msg_${number(customer)}_${number(place)}_${number(message)}`,
        conversationId: `thd_${number(customer)}_${number(place)}`,
        direction: message % 2 === 0 ? ('INBOUND' as const) : ('OUTBOUND' as const),
        agentId: message % 2 === 0 ? null : `agt_${message % 3}`,
        authorName: 'Somebody',
        text: `Message ${message}`,
        preview: `Message ${message}`,
        status: message % 2 === 0 ? ('RECEIVED' as const) : ('SENT' as const),
        sentAt: hour(message),
      })),
    ),
  });
}
