import { LRUCache } from 'lru-cache';
import type { Caller } from './auth/caller.js';
import type { KeyWatch } from './auth/key-watch.js';
import type { Database } from './db/database.js';
import type { Replicas } from './db/replicas/replicas.js';
import type { Sender } from './lib/http/sender.js';
import type { CacheStore } from './lib/process/cache.js';
import { CacheUse } from './lib/process/cache-use.js';
import { type Stream, transformed } from './lib/process/streams.js';
import { lazily } from './lib/values/lazy.js';
import { attributionLoaders } from './modules/analytics/attribution.loaders.js';
import { type AnalyticsParts, cachedReads, type HeavyReads } from './modules/analytics/heavy.reads.js';
import { journeyLoaders } from './modules/analytics/journey.loaders.js';
import { clickLoaders } from './modules/click/click.loaders.js';
import { attachmentLoaders } from './modules/conversation/attachment/attachment.loaders.js';
import { conversationLoaders } from './modules/conversation/conversation.loaders.js';
import { conversionLoaders } from './modules/conversion/conversion.loaders.js';
import { customerLoaders, rowsById } from './modules/customer/customer.loaders.js';
import type { EventFeed } from './modules/events/event.feed.js';
import type { Batch, StreamedEvent } from './modules/events/event.follower.js';
import type { OutboxStateOf } from './modules/events/outbox.state.js';
import type { Run } from './modules/idempotency/idempotency.run.js';
import { webhookLoaders } from './modules/webhooks/webhook.loaders.js';
import { workspaceLoaders } from './modules/workspace/workspace.loaders.js';
import type { Services } from './services.js';

/** What the graph's execution handles for the services. */
export type { Batch, Run, StreamedEvent };

const loaderFactories = {
  byId: rowsById,
  attachments: attachmentLoaders,
  attributions: attributionLoaders,
  clicks: clickLoaders,
  conversations: conversationLoaders,
  conversions: conversionLoaders,
  customers: customerLoaders,
  journeys: journeyLoaders,
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

/** What an operation reads and writes with. */
export interface Sources {
  db: Database;
  services: Services;
  heavyReads: HeavyReads;
}

/** What a context has of its sources. */
export const contextOver = ({ db, services, heavyReads }: Sources, { workspaceId }: Caller) => ({
  [prismaClient]: db.prisma,
  services,
  servicesOf: () => services,
  loaders: createLoaders({ db, workspaceId, heavyReads }),
});

/** What finds the sources that queries may read with beside those of the process. */
export interface ReplicaReads {
  /**
   * Those of a replica that has what the running request was told of; undefined when the primary must be asked. `current`:
   * all that was committed before.
   */
  sources(options: { current: boolean }): Promise<Sources | undefined>;
  /** Forgets what is being computed of a workspace. */
  forget(workspaceId: string): void;
}

export interface ReplicaParts {
  replicas: Replicas;
  servicesOver(db: Database, heavyReads: HeavyReads): Services;
  stateOf: OutboxStateOf;
  cache: CacheStore;
}

/** Services over each replica. What is computed there is kept for all under a state of the primary, which it must have reached. */
export function readReplicas({ replicas, servicesOver, stateOf, cache }: ReplicaParts): ReplicaReads {
  const known = new Map<Database, Sources>();
  const sourcesOf = (db: Database): Sources => {
    const opened = known.get(db);
    if (opened) return opened;
    const heavyReads = cachedReads(async (workspaceId) => {
      const state = await stateOf(workspaceId);
      return state !== undefined && (await replicas.isCurrent(db)) ? state : undefined;
    }, cache);
    const sources = { db, services: servicesOver(db, heavyReads), heavyReads };
    known.set(db, sources);
    return sources;
  };
  return {
    async sources(options) {
      const db = await replicas.choose(options);
      return db && sourcesOf(db);
    },
    forget(workspaceId) {
      for (const { heavyReads } of known.values()) heavyReads.forget(workspaceId);
    },
  };
}

/** What the contexts of all requests are made of. */
export interface ContextParts extends Sources {
  servicesOver: Context['servicesOver'];
  feed: EventFeed;
  keys: KeyWatch;
  atEvent<T>(caller: Caller, work: () => Promise<T>): Promise<T>;
}

/** For how many batches of events what was read of them is shared, and for how long. */
const maxSharedLoaders = 32;
const sharedLoadersMs = 5_000;

/** Makes the context of a request from its key. @throws UNAUTHENTICATED */
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
      ...contextOver({ db, services, heavyReads }, caller),
      servicesOver,
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
        const events = await feed.follow(caller.workspaceId, { after: from, signal, onEnd: release });
        // A client that learns of an event may ask for its object.
        return transformed(events, (event) => db.acknowledge().then(() => event));
      },
      atEvent: (work) => atEvent(caller, work),
    };
  };
}
