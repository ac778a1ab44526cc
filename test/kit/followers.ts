import { randomUUID } from 'node:crypto';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { type FormattedExecutionResult, print } from 'graphql';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient } from 'graphql-ws';
import WebSocket from 'ws';

/** Subscriptions as clients make them: with the libraries that front ends use, over real connections. */

export type Transport = 'SSE' | 'WebSocket';
export const transports: Transport[] = ['SSE', 'WebSocket'];

export interface Subscribed<Data> {
  /** Everything that was told so far. */
  readonly told: Data[];
  /** What came with errors. */
  readonly failed: FormattedExecutionResult[];
  /** Resolves as soon as so many were told; fails after two minutes. */
  until(count: number): Promise<Data[]>;
  /** How the subscription ended. */
  readonly ended: Promise<unknown>;
  leave(): void;
}

export interface SubscribeOptions {
  endpoint: string;
  key: string;
  transport: Transport;
}

export function subscribe<Data, Variables extends Record<string, unknown>>(
  { endpoint, key, transport }: SubscribeOptions,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Subscribed<Data> {
  const told: Data[] = [];
  const failed: FormattedExecutionResult[] = [];
  const waiting = new Set<() => void>();
  let end: (how: unknown) => void = () => undefined;
  const ended = new Promise<unknown>((resolve) => {
    end = resolve;
  });
  let how = 'goes on';
  void ended.then((reason) => {
    how = `ended with ${String((reason as { code?: unknown }).code ?? reason)}`;
  });
  const sink = {
    next(result: FormattedExecutionResult) {
      if (result.errors) failed.push(result);
      else told.push(result.data as Data);
      for (const check of waiting) check();
    },
    error: (error: unknown) => end(error),
    complete: () => end('complete'),
  };
  const request = { query: print(document), variables };
  const headers = { authorization: `Bearer ${key}` };
  const client =
    transport === 'SSE'
      ? createSseClient({ url: endpoint, headers, retryAttempts: 0 })
      : createWsClient({
          url: endpoint.replace('http', 'ws'),
          webSocketImpl: WebSocket,
          connectionParams: { Authorization: headers.authorization },
          retryAttempts: 0,
          generateID: () => randomUUID(),
        });
  client.subscribe(request, sink as never);
  return {
    told,
    failed,
    ended,
    until: (count) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(
            new Error(
              `Over ${transport} told ${told.length} of ${count}, and ${how}: ${JSON.stringify([told.slice(-3), failed], bigint)}`,
            ),
          );
        }, 120_000);
        const check = () => {
          if (told.length < count) return;
          clearTimeout(timer);
          waiting.delete(check);
          resolve(told);
        };
        waiting.add(check);
        check();
      }),
    leave: () => void client.dispose(),
  };
}

const bigint = (_name: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
