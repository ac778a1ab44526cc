import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { possibleTypes } from '@deskgraph/schema';
import { OperationTypeNode } from 'graphql';
import { createClient } from 'graphql-ws';

const uri = `${import.meta.env.VITE_DESKGRAPH_URL}/graphql`;
const authorization = `Bearer ${import.meta.env.VITE_DESKGRAPH_KEY}`;

const socket = createClient({
  url: uri.replace(/^http/, 'ws'),
  connectionParams: { authorization },
  retryAttempts: Number.POSITIVE_INFINITY,
});

export const client = new ApolloClient({
  link: ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(socket),
    new HttpLink({ uri, headers: { authorization } }),
  ),
  cache: new InMemoryCache({ possibleTypes }),
});
