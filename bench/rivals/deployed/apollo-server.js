// Apollo Server with Prisma as it is deployed: a key with each request, rows of many parents by one statement, changes
// with their events in a transaction, and bounds to operations.
import { randomUUID } from 'node:crypto';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { GraphQLError } from 'graphql';
import { byId, isUnread, lastMessageAt, queries, sentAt, typeDefs, upsertOf } from '../apollo-schema.js';
import { prisma } from '../prisma.js';
import { loadersOf } from './apollo-loaders.js';
import { keyCheck } from './keys.js';
import { limits } from './limits.js';

/**
 * @typedef {import('../prisma.js').Row} Row
 * @typedef {{ key: import('./keys.js').Key, loaders: ReturnType<typeof loadersOf> }} Context
 */

const authenticate = keyCheck(async (hash) => {
  const row = await prisma.apiKey.findUnique({ where: { hash } });
  return /** @type {import('./keys.js').Key | null} */ (row);
});

/**
 * A resolver of the root for the workspace of the key alone.
 * @template {{ workspaceId: string }} Args
 * @template Result
 * @param {(parent: unknown, args: Args, context: Context) => Result} resolve
 * @returns {(parent: unknown, args: Args, context: Context) => Result}
 */
const ofOwnWorkspace = (resolve) => (parent, args, context) => {
  if (args.workspaceId !== context.key.workspaceId) {
    throw new GraphQLError('This key is not of that workspace.', { extensions: { code: 'FORBIDDEN' } });
  }
  return resolve(parent, args, context);
};

/** Under load a transaction waits for one of ten connections. */
const patiently = { maxWait: 30_000, timeout: 30_000 };

/** @param {{ workspaceId: string, id: string }} key @param {string} type @param {string} entityId @param {object} data */
const eventOf = (key, type, entityId, data) => ({
  ...{ workspaceId: key.workspaceId, id: `evt_${randomUUID()}`, actorId: key.id },
  ...{ type, entityId, data },
});

const resolvers = {
  Query: {
    conversations: ofOwnWorkspace(queries.conversations),
    conversation: ofOwnWorkspace(queries.conversation),
    customers: ofOwnWorkspace(queries.customers),
  },
  Mutation: {
    setConversationStatus: ofOwnWorkspace(
      /** @param {unknown} _parent @param {{ workspaceId: string, id: string, status: string }} args @param {Context} context */
      async (_parent, { workspaceId, id, status }, { key }) => {
        const conversation = await prisma.$transaction(async (tx) => {
          const [before] = await tx.$queryRaw`
            SELECT status::text FROM "Conversation" WHERE "workspaceId" = ${workspaceId} AND id = ${id} FOR UPDATE`;
          const changed = await tx.conversation.update({ ...byId(workspaceId, id), data: { status } });
          if (before?.status !== status) {
            const data = { before: { status: before?.status }, after: { status } };
            await tx.domainEvent.createMany({ data: [eventOf(key, 'conversation.status_changed', id, data)] });
          }
          return changed;
        }, patiently);
        return { conversation };
      },
    ),
    upsertCustomers: ofOwnWorkspace(
      /** @param {unknown} _parent @param {{ workspaceId: string, customers: { externalId: string, notes?: string }[] }} args @param {Context} context */
      async (_parent, { workspaceId, customers }, { key }) => {
        const upserted = await prisma.$transaction(async (tx) => {
          /** @type {Row[]} */
          const rows = [];
          for (const customer of customers) rows.push(await tx.customer.upsert(upsertOf({ workspaceId, ...customer })));
          const data = rows.map(({ id, notes }) => eventOf(key, 'customer.updated', id, { after: { notes } }));
          await tx.domainEvent.createMany({ data });
          return rows;
        }, patiently);
        return { results: upserted.map((customer) => ({ customer })) };
      },
    ),
  },
  Conversation: {
    isUnread,
    lastMessageAt,
    /** @param {Row & { customerId: string }} row @param {unknown} _args @param {Context} context */
    contact: (row, _args, { loaders }) => loaders.customer.load(row.customerId),
    /** @param {Row & { assigneeId: string | null }} row @param {unknown} _args @param {Context} context */
    assignee: (row, _args, { loaders }) => row.assigneeId && loaders.agent.load(row.assigneeId),
    /** @param {Row} row @param {{ last: number }} args @param {Context} context */
    messages: async ({ id }, { last }, { loaders }) => ({ nodes: await loaders.messages(id, last) }),
  },
  Customer: {
    /** @param {Row} row @param {unknown} _args @param {Context} context */
    latestConversation: ({ id }, _args, { loaders }) => loaders.latestConversation.load(id),
  },
  Message: { sentAt },
};

await startStandaloneServer(
  new ApolloServer(/** @type {import('@apollo/server').ApolloServerOptions<Context>} */ ({ typeDefs, resolvers, validationRules: limits })),
  {
    listen: { host: '127.0.0.1', port: Number(process.env.PORT) },
    context: async ({ req }) => {
      const key = await authenticate(req.headers.authorization);
      return { key, loaders: loadersOf(key.workspaceId) };
    },
  },
);
