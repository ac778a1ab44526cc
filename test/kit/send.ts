import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { type DocumentNode, type GraphQLFormattedError, print } from 'graphql';

/** Sends an operation over the network and answers its data; fails the test, showing the answer, on any error. */
export async function sendTo<Data, Variables>(
  endpoint: string,
  key: string,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query: print(document), variables }),
  });
  const body = (await response.json()) as { data?: unknown; errors?: GraphQLFormattedError[] };
  if (body.errors || !body.data) throw new Error(explain(document, variables, body));
  return body.data as Data;
}

/** What a failing test shows of an operation and its answer. */
export const explain = (document: DocumentNode, variables: unknown, body: unknown): string =>
  `${print(document)}\nvariables: ${JSON.stringify(variables)}\nanswer: ${JSON.stringify(body, null, 2)}`;
