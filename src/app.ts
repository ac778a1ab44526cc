import type { IncomingMessage, RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import { createOperations } from './application/operations.js';
import type { AppOptions } from './application/options.js';
import { createRouting, placeBelow, unknownRoute } from './application/routing.js';
import { keyWatch } from './auth/key-watch.js';
import { contextMaker, readReplicas } from './context.js';
import type { Database } from './db/database.js';
import { logFailure } from './db/faults/faults.js';
import type { Workers } from './db/queue/queue.js';
import { inProcess } from './graphql/execution/in-process.js';
import { createSchemaFiles } from './graphql/http/schema-files.js';
import { createGraphqlServer, type GraphqlServer } from './graphql/http/server.js';
import { createWebSocketEndpoint } from './graphql/http/websocket.js';
import { createBudget } from './graphql/limits/budget.js';
import { asSubgraph } from './graphql/schema/federation/subgraph.js';
import { schema as ownSchema } from './graphql/schema.js';
import { createInboundEmail } from './inbound/email.js';
import { createFileEndpoint } from './inbound/files.js';
import { createLeakedKeys } from './inbound/leaked-keys.js';
import { readAddressSet } from './lib/http/addresses.js';
import { boundDrain } from './lib/http/drain.js';
import { defaultLimits } from './lib/http/limits.js';
import { createOutflow } from './lib/http/outflow.js';
import { createPoster } from './lib/http/post.js';
import { isAmbiguous, pathOf } from './lib/http/request-target.js';
import { senderBehind } from './lib/http/sender.js';
import { readAllowedTargets } from './lib/http/targets.js';
import { createObserver, requestIdHeader } from './lib/observe/observer.js';
import { requestIdOf, withRequest } from './lib/observe/request.js';
import { erasedIn, localBus, readNews } from './lib/process/bus.js';
import { memoryStore } from './lib/process/cache.js';
import { createTurns } from './lib/process/turns.js';
import { cachedReads } from './modules/analytics/heavy.reads.js';
import { conversationDeletionWorkers } from './modules/conversation/deletion/conversation.deletion.js';
import { forgetHtml } from './modules/conversation/message/message.html.js';
import { erasureWorkers, type KeptElsewhere } from './modules/customer/deletion/customer.deletion.js';
import { phoneWorkers } from './modules/customer/phone/customer.phone.js';
import { createMailReader } from './modules/email/inbound/reading/inbound-email.reader.js';
import { mailWorkers } from './modules/email/outbound/outbound-email.delivery.js';
import { forgetMails, transportOf } from './modules/email/outbound/outbound-email.transports.js';
import { rejectedMailWorkers } from './modules/email/rejected/rejected-mail.writes.js';
import { eventFeed } from './modules/events/event.feed.js';
import { eventRemovalWorkers } from './modules/events/event.retention.js';
import { outboxStates, recentStates } from './modules/events/outbox.state.js';
import { outboxWatermark } from './modules/events/outbox.watermark.js';
import { fileWorkers, openFiles } from './modules/file/files.js';
import { type Dispatcher, startDispatcher } from './modules/webhooks/deliveries/webhook.dispatcher.js';
import { deliveryWorkers } from './modules/webhooks/sending/webhook.sender.js';
import { createPages } from './pages/pages.js';
import { cstarWebhooks } from './rest/cstar/webhooks.js';
import { createRest } from './rest/server.js';
import { tidysupportWebhooks } from './rest/tidysupport/webhooks/webhook-format.js';
import { createServices } from './services.js';

const nobody = readAddressSet('');
const noTargets = readAllowedTargets('');
const webhookTimeoutMs = 15_000;

/** The points of event work that may begin in one turn of the event loop. They take about 10 ms. */
const pointsPerTurn = 2_000;
/**
 * Checking whether an event is wanted takes a database statement. This weight limits how many of them a workspace runs
 * at once.
 */
const pointsPerMatch = 100;

/** The webhook formats other than the gateway's own. */
const formats = [cstarWebhooks, tidysupportWebhooks];

export interface App {
  /** Answers every request of the HTTP server. */
  listener: RequestListener;
  /** Handles a connection that becomes a WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
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
  const { database, log, connectBus = localBus, cache = memoryStore() } = options;
  const { limits = defaultLimits, introspection = 'on', graphiql = true, basePath = '' } = options;
  const { mail, webhooks = {}, trustedProxies = nobody } = options;
  const { targets = noTargets, timeoutMs = webhookTimeoutMs, delaysMs } = webhooks;
  // Writing a file can be relied upon to succeed, so the mail is SENT at once. The result of a mail server is not yet
  // known.
  const statusAtFirst = mail?.smtpUrl ? ('QUEUED' as const) : ('SENT' as const);
  const outgoing = mail ? { statusAtFirst, firstMailbox: mail.from } : null;
  const watermark = outboxWatermark(database);
  const forget: KeptElsewhere['forgetMails'] = async (ids) => (mail ? forgetMails(mail.outbox, ids) : 0);
  const files = openFiles(database, options.files);
  const mailReader = createMailReader();
  const stateOf = outboxStates(database, watermark);
  const recent = recentStates(stateOf);
  const heavyReads = cachedReads(stateOf, cache);
  const keptElsewhere: KeptElsewhere = {
    forgetMails: forget,
    forgetFiles: (workspaceId) => files.sweep(workspaceId),
    forgetWorkspace: (workspaceId) => bus.publish(erasedIn(workspaceId)),
  };
  const servicesOver = (db: Database, heavy = heavyReads) =>
    createServices(db, {
      outgoing,
      webhookTargets: targets,
      webhookFormats: formats,
      heavyReads: heavy,
      keptElsewhere,
      files,
      mailReader,
      ...(options.oidc && { oidc: options.oidc }),
      ...(options.authservIds && { authservIds: options.authservIds }),
    });
  const services = servicesOver(database);
  const { replicas } = options;
  const replicaReads = replicas && readReplicas({ replicas, servicesOver, stateOf, cache });
  const keys = keyWatch(services.authentication, log);
  const feed = eventFeed(database, watermark, {
    // A client that does not read is detected by the outflow limits. An event may also wait for its turn or for points,
    // so this is long.
    patienceMs: 120_000,
    onError: (error) => logFailure(log, error, 'The outbox could not be read.', 'warn'),
  });
  const bus = await connectBus((news) => {
    const { workspaceId, isErasure } = readNews(news);
    recent.forget(workspaceId);
    if (!isErasure) return feed.wake(workspaceId);
    heavyReads.forget(workspaceId);
    replicaReads?.forget(workspaceId);
    forgetHtml(workspaceId);
  });
  database.onChange(bus.publish);

  const observer = createObserver({ log, accessLog: options.accessLog ?? true });
  const senderOf = senderBehind(trustedProxies);
  const outflow = createOutflow({ maxBytes: limits.maxUnsentBytes, maxBytesPerKey: limits.maxUnsentBytesPerKey });
  const turns = createTurns(pointsPerTurn);
  const schema = options.federation ? asSubgraph(ownSchema) : ownSchema;
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
  const graphql = createGraphqlServer({
    schema,
    contextOf,
    senderOf,
    log,
    limits,
    budget,
    outflow,
    turns,
    states: { stateOf, recentStateOf: recent.of },
    queries: options.queries,
    replicas: replicaReads,
    batchedQueries: options.batchedQueries ?? 0,
    introspection,
    graphiql,
    basePath,
  });
  const openSession = inProcess({ schema, graphql, budget, outflow, contextOf, log });
  const rest = createRest({ basePath, openSession, senderOf, log, maxBodyBytes: limits.maxBodyBytes });
  const sockets = createWebSocketEndpoint({
    graphql,
    contextOf,
    keys,
    budget,
    turns,
    outflow,
    limits,
    trustedProxies,
    observer,
    log,
  });
  const operations = createOperations({
    database,
    replicas,
    feed,
    sockets: sockets.connections,
    log,
    ...options.operators,
  });
  const inboundEmail = createInboundEmail({ services, senderOf, log, maxBytes: limits.maxMailBytes });
  const fileEndpoint = createFileEndpoint({ services, budget, senderOf, log, maxBytes: limits.maxUploadBytes });
  const publicKey = options.leakedKeysPublicKey;
  const leakedKeys = createLeakedKeys({ services, senderOf, log, ...(publicKey !== undefined && { publicKey }) });
  const pages = createPages({ basePath, describe: rest.describe, graphiql, hasSchema: introspection !== 'off', log });
  const schemaFiles = createSchemaFiles({ schema, contextOf, senderOf, introspection, log });
  const poster = createPoster({ allowed: targets, timeoutMs });

  const parts = { operations, inboundEmail, leakedKeys, fileEndpoint, schemaFiles, pages, rest, graphql };
  const { routeOf, answer } = createRouting(parts);

  return {
    listener(request, response) {
      const isBelow = placeBelow(request, basePath);
      const path = pathOf(request);
      boundDrain(request, response);
      response.setHeader('X-Content-Type-Options', 'nosniff');
      const notes = observer.request(request, response, operations.handles(path));
      // Probes bypass the proxy that adds the base path.
      const isServed = isBelow || operations.handles(path);
      notes.route = isServed ? routeOf(path) : unknownRoute;
      withRequest(notes, () => {
        if (isAmbiguous(request)) response.writeHead(400, { Connection: 'close' }).end();
        else if (isServed) answer(path, request, response);
        else response.writeHead(404).end();
      });
    },
    upgrade(request, socket, head) {
      // Node has removed its own listener, and an error without a listener would end the process.
      socket.on('error', () => socket.destroy());
      const isPlain = !isAmbiguous(request);
      if (isPlain && placeBelow(request, basePath) && pathOf(request) === '/graphql') {
        sockets.upgrade(request, socket, head);
      } else
        socket.end(
          `HTTP/1.1 ${isPlain ? '404 Not Found' : '400 Bad Request'}\r\n${requestIdHeader}: ${requestIdOf(request.headers['x-request-id'])}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
          // A client that never closes its side would keep the connection open.
          () => socket.destroy(),
        );
    },
    graphql,
    workers: [
      ...deliveryWorkers(database, { poster, formats, links: files.links, ...(delaysMs && { delaysMs }) }),
      ...(mail ? [mailWorkers(database, { log, files, forget, ...mail, transport: transportOf(mail) })] : []),
      erasureWorkers(database, keptElsewhere),
      conversationDeletionWorkers(keptElsewhere),
      phoneWorkers(database),
      eventRemovalWorkers(database),
      ...fileWorkers(database, files),
      ...rejectedMailWorkers(database, services.rejectedMails.retrySuspended),
    ],
    dispatchWebhooks: () =>
      startDispatcher(database, watermark, {
        formats,
        onError: (error) => logFailure(log, error, 'Events could not be put into the queue of webhooks.', 'warn'),
      }),
    async close() {
      sockets.close();
      feed.close();
      keys.close();
      cache.close();
      options.queries?.close();
      await bus.close();
      void mailReader.close();
      await graphql.dispose();
    },
  };
}
