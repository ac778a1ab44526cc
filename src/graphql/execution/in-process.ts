import type { ServerResponse } from 'node:http';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { type DocumentNode, type ExecutionResult, type GraphQLSchema, print } from 'graphql';
import type { YogaServerInstance } from 'graphql-yoga';
import type { Caller } from '../../auth/caller.js';
import { type Entitlement, requireEntitlement } from '../../auth/entitlements.js';
import { holds, type Scope } from '../../auth/scopes.js';
import type { Context } from '../../context.js';
import { AppError } from '../../errors.js';
import { type Outflow, responseOutlet } from '../../lib/http/outflow.js';
import type { Sender } from '../../lib/http/sender.js';
import { noteError } from '../../lib/observe/request.js';
import type { Log } from '../../lib/process/log.js';
import type { Budget, Rate } from '../limits/budget.js';
import { requireScopesOf } from '../schema/scopes.js';
import { createMaskError } from './errors.js';

export interface RunOptions {
  idempotencyKey?: string | undefined;
  /**
   * The input that identifies a repetition under an idempotency key. Needed if the variables also contain values that
   * differ each time, such as the current time.
   */
  asked?: unknown;
  /**
   * For a query over GET: the If-None-Match header of the client; empty when it sent none. If the client already has
   * the response, `extensions.http.status` is 304.
   */
  ifNoneMatch?: string | undefined;
  /**
   * Scopes that the operation may use in addition to those of the key. The author of the operation vouches for what it
   * shows.
   */
  shows?: readonly Scope[] | undefined;
}

/** One request of a caller in this process. Its operations are limited and answered as over HTTP. */
export interface GraphSession {
  workspaceId: string;
  /** The UUID of the workspace. */
  workspaceUuid: string | null;
  /** The ISO 4217 code of the currency of the workspace. */
  workspaceCurrency: string | null;
  /** The kind of caller that the key belongs to. */
  kind: Caller['kind'];
  /**
   * Runs an operation, under the idempotency key if there is one. Errors are in the result, as clients see them.
   * `extensions.http` of the result and of its errors contains the headers that an HTTP response would have.
   */
  run<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    options?: RunOptions,
  ): Promise<ExecutionResult<Data>>;
  /** @throws a GraphQLError when the key has no points left, or may run only trusted documents. */
  admit(): void;
  /**
   * Checks the scopes that the first field of the operation needs. `shows` are additional scopes.
   * @throws a GraphQLError when the key lacks a scope.
   */
  requireScopes(document: DocumentNode, shows?: readonly Scope[]): void;
  /** @throws a GraphQLError when the plan of the workspace does not include the feature. */
  requireEntitlement(entitlement: Entitlement): Promise<void>;
  /** Whether the key holds a scope. */
  holds(scope: Scope): boolean;
  /** The rate limit of the key and how much of it is left, in points. */
  rate(): Rate;
  /** Charges the key for a refused request of this size, unless an operation was run for it. */
  chargeRefused(bytes: number): void;
}

export interface InProcessOptions {
  schema: GraphQLSchema;
  graphql: Pick<YogaServerInstance<object, Context>, 'getResultForParams'>;
  budget: Budget;
  outflow: Outflow;
  /** The context of a request with this key. @throws UNAUTHENTICATED */
  contextOf(key: string | undefined, sender?: Sender): Promise<Context>;
  log: Log;
}

/**
 * Opens sessions for requests that are handled in this process. Authentication, limits, budget and idempotency are
 * those of the GraphQL endpoint. Only the parsing of HTTP requests and the writing of HTTP responses are skipped.
 * @throws a GraphQLError with `extensions.code` when the key is refused.
 */
export function inProcess({
  schema,
  graphql,
  budget,
  outflow,
  contextOf,
  log,
}: InProcessOptions): (key: string | undefined, response: ServerResponse, sender?: Sender) => Promise<GraphSession> {
  const errorOf = createMaskError(log);
  const texts = new WeakMap<DocumentNode, string>();
  const textOf = (document: DocumentNode): string => {
    const text = texts.get(document) ?? print(document);
    texts.set(document, text);
    return text;
  };

  const refusalOf = (error: unknown) => {
    const refusal = errorOf(error);
    noteError(refusal.extensions.code);
    return refusal;
  };

  const execute = async (context: Context, query: string, variables: unknown, options: RunOptions) => {
    const { idempotencyKey, asked, ifNoneMatch } = options;
    const headers = new Headers(idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey });
    if (ifNoneMatch) headers.set('If-None-Match', ifNoneMatch);
    const method = ifNoneMatch === undefined ? 'POST' : 'GET';
    const request = new Request('http://localhost/graphql', { method, headers });
    const params = { query, variables: variables as Record<string, unknown> };
    try {
      return await graphql.getResultForParams({ params, request }, { ...context, asked });
    } catch (error) {
      return { errors: [errorOf(error)] };
    }
  };

  return async (key, response, sender) => {
    const context = await contextOf(key, sender)
      .then((opened) => {
        responseOutlet(outflow, opened.caller, response);
        return opened;
      })
      .catch((error: unknown) => {
        throw refusalOf(error);
      });
    let hasRun = false;
    const { workspaceId, workspaceUuid, workspaceCurrency, kind } = context.caller;
    const scopesWith = (shows: readonly Scope[]) => new Set([...context.caller.scopes, ...shows]);
    return {
      workspaceId,
      workspaceUuid,
      workspaceCurrency,
      kind,
      async run(document, variables, options = {}) {
        const { shows = [] } = options;
        hasRun = true;
        const caller = { ...context.caller, scopes: scopesWith(shows) };
        const reader = shows.length > 0 ? { ...context, caller } : context;
        const result = await execute(reader, textOf(document), variables, options);
        if (result && 'errors' in result) for (const { extensions } of result.errors ?? []) noteError(extensions.code);
        return result as never;
      },
      admit() {
        try {
          budget.admit(context.caller);
          if (context.caller.onlyTrustedDocuments)
            throw new AppError('FORBIDDEN', 'This key runs trusted documents alone.');
        } catch (error) {
          throw refusalOf(error);
        }
      },
      requireScopes(document, shows = []) {
        try {
          requireScopesOf(schema, document, scopesWith(shows));
        } catch (error) {
          throw refusalOf(error);
        }
      },
      async requireEntitlement(entitlement) {
        try {
          requireEntitlement(await context.loaders.workspaces.own(), entitlement);
        } catch (error) {
          throw errorOf(error);
        }
      },
      holds: (scope) => holds(context.caller.scopes, scope),
      rate: () => budget.rateOf(context.caller),
      chargeRefused(bytes) {
        if (!hasRun) budget.chargeRefused(context.caller, bytes);
      },
    };
  };
}
