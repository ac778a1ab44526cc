import { byExternalId, isoTime, oldestFirst, send } from './rival.js';

/**
 * The GraphQL rivals answer in one shape: where a rival's own field names differ, its documents alias them.
 *
 * @typedef {import('../comparison/options.js').OperationName} OperationName
 * @typedef {import('../comparison/operations.js').Inputs} Inputs
 *
 * @typedef {{ id: string, preview: string, direction: string, sentAt: string }} ExcerptNode
 * @typedef {object} InboxNode
 * @property {string} id
 * @property {string | null} subject
 * @property {string} status
 * @property {boolean} [isUnread]
 * @property {number} [unreadCount] from a rival that has no `isUnread`
 * @property {string} lastMessageAt
 * @property {string} lastMessagePreview
 * @property {import('../comparison/operations.js').InboxConversation['contact']} contact
 * @property {import('../comparison/operations.js').InboxConversation['assignee']} assignee
 * @property {{ nodes: ExcerptNode[] }} messages
 *
 * @typedef {{ conversations: { nodes: InboxNode[], pageInfo: { hasNextPage: boolean, endCursor: string } } }} InboxData
 * @typedef {object} Data
 * @property {InboxData} inbox
 * @property {{ conversation: { id: string, subject: string | null, status: string, messages: { nodes: import('../comparison/operations.js').FullMessage[] } } }} conversation
 * @property {{ customers: { nodes: (Omit<import('../comparison/operations.js').CustomerRow, 'latestConversation'> & { latestConversation: Latest })[] } }} customers
 * @property {{ node: import('../comparison/operations.js').ConversationHead }} node
 * @property {{ change: { conversation: { id: string, status: string } } }} setStatus
 * @property {InboxData} inboxAtDepth
 * @property {{ conversations: { nodes: import('../comparison/operations.js').ConversationHead[], pageInfo: { hasNextPage: boolean } } }} filtered
 * @property {{ search: { contacts: { node: ContactNode }[] | null, messages: { node: { id: string, preview: string } }[] | null } }} search
 * @property {{ change: { results: { customer: import('../comparison/operations.js').NotedCustomer }[] } }} bulkUpsert
 * @property {{ search: { contacts: null, messages: { node: { id: string, preview: string } }[] | null } }} searchJapanese
 * @property {{ found: { nodes: ContactNode[] } }} searchPhone
 * @property {{ entities: import('../comparison/operations.js').ConversationHead[] }} entities
 *
 * @typedef {{ id: string, name: string | null, email: string | null }} ContactNode
 * @typedef {import('../comparison/operations.js').LatestConversation | null | { nodes: import('../comparison/operations.js').LatestConversation[] }} Latest
 *   a rival without the field lists one conversation instead
 *
 * @typedef {object} GraphqlRival
 * @property {{ [Name in OperationName]?: string }} documents of the operations that it takes part in
 * @property {{ [Name in OperationName]?: (input: Inputs[Name]) => Record<string, unknown> }} variables
 * @property {Record<string, string>} [headers]
 * @property {() => import('./rival.js').Request} [unchanged] the inbox page, if it has changed
 * @property {() => Promise<void>} [renew]
 * @property {(id: string) => string} plainId from an id in an answer to the one in the database
 */

/**
 * A POST as GraphQL clients send it: the document's text and its variables.
 * @param {string} query
 * @param {Record<string, unknown>} variables
 * @param {Record<string, string>} [headers]
 * @returns {import('./rival.js').Request}
 */
export const graphqlRequest = (query, variables, headers = {}) => ({
  method: 'POST',
  path: '/graphql',
  headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
  body: JSON.stringify({ query: query.replaceAll(/\s+/g, ' ').trim(), variables }),
});

/**
 * Sends one query and returns its data.
 * @param {string} origin
 * @param {import('./rival.js').Request} request
 */
export async function sendQuery(origin, request) {
  return /** @type {{ data: unknown }} */ (await send(origin, request)).data;
}

/**
 * Where the second page of each agent begins: the end of the first, as the server tells it.
 * @param {import('../database/dataset.js').Assigned[]} assigned
 * @param {(agent: string) => import('./rival.js').Request} firstPage
 * @param {string} origin
 */
export async function cursorsOf(assigned, firstPage, origin) {
  /** @type {Map<string, string>} */
  const cursors = new Map();
  for (const { agent } of assigned) {
    const data = await sendQuery(origin, firstPage(agent));
    cursors.set(agent, /** @type {InboxData} */ (data).conversations.pageInfo.endCursor);
  }
  return cursors;
}

/**
 * @param {GraphqlRival} rival
 * @returns {import('./rival.js').Client}
 */
