import { readFileSync } from 'node:fs';
import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { buildSchema, introspectionFromSchema } from 'graphql';
import type { ClientLiveInboxChangedSubscription } from '../generated/graphql.js';
import { follow } from './follow.js';
import { eventClient, LiveInbox, LiveInboxChanged, open, placed } from './live.js';
import { describeLiveInbox, type LiveInboxClient } from './live.scenario.js';

const schema = introspectionFromSchema(buildSchema(readFileSync('schema.graphql', 'utf8')));

describeLiveInbox('urql', (transport, endpoint, key): LiveInboxClient => {
  const events = eventClient(transport, endpoint, key);
  const client = new Client({
    url: endpoint,
    fetchOptions: { headers: { authorization: `Bearer ${key}` } },
    exchanges: [
      cacheExchange({
        schema,
        keys: { MessageAuthor: () => null, Money: () => null, UserError: () => null, Viewer: () => null },
        resolvers: { Query: { conversations: relayPagination() } },
        updates: {
          Subscription: {
            conversationChanged({ conversationChanged }: ClientLiveInboxChangedSubscription, _args, cache) {
              cache.updateQuery(
                { query: LiveInbox, variables: open },
                (page) => page && { conversations: placed(page.conversations, conversationChanged) },
              );
            },
          },
        },
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables = {} }) => ({
          subscribe: (sink) => ({ unsubscribe: follow(events, { query, variables }, sink) }),
        }),
      }),
    ],
  });

  let shown: ReturnType<LiveInboxClient['shown']>;
  const told: string[] = [];
  const list = client.query(LiveInbox, open).subscribe(({ data }) => {
    shown = data?.conversations.edges.map(({ node }) => node);
  });
  const changes = client.subscription(LiveInboxChanged, open).subscribe(({ data }) => {
    if (data) told.push(data.conversationChanged.type);
  });
  return {
    shown: () => shown,
    told: () => told,
    leave() {
      list.unsubscribe();
      changes.unsubscribe();
      void events.dispose();
    },
  };
});
