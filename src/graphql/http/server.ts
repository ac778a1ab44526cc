import type { IncomingMessage, ServerResponse } from 'node:http';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import type { Context } from '../../context.js';
import type { Limits } from '../../lib/http/limits.js';
import { type Outflow, responseOutlet } from '../../lib/http/outflow.js';
import type { Sender, SenderOf } from '../../lib/http/sender.js';
import { traced, tracing } from '../../lib/observe/tracing.js';
import type { Log } from '../../lib/process/log.js';
import { release } from '../../lib/process/release.js';
import type { Turns } from '../../lib/process/turns.js';
import { tellCacheUse } from '../execution/answer-headers.js';
import { withArgumentPath } from '../execution/argument-path.js';
import { documentCache } from '../execution/document-cache.js';
import { createMaskError } from '../execution/errors.js';
import { createExecute } from '../execution/execute.js';
import { hideSchema } from '../execution/hide-schema.js';
import { doOnce } from '../execution/idempotency.js';
import { observed, tracePhases } from '../execution/observed.js';
import { type RevalidationOptions, revalidate } from '../execution/revalidation.js';
import { createSubscribe, type SubscribeOptions } from '../execution/subscriptions/subscribe.js';
import { requireRootField } from '../execution/subscriptions/subscription-root.js';
import type { Budget, Received } from '../limits/budget.js';
import { explainUnreadable, limitDocuments, limitErrors, limitVariables, refuseForms } from '../limits/document.js';
import { schema } from '../schema.js';
import { readBodies } from './body.js';
import { codeAnswers } from './coding.js';
import { cors } from './cors.js';
import { graphiqlOptions, guardPage, renderPage } from './graphiql.js';
import { refuseHiddenAnswers } from './hidden-answers.js';
import { sayWhatIsOffered } from './not-acceptable.js';
import { persistQueries, type QueryStore } from './persisted-queries.js';
import { passProxies } from './streams.js';

export interface GraphqlOptions {
  /** The context of a request with this key. @throws UNAUTHENTICATED */
  contextOf(key: string | undefined, sender?: Sender): Promise<Context>;
  senderOf: SenderOf;
  log: Log;
  limits: Limits;
  budget: Budget;
  outflow: Outflow;
  turns: Turns;
  stateOf: RevalidationOptions['stateOf'];
  /** Where queries are kept for clients that send their hash; absent: they are not. */
  queries?: QueryStore | undefined;
  /** Whether clients may ask for the schema. */
  introspection: boolean;
  /** Whether a browser gets GraphiQL. */
  graphiql: boolean;
}

export type GraphqlServer = YogaServerInstance<object, Context>;

/** The GraphQL endpoint at /graphql: POST and GET by the GraphQL-over-HTTP specification, subscriptions as server-sent events, GraphiQL for browsers. */
export function createGraphqlServer(options: GraphqlOptions): GraphqlServer {
  const { contextOf, senderOf, log, limits, budget, outflow, turns, stateOf } = options;
  return createYoga<object, Context>({
    schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    logging: false,
    multipart: false,
    maxRequestBodySize: false,
    cors,
    parserAndValidationCache: { documentCache: documentCache(), errorCache: documentCache(), validationCache: true },
    graphiql: options.graphiql && graphiqlOptions,
    renderGraphiQL: renderPage,
    maskedErrors: { maskError: createMaskError(log) },
    plugins: [
      guardPage,
      sayWhatIsOffered,
      passProxies,
      refuseForms,
      authenticate(contextOf, senderOf, outflow),
      readBodies(limits.maxBodyBytes),
      explainUnreadable,
      persistQueries(options.queries),
      budget.refusals,
      observed,
      ...(tracing() ? [tracePhases] : []),
      limitVariables,
      limitDocuments(limits),
      limitErrors,
      requireRootField,
      ...(options.introspection ? [] : [hideSchema]),
      nameArguments,
      revalidate({ stateOf, budget, release }),
      budget.spend,
      refuseHiddenAnswers(),
      doOnce(log),
      budget.settle,
      tellCacheUse(),
      compileOperations({ budget, turns, maxPerKey: limits.maxSubscriptionsPerKey }),
      codeAnswers,
    ],
  });
}

/** Resolves the key before the body is even read: without a valid one there is nothing but a 401. */
function authenticate(
  contextOf: GraphqlOptions['contextOf'],
  senderOf: SenderOf,
  outflow: Outflow,
): Plugin<object, Context & Received & { req?: IncomingMessage; res?: ServerResponse }> {
  return {
    async onRequestParse({ request, serverContext }) {
      const { req, res } = serverContext;
      // Calls within the process have no request of Node's.
      const sender = req ? senderOf(req) : {};
      const context = await contextOf(bearerToken(request.headers.get('authorization')), sender);
      Object.assign(serverContext, context, res && { outlet: responseOutlet(outflow, context.caller, res) });
    },
  };
}

export const bearerToken = (header: string | null): string | undefined => /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];

const nameArguments: Plugin = {
  onValidate({ params: { documentAST } }) {
    return ({ valid, result, setResult }) => {
      if (!valid) setResult(result.map((error) => withArgumentPath(documentAST, error)));
    };
  },
};

function compileOperations(options: Omit<SubscribeOptions, 'execute'>): Plugin {
  const plain = createExecute();
  const span = { name: 'graphql.execute', kind: 'internal' } as const;
  const execute: typeof plain = tracing() ? (args) => traced(span, () => plain(args)) : plain;
  const subscribe = createSubscribe({ execute, ...options });
  return {
    onExecute: ({ setExecuteFn }) => setExecuteFn(execute),
    onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(subscribe),
  };
}
