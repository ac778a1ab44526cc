import { LRUCache } from 'lru-cache';
import { authentication } from './auth/authentication.js';
import type { Caller } from './auth/caller.js';
import type { KeyWatch } from './auth/key-watch.js';
import type { OidcOptions } from './auth/oidc.js';
import type { Database } from './db/database.js';
import type { Sender } from './lib/http/sender.js';
import { type AllowedTargets, readAllowedTargets } from './lib/http/targets.js';
import type { WebhookFormats } from './lib/http/webhook-format.js';
import { CacheUse } from './lib/process/cache-use.js';
import type { Stream } from './lib/process/streams.js';
import { lazily } from './lib/values/lazy.js';
import { agentService } from './modules/agent/agent.service.js';
import { analyticsService } from './modules/analytics/analytics.service.js';
import { attributionLoaders } from './modules/analytics/attribution.loaders.js';
import { type AnalyticsParts, type HeavyReads, uncached } from './modules/analytics/heavy.reads.js';
import { journeyLoaders } from './modules/analytics/journey.loaders.js';
import { leakService } from './modules/api-key/api-key.leaks.js';
import { apiKeyManagement } from './modules/api-key/api-key.managing.js';
import { apiKeyService } from './modules/api-key/api-key.service.js';
import { signInBy } from './modules/api-key/api-key.sign-in.js';
import { sessionTokenService } from './modules/api-key/session-token.service.js';
import { auditService } from './modules/audit/audit.service.js';
import { campaignService } from './modules/campaign/campaign.service.js';
import { channelService } from './modules/channel/channel.service.js';
import { clickLoaders } from './modules/click/click.loaders.js';
import { clickService } from './modules/click/click.service.js';
import { contactService } from './modules/contact/contact.service.js';
import { attachmentLoaders } from './modules/conversation/attachment/attachment.loaders.js';
import { conversationBulkService } from './modules/conversation/bulk/conversation.bulk.js';
import { conversationLoaders } from './modules/conversation/conversation.loaders.js';
import { conversationService } from './modules/conversation/conversation.service.js';
import { reassignOpen } from './modules/conversation/conversation.writes.js';
import type { OutgoingMail } from './modules/conversation/message/mail/message.outgoing.js';
import { messageLoaders } from './modules/conversation/message/message.loaders.js';
import { messageService } from './modules/conversation/message/message.service.js';
import { conversionLoaders } from './modules/conversion/conversion.loaders.js';
import { conversionService } from './modules/conversion/conversion.service.js';
import { customerLoaders, rowsById } from './modules/customer/customer.loaders.js';
import { customerService } from './modules/customer/customer.service.js';
import type { KeptElsewhere } from './modules/customer/deletion/customer.deletion.js';
import { inboundMailService } from './modules/email/inbound/inbound-email.service.js';
import type { EventFeed } from './modules/events/event.feed.js';
import type { Batch, StreamedEvent } from './modules/events/event.follower.js';
import type { Run } from './modules/idempotency/idempotency.run.js';
import { idempotencyService } from './modules/idempotency/idempotency.service.js';
import { linkService } from './modules/link/link.service.js';
import { searchService } from './modules/search/search.service.js';
import { trackedCustomerService } from './modules/tracked-customer/tracked-customer.service.js';
import { webhookDeliveryService } from './modules/webhooks/deliveries/webhook.delivery.service.js';
import { webhookService } from './modules/webhooks/endpoints/webhook.endpoint.service.js';
import { webhookLoaders } from './modules/webhooks/webhook.loaders.js';
import { workspaceLoaders } from './modules/workspace/workspace.loaders.js';
import { workspaceService } from './modules/workspace/workspace.service.js';

/** What the graph's execution handles for the services. */
export type { Batch, Run, StreamedEvent };

/** What those who run the gateway have decided, as far as services must know it. */
export interface Settings {
  /** How mail goes out; null: it does not. */
  outgoing?: OutgoingMail | null;
  /** Where webhooks may be sent beside public addresses; nowhere when left out. */
  webhookTargets?: AllowedTargets;
  /** The formats of webhooks beside the gateway's own; none when left out. */
  webhookFormats?: WebhookFormats;
  /** How heavy reads are done; each time when left out. */
  heavyReads?: HeavyReads;
  /** Whose bearer tokens agents sign in with; nobody's when left out. */
  oidc?: OidcOptions;
  /** What is kept outside the database and goes with a deleted customer; nothing when left out. */
  keptElsewhere?: KeptElsewhere;
}

const noTargets = readAllowedTargets('');

/** Everything the application can do, made once per process. */
export type Services = ReturnType<typeof createServices>;

