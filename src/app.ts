import type { RequestListener } from 'node:http';
import { createServices } from './context.js';
import type { Database } from './db/database.js';
import { createGraphqlServer, type GraphqlServer } from './graphql/server.js';
import type { Log } from './lib/log.js';
import { createOperations } from './operations.js';

export interface AppOptions {
  database: Database;
  log: Log;
}

export interface App {
  /** Answers every request of the HTTP server. */
  listener: RequestListener;
  /** The GraphQL endpoint, for callers in this process. */
  graphql: GraphqlServer;
  close(): Promise<void>;
}

/** Puts the parts together: the graph, and what operators ask of a process. */
export async function createApp({ database, log }: AppOptions): Promise<App> {
  const services = createServices(database);
  const graphql = createGraphqlServer({ db: database, services, log });
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
    close: async () => graphql.dispose(),
  };
}
