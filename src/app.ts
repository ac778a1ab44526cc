import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { keyWatch } from './auth/key-watch.js';
import type { OidcOptions } from './auth/oidc.js';
import { contextMaker, createServices } from './context.js';
import type { Database } from './db/database.js';
import { logFailure } from './db/faults/faults.js';
import type { Workers } from './db/queue/queue.js';
import { inProcess } from './graphql/execution/in-process.js';
import { createGraphqlServer, type GraphqlServer } from './graphql/http/server.js';
import { createWebSocketEndpoint } from './graphql/http/websocket.js';
import { createBudget } from './graphql/limits/budget.js';
import { schema } from './graphql/schema.js';
import { createInboundEmail } from './inbound/email.js';
import { createLeakedKeys } from './inbound/leaked-keys.js';
import { type AddressSet, readAddressSet } from './lib/http/addresses.js';
import { boundDrain } from './lib/http/drain.js';
import { defaultLimits, type Limits } from './lib/http/limits.js';
import { createOutflow } from './lib/http/outflow.js';
import { createPoster } from './lib/http/post.js';
import { originForm, pathOf, withoutSlash } from './lib/http/request-target.js';
import { senderBehind } from './lib/http/sender.js';
import { type AllowedTargets, readAllowedTargets } from './lib/http/targets.js';
import { createObserver, requestIdHeader } from './lib/observe/observer.js';
import { requestIdOf, withRequest } from './lib/observe/request.js';
import { type ConnectBus, erasedIn, localBus, readNews } from './lib/process/bus.js';
import { type CacheStore, memoryStore } from './lib/process/cache.js';
import type { Log } from './lib/process/log.js';
import { createTurns } from './lib/process/turns.js';
import { cachedReads } from './modules/analytics/heavy.reads.js';
import { forgetHtml } from './modules/conversation/message/message.html.js';
import { erasureWorkers, type KeptElsewhere } from './modules/customer/deletion/customer.deletion.js';
import { mailWorkers } from './modules/email/outbound/outbound-email.delivery.js';
import { fileTransport, forgetMails, smtpTransport } from './modules/email/outbound/outbound-email.transports.js';
import { eventFeed } from './modules/events/event.feed.js';
import { outboxStates } from './modules/events/outbox.state.js';
import { outboxWatermark } from './modules/events/outbox.watermark.js';
import { type Dispatcher, startDispatcher } from './modules/webhooks/deliveries/webhook.dispatcher.js';
import { deliveryWorkers } from './modules/webhooks/sending/webhook.sender.js';
import { createOperations, type OperationsOptions } from './operations.js';
import { createPages } from './pages/pages.js';
import { cstarWebhooks } from './rest/cstar/webhooks.js';
import { createRest } from './rest/server.js';

export interface AppOptions {
  database: Database;
  log: Log;
  /** What holds for keys that were given nothing else; the defaults when left out. */
  limits?: Limits;
  /** How the processes of the gateway tell each other of changes; absent: there is one process. */
  connectBus?: ConnectBus | undefined;
  /** Where the answers of heavy reads are kept for a short time; in this process when left out. It is closed with the app. */
  cache?: CacheStore | undefined;
  /** Where queries are kept for clients that send their hash; absent: they are not. It is closed with the app. */
  queries?: CacheStore | undefined;
  /** How mails leave; without it what is written is not mailed. */
  mail?: MailOptions;
  /** Whether clients may ask for the schema; true when left out. */
  introspection?: boolean;
  /** Whether a browser gets GraphiQL; true when left out. */
  graphiql?: boolean;
  webhooks?: WebhookOptions;
  /** What operators may ask, and how. */
  operators?: Pick<OperationsOptions, 'jobs' | 'isLeaving' | 'metricsToken' | 'gather'>;
  /** Whose bearer tokens agents sign in with; nobody's when left out. */
  oidc?: OidcOptions;
  /** The public key by which reports of leaked keys must be signed; absent: whoever knows a key may report it. */
  leakedKeysPublicKey?: string;
  /** Whether each request gets a line in the log; true when left out. */
  accessLog?: boolean;
  /** Proxies whose X-Forwarded-For names the client; none when left out. */
  trustedProxies?: AddressSet;
}

export interface MailOptions {
  /** The mail server; absent: each mail becomes a file. */
  smtpUrl?: string | undefined;
  /** The directory of these files. */
  outbox: string;
  /** The address of the e-mail channel that a workspace without one gets when it has something to mail; absent: it gets none. */
  from?: string;
  /** How long after a failure a mail is tried again at first. */
  retryMs?: number;
}

export interface WebhookOptions {
  /** Where they may be sent beside public addresses; nowhere when left out. */
  targets?: AllowedTargets;
  /** How long an endpoint may take to answer, in milliseconds; 15 seconds when left out. */
  timeoutMs?: number;
  /** How long to wait before each attempt after the first, in milliseconds; three days in nine steps when left out. */
  delaysMs?: readonly number[];
}

const nobody = readAddressSet('');
const noTargets = readAllowedTargets('');
const webhookTimeoutMs = 15_000;

/** Of the work at events, so many points begin in one turn of the event loop: some 10 ms. */
const pointsPerTurn = 2_000;
/** To see whether an event is wanted takes a statement of the database, of which a workspace has some at a time. */
const pointsPerMatch = 100;

/** What is answered here beside pages, REST and what operators ask. */
const fixedPaths: ReadonlySet<string> = new Set(['/', '/graphql', '/inbound/email', '/leaked-keys']);
const unknownRoute = '/*';

/** The formats of webhooks beside the gateway's own. */
const formats = [cstarWebhooks];

