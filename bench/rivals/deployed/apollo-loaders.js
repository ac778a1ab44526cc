// What one request asks for of many rows at once, by DataLoader.
import DataLoader from 'dataloader';
import { newestFirst } from '../apollo-schema.js';
import { prisma } from '../prisma.js';

/** @typedef {import('../prisma.js').Row} Row */

/** @param {string} workspaceId */
export function loadersOf(workspaceId) {
  /** @type {Map<number, DataLoader<string, Row[]>>} */
  const messages = new Map();

  /** @param {number} last */
  const messagesLoader = (last) =>
    new DataLoader(async (/** @type {readonly string[]} */ ids) => {
      const rows = await prisma.$queryRaw`
        SELECT m.* FROM unnest(${[...ids]}::text[]) AS asked (id)
        CROSS JOIN LATERAL (
          SELECT "workspaceId", id, "conversationId", text, preview, direction::text, "sentAt" FROM "Message"
          WHERE "workspaceId" = ${workspaceId} AND "conversationId" = asked.id
          ORDER BY "sentAt" DESC, id DESC LIMIT ${last}) AS m
        ORDER BY m."sentAt", m.id`;
      /** @type {Map<unknown, Row[]>} */
      const lists = new Map(ids.map((id) => [id, []]));
      for (const row of rows) lists.get(row.conversationId)?.push(row);
      return ids.map((id) => lists.get(id) ?? []);
    });

  return {
    customer: byIdLoader((ids) => prisma.customer.findMany({ where: { workspaceId, id: { in: ids } } })),
    agent: byIdLoader((ids) => prisma.agent.findMany({ where: { workspaceId, id: { in: ids } } })),

    /** The newest messages of a conversation, oldest first. @param {string} id @param {number} last */
    messages: (id, last) => {
      const loader = messages.get(last) ?? messagesLoader(last);
      messages.set(last, loader);
      return loader.load(id);
    },

    latestConversation: new DataLoader(async (/** @type {readonly string[]} */ customerIds) => {
      const newest = await prisma.$queryRaw`
        SELECT v.id FROM unnest(${[...customerIds]}::text[]) AS asked (id)
        CROSS JOIN LATERAL (
          SELECT id FROM "Conversation"
          WHERE "workspaceId" = ${workspaceId} AND "customerId" = asked.id AND status <> 'ARCHIVED'
          ORDER BY "lastMessageAt" DESC, id DESC LIMIT 1) AS v`;
      const where = { workspaceId, id: { in: newest.map(({ id }) => id) } };
      const rows = await prisma.conversation.findMany({ where, orderBy: newestFirst });
      const byCustomer = new Map(rows.map((row) => [row.customerId, row]));
      return customerIds.map((id) => byCustomer.get(id) ?? null);
    }),
  };
}

/** @param {(ids: string[]) => Promise<Row[]>} find @returns {DataLoader<string, Row | null>} */
const byIdLoader = (find) =>
  new DataLoader(async (ids) => {
    const rows = new Map((await find([...ids])).map((row) => [row.id, row]));
    return ids.map((id) => rows.get(id) ?? null);
  });
