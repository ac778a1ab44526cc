// Apollo Server with Prisma, the way a tutorial writes it: each resolver asks Prisma for what it needs.
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { byId, isUnread, lastMessageAt, newestFirst, queries, sentAt, typeDefs, upsertOf } from './apollo-schema.js';
import { prisma } from './prisma.js';

/** @typedef {import('./prisma.js').Row} Row */

const resolvers = {
  Query: queries,
  Mutation: {
    /** @param {unknown} _parent @param {{ workspaceId: string, id: string, status: string }} args */
    setConversationStatus: async (_parent, { workspaceId, id, status }) => ({
      conversation: await prisma.conversation.update({ ...byId(workspaceId, id), data: { status } }),
    }),
    /** @param {unknown} _parent @param {{ workspaceId: string, customers: { externalId: string, notes?: string }[] }} args */
    upsertCustomers: async (_parent, { workspaceId, customers }) => {
      const upserted = await prisma.$transaction(
        customers.map((customer) => prisma.customer.upsert(upsertOf({ workspaceId, ...customer }))),
      );
      return { results: upserted.map((customer) => ({ customer })) };
    },
  },
  Conversation: {
    isUnread,
    lastMessageAt,
    /** @param {Row & { customerId: string }} row */
    contact: (row) => prisma.customer.findUnique(byId(row.workspaceId, row.customerId)),
    /** @param {Row & { assigneeId: string | null }} row */
    assignee: (row) => row.assigneeId && prisma.agent.findUnique(byId(row.workspaceId, row.assigneeId)),
    /** @param {Row} row @param {{ last: number }} args */
    messages: async ({ workspaceId, id }, { last }) => {
      const newest = await prisma.message.findMany({
        where: { workspaceId, conversationId: id },
        orderBy: [{ sentAt: 'desc' }, { id: 'desc' }],
        take: last,
      });
      return { nodes: newest.reverse() };
    },
  },
  Customer: {
    /** @param {Row} row */
    latestConversation: ({ workspaceId, id }) =>
      prisma.conversation.findFirst({
        where: { workspaceId, customerId: id, status: { not: 'ARCHIVED' } },
        orderBy: newestFirst,
      }),
  },
  Message: { sentAt },
};

await startStandaloneServer(new ApolloServer({ typeDefs, resolvers }), {
  listen: { host: '127.0.0.1', port: Number(process.env.PORT) },
});
