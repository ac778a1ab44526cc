import { send } from '../server/rival.js';

/** The lists that are measured: each kind of every dialect, and numbered pages far behind the first one. */

/**
 * @typedef {object} List
 * @property {string} name
 * @property {string} path
 * @property {import('graphql').DocumentNode} document what the route runs
 * @property {Record<string, unknown>} variables as the route has them
 */

/** Pages of this many tickets lie so deep that the last one is within the data set. */
const deepPages = [1, 100, 1_000, 10_000];
const deepPageSize = 2;

/** Of any state, as a list of tickets has them. */
const anyStatus = { status: { in: ['OPEN', 'CLOSED', 'ARCHIVED'] } };

/**
 * @param {Record<string, import('graphql').DocumentNode>} documents those of the shim
 * @param {{ workspaceId: string, conversation: string }} samples a conversation with more messages than a page has
 * @returns {List[]}
 */
export function listsOf(documents, { workspaceId, conversation }) {
  const inbox = `/v1/workspaces/${workspaceId}/support/inbox`;
  const team = `/api/v1/teams/${workspaceId}`;
  const ticket = conversation.replace(/^thd_/, 'tkt_');
  /** @type {[name: string, path: string, document: string, variables: Record<string, unknown>][]} */
  const lists = [
    ['inbox/customers', `${inbox}/customers`, 'TidyContacts', { first: 20 }],
    ['inbox/conversations', `${inbox}/conversations`, 'TidyConversations', { first: 20, filter: {} }],
    ['conversations/{id}/messages', `${inbox}/conversations/${conversation}/messages`, 'TidyMessages', { id: conversation, first: 50 }],
    ['v1/webhooks', '/v1/webhooks', 'TidyWebhooks', {}],
    ['customers', `${team}/customers`, 'CstarCustomers', { first: 20, offset: 0, filter: {} }],
    ['tickets', `${team}/tickets`, 'CstarTickets', { first: 20, offset: 0, filter: anyStatus }],
    ['tickets/{id}/messages', `${team}/tickets/${ticket}/messages`, 'CstarTicketMessages', { id: conversation, first: 100 }],
    ['webhooks', `${team}/webhooks`, 'CstarWebhooks', {}],
    ['api/customers', '/api/customers', 'LinquidCustomers', { first: 20, offset: 0, filter: {}, direction: 'DESC' }],
    ['api/links', '/api/links', 'LinquidLinks', { first: 20, offset: 0, filter: {} }],
    ...deepPages.map(
      (page) =>
        /** @type {[string, string, string, Record<string, unknown>]} */ ([
          `tickets?page=${page}&pageSize=${deepPageSize}`,
          `${team}/tickets?page=${page}&pageSize=${deepPageSize}`,
          'CstarTickets',
          { first: deepPageSize, offset: (page - 1) * deepPageSize, filter: anyStatus },
        ]),
    ),
  ];
  return lists.map(([name, path, document, variables]) => {
    const found = documents[`${document}Document`];
    if (!found) throw new Error(`There is no document ${document}`);
    return { name, path, document: found, variables };
  });
}

/**
 * Makes what the data set has none of: links, and webhooks of both vendors, which are paused so that nothing is sent.
 * @param {string} origin
 * @param {Record<string, string>} headers
 */
export async function fillLists(origin, headers) {
  /** @param {string} path @param {object} body */
  const post = (path, body) =>
    send(origin, { method: 'POST', path, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
  const team = /** @type {{ data: { teamId: string } }} */ (
    await send(origin, { method: 'GET', path: '/api/v1/auth/whoami', headers })
  ).data.teamId;
  for (let n = 0; n < 60; n += 1) {
    await post('/api/links', { destinationUrl: `https://example.com/${n}`, title: `Link ${n}`, tags: ['bench'] });
  }
  for (let n = 0; n < 5; n += 1) {
    const url = `https://hooks.example.com/${n}`;
    await post('/v1/webhooks', { url, events: ['CONTACT_CREATED'], status: 'PAUSED' });
    await post(`/api/v1/teams/${team}/webhooks`, { url, events: ['ticket.created'], isActive: false });
  }
}
