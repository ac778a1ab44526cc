import { Client, cacheExchange, fetchExchange } from '@urql/core';

/** A client of the graph beside this page. What it has read it shows again until the next client is made. */
export const clientWith = (key: string): Client =>
  new Client({
    url: new URL('graphql', document.baseURI).href,
    preferGetMethod: false,
    fetchOptions: { headers: { authorization: `Bearer ${key}` } },
    exchanges: [cacheExchange, fetchExchange],
  });
