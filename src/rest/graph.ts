import type { ServerResponse } from 'node:http';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';

import type { Sender } from '../lib/http/sender.js';

/** The graph as the REST shim uses it: it runs typed documents with the rights of a key. */

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

/** The scopes that routes may use in addition to those of the key. */
export type ReadScope = 'analytics:read' | 'conversations:read' | 'customers:read' | 'links:read' | 'webhooks:read';

/** The scopes that routes name. */
export type Scope = ReadScope | 'links:create' | 'links:update' | 'links:delete';

export interface RunOptions {
  idempotencyKey?: string | undefined;
  /**
   * The input that identifies a repetition under an idempotency key. Needed if the variables also contain values that
   * differ each time, such as the current time.
   */
  asked?: unknown;
  /**
   * For a GET: the If-None-Match header, empty without one. If the client already has the response,
   * `extensions.http.status` is 304.
   */
  ifNoneMatch?: string | undefined;
  /** The scopes that the operation may use in addition to those of the key. */
  shows?: readonly ReadScope[] | undefined;
}

/** The access of one request to the graph. */
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
  /** @throws a GraphError when the key may not use this API, or has no points left. */
  admit(): void;
  /**
   * Checks the scopes of the operation, of which `shows` are granted in addition.
   * @throws a GraphError when the key lacks a scope.
   */
  requireScopes(document: TypedDocumentNode<unknown, never>, shows?: readonly ReadScope[]): void;
  /** @throws a GraphError when the plan of the workspace does not include the feature. */
  requireEntitlement(entitlement: 'REVENUE_TRACKING'): Promise<void>;
  /** Whether the key holds a scope. */
  holds(scope: Scope): boolean;
  /**
   * The rate limit of the key, in points: its capacity, the rest of it, the seconds until it is full again, and the
   * seconds from empty to full.
   */
  rate(): { limit: number; remaining: number; resetSeconds: number; windowSeconds: number };
  /** Charges the key for a refused request of this size, unless an operation was run for it. */
  chargeRefused(bytes: number): void;
}

/**
 * Opens the session of a request, from its key and sender. Response headers are set on `response`.
 * @throws a GraphError
 */
export type OpenSession = (key: string | undefined, response: ServerResponse, sender: Sender) => Promise<Session>;

/** An error in the input of a mutation. */
export interface UserError {
  code: 'BAD_USER_INPUT' | 'NOT_FOUND' | 'CONFLICT';
  message: string;
  path: readonly string[];
}

/** The HTTP status that a response of the graph requests, if any. */
export function statusOf({ extensions }: Pick<GraphAnswer<unknown>, 'extensions'>): number | undefined {
  return (extensions?.http as { status?: number } | undefined)?.status;
}

/** The HTTP headers that a response of the graph, or an error in it, requests. */
export function headersOf({ extensions }: Pick<GraphAnswer<unknown>, 'extensions'>): Record<string, string> {
  const http = extensions?.http as { headers?: Record<string, string> } | undefined;
  return http?.headers ?? {};
}
