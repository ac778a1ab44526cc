import { contextMaker } from '../context.js';
import { inProcess } from '../graphql/execution/in-process.js';
import { createGraphqlServer } from '../graphql/http/server.js';
import { createWebSocketEndpoint } from '../graphql/http/websocket/endpoint.js';
import { createBudget } from '../graphql/limits/budget.js';
import { asSubgraph } from '../graphql/schema/federation/subgraph.js';
import { schema as ownSchema } from '../graphql/schema.js';
import { createOutflow } from '../lib/http/outflow.js';
import type { SenderOf } from '../lib/http/sender.js';
import type { Observer } from '../lib/observe/observer.js';
import { createTurns } from '../lib/process/turns.js';
import type { Domain } from './domain.js';
import type { AppSettings } from './options.js';

/** Of the work at events, so many points begin in one turn of the event loop: some 10 ms. */
const pointsPerTurn = 2_000;
/** To see whether an event is wanted takes a statement of the database, of which a workspace has some at a time. */
const pointsPerMatch = 100;

interface Callers {
  senderOf: SenderOf;
  observer: Observer;
}

/** The ways to the graph: HTTP, WebSocket and calls within the process, all with one budget. */
export type Graph = ReturnType<typeof createGraph>;

export function createGraph(settings: AppSettings, domain: Domain, { senderOf, observer }: Callers) {
  const { database, log, limits, introspection, graphiql, basePath, batchedQueries, trustedProxies } = settings;
  const { services, servicesOver, heavyReads, feed, keys, states, replicaReads } = domain;
  const schema = settings.federation ? asSubgraph(ownSchema) : ownSchema;
  const outflow = createOutflow({ maxBytes: limits.maxUnsentBytes, maxBytesPerKey: limits.maxUnsentBytesPerKey });
  const turns = createTurns(pointsPerTurn);
  const budget = createBudget(schema, limits, outflow);
  const contextOf = contextMaker({
    db: database,
    services,
    servicesOver,
    heavyReads,
    feed,
    keys,
    async atEvent(caller, work) {
      await budget.spendForEvent(caller, 1);
      return turns.take(caller.workspaceId, pointsPerMatch, work);
    },
  });
  const shared = { contextOf, log, limits, budget, outflow, turns };
  const graphql = createGraphqlServer({
    ...shared,
    schema,
    senderOf,
    states,
    queries: settings.queries,
    replicas: replicaReads,
    batchedQueries,
    introspection,
    graphiql,
    basePath,
  });
  return {
    schema,
    contextOf,
    budget,
    graphql,
    openSession: inProcess({ schema, graphql, budget, outflow, contextOf, log }),
    sockets: createWebSocketEndpoint({ ...shared, graphql, keys, trustedProxies, observer }),
  };
}
