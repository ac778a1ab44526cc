// What both servers with Apollo share: the schema, and how a query finds its rows.
import { randomUUID } from 'node:crypto';
import { prisma } from './prisma.js';

export const typeDefs = `
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
export const byId = (workspaceId, id) => ({ where: { workspaceId_id: { workspaceId, id } } });

export const newestFirst = [{ lastMessageAt: 'desc' }, { id: 'desc' }];

export const queries = {
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
};

/** @param {{ unreadCount: number }} row */
export const isUnread = (row) => row.unreadCount > 0;

/** @param {{ lastMessageAt: Date }} row */
export const lastMessageAt = (row) => row.lastMessageAt.toISOString();

/** @param {{ sentAt: Date }} row */
export const sentAt = (row) => row.sentAt.toISOString();

/** @param {{ workspaceId: string, externalId: string, notes?: string }} customer */
export const upsertOf = ({ workspaceId, externalId, notes }) => ({
  where: { workspaceId_externalId: { workspaceId, externalId } },
  update: { notes },
  create: { workspaceId, id: `ctc_${randomUUID()}`, externalId, notes },
});
