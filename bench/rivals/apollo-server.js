// Apollo Server with Prisma, the way a tutorial writes it: each resolver asks Prisma for what it needs.
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { PrismaPg } from '@prisma/adapter-pg';

/**
 * The client is generated when the bench starts.
 * @type {{ PrismaClient: new (options: { adapter: PrismaPg }) => Prisma }}
 */
const { PrismaClient } = createRequire(import.meta.url)('../.generated/prisma');

/**
 * The part of the generated client that is used here.
 * @typedef {Record<string, unknown> & { workspaceId: string, id: string }} Row
 * @typedef {object} Model
 * @property {(query: object) => Promise<Row[]>} findMany
 * @property {(query: object) => Promise<Row | null>} findFirst
 * @property {(query: object) => Promise<Row | null>} findUnique
 * @property {(query: object) => Promise<Row>} update
 * @property {(query: object) => Promise<Row>} upsert
 * @typedef {object} Models
 * @property {Model} customer
 * @property {Model} agent
 * @property {Model} conversation
 * @property {Model} message
 * @typedef {Models & { $transaction: (queries: Promise<Row>[]) => Promise<Row[]> }} Prisma
 */

const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL, max: 10 }) });

const typeDefs = `
  type Query {
    conversations(
      workspaceId: ID!, first: Int!, after: ID, status: ConversationStatus, assigneeId: ID
    ): ConversationPage!
    conversation(workspaceId: ID!, id: ID!): Conversation
    customers(workspaceId: ID!, first: Int!, phone: String): CustomerPage!
  }
  type Mutation {
    setConversationStatus(workspaceId: ID!, id: ID!, status: ConversationStatus!): Change!
    upsertCustomers(workspaceId: ID!, customers: [CustomerInput!]!): UpsertedCustomers!
  }

  input CustomerInput { externalId: String! notes: String }
  type UpsertedCustomers { results: [UpsertedCustomer!]! }
  type UpsertedCustomer { customer: Customer! }

  type ConversationPage { nodes: [Conversation!]! pageInfo: PageInfo! }
  type CustomerPage { nodes: [Customer!]! }
  type MessagePage { nodes: [Message!]! }
  type PageInfo { hasNextPage: Boolean! endCursor: ID }
  type Change { conversation: Conversation! }

  type Conversation {
    id: ID! subject: String status: ConversationStatus! isUnread: Boolean!
    lastMessageAt: String! lastMessagePreview: String!
    contact: Customer! assignee: Agent messages(last: Int!): MessagePage!
  }
  type Customer {
    id: ID! externalId: String email: String name: String avatarUrl: String notes: String
    conversationCount: Int! latestConversation: Conversation
  }
  type Agent { id: ID! name: String! }
  type Message { id: ID! text: String! preview: String! direction: MessageDirection! sentAt: String! }
  enum ConversationStatus { OPEN CLOSED ARCHIVED }
  enum MessageDirection { INBOUND OUTBOUND SYSTEM }
`;

/** @param {string} workspaceId @param {string} id */
const byId = (workspaceId, id) => ({ where: { workspaceId_id: { workspaceId, id } } });

const newestFirst = [{ lastMessageAt: 'desc' }, { id: 'desc' }];

const resolvers = {
  Query: {
    /** @param {unknown} _parent @param {{ workspaceId: string, first: number, after?: string, status?: string, assigneeId?: string }} args */
    conversations: async (_parent, { workspaceId, first, after, status, assigneeId }) => {
      const rows = await prisma.conversation.findMany({
        where: { workspaceId, status: status ?? { not: 'ARCHIVED' }, ...(assigneeId && { assigneeId }) },
        orderBy: newestFirst,
        take: first + 1,
        ...(after && { cursor: { workspaceId_id: { workspaceId, id: after } }, skip: 1 }),
      });
      const nodes = rows.slice(0, first);
      return { nodes, pageInfo: { hasNextPage: rows.length > first, endCursor: nodes.at(-1)?.id } };
    },
    /** @param {unknown} _parent @param {{ workspaceId: string, id: string }} args */
    conversation: (_parent, { workspaceId, id }) => prisma.conversation.findUnique(byId(workspaceId, id)),
    /** @param {unknown} _parent @param {{ workspaceId: string, first: number, phone?: string }} args */
    customers: async (_parent, { workspaceId, first, phone }) => ({
      nodes: await prisma.customer.findMany({
        where: { workspaceId, deletedAt: null, mergedIntoId: null, ...(phone && { phone }) },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        take: first,
      }),
    }),
  },
  Mutation: {
    /** @param {unknown} _parent @param {{ workspaceId: string, id: string, status: string }} args */
    setConversationStatus: async (_parent, { workspaceId, id, status }) => ({
      conversation: await prisma.conversation.update({ ...byId(workspaceId, id), data: { status } }),
    }),
    /** @param {unknown} _parent @param {{ workspaceId: string, customers: { externalId: string, notes?: string }[] }} args */
    upsertCustomers: async (_parent, { workspaceId, customers }) => {
      const upserted = await prisma.$transaction(
        customers.map(({ externalId, notes }) =>
          prisma.customer.upsert({
            where: { workspaceId_externalId: { workspaceId, externalId } },
            update: { notes },
            create: { workspaceId, id: `ctc_${randomUUID()}`, externalId, notes },
          }),
        ),
      );
      return { results: upserted.map((customer) => ({ customer })) };
    },
  },
  Conversation: {
    /** @param {Row & { unreadCount: number }} row */
    isUnread: (row) => row.unreadCount > 0,
    /** @param {Row & { lastMessageAt: Date }} row */
    lastMessageAt: (row) => row.lastMessageAt.toISOString(),
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
  Message: {
    /** @param {Row & { sentAt: Date }} row */
    sentAt: (row) => row.sentAt.toISOString(),
  },
};

await startStandaloneServer(new ApolloServer({ typeDefs, resolvers }), {
  listen: { host: '127.0.0.1', port: Number(process.env.PORT) },
});
