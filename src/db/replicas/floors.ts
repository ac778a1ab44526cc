import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { Log } from '../../lib/process/log.js';
import { laterOf, mostLagMs, type Position } from './position.js';

/** Up to where those who ask have been told of changes: they are not answered by a replica that has not come so far. */
export interface Floors {
  /** The latest position that any of the holders was told of; undefined when it cannot be known now. */
  read(holders: readonly string[]): Promise<Position | undefined>;
  /** Resolves when every process knows; false when others may not. */
  raise(holder: string, position: Position): Promise<boolean>;
  close(): void;
}

/** After `mostLagMs` every replica that is read from has what was told, so this is long enough. */
const keptMs = 3 * mostLagMs;
const mostHolders = 100_000;

/** For a gateway of one process. `forgot` is called with a position when somebody's is dropped too early. */
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

/** Positions of several processes may come in any order. */
const raiseScript = `local kept = redis.call('GET', KEYS[1])
if kept and kept >= ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])`;

/** For several processes. `lost` is called when the Redis may have lost what it knew. */
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
