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
  /** What a repetition under the key asks again, where the variables hold more than was asked, such as the time. */
  asked?: unknown;
  /** For a query over GET: the If-None-Match of the client, empty without one. A client that has the answer gets `extensions.http.status` 304. */
  ifNoneMatch?: string | undefined;
  /** The scopes that the operation may read with beside those of the key, since its author knows what it shows. */
  shows?: readonly Scope[] | undefined;
}

/** One request of a caller in this process: what it asks of the graph is bound and answered as over HTTP. */
export interface GraphSession {
  workspaceId: string;
  /** The UUID of the workspace. */
  workspaceUuid: string | null;
  /** The ISO 4217 code of the currency of the workspace. */
  workspaceCurrency: string | null;
  /** Whom the key stands for. */
  kind: Caller['kind'];
  /**
   * Runs an operation, under the idempotency key if there is one. Errors are in the answer, as clients see them;
   * `extensions.http` of the answer and of its errors holds headers that an answer over HTTP would have.
   */
  run<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    options?: RunOptions,
  ): Promise<ExecutionResult<Data>>;
  /** @throws a GraphQLError when the key has spent all it can, or runs nothing but trusted documents. */
  admit(): void;
  /**
   * Whether the key may run an operation at all, which shows so much beside its scopes; by what it asks for first.
   * @throws a GraphQLError when it lacks a scope.
   */
  requireScopes(document: DocumentNode, shows?: readonly Scope[]): void;
  /** @throws a GraphQLError when the plan of the workspace does not include the feature. */
  requireEntitlement(entitlement: Entitlement): Promise<void>;
  /** Whether the key holds a scope. */
  holds(scope: Scope): boolean;
  /** What the key can spend, in points. */
  rate(): Rate;
  /** Charges the key for a request of so many bytes that is refused, unless an operation was run for it. */
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
 * Opens sessions, which are answered by a response: authentication, limits, the budget of the key and idempotency are those of the endpoint, which it
 * calls behind the parsing of requests and before the writing of answers.
 * @throws a GraphQLError with `extensions.code` when the key opens none.
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
