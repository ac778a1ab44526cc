import { graphqlRequest } from '../server/graphql.js';

/**
 * What one workspace does while another asks for its inbox.
 * @typedef {{ title: string, requests: import('../server/rival.js').Request[] }} Load no requests: nothing is done
 */

const page = `
  query Page { conversations(first: 100) { nodes {
    id subject status lastMessagePreview contact { id name email } assignee { id name } messages(last: 3) { nodes { id preview } }
  } } }`;

const largest = `
  query Largest { conversations(first: 100) { nodes { id messages(last: 100) { nodes { id preview sentAt } } } } }`;

const node = 'query Node($id: ID!) { node(id: $id) { ... on Conversation { id subject status } } }';

const write = `
  mutation Write($id: ID!, $status: ConversationStatus!) {
    setConversationStatus(input: { id: $id, status: $status }) { conversation { id } userErrors { code } }
  }`;

/** A body near the limit of its size whose variable is refused. */
const refused = { filter: { or: Array.from({ length: 25_000 }, () => 0) } };

const count = 'query Count($filter: CustomerFilter) { customersCount(filter: $filter) }';

/**
 * @param {string} key of the workspace that presses
 * @param {import('../database/dataset.js').Samples} samples
 * @returns {Load[]}
 */
export function loadsOf(key, { conversations }) {
  const headers = { authorization: `Bearer ${key}` };
  /** @type {(query: string, variables?: Record<string, unknown>) => import('../server/rival.js').Request} */
  const request = (query, variables = {}) => graphqlRequest(query, variables, headers);
  const some = conversations.slice(0, 200);
  return [
    { title: 'nothing', requests: [] },
    { title: 'single nodes', requests: some.map((id) => request(node, { id: Buffer.from(`Conversation:${id}`).toString('base64url') })) },
    { title: 'pages of 100 conversations', requests: [request(page)] },
    { title: 'the largest pages of pages', requests: [request(largest)] },
    { title: 'writes', requests: some.flatMap((id) => [request(write, { id, status: 'CLOSED' }), request(write, { id, status: 'OPEN' })]) },
    { title: 'requests that are refused', requests: [request(count, refused)] },
  ];
}
