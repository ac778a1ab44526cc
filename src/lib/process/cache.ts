import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { Log } from './log.js';

/**
 * Caches bytes for a short time. A key contains everything that the bytes depend on, so an entry is never stale. An
 * entry that is lost is computed again.
 */
export interface CacheStore {
  /** The entry under each key; undefined where there is none. Never fails. */
  read(keys: readonly string[]): Promise<(Uint8Array | undefined)[]>;
  /** Stores as much as possible. Does not wait. */
  write(entries: readonly CacheEntry[]): void;
  /** Removes the entries whose keys begin with the prefix. In Redis they are removed a moment later. */
  forget(prefix: string): void;
  close(): void;
}

export type CacheEntry = readonly [key: string, bytes: Buffer];

/** The default lifetime of an entry. */
export const cacheTtlMs = 60_000;
const maxBytes = 32 * 1_024 * 1_024;
/** The memory of an entry in addition to its key and bytes. */
const overhead = 200;

export interface CacheOptions {
  /** The size of the cache in this process; 32 MiB by default. */
  bytes?: number;
  /** The lifetime of an entry; a minute by default. */
  ttlMs?: number;
}

/** Caches in this process. The least recently used entries are removed when the size limit is reached. */
export function memoryStore({ bytes = maxBytes, ttlMs = cacheTtlMs }: CacheOptions = {}): CacheStore {
  const kept = new LRUCache<string, Buffer>({
    maxSize: bytes,
    sizeCalculation: (value, key) => overhead + 2 * key.length + value.length,
    ttl: ttlMs,
  });
  return {
    read: async (keys) => keys.map((key) => kept.get(key)),
    write(entries) {
      for (const [key, value] of entries) kept.set(key, value);
    },
    forget(prefix) {
      for (const key of kept.keys()) if (key.startsWith(prefix)) kept.delete(key);
    },
    close: () => kept.clear(),
  };
}

/** When Redis takes longer than this, it is not used for a while. */
const patienceMs = 250;
const pauseMs = 5_000;

/**
 * Caches in this process and in Redis, which all processes share. While Redis is away, each process has only its own
 * cache.
 */
export async function redisStore(url: string, log: Log, options: CacheOptions = {}): Promise<CacheStore> {
  const { Redis } = await import('ioredis');
  const own = memoryStore(options);
  const { ttlMs = cacheTtlMs } = options;
  const client = new Redis(url, {
    commandTimeout: patienceMs,
    // A request that Redis cannot serve now is not queued.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(attempt * 100, 2_000),
  });
  let pausedUntil = Number.NEGATIVE_INFINITY;
  const fails = (error: unknown): void => {
    if (client.status === 'end') return;
    if (performance.now() >= pausedUntil)
      log.warn({ err: error }, 'Redis does not answer; processes compute for themselves.');
    pausedUntil = performance.now() + pauseMs;
  };
  client.on('error', fails);
  const isThere = (): boolean => client.status === 'ready' && performance.now() >= pausedUntil;

  return {
    async read(keys) {
      const found = await own.read(keys);
      const missing = keys.filter((_key, place) => found[place] === undefined);
      if (missing.length === 0 || !isThere()) return found;
      // Not copied into this process, because only Redis knows the remaining lifetime.
      const others = await readFrom(client, missing).catch(fails);
      return others ? found.map((bytes) => bytes ?? others.shift() ?? undefined) : found;
    },
    write(entries) {
      own.write(entries);
      if (!isThere()) return;
      const pipeline = client.pipeline();
      for (const [key, bytes] of entries) pipeline.set(key, bytes, 'PX', ttlMs);
      pipeline.exec().catch(fails);
    },
    forget(prefix) {
      own.forget(prefix);
      if (isThere()) forgetIn(client, prefix).catch(fails);
    },
    close() {
      own.close();
      client.disconnect();
    },
  };
}

const readFrom = (client: Redis, keys: readonly string[]): Promise<(Buffer | null)[]> => client.mgetBuffer(...keys);

const keysAtOnce = 1_000;

async function forgetIn(client: Redis, prefix: string): Promise<void> {
  const pattern = `${prefix.replace(/[\\*?[\]]/g, '\\$&')}*`;
  let cursor = '0';
  do {
    const [next, keys] = await client.scan(cursor, 'MATCH', pattern, 'COUNT', keysAtOnce);
    if (keys.length > 0) await client.unlink(...keys);
    cursor = next;
  } while (cursor !== '0');
}
