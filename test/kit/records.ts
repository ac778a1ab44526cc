import { expect } from 'vitest';
import type { Message } from '../../src/generated/prisma/client.js';
import type { Desk, TestApp } from './app.js';

/** The events of a workspace in the order of their writing, as readers of the outbox see them. */
export async function eventsOf({ database }: TestApp, { workspaceId }: Desk) {
  const events = await database.prisma.domainEvent.findMany({ where: { workspaceId }, orderBy: { seq: 'asc' } });
  return events.map(({ type, entityId, actorId, data }) => ({ type, entityId, actorId, data }));
}

/** What `work` added to the outbox. */
export async function newEvents(testApp: TestApp, desk: Desk, work: () => Promise<unknown>) {
  const before = (await eventsOf(testApp, desk)).length;
  await work();
  return (await eventsOf(testApp, desk)).slice(before);
}

/** When the customer first wrote and the team first answered, from the messages that are no notes. */
function firstTimesOf(messages: readonly Message[]) {
  const said = messages.toSorted((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1));
  const asked = said.find(({ direction }) => direction === 'INBOUND');
  const answer = asked && said.find((one) => one.direction === 'OUTBOUND' && placeOf(one) > placeOf(asked));
  return { firstInboundAt: asked?.sentAt ?? null, firstResponseAt: answer?.sentAt ?? null };
}

const placeOf = ({ sentAt, id }: Message): string => `${sentAt.toISOString()} ${id}`;

/** Expects the columns that writes keep up to be what the rows say. */
export async function expectKeptUp({ database }: TestApp, { workspaceId }: Desk): Promise<void> {
  const { prisma } = database;
  const customers = await prisma.customer.findMany({
    where: { workspaceId },
    include: { conversations: { include: { messages: { where: { internal: false }, orderBy: { sentAt: 'desc' } } } } },
  });
  for (const { conversations, ...customer } of customers) {
    const latest = conversations
      .flatMap(({ messages }) => messages)
      .sort((one, other) => other.sentAt.getTime() - one.sentAt.getTime())[0];
    expect(customer).toMatchObject({
      conversationCount: conversations.length,
      lastMessageAt: latest?.sentAt ?? null,
    });
    for (const { messages, ...conversation } of conversations) {
      expect(conversation.lastMessageAt).toEqual(messages[0]?.sentAt);
      const previews = messages
        .filter(({ sentAt }) => sentAt.getTime() === conversation.lastMessageAt.getTime())
        .map(({ preview }) => preview);
      expect(previews).toContain(conversation.lastMessagePreview);
      expect(conversation).toMatchObject(firstTimesOf(messages));
    }
  }
}
