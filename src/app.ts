import type { RequestListener } from 'node:http';
import { openDomain, webhookFormats } from './application/domain.js';
import { createGraph } from './application/graph.js';
import { createListener, createUpgrade, type Upgrade } from './application/listener.js';
import { type AppOptions, settingsOf } from './application/options.js';
import { createParts } from './application/parts.js';
import { createWorkers } from './application/workers.js';
import { logFailure } from './db/faults/faults.js';
import type { Workers } from './db/queue/queue.js';
import type { GraphqlServer } from './graphql/http/server.js';
import { senderBehind } from './lib/http/sender.js';
import { createObserver } from './lib/observe/observer.js';
import { type Dispatcher, startDispatcher } from './modules/webhooks/deliveries/webhook.dispatcher.js';

export interface App {
  /** Answers every request of the HTTP server. */
  listener: RequestListener;
  /** Handles a connection that becomes a WebSocket. */
  upgrade: Upgrade;
  /** The GraphQL endpoint, for callers in this process. */
  graphql: GraphqlServer;
  /** The workers for the jobs of the application. */
  workers: readonly Workers[];
  /** Starts turning events into webhook deliveries. */
  dispatchWebhooks(): Dispatcher;
  /** Ends streams, which would never end by themselves, so that clients reconnect. Requests in progress continue. */
  close(): Promise<void>;
}

/**
 * Assembles the application: the graph, the REST endpoints that use it, inbound e-mail, and the endpoints for
 * operators.
 */
export async function createApp(options: AppOptions): Promise<App> {
  const settings = settingsOf(options);
  const { database, log, basePath } = settings;
  const domain = await openDomain(settings);
  const observer = createObserver({ log, accessLog: settings.accessLog });
  const senderOf = senderBehind(settings.trustedProxies);
  const graph = createGraph(settings, domain, { senderOf, observer });
  const { graphql, sockets } = graph;
  const parts = createParts(settings, domain, graph, senderOf);

  return {
    listener: createListener({ parts, observer, basePath }),
    upgrade: createUpgrade(sockets, basePath),
    graphql,
    workers: createWorkers(settings, domain),
    dispatchWebhooks: () =>
      startDispatcher(database, domain.watermark, {
        formats: webhookFormats,
        onError: (error) => logFailure(log, error, 'Events could not be put into the queue of webhooks.', 'warn'),
      }),
    async close() {
      sockets.close();
      settings.queries?.close();
      await domain.close();
      await graphql.dispose();
    },
  };
}
