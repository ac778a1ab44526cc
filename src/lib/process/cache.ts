import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { Log } from './log.js';

/**
 * Keeps bytes for a short time. A key says all that the bytes depend on, so that what is found under it is right however
 * it got there, and what cannot be found, or was lost, is only made anew.
 */
export interface CacheStore {
  /** What is kept under each key; undefined where nothing is. Never fails. */
  read(keys: readonly string[]): Promise<(Uint8Array | undefined)[]>;
  /** Keeps what it can, without being waited for. */
  write(entries: readonly CacheEntry[]): void;
  /** Removes what is kept under keys that begin so. In a Redis it is removed in a moment. */
  forget(prefix: string): void;
  close(): void;
}

export type CacheEntry = readonly [key: string, bytes: Buffer];

/** So long something is kept when nothing else is said. */
export const cacheTtlMs = 60_000;
const maxBytes = 32 * 1_024 * 1_024;
/** What an entry takes beside its key and its bytes. */
const overhead = 200;

export interface CacheOptions {
  /** How much this process keeps; 32 MiB when left out. */
  bytes?: number;
  /** How long an entry is kept; a minute when left out. */
  ttlMs?: number;
}

/** Keeps them in this process: those that were used last, in so many bytes. */
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

/** Redis may take so long to answer before it is left alone for a while. */
const patienceMs = 250;
const pauseMs = 5_000;

/** Keeps them in this process, and in a Redis for the others as well. While Redis is away, each has its own. */
export async function redisStore(url: string, log: Log, options: CacheOptions = {}): Promise<CacheStore> {
  const { Redis } = await import('ioredis');
  const own = memoryStore(options);
  const { ttlMs = cacheTtlMs } = options;
  const client = new Redis(url, {
    commandTimeout: patienceMs,
    // What cannot be asked right now is not asked later either.
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
      // Not taken into this process: how long it may still be kept, Redis knows.
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
