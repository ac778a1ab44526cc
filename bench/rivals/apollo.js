import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { graphqlClient } from '../src/server/graphql.js';
import { fromBench, fromProject } from '../src/paths.js';

const inbox = `
  query Inbox($workspace: ID!, $after: ID) {
    conversations(workspaceId: $workspace, first: 20, after: $after) {
      nodes {
        id databaseId: id subject status isUnread lastMessageAt lastMessagePreview
        contact { id email name avatarUrl }
        assignee { id name }
        messages(last: 3) { nodes { id preview direction sentAt } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }`;

export const node = `
  query Node($workspace: ID!, $id: ID!) {
    node: conversation(workspaceId: $workspace, id: $id) { id subject status lastMessageAt }
  }`;

const documents = {
  filtered: `
    query Filtered($workspace: ID!, $agent: ID!, $after: ID) {
      conversations(workspaceId: $workspace, status: OPEN, assigneeId: $agent, first: 20, after: $after) {
        nodes { id subject status lastMessageAt }
        pageInfo { hasNextPage }
      }
    }`,
  inbox,
  inboxAtDepth: inbox,
  conversation: `
    query Conversation($workspace: ID!, $id: ID!) {
      conversation(workspaceId: $workspace, id: $id) {
        id subject status
        messages(last: 50) { nodes { id text direction sentAt } }
      }
    }`,
  customers: `
    query Customers($workspace: ID!) {
      customers(workspaceId: $workspace, first: 20) {
        nodes { id name email conversationCount latestConversation { id status lastMessageAt } }
      }
    }`,
  searchPhone: `
    query SearchPhone($workspace: ID!, $phone: String!) {
      found: customers(workspaceId: $workspace, phone: $phone, first: 10) { nodes { id name email } }
    }`,
  node,
  setStatus: `
    mutation SetStatus($workspace: ID!, $id: ID!, $status: ConversationStatus!) {
      change: setConversationStatus(workspaceId: $workspace, id: $id, status: $status) { conversation { id status } }
    }`,
  bulkUpsert: `
    mutation BulkUpsert($workspace: ID!, $customers: [CustomerInput!]!) {
      change: upsertCustomers(workspaceId: $workspace, customers: $customers) { results { customer { externalId notes } } }
    }`,
};

/** @type {import('../src/server/rival.js').Rival} */
export const apollo = {
  title: 'Apollo 5 + Prisma',
  leavesOut: ['search', 'searchJapanese', 'pollUnchanged', 'entities'],

  launch: async () => {
    await generateClient();
    return { args: [fromBench('rivals/apollo-server.js')], cwd: fromBench(''), env: {}, readyPath: '/' };
  },

  connect: async (setting) => connectApollo(setting),
};

/** @param {import('../src/server/rival.js').Setting} setting @param {Record<string, string>} [headers] */
export const connectApollo = ({ workspaceId: workspace, samples }, headers = {}) =>
  graphqlClient({
    documents,
    headers,
    variables: {
      inbox: () => ({ workspace }),
      inboxAtDepth: () => ({ workspace, after: samples.placeAtDepth?.id }),
      conversation: ({ id }) => ({ workspace, id }),
      customers: () => ({ workspace }),
      node: ({ id }) => ({ workspace, id }),
      setStatus: ({ id, status }) => ({ workspace, id, status }),
      searchPhone: ({ stored }) => ({ workspace, phone: stored }),
      bulkUpsert: ({ customers }) => ({ workspace, customers }),
      filtered: ({ agent, id }) => ({ workspace, agent, after: id }),
    },
    plainId: (id) => id,
  });

/** Prisma's client in plain JavaScript from the project's own schema, under bench/.generated. */
async function generateClient() {
  const schema = await readFile(fromProject('prisma/schema.prisma'), 'utf8');
  const generator = 'generator client {\n  provider = "prisma-client-js"\n  output = "./prisma"\n}';
  await mkdir(fromBench('.generated'), { recursive: true });
  // The project's other generators need packages of the project.
  const models = schema.replace(/^generator \w+ \{[^}]*\}/gm, '');
  await writeFile(fromBench('.generated/schema.prisma'), `${generator}\n${models}`);
  await promisify(execFile)(
    process.execPath,
    [fromBench('node_modules/prisma/build/index.js'), 'generate', '--schema', '.generated/schema.prisma'],
    {
      cwd: fromBench(''),
      // `generate` looks for a schema engine that it then does not use; any file keeps it from downloading one.
      env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath },
    },
  );
}
