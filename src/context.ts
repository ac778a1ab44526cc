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

/** Types that the execution of the graph passes to services. */
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

/**
 * The loaders that batch the reads of one request. Each request gets new ones, so that no request sees cached rows of
 * another.
 */
export type Loaders = ReturnType<typeof createLoaders>;

/** The property with which the Prisma plugin finds its client. Resolvers use loaders and services instead. */
export const prismaClient = Symbol('the Prisma client of the schema builder');

/** The context of one GraphQL request. */
export interface Context {
  readonly [prismaClient]: Database['prisma'];
  caller: Caller;
  services: Services;
  /**
   * The services for a mutation field, by its response name. Under an idempotency key their database skips what an
   * earlier run has already done for that field.
   */
  servicesOf(field: string): Services;
  /** The services over another database. */
  servicesOver(db: Database): Services;
  loaders: Loaders;
  /** Records whether the heavy reads of the request came from the cache. */
  cacheUse: CacheUse;
  /** Values that a response shows only once. */
  secrets: Set<string>;
  /** The loaders that all subscriptions share for a batch of events, so that their common data is read once. */
  loadersOf(batch: Batch): Loaders;
  /**
   * The changes of the workspace after a seq in the outbox, or from now on. Ends when the key is no longer valid or
   * loses a scope.
   * @throws BAD_USER_INPUT for a seq that no event has yet.
   */
  follow(after: bigint | number | null | undefined): Promise<Stream<StreamedEvent>>;
  /**
   * Does work for an event, such as checking whether it is wanted, when the key has the points and it is the
   * workspace's turn.
   */
  atEvent<T>(work: () => Promise<T>): Promise<T>;
}

/** The database, services and readers of an operation. */
export interface Sources {
  db: Database;
  services: Services;
  heavyReads: HeavyReads;
}

/** The properties of a context that depend on its sources. */
export const contextOver = ({ db, services, heavyReads }: Sources, { workspaceId }: Caller) => ({
  [prismaClient]: db.prisma,
  services,
  servicesOf: () => services,
  loaders: createLoaders({ db, workspaceId, heavyReads }),
});

/** Finds replicas from which queries may read. */
export interface ReplicaReads {
  /**
   * The sources over a replica that has everything that the caller has seen; undefined when the primary must be used.
   * `current`: the replica must have everything that was committed before the call.
   */
  sources(options: { current: boolean }): Promise<Sources | undefined>;
  /** Drops cached and running computations for a workspace. */
  forget(workspaceId: string): void;
}

export interface ReplicaParts {
  replicas: Replicas;
  servicesOver(db: Database, heavyReads: HeavyReads): Services;
  stateOf: OutboxStateOf;
  cache: CacheStore;
}

/**
 * Services over each replica. Results are cached for all processes under a state of the primary, which the replica must
 * have reached.
 */
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

/** The parts from which the contexts of all requests are made. */
export interface ContextParts extends Sources {
  servicesOver: Context['servicesOver'];
  feed: EventFeed;
  keys: KeyWatch;
  atEvent<T>(caller: Caller, work: () => Promise<T>): Promise<T>;
}

/** The number of batches of events whose loaders are shared, and for how long. */
const maxSharedLoaders = 32;
const sharedLoadersMs = 5_000;

/** Creates the context of a request from its key. @throws UNAUTHENTICATED */
export function contextMaker({
  db,
  services,
  servicesOver,
  heavyReads,
  feed,
  keys,
  atEvent,
}: ContextParts): (key: string | undefined, sender?: Sender) => Promise<Context> {
  // The lifetime is limited even while a slow subscription holds the batch, because the loaders keep all rows that were
  // read.
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
        // A client that receives an event may query its object, so it must not read an older state from a replica.
        return transformed(events, (event) => db.acknowledge().then(() => event));
      },
      atEvent: (work) => atEvent(caller, work),
    };
  };
}
