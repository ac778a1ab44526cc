import introspection from '@deskgraph/schema/introspection.json' with { type: 'json' };
import { Client, fetchExchange, gql, subscriptionExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

/** @typedef {{ id: string, subject: string | null, lastMessagePreview: string | null }} Row */

const { DESKGRAPH_URL: origin = 'http://127.0.0.1:4000', DESKGRAPH_KEY: key = '' } = process.env;
const authorization = `Bearer ${key}`;
const socket = createClient({
  url: `${origin.replace(/^http/, 'ws')}/graphql`,
  webSocketImpl: WebSocket,
  connectionParams: { authorization },
});

const client = new Client({
  url: `${origin}/graphql`,
  preferGetMethod: false,
  fetchOptions: { headers: { authorization } },
  exchanges: [
    cacheExchange({ schema: /** @type {any} */ (introspection) }),
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: ({ query = '', variables }) => ({
        subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, /** @type {any} */ (sink)) }),
      }),
    }),
  ],
});

const row = gql`
  fragment Row on Conversation {
    id
    subject
    lastMessagePreview
  }
`;

const { data, error } = await client.query(
  gql`
    query Inbox {
      conversations(first: 10, filter: { status: { eq: OPEN } }) {
        nodes {
          ...Row
        }
      }
    }
    ${row}
  `,
  {},
);
if (error) throw error;
for (const conversation of data.conversations.nodes) print('open', conversation);

client
  .subscription(
    gql`
      subscription InboxChanged {
        conversationChanged(filter: { status: { eq: OPEN } }) {
          type
          conversation {
            ...Row
          }
        }
      }
      ${row}
    `,
    {},
  )
  .subscribe((result) => {
    if (result.error) console.error(result.error.message);
    const change = result.data?.conversationChanged;
    if (change?.conversation) print(change.type, change.conversation);
  });
console.log('Following …');

/**
 * @param {string} what
 * @param {Row} conversation
 */
function print(what, { subject, lastMessagePreview }) {
  console.log(`${what}: ${subject ?? '(no subject)'}: ${lastMessagePreview ?? ''}`);
}
