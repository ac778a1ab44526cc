import type { RequestListener } from 'node:http';
import { createServices } from './context.js';
import type { Database } from './db/database.js';
import type { Workers } from './db/queue/queue.js';
import { createGraphqlServer, type GraphqlServer } from './graphql/server.js';
import { defaultLimits, type Limits } from './lib/limits.js';
import type { Log } from './lib/log.js';
import { createOperations } from './operations.js';

export interface AppOptions {
  database: Database;
  log: Log;
  /** What holds for keys that were given nothing else; the defaults when left out. */
  limits?: Limits;
  /** Whether clients may ask for the schema; true when left out. */
  introspection?: boolean;
  /** Whether a browser gets GraphiQL; true when left out. */
  graphiql?: boolean;
}

export interface App {
  /** Answers every request of the HTTP server. */
  listener: RequestListener;
  /** The GraphQL endpoint, for callers in this process. */
  graphql: GraphqlServer;
  /** Who does the jobs that the application puts into its queue. */
  workers: readonly Workers[];
  close(): Promise<void>;
}

/** Puts the parts together: the graph, and what operators ask of a process. */
export async function createApp(options: AppOptions): Promise<App> {
  const { database, log, limits = defaultLimits, introspection = true, graphiql = true } = options;
  const services = createServices(database);
  const graphql = createGraphqlServer({ db: database, services, log, limits, introspection, graphiql });
  const operations = createOperations(database, log);

  return {
    listener(request, response) {
      const path = request.url?.split('?', 1)[0] ?? '/';
      if (operations.handle(path, response)) return;
      if (path === '/') return void response.writeHead(302, { location: '/graphql' }).end();
      operations.observe(request, response);
      void graphql(request, response);
    },
    graphql,
    workers: [],
    close: async () => graphql.dispose(),
  };
}
