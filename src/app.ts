import type { IncomingMessage, RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import { contextMaker, createServices } from './context.js';
import type { Database } from './db/database.js';
import type { Workers } from './db/queue/queue.js';
import { createGraphqlServer, type GraphqlServer } from './graphql/server.js';
import { createWebSocketEndpoint } from './graphql/websocket.js';
import { localBus, redisBus } from './lib/bus.js';
import { defaultLimits, type Limits } from './lib/limits.js';
import type { Log } from './lib/log.js';
import { eventFeed } from './modules/events/event.feed.js';
import { outboxHorizon } from './modules/events/outbox.horizon.js';
import { keyWatch } from './modules/workspace/key.watch.js';
import { createOperations } from './operations.js';

export interface AppOptions {
  database: Database;
  log: Log;
  /** What holds for keys that were given nothing else; the defaults when left out. */
  limits?: Limits;
  /** Where the processes of the gateway tell each other of changes; absent: there is one process. */
  redisUrl?: string | undefined;
  /** Whether clients may ask for the schema; true when left out. */
  introspection?: boolean;
  /** Whether a browser gets GraphiQL; true when left out. */
  graphiql?: boolean;
}

export interface App {
  /** Answers every request of the HTTP server. */
  listener: RequestListener;
  /** Takes a connection that becomes a WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** The GraphQL endpoint, for callers in this process. */
  graphql: GraphqlServer;
  /** Who does the jobs that the application puts into its queue. */
  workers: readonly Workers[];
  /** Ends what would never end by itself, so that clients come back; requests under way go on. */
  close(): Promise<void>;
}

/** Puts the parts together: the graph, and what operators ask of a process. */
export async function createApp(options: AppOptions): Promise<App> {
  const { database, log, redisUrl } = options;
  const { limits = defaultLimits, introspection = true, graphiql = true } = options;
  const services = createServices(database);
  const keys = keyWatch(services.apiKeys, log);
  const feed = eventFeed(database, outboxHorizon(database), {
    onError: (error) => log.warn({ err: error }, 'The outbox could not be read.'),
  });
  const bus = redisUrl ? await redisBus(redisUrl, feed.wake, log) : localBus(feed.wake);
  database.onChange(bus.publish);

  const contextOf = contextMaker({ db: database, services, feed, keys });
  const graphql = createGraphqlServer({ contextOf, log, limits, introspection, graphiql });
  const sockets = createWebSocketEndpoint({ graphql, contextOf, keys, limits, log });
  const operations = createOperations(database, feed, log);

  return {
    listener(request, response) {
      const path = pathOf(request);
      if (operations.handle(path, response)) return;
      if (path === '/') return void response.writeHead(302, { location: '/graphql' }).end();
      operations.observe(request, response);
      void graphql(request, response);
    },
    upgrade(request, socket, head) {
      // Node has taken its own listener off, and an error that nobody listens to ends the process.
      socket.on('error', () => socket.destroy());
      if (pathOf(request) === '/graphql') sockets.upgrade(request, socket, head);
      else socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    },
    graphql,
    workers: [],
    async close() {
      sockets.close();
      feed.close();
      keys.close();
      await bus.close();
      await graphql.dispose();
    },
  };
}

const pathOf = ({ url }: IncomingMessage): string => url?.split('?', 1)[0] ?? '/';
