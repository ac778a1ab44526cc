import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient } from 'graphql-ws';
import WebSocket from 'ws';
import { graphql } from '../generated/gql.js';
import type { ClientLiveInboxChangedSubscription, ClientLiveInboxQuery } from '../generated/graphql.js';
import type { Transport } from '../kit/followers.js';

/** An inbox of open conversations that stays up to date by itself. */

export const LiveInbox = graphql(`
  query ClientLiveInbox($filter: ConversationFilter) {
    conversations(filter: $filter) {
      edges {
        cursor
        node {
          ...InboxRow
        }
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
    }
  }
`);

export const LiveInboxChanged = graphql(`
  subscription ClientLiveInboxChanged($filter: ConversationFilter, $after: BigInt) {
    conversationChanged(filter: $filter, after: $after) {
      seq
      type
      matches
      conversationId
      conversation {
        ...InboxRow
      }
    }
  }
`);

/** What both are asked with. */
export const open = { filter: { status: { eq: 'OPEN' } } } as const;

type Page = ClientLiveInboxQuery['conversations'];
type Change = ClientLiveInboxChangedSubscription['conversationChanged'];

/** The page after a change: what does not match any more leaves it, and what is new to it comes first. */
export function placed(page: Page, { conversationId, conversation: node, matches }: Change): Page {
  const others = page.edges.filter((edge) => edge.node.databaseId !== conversationId);
  if (!matches || !node) return { ...page, edges: others };
  if (others.length < page.edges.length) return page;
  const edge = { __typename: 'ConversationEdge' as const, cursor: '', node };
  return { ...page, edges: [edge, ...others] };
}

/** The client of a transport as a front end sets it up; it connects again as often as it takes. */
export function eventClient(transport: Transport, endpoint: string, key: string) {
  const authorization = `Bearer ${key}`;
  const retrying = { retryAttempts: Number.POSITIVE_INFINITY };
  const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));
  return transport === 'SSE'
    ? createSseClient({ url: endpoint, headers: { authorization }, retry: soon, ...retrying })
    : createWsClient({
        url: endpoint.replace('http', 'ws'),
        connectionParams: { authorization },
        webSocketImpl: WebSocket,
        retryWait: soon,
        // Unless it is told otherwise, it gives up when nobody listens; and a key that is refused stays so.
        shouldRetry: (reason) => (reason as { code?: number }).code !== 4403,
        ...retrying,
      });
}
