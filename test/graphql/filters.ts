import { expect } from 'vitest';
import type { Prisma } from '../../src/generated/prisma/client.js';
import type { Desk, TestApp } from '../kit/app.js';
import { ask } from '../kit/ask.js';

/** One desk of few rows, each unlike the others, for tests of what each condition finds among them. */

const day = (of: number): Date => new Date(Date.UTC(2026, 0, of));

/** A day of that January as a filter holds it. */
export const d = (of: number): string => `"${day(of).toISOString()}"`;

/** A filter as the document holds it, and the ids that it finds, without their prefixes, in the order of the alphabet. */
export type Case = [filter: string, found: string];

/** Writes the rows. */
export async function fillFewRows(testApp: TestApp, desk: Desk): Promise<void> {
  const { prisma } = testApp.database;
  const { workspaceId } = desk;
  const customer = (id: string, rest: Partial<Prisma.CustomerCreateManyInput>) => ({
    workspaceId,
    id: `ctc_${id}`,
    createdAt: day(1),
    ...rest,
  });
  await prisma.customer.createMany({
    data: [
      customer('ann', {
        externalId: 'a',
        email: 'Ann@example.com',
        name: 'Ann',
        tags: ['vip', 'beta'],
        ltvMinor: 500n,
        conversationCount: 2,
        lastMessageAt: day(9),
        phone: '+49 30 1',
        salesCount: 1,
        firstSaleAt: day(7),
      }),
      customer('bob', {
        email: 'bob@example.com',
        name: 'Bob',
        status: 'SUSPENDED',
        sentiment: 'ANGRY',
        source: 'CHAT',
        tags: ['beta'],
        ltvMinor: -5n,
        createdAt: day(2),
        updatedAt: day(3),
      }),
      customer('cy', { createdAt: day(3), archivedAt: day(4), ltvMinor: 9_007_199_254_740_993n }),
      customer('dead', { deletedAt: day(5), name: 'Ann' }),
      customer('gone', { mergedIntoId: 'ctc_ann', name: 'Ann' }),
    ],
  });
  await prisma.agent.createMany({
    data: [
      { workspaceId, id: 'agt_ada', name: 'Ada', email: 'Ada@desk.test' },
      { workspaceId, id: 'agt_ben', name: 'Ben', email: 'ben@desk.test', deactivatedAt: day(1) },
    ],
  });
  await prisma.channel.createMany({
    data: [
      { workspaceId, id: 'chn_mail', kind: 'EMAIL', name: 'Mail' },
      { workspaceId, id: 'chn_chat', kind: 'CHAT', name: 'Chat' },
    ],
  });
  const conversation = (id: string, rest: Partial<Prisma.ConversationCreateManyInput>) => ({
    workspaceId,
    id: `thd_${id}`,
    customerId: 'ctc_ann',
    source: 'EMAIL' as const,
    createdAt: day(1),
    lastMessageAt: day(1),
    ...rest,
  });
  await prisma.conversation.createMany({
    data: [
      conversation('open', {
        assigneeId: 'agt_ada',
        channelId: 'chn_mail',
        unreadCount: 1,
        externalId: 'x',
        subject: 'Lost key',
        updatedAt: day(8),
      }),
      conversation('closed', {
        customerId: 'ctc_bob',
        status: 'CLOSED',
        source: 'CHAT',
        closedAt: day(5),
        firstResponseAt: day(2),
        lastMessageAt: day(4),
        createdAt: day(2),
      }),
      conversation('archived', { status: 'ARCHIVED', closedAt: day(6) }),
    ],
  });
  const message = (id: string, rest: Partial<Prisma.MessageCreateManyInput>) => ({
    workspaceId,
    id: `msg_${id}`,
    conversationId: 'thd_open',
    text: 'x',
    preview: 'x',
    direction: 'INBOUND' as const,
    status: 'RECEIVED' as const,
    sentAt: day(1),
    ...rest,
  });
  await prisma.message.createMany({
    data: [
      message('in', {}),
      message('note', { direction: 'OUTBOUND', status: 'SENT', internal: true, agentId: 'agt_ada', sentAt: day(2) }),
      message('failed', { direction: 'OUTBOUND', status: 'FAILED', sentAt: day(3) }),
    ],
  });
}

/** Finds by a filter in a connection, which stands at the root of the graph or where `wrap` puts it, at `path`. */
export async function find(
  { testApp, desk }: { testApp: TestApp; desk: Desk },
  connection: string,
  filter: string,
  wrap: (list: string) => string = (list) => `{ ${list} }`,
  path: readonly string[] = [connection],
): Promise<string> {
  const list = `${connection}(first: 100${filter && `, filter: ${filter}`}) { totalCount nodes { databaseId } }`;
  const body = await ask(testApp, desk, wrap(list));
  const page = path.reduce<unknown>((value, name) => (value as Record<string, unknown> | null)?.[name], body.data) as
    | { totalCount: number; nodes: { databaseId: string }[] }
    | undefined;
  if (!page) throw new Error(JSON.stringify(body));
  expect(page.totalCount).toBe(page.nodes.length);
  return page.nodes
    .map(({ databaseId }) => databaseId.slice(4))
    .sort()
    .join(' ');
}
