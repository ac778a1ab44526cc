import type { ServerResponse } from 'node:http';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';

import type { Sender } from '../lib/http/sender.js';

/** The graph as the shim sees it: it runs typed documents, and knows whose key it runs them with. */

/** An error of the graph, as any client gets it. */
export interface GraphError {
  message: string;
  extensions?: { [name: string]: unknown };
}

export interface GraphAnswer<Data> {
  data?: Data | null;
  errors?: readonly GraphError[];
  extensions?: { [name: string]: unknown };
}

/** The scopes that routes read with beside those of the key. */
export type ReadScope = 'analytics:read' | 'conversations:read' | 'customers:read' | 'links:read' | 'webhooks:read';

/** The scopes that routes name. */
export type Scope = ReadScope | 'links:create' | 'links:update' | 'links:delete';

export interface RunOptions {
  idempotencyKey?: string | undefined;
  /** What a repetition under the key asks again, where the variables hold more than was asked, such as the time. */
  asked?: unknown;
  /** For a GET: its If-None-Match, empty without one. A client that has the answer gets `extensions.http.status` 304. */
  ifNoneMatch?: string | undefined;
  /** The scopes that the operation may read with beside those of the key. */
  shows?: readonly ReadScope[] | undefined;
}

/** What one request may ask. */
export interface Session {
  workspaceId: string;
  /** The same workspace as cStar names it. */
  workspaceUuid: string | null;
  /** The ISO 4217 code of the currency of the workspace. */
  workspaceCurrency: string | null;
  kind: 'USER' | 'API_USER';
  run<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    options?: RunOptions,
  ): Promise<GraphAnswer<Data>>;
  /** @throws a GraphError when the key may ask nothing here, or nothing for the moment. */
  admit(): void;
  /**
   * Whether the key may run an operation at all, which shows so much beside its scopes.
   * @throws a GraphError when it lacks a scope.
   */
  requireScopes(document: TypedDocumentNode<unknown, never>, shows?: readonly ReadScope[]): void;
  /** @throws a GraphError when the plan of the workspace does not include the feature. */
  requireEntitlement(entitlement: 'REVENUE_TRACKING'): Promise<void>;
  /** Whether the key holds a scope. */
  holds(scope: Scope): boolean;
  /** What the key can spend at once, of that now, and in how many seconds it gets all of it back: now, and when nothing is left. */
  rate(): { limit: number; remaining: number; resetSeconds: number; windowSeconds: number };
  /** Charges the key for a request of so many bytes that is refused, unless an operation was run for it. */
  chargeRefused(bytes: number): void;
}

/** Who calls with this key from there, and will be answered by `response`. @throws a GraphError */
export type OpenSession = (key: string | undefined, response: ServerResponse, sender: Sender) => Promise<Session>;

/** A mistake that a mutation tells of. */
export interface UserError {
  code: 'BAD_USER_INPUT' | 'NOT_FOUND' | 'CONFLICT';
  message: string;
  path: readonly string[];
}

/** The status that an answer of the graph asks for, if any. */
export function statusOf({ extensions }: Pick<GraphAnswer<unknown>, 'extensions'>): number | undefined {
  return (extensions?.http as { status?: number } | undefined)?.status;
}

/** The headers that an answer of the graph, or an error in it, asks for. */
export function headersOf({ extensions }: Pick<GraphAnswer<unknown>, 'extensions'>): Record<string, string> {
  const http = extensions?.http as { headers?: Record<string, string> } | undefined;
  return http?.headers ?? {};
}
