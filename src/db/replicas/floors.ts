import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { Log } from '../../lib/process/log.js';
import { laterOf, mostLagMs, type Position } from './position.js';

/**
 * The latest positions that callers have seen. A replica that has not reached a caller's position may not answer it.
 */
export interface Floors {
  /** The latest position that any of the holders has seen; undefined when it cannot be determined now. */
  read(holders: readonly string[]): Promise<Position | undefined>;
  /** Resolves with true when every process knows the position; with false when some may not. */
  raise(holder: string, position: Position): Promise<boolean>;
  close(): void;
}

/** A replica in use is at most `mostLagMs` behind, so every replica has a position that is older than this. */
const keptMs = 3 * mostLagMs;
const mostHolders = 100_000;

/** For a gateway of one process. `forgot` is called with a position that is evicted too early. */
export function localFloors(forgot: (position: Position) => void): Floors {
  const kept = new LRUCache<string, Position>({
    max: mostHolders,
    ttl: keptMs,
    dispose: (position, _holder, reason) => {
      if (reason === 'evict') forgot(position);
    },
  });
  return {
    read: async (holders) => laterOf(holders.map((holder) => kept.get(holder) ?? '')),
    async raise(holder, position) {
      kept.set(holder, laterOf([kept.get(holder) ?? '', position]));
      return true;
    },
    close: () => kept.clear(),
  };
}

const patienceMs = 250;

/** Positions from several processes may arrive in any order. */
const raiseScript = `local kept = redis.call('GET', KEYS[1])
if kept and kept >= ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])`;

/** For several processes. `lost` is called when Redis may have lost positions. */
export async function sharedFloors(url: string, own: Floors, lost: () => void, log: Log): Promise<Floors> {
  const { Redis } = await import('ioredis');
  const client: Redis = new Redis(url, {
    commandTimeout: patienceMs,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(attempt * 100, 2_000),
  });
  let isAway = false;
  const fails = (error: unknown): void => {
    if (!isAway && client.status !== 'end') log.warn({ err: error }, 'Redis does not answer; replicas are not used.');
    isAway = true;
  };
  client.on('error', fails);
  client.on('ready', () => {
    isAway = false;
    lost();
  });
  const keyOf = (holder: string): string => `deskgraph:position:${holder}`;

  return {
    async read(holders) {
      try {
        const found = await client.mget(...holders.map(keyOf));
        const known = await own.read(holders);
        return known === undefined ? undefined : laterOf([known, ...found.map((position) => position ?? '')]);
      } catch (error) {
        fails(error);
        return undefined;
      }
    },
    async raise(holder, position) {
      await own.raise(holder, position);
      try {
        await client.eval(raiseScript, 1, keyOf(holder), position, keptMs);
        return true;
      } catch (error) {
        fails(error);
        return false;
      }
    },
    close() {
      own.close();
      client.disconnect();
    },
  };
}
