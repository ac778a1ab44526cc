import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServices } from './context.js';
import type { Database } from './db/database.js';
import { pendingMigrations } from './db/migrations.js';
import type { Environment } from './env.js';
import { createGraphqlServer, type GraphqlServer } from './graphql/server.js';
import type { Log } from './lib/log.js';

export interface AppOptions {
  database: Database;
  env: Environment;
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

  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url?.split('?', 1)[0];
    if (path === '/health') return answer(response, 200, { status: 'ok' });
    if (path === '/ready') {
      ready(database).then(
        (reason) => answer(response, reason ? 503 : 200, reason ? { status: 'unavailable', reason } : { status: 'ok' }),
        (error: unknown) => {
          log.warn({ err: error }, 'The database does not answer.');
          answer(response, 503, { status: 'unavailable', reason: 'The database does not answer.' });
        },
      );
      return;
    }
    graphql(request, response);
  };
  return { listener, graphql, close: async () => graphql.dispose() };
}

/** Why the process cannot serve; nothing when it can. */
async function ready(database: Database): Promise<string | undefined> {
  const pending = await pendingMigrations(database.pool);
  return pending.length > 0 ? `Migrations are pending: ${pending.join(', ')}.` : undefined;
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}