export function graphqlClient({ documents, variables, headers, unchanged, renew, plainId }) {
  /** @type {<Name extends Exclude<OperationName, 'pollUnchanged'>>(name: Name) => (input: Inputs[Name]) => import('./rival.js').Request} */
  const request = (name) => (input) => {
    const document = documents[name];
    if (document === undefined) throw new Error(`There is no document for ${name}`);
    return graphqlRequest(document, variables[name]?.(input) ?? {}, headers);
  };

  /** @param {InboxData} data */
  const inbox = ({ conversations }) => ({
    conversations: conversations.nodes.map((node) => ({
      id: plainId(node.id),
      subject: node.subject,
      status: node.status,
      isUnread: node.isUnread ?? Number(node.unreadCount) > 0,
      lastMessageAt: isoTime(node.lastMessageAt),
      lastMessagePreview: node.lastMessagePreview,
      contact: { ...node.contact, id: plainId(node.contact.id) },
      assignee: node.assignee && { ...node.assignee, id: plainId(node.assignee.id) },
      messages: oldestFirst(node.messages.nodes.map((message) => ({ ...message, id: plainId(message.id) }))),
    })),
    hasNextPage: conversations.pageInfo.hasNextPage,
  });

  /** @param {import('../comparison/operations.js').ConversationHead} node */
  const head = (node) => ({
    id: plainId(node.id),
    subject: node.subject,
    status: node.status,
    lastMessageAt: isoTime(node.lastMessageAt),
  });

  /** @param {Data['search']} data */
  const found = ({ search: { contacts, messages } }) => ({
    contacts: contacts && contacts.map(({ node }) => ({ ...node, id: plainId(node.id) })),
    messages: messages && messages.map(({ node }) => ({ ...node, id: plainId(node.id) })),
  });

  /** @param {Latest} latest */
  const latestConversation = (latest) => {
    const found = latest && 'nodes' in latest ? latest.nodes[0] : latest;
    if (!found) return null;
    return { ...found, id: plainId(found.id), lastMessageAt: isoTime(found.lastMessageAt) };
  };

  return {
    ...(renew && { renew }),
    requests: {
      inbox: request('inbox'),
      conversation: request('conversation'),
      customers: request('customers'),
      node: request('node'),
      setStatus: request('setStatus'),
      inboxAtDepth: request('inboxAtDepth'),
      filtered: request('filtered'),
      search: request('search'),
      bulkUpsert: request('bulkUpsert'),
      searchJapanese: request('searchJapanese'),
      searchPhone: request('searchPhone'),
      pollUnchanged: () => {
        if (!unchanged) throw new Error('It tells no ETag');
        return unchanged();
      },
      entities: request('entities'),
    },
    readers: {
      inbox: (body) => inbox(dataOf('inbox', body)),
      conversation: (body) => {
        const { conversation } = dataOf('conversation', body);
        return {
          id: plainId(conversation.id),
          subject: conversation.subject,
          status: conversation.status,
          messages: oldestFirst(conversation.messages.nodes.map((node) => ({ ...node, id: plainId(node.id) }))),
        };
      },
      customers: (body) =>
        dataOf('customers', body).customers.nodes.map((node) => ({
          ...node,
          id: plainId(node.id),
          latestConversation: latestConversation(node.latestConversation),
        })),
      node: (body) => head(dataOf('node', body).node),
      setStatus: (body) => {
        const { conversation } = dataOf('setStatus', body).change;
        return { id: plainId(conversation.id), status: conversation.status };
      },
      inboxAtDepth: (body) => inbox(dataOf('inboxAtDepth', body)),
      filtered: (body) => {
        const { nodes, pageInfo } = dataOf('filtered', body).conversations;
        return {
          conversations: nodes.map((node) => ({ ...node, id: plainId(node.id), lastMessageAt: isoTime(node.lastMessageAt) })),
          hasNextPage: pageInfo.hasNextPage,
        };
      },
      search: (body) => found(dataOf('search', body)),
      searchJapanese: (body) => found(dataOf('searchJapanese', body)),
      searchPhone: (body) =>
        dataOf('searchPhone', body).found.nodes.map(({ id, name, email }) => ({ id: plainId(id), name, email })),
      pollUnchanged: () => ({ unchanged: true }),
      entities: (body) => dataOf('entities', body).entities.map(head),
      bulkUpsert: (body) => byExternalId(dataOf('bulkUpsert', body).change.results.map(({ customer }) => customer)),
    },
  };
}

/**
 * The data of a parsed answer. Its shape is not checked here: what is read from it is compared between the rivals.
 * @template {keyof Data} Name
 * @param {Name} _name
 * @param {unknown} body
 * @returns {Data[Name]}
 */
const dataOf = (_name, body) => /** @type {{ data: Data[Name] }} */ (body).data;
