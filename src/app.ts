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
  /** Takes a connection that becomes a WebSocket. */
  upgrade: Upgrade;
  /** The GraphQL endpoint, for callers in this process. */
  graphql: GraphqlServer;
  /** Who does the jobs that the application puts into its queue. */
  workers: readonly Workers[];
  /** Begins to make deliveries of events. */
  dispatchWebhooks(): Dispatcher;
  /** Ends what would never end by itself, so that clients come back; requests under way go on. */
  close(): Promise<void>;
}

/** Puts the parts together: the graph, the REST endpoints in front of it, the mails that come in, and what operators ask of a process. */
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
