import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExecutionArgs, GraphQLSchema } from 'graphql';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import type { Context, ReplicaReads } from '../../context.js';
import type { Limits } from '../../lib/http/limits.js';
import { type Outflow, responseOutlet } from '../../lib/http/outflow.js';
import { bearerToken, type Sender, type SenderOf } from '../../lib/http/sender.js';
import { traced, tracing } from '../../lib/observe/tracing.js';
import type { Log } from '../../lib/process/log.js';
import { release } from '../../lib/process/release.js';
import type { Turns } from '../../lib/process/turns.js';
import { tellCacheUse } from '../execution/answer-headers.js';
import { withArgumentPath } from '../execution/argument-path.js';
import { documentCache, validateOnce } from '../execution/document-cache.js';
import { createMaskError } from '../execution/errors.js';
import { createExecute } from '../execution/execute.js';
import { readFromReplicas } from '../execution/freshness/replicas.js';
import { type RevalidationOptions, revalidate } from '../execution/freshness/revalidation.js';
import { hideSchema, type Introspection } from '../execution/hide-schema.js';
import { doOnce } from '../execution/idempotency.js';
import { answerInParts } from '../execution/incremental/incremental.js';
import { observed, tracePhases } from '../execution/observed.js';
import { createSubscribe, type SubscribeOptions } from '../execution/subscriptions/subscribe.js';
import { requireRootField } from '../execution/subscriptions/subscription-root.js';
import type { Budget, Received } from '../limits/budget.js';
import { explainUnreadable, limitDocuments, limitErrors, limitVariables, refuseForms } from '../limits/document.js';
import { documentTurns } from '../limits/document-turns.js';
import { operationTurns } from '../limits/operation-turns.js';
import { type Opened, separateBatches } from './batches.js';
import { readBodies, readUrls } from './body.js';
import { codeAnswers } from './coding.js';
import { cors } from './cors.js';
import { persistQueries, type QueryStore } from './documents/persisted-queries.js';
import { idParameters, runTrustedDocuments } from './documents/trusted-documents.js';
import { createGraphiqlPage } from './graphiql/page.js';
import { refuseHiddenAnswers } from './hidden-answers.js';
import { sayWhatIsOffered } from './not-acceptable.js';
import { followInParts, passProxies } from './streams.js';

export interface GraphqlOptions {
  schema: GraphQLSchema;
  /** The context of a request with this key. @throws UNAUTHENTICATED */
  contextOf(key: string | undefined, sender?: Sender): Promise<Context>;
  senderOf: SenderOf;
  log: Log;
  limits: Limits;
  budget: Budget;
  outflow: Outflow;
  turns: Turns;
  states: Pick<RevalidationOptions, 'stateOf' | 'recentStateOf'>;
  /** The store of persisted queries; when absent, they are not stored. */
  queries?: QueryStore | undefined;
  /** The replicas for queries; when absent, only the primary is used. */
  replicas?: ReplicaReads | undefined;
  /** The maximum number of operations in one request; 0 disables batches. */
  batchedQueries: number;
  introspection: Introspection;
  /** Whether browsers get GraphiQL. */
  graphiql: boolean;
  /** The path prefix of all routes; empty for none. */
  basePath: string;
}

export type GraphqlServer = YogaServerInstance<object, Context>;

/** The GraphQL endpoint at /graphql: POST and GET by the GraphQL-over-HTTP specification, subscriptions as server-sent events, GraphiQL for browsers. */
export function createGraphqlServer(options: GraphqlOptions): GraphqlServer {
  const { contextOf, senderOf, log, limits, budget, outflow, turns, states } = options;
  const maskError = createMaskError(log);
  const documents = documentTurns(turns, budget);
  const page = createGraphiqlPage(options.introspection === 'public', options.basePath);
  return createYoga<object, Context>({
    schema: options.schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    logging: false,
    multipart: false,
    batching: options.batchedQueries > 0 && { limit: options.batchedQueries },
    extraParamNames: [...idParameters],
    maxRequestBodySize: false,
    cors,
    parserAndValidationCache: { documentCache: documentCache(), errorCache: documentCache(), validationCache: false },
    graphiql: options.graphiql && page.options,
    renderGraphiQL: page.render,
    maskedErrors: { maskError },
    plugins: [
      validateOnce(),
      page.guard,
      sayWhatIsOffered,
      passProxies,
      followInParts(),
      refuseForms,
      authenticate(contextOf, senderOf, outflow),
      readBodies(limits.maxBodyBytes, documents),
      readUrls,
      explainUnreadable,
      separateBatches,
      runTrustedDocuments,
      persistQueries(options.queries),
      budget.refusals,
      observed,
      ...(tracing() ? [tracePhases] : []),
      limitVariables,
      documents.plugin,
      limitDocuments(limits, budget),
      limitErrors,
      requireRootField,
      ...(options.introspection === 'off' ? [hideSchema] : []),
      nameArguments,
      revalidate({ ...states, budget, release }),
      budget.spend,
      refuseHiddenAnswers(),
      ...(options.replicas ? [readFromReplicas(options.replicas)] : []),
      doOnce(log),
      budget.settle,
      tellCacheUse(),
      compileOperations({ budget, turns, maxPerKey: limits.maxSubscriptionsPerKey }),
      answerInParts(maskError),
      codeAnswers,
    ],
  });
}

/** Checks the key before the body is read. Without a valid key the response is 401. */
function authenticate(
  contextOf: GraphqlOptions['contextOf'],
  senderOf: SenderOf,
  outflow: Outflow,
): Plugin<object, Context & Received & Partial<Opened> & { req?: IncomingMessage; res?: ServerResponse }> {
  return {
    async onRequestParse({ request, serverContext }) {
      const { req, res } = serverContext;
      // Calls within the process have no Node request.
      const sender = req ? senderOf(req) : {};
      const open: Opened['open'] = () => contextOf(bearerToken(request.headers.get('authorization')), sender);
      const context = await open();
      Object.assign(serverContext, context, { open }, res && { outlet: responseOutlet(outflow, context.caller, res) });
    },
  };
}

const nameArguments: Plugin = {
  onValidate({ params: { documentAST } }) {
    return ({ valid, result, setResult }) => {
      if (!valid) setResult(result.map((error) => withArgumentPath(documentAST, error)));
    };
  },
};

function compileOperations(options: Omit<SubscribeOptions, 'execute'>): Plugin<Context & Received> {
  const plain = createExecute();
  const span = { name: 'graphql.execute', kind: 'internal' } as const;
  const execute: typeof plain = tracing() ? (args) => traced(span, () => plain(args)) : plain;
  const subscribe = createSubscribe({ execute, ...options });
  const take = operationTurns(options.budget);
  return {
    onExecute: ({ context, setExecuteFn }) => setExecuteFn((args: ExecutionArgs) => take(context, () => execute(args))),
    onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(subscribe),
  };
}