export interface App {
  /** Answers every request of the HTTP server. */
  listener: RequestListener;
  /** Takes a connection that becomes a WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
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
  const { database, log, connectBus = localBus, cache = memoryStore() } = options;
  const { limits = defaultLimits, introspection = true, graphiql = true } = options;
  const { mail, webhooks = {}, trustedProxies = nobody } = options;
  const { targets = noTargets, timeoutMs = webhookTimeoutMs, delaysMs } = webhooks;
  // A file can be trusted to come about; what a mail server will say is not known.
  const statusAtFirst = mail?.smtpUrl ? ('QUEUED' as const) : ('SENT' as const);
  const outgoing = mail ? { statusAtFirst, firstMailbox: mail.from } : null;
  const watermark = outboxWatermark(database);
  const stateOf = outboxStates(database, watermark);
  const heavyReads = cachedReads(stateOf, cache);
  const keptElsewhere: KeptElsewhere = {
    forgetMails: async (messageIds) => (mail ? forgetMails(mail.outbox, messageIds) : 0),
    forgetWorkspace: (workspaceId) => bus.publish(erasedIn(workspaceId)),
  };
  const servicesOver = (db: Database) =>
    createServices(db, {
      outgoing,
      webhookTargets: targets,
      webhookFormats: formats,
      heavyReads,
      keptElsewhere,
      ...(options.oidc && { oidc: options.oidc }),
    });
  const services = servicesOver(database);
  const keys = keyWatch(services.authentication, log);
  const feed = eventFeed(database, watermark, {
    // Who does not read is found out by what waits to be read; an event may also wait for its turn, or for points.
    patienceMs: 120_000,
    onError: (error) => logFailure(log, error, 'The outbox could not be read.', 'warn'),
  });
  const bus = await connectBus((news) => {
    const { workspaceId, isErasure } = readNews(news);
    if (!isErasure) return feed.wake(workspaceId);
    heavyReads.forget(workspaceId);
    forgetHtml(workspaceId);
  });
  database.onChange(bus.publish);

  const observer = createObserver({ log, accessLog: options.accessLog ?? true });
  const senderOf = senderBehind(trustedProxies);
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
  const graphql = createGraphqlServer({
    contextOf,
    senderOf,
    log,
    limits,
    budget,
    outflow,
    turns,
    stateOf,
    queries: options.queries,
    introspection,
    graphiql,
  });
  const openSession = inProcess({ graphql, budget, outflow, contextOf, log });
  const rest = createRest({ openSession, senderOf, log, maxBodyBytes: limits.maxBodyBytes });
  const sockets = createWebSocketEndpoint({
    graphql,
    contextOf,
    keys,
    budget,
    outflow,
    limits,
    trustedProxies,
    observer,
    log,
  });
  const operations = createOperations({ database, feed, sockets: sockets.connections, log, ...options.operators });
  const inboundEmail = createInboundEmail({ services, senderOf, log, maxBytes: limits.maxMailBytes });
  const publicKey = options.leakedKeysPublicKey;
  const leakedKeys = createLeakedKeys({ services, senderOf, log, ...(publicKey !== undefined && { publicKey }) });
  const pages = createPages({ describe: rest.describe, graphiql, log });
  const poster = createPoster({ allowed: targets, timeoutMs });

  const hasRoute = (path: string): boolean => fixedPaths.has(path) || operations.handles(path) || pages.handles(path);
  const answer = (path: string, request: IncomingMessage, response: ServerResponse): void => {
    if (operations.handle(path, request, response)) return;
    if (path === '/') return void response.writeHead(302, { location: '/graphql' }).end();
    if (path === '/inbound/email') return void inboundEmail.answer(request, response);
    if (path === '/leaked-keys') return void leakedKeys.answer(request, response);
    if (pages.handles(path)) return void pages.answer(request, response);
    if (rest.handles(path)) return void rest.answer(request, response);
    // The GraphQL server makes a URL of both, and shows whoever asks how that failed.
    if (!URL.canParse(`http://${request.headers.host ?? 'localhost'}${request.url}`)) {
      return void response.writeHead(400).end();
    }
    void graphql(request, response);
  };

  return {
    listener(request, response) {
      request.url = withoutSlash(originForm(request.url));
      const path = pathOf(request);
      boundDrain(request, response);
      response.setHeader('X-Content-Type-Options', 'nosniff');
      const notes = observer.request(request, response, operations.handles(path));
      // The shim for REST notes the pattern of its own.
      notes.route = hasRoute(path) ? path : unknownRoute;
      withRequest(notes, () => answer(path, request, response));
    },
    upgrade(request, socket, head) {
      // Node has taken its own listener off, and an error that nobody listens to ends the process.
      socket.on('error', () => socket.destroy());
      request.url = withoutSlash(originForm(request.url));
      if (pathOf(request) === '/graphql') sockets.upgrade(request, socket, head);
      else
        socket.end(
          `HTTP/1.1 404 Not Found\r\n${requestIdHeader}: ${requestIdOf(request.headers['x-request-id'])}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
        );
    },
    graphql,
    workers: [
      ...deliveryWorkers(database, { poster, formats, ...(delaysMs && { delaysMs }) }),
      ...(mail ? [sendMails(database, log, mail, keptElsewhere.forgetMails)] : []),
      erasureWorkers(database, keptElsewhere),
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
      void inboundEmail.close();
      await graphql.dispose();
    },
  };
}

function sendMails(
  database: Database,
  log: Log,
  { smtpUrl, outbox, ...others }: MailOptions,
  forget: KeptElsewhere['forgetMails'],
): Workers {
  const transport = smtpUrl ? smtpTransport(smtpUrl) : fileTransport(outbox);
  return mailWorkers(database, { log, transport, forget, ...others });
}
