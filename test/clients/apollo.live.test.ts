import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, Observable } from '@apollo/client';
import { relayStylePagination } from '@apollo/client/utilities';
import { OperationTypeNode, print } from 'graphql';
import { follow } from './follow.js';
import { eventClient, LiveInbox, LiveInboxChanged, open, placed } from './live.js';
import { describeLiveInbox, type LiveInboxClient } from './live.scenario.js';

describeLiveInbox('Apollo Client', (transport, endpoint, key): LiveInboxClient => {
  const events = eventClient(transport, endpoint, key);
  const client = new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new ApolloLink(
        ({ query, variables }) => new Observable((sink) => follow(events, { query: print(query), variables }, sink)),
      ),
      new HttpLink({ uri: endpoint, headers: { authorization: `Bearer ${key}` } }),
    ),
    cache: new InMemoryCache({
      typePolicies: { Query: { fields: { conversations: relayStylePagination(['filter', 'orderBy']) } } },
    }),
  });

  let shown: ReturnType<LiveInboxClient['shown']>;
  const told: string[] = [];
  const list = client.watchQuery({ query: LiveInbox, variables: open }).subscribe((result) => {
    if (result.dataState === 'complete') shown = result.data.conversations.edges.map(({ node }) => node);
  });
  const changes = client.subscribe({ query: LiveInboxChanged, variables: open }).subscribe(({ data }) => {
    if (!data) return;
    const change = data.conversationChanged;
    told.push(change.type);
    client.cache.updateQuery(
      { query: LiveInbox, variables: open },
      (page) => page && { conversations: placed(page.conversations, change) },
    );
  });
  return {
    shown: () => shown,
    told: () => told,
    leave() {
      list.unsubscribe();
      changes.unsubscribe();
      client.stop();
      void events.dispose();
    },
  };
});
