import { depth } from '../src/database/dataset.js';
import { cursorsOf, graphqlClient, graphqlRequest, sendQuery } from '../src/server/graphql.js';
import { fromBench } from '../src/paths.js';

const inbox = `
  query Inbox($workspace: String!, $after: Cursor) {
    conversations: allConversations(
      first: 20, after: $after, condition: { workspaceId: $workspace }, filter: { status: { notEqualTo: ARCHIVED } }
      orderBy: [LAST_MESSAGE_AT_DESC, ROW_ID_DESC]
    ) {
      nodes {
        id databaseId: rowId subject status unreadCount lastMessageAt lastMessagePreview
        contact: customerByWorkspaceIdAndCustomerId { id email name avatarUrl }
        assignee: agentByWorkspaceIdAndAssigneeId { id name }
        messages: messagesByWorkspaceIdAndConversationId(first: 3, orderBy: [SENT_AT_DESC, ROW_ID_DESC]) {
          nodes { id preview direction sentAt }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }`;

const placeAtDepth = `
  query PlaceAtDepth($workspace: String!, $offset: Int!) {
    conversations: allConversations(
      first: 1, offset: $offset, condition: { workspaceId: $workspace }, filter: { status: { notEqualTo: ARCHIVED } }
      orderBy: [LAST_MESSAGE_AT_DESC, ROW_ID_DESC]
    ) { pageInfo { endCursor } }
  }`;

const filtered = `
  query Filtered($workspace: String!, $agent: String!, $after: Cursor) {
    conversations: allConversations(
      first: 20, after: $after, condition: { workspaceId: $workspace, assigneeId: $agent, status: OPEN }
      orderBy: [LAST_MESSAGE_AT_DESC, ROW_ID_DESC]
    ) {
      nodes { id subject status lastMessageAt }
      pageInfo { hasNextPage endCursor }
    }
  }`;

export const node = 'query Node($id: ID!) { node(id: $id) { ... on Conversation { id subject status lastMessageAt } } }';

const documents = {
  filtered,
  inbox,
  inboxAtDepth: inbox,
  conversation: `
    query Conversation($id: ID!) {
      conversation(id: $id) {
        id subject status
        messages: messagesByWorkspaceIdAndConversationId(first: 50, orderBy: [SENT_AT_DESC, ROW_ID_DESC]) {
          nodes { id text direction sentAt }
        }
      }
    }`,
  customers: `
    query Customers($workspace: String!) {
      customers: allCustomers(
        first: 20, condition: { workspaceId: $workspace, deletedAt: null, mergedIntoId: null }
        orderBy: [CREATED_AT_DESC, ROW_ID_DESC]
      ) {
        nodes {
          id name email conversationCount
          latestConversation: conversationsByWorkspaceIdAndCustomerId(
            first: 1, filter: { status: { notEqualTo: ARCHIVED } }, orderBy: [LAST_MESSAGE_AT_DESC, ROW_ID_DESC]
          ) { nodes { id status lastMessageAt } }
        }
      }
    }`,
  searchPhone: `
    query SearchPhone($workspace: String!, $phone: String!) {
      found: allCustomers(
        first: 10, condition: { workspaceId: $workspace, phone: $phone, deletedAt: null, mergedIntoId: null }
      ) { nodes { id name email } }
    }`,
  node,
  setStatus: `
    mutation SetStatus($id: ID!, $status: ConversationStatus!) {
      change: updateConversation(input: { id: $id, conversationPatch: { status: $status } }) {
        conversation { id status }
      }
    }`,
};

/** @type {import('../src/server/rival.js').Rival} */
export const postgraphile = {
  title: 'PostGraphile 5',
  leavesOut: ['search', 'bulkUpsert', 'searchJapanese', 'pollUnchanged', 'entities'],

  launch: async () => ({
    args: [fromBench('rivals/postgraphile-server.js')],
    cwd: fromBench(''),
    env: { GRAPHILE_ENV: 'production' },
    readyPath: '/graphql',
  }),

  connect: connectPostgraphile,
};

/** @param {string} workspaceId @param {string} id */
export const globalId = (workspaceId, id) =>
  Buffer.from(JSON.stringify(['Conversation', workspaceId, id])).toString('base64');

/**
 * @param {import('../src/server/rival.js').Setting} setting
 * @param {string} origin
 * @param {Record<string, string>} [headers]
 */
export async function connectPostgraphile({ workspaceId, samples }, origin, headers = {}) {
  const after = samples.placeAtDepth && (await cursorAtDepth(origin, workspaceId, headers));
  const firstPage = (/** @type {string} */ agent) => graphqlRequest(filtered, { workspace: workspaceId, agent }, headers);
  const secondPages = await cursorsOf(samples.assigned, firstPage, origin);
  return graphqlClient({
    documents,
    headers,
    variables: {
      inbox: () => ({ workspace: workspaceId }),
      inboxAtDepth: () => ({ workspace: workspaceId, after }),
      conversation: ({ id }) => ({ id: globalId(workspaceId, id) }),
      customers: () => ({ workspace: workspaceId }),
      node: ({ id }) => ({ id: globalId(workspaceId, id) }),
      setStatus: ({ id, status }) => ({ id: globalId(workspaceId, id), status }),
      searchPhone: ({ stored }) => ({ workspace: workspaceId, phone: stored }),
      filtered: ({ agent }) => ({ workspace: workspaceId, agent, after: secondPages.get(agent) }),
    },
    plainId: (id) => JSON.parse(Buffer.from(id, 'base64').toString())[2],
  });
}

/**
 * @param {string} origin
 * @param {string} workspace
 * @param {Record<string, string>} headers
 */
async function cursorAtDepth(origin, workspace, headers) {
  const data = await sendQuery(origin, graphqlRequest(placeAtDepth, { workspace, offset: depth - 1 }, headers));
  return /** @type {import('../src/server/graphql.js').InboxData} */ (data).conversations.pageInfo.endCursor;
}