export function createServices(db: Database, settings: Settings = {}) {
  const {
    outgoing = null,
    webhookTargets = noTargets,
    webhookFormats = [],
    heavyReads = uncached,
    keptElsewhere,
  } = settings;
  const authenticated = authentication(db, settings.oidc && signInBy(db, settings.oidc));
  return {
    agents: agentService(db, reassignOpen),
    analytics: analyticsService(db, heavyReads),
    apiKeys: apiKeyService(db, authenticated),
    leaks: leakService(db, authenticated),
    managedKeys: apiKeyManagement(db, authenticated),
    sessionTokens: sessionTokenService(db),
    audit: auditService(db),
    authentication: authenticated,
    campaigns: campaignService(db),
    channels: channelService(db),
    clicks: clickService(db),
    contacts: contactService(db),
    conversations: conversationService(db, outgoing),
    conversationsInBulk: conversationBulkService(db),
    conversions: conversionService(db),
    customers: customerService(db, keptElsewhere),
    idempotency: idempotencyService(db),
    inboundMail: inboundMailService(db),
    links: linkService(db),
    messages: messageService(db, outgoing),
    search: searchService(db),
    trackedCustomers: trackedCustomerService(db, keptElsewhere),
    webhookDeliveries: webhookDeliveryService(db, webhookFormats),
    webhooks: webhookService(db, webhookTargets, webhookFormats),
    workspaces: workspaceService(db),
  };
}

const loaderFactories = {
  byId: rowsById,
  attachments: attachmentLoaders,
  attributions: attributionLoaders,
  clicks: clickLoaders,
  conversations: conversationLoaders,
  conversions: conversionLoaders,
  customers: customerLoaders,
  journeys: journeyLoaders,
  messages: messageLoaders,
  webhooks: webhookLoaders,
  workspaces: workspaceLoaders,
};

const createLoaders = lazily<AnalyticsParts, typeof loaderFactories>(loaderFactories);

/** What batches the reads of one request; made anew for each, so that no request sees another's rows. */
export type Loaders = ReturnType<typeof createLoaders>;

/** Where the Prisma plugin of the schema builder finds its client. Resolvers read by loaders and services. */
export const prismaClient = Symbol('the Prisma client of the schema builder');

/** The context of one GraphQL request. */
export interface Context {
  readonly [prismaClient]: Database['prisma'];
  caller: Caller;
  services: Services;
  /**
   * The services that a mutation field writes with, by its name in the answer. Under an idempotency key they stand
   * over a database that does not do again what was done for that field before.
   */
  servicesOf(field: string): Services;
  /** The services over another database than that of the process. */
  servicesOver(db: Database): Services;
  loaders: Loaders;
  /** What becomes known of the heavy reads of the request. */
  cacheUse: CacheUse;
  /** What the answer shows only once. */
  secrets: Set<string>;
  /** The loaders that all who are told of this batch share, so that what each wants of it is read once. */
  loadersOf(batch: Batch): Loaders;
  /**
   * The changes of the workspace after a place in the outbox, or from now on. Ends when the key stops being valid, or loses a scope.
   * @throws BAD_USER_INPUT for a place that no event has taken yet.
   */
  follow(after: bigint | number | null | undefined): Promise<Stream<StreamedEvent>>;
  /** Does work at an event, such as looking whether it is wanted: when the key can pay for it, and it is its turn. */
  atEvent<T>(work: () => Promise<T>): Promise<T>;
}

/** What the contexts of all requests are made of. */
export interface ContextParts {
  db: Database;
  services: Services;
  servicesOver: Context['servicesOver'];
  heavyReads: HeavyReads;
  feed: EventFeed;
  keys: KeyWatch;
  atEvent<T>(caller: Caller, work: () => Promise<T>): Promise<T>;
}

/** For how many batches of events what was read of them is shared, and for how long. */
const maxSharedLoaders = 32;
const sharedLoadersMs = 5_000;

/** Makes the context of a request from the key that it bears. @throws UNAUTHENTICATED */
export function contextMaker({
  db,
  services,
  servicesOver,
  heavyReads,
  feed,
  keys,
  atEvent,
}: ContextParts): (key: string | undefined, sender?: Sender) => Promise<Context> {
  // Not for as long as somebody who is slow holds the batch, since they hold all that was read.
  const shared = new LRUCache<Batch, Loaders>({ max: maxSharedLoaders, ttl: sharedLoadersMs });
  return async (key, sender) => {
    const caller = await services.authentication.authenticate(key, sender);
    const loaderParts = { db, workspaceId: caller.workspaceId, heavyReads };
    return {
      caller,
      [prismaClient]: db.prisma,
      services,
      servicesOf: () => services,
      servicesOver,
      loaders: createLoaders(loaderParts),
      cacheUse: new CacheUse(),
      secrets: new Set(),
      loadersOf(batch) {
        const loaders = shared.get(batch) ?? createLoaders(loaderParts);
        shared.set(batch, loaders);
        return loaders;
      },
      async follow(after) {
        const from = after == null ? undefined : BigInt(after);
        const { signal, release } = keys.watch(caller);
        return feed.follow(caller.workspaceId, { after: from, signal, onEnd: release });
      },
      atEvent: (work) => atEvent(caller, work),
    };
  };
}
