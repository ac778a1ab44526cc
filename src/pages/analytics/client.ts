import { Client, cacheExchange, fetchExchange } from '@urql/core';

/** A GraphQL client with a cache, which lasts until the next client is created. */
export const clientWith = (key: string): Client =>
  new Client({
    url: new URL('graphql', document.baseURI).href,
    preferGetMethod: false,
    fetchOptions: { headers: { authorization: `Bearer ${key}` } },
    exchanges: [cacheExchange, fetchExchange],
  });
