import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { depth } from '../src/database/dataset.js';
import { cursorsOf, graphqlClient, graphqlRequest, sendQuery } from '../src/server/graphql.js';
import { fromProject } from '../src/paths.js';
import { etagOf } from '../src/server/rival.js';

const inbox = `
  query Inbox($after: String) {
    conversations(first: 20, after: $after) {
      nodes {
        id databaseId subject status isUnread lastMessageAt lastMessagePreview
        contact { id email name avatarUrl }
        assignee { id name }
        messages(last: 3) { nodes { id preview direction sentAt } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }`;

const inboxStep = `
  query InboxStep($after: String) {
    conversations(first: 100, after: $after) { pageInfo { hasNextPage endCursor } }
  }`;

const filtered = `
  query Filtered($agent: ID!, $after: String) {
    conversations(first: 20, after: $after, filter: { status: { eq: OPEN }, assigneeId: { eq: $agent } }) {
      nodes { id subject status lastMessageAt }
      pageInfo { hasNextPage endCursor }
    }
  }`;

const search = `
  query Search($query: String!, $types: [SearchType!]) {
    search(query: $query, types: $types) {
      contacts { node { id name email } }
      messages { node { id preview } }
    }
  }`;

const documents = {
  filtered,
  search,
  searchJapanese: search,
  searchPhone: `
    query SearchPhone($phone: String!) {
      found: contacts(first: 10, filter: { query: $phone }) { nodes { id name email } }
    }`,
  entities: `
    query Entities($representations: [_Any!]!) {
      entities: _entities(representations: $representations) {
        ... on Conversation { id subject status lastMessageAt }
      }
    }`,
  inbox,
  inboxAtDepth: inbox,
  conversation: `
    query Conversation($id: ID!) {
      conversation(id: $id) {
        id subject status
        messages(last: 50) { nodes { id text direction sentAt } }
      }
    }`,
  customers: `
    query Customers {
      customers(first: 20) {
        nodes { id name email conversationCount latestConversation { id status lastMessageAt } }
      }
    }`,
  node: 'query Node($id: ID!) { node(id: $id) { ... on Conversation { id subject status lastMessageAt } } }',
  setStatus: `
    mutation SetStatus($id: ID!, $status: ConversationStatus!) {
      change: setConversationStatus(input: { id: $id, status: $status }) {
        conversation { id status }
        userErrors { code message }
      }
    }`,
  bulkUpsert: `
    mutation BulkUpsert($customers: [UpsertCustomersItem!]!) {
      change: upsertCustomers(input: { customers: $customers, errorPolicy: ALL_OR_NOTHING }) {
        results { customer { externalId notes } }
        userErrors { code message }
      }
    }`,
};

const main = 'dist/src/main.js';

/** @type {import('../src/server/rival.js').Rival} */
export const deskgraph = {
  title: 'Deskgraph',

  launch: async ({ scratch }) => {
    if (!existsSync(fromProject(main))) throw new Error(`Deskgraph is not built: there is no ${main}`);
    return {
      args: [fromProject(main)],
      cwd: fromProject(''),
      // The rivals write no line per request either.
      env: { LOG_LEVEL: 'warn', FEDERATION: 'on', DATA_DIR: join(scratch, 'deskgraph') },
      readyPath: '/ready',
    };
  },

  connect: async ({ databaseUrl, workspaceId, samples }, origin) => {
    const headers = { authorization: `Bearer ${await createApiKey(databaseUrl, workspaceId)}` };
    const after = samples.placeAtDepth && (await cursorAtDepth(origin, headers));
    const secondPages = await cursorsOf(samples.assigned, (agent) => graphqlRequest(filtered, { agent }, headers), origin);
    /** @type {import('../src/server/rival.js').Request} */
    const page = {
      method: 'GET',
      path: `/graphql?${new URLSearchParams({ query: inbox.replaceAll(/\s+/g, ' ').trim() })}`,
      headers: { accept: 'application/json', ...headers },
    };
    let etag = '';
    return graphqlClient({
      documents,
      headers,
      unchanged: () => ({ ...page, headers: { ...page.headers, 'if-none-match': etag }, status: 304 }),
      renew: async () => {
        etag = await etagOf(origin, page);
      },
      variables: {
        inbox: () => ({}),
        inboxAtDepth: () => ({ after }),
        conversation: ({ id }) => ({ id }),
        customers: () => ({}),
        node: ({ id }) => ({ id: Buffer.from(`Conversation:${id}`).toString('base64url') }),
        setStatus: ({ id, status }) => ({ id, status }),
        bulkUpsert: ({ customers }) => ({ customers }),
        filtered: ({ agent }) => ({ agent, after: secondPages.get(agent) }),
        search: (input) =>
          'word' in input
            ? { query: input.word, types: ['MESSAGE'] }
            : { query: `${input.name.first} ${input.name.last}`, types: ['CONTACT'] },
        searchJapanese: ({ word }) => ({ query: word, types: ['MESSAGE'] }),
        searchPhone: ({ national }) => ({ phone: national }),
        entities: ({ ids }) => ({
          representations: ids.map((databaseId) => ({ __typename: 'Conversation', databaseId })),
        }),
      },
      plainId: (id) => Buffer.from(id, 'base64url').toString().split(':')[1] ?? id,
    });
  },
};

/**
 * A key in the format of the project's own code, which holds every scope.
 * @param {string} databaseUrl
 * @param {string} workspaceId
 * @returns {Promise<string>}
 */
export async function createApiKey(databaseUrl, workspaceId) {
  const keys = await import(fromProject('dist/src/auth/api-key.js'));
  const { allScopes } = await import(fromProject('dist/src/auth/scopes.js'));
  const key = keys.generateApiKey('ts_sk_live');
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(
    `INSERT INTO "ApiKey" ("workspaceId", "id", "hash", "prefix", "kind", "scopes") VALUES ($1, 'key_' || gen_random_uuid(), $2, $3, 'API_USER', $4)`,
    [workspaceId, keys.hashApiKey(key), keys.apiKeyPrefix(key), allScopes],
  );
  await client.end();
  return key;
}

/**
 * Cursors are opaque, so the way to the depth is walked, in the largest steps there are.
 * @param {string} origin
 * @param {Record<string, string>} headers
 */
async function cursorAtDepth(origin, headers) {
  /** @type {string | undefined} */
  let after;
  for (let seen = 0; seen < depth; seen += 100) {
    const data = await sendQuery(origin, graphqlRequest(inboxStep, { after }, headers));
    after = /** @type {import('../src/server/graphql.js').InboxData} */ (data).conversations.pageInfo.endCursor;
  }
  return after;
}
