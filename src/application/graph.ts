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

/** The points of event work that may begin in one turn of the event loop. They take about 10 ms. */
const pointsPerTurn = 2_000;
/**
 * Checking whether an event is wanted takes a database statement. This weight limits how many of them a workspace runs
 * at once.
 */
const pointsPerMatch = 100;

interface Callers {
  senderOf: SenderOf;
  observer: Observer;
}

/** Access to the graph by HTTP, by WebSocket and within the process. All share one budget. */
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
