import { setTimeout as pause } from 'node:timers/promises';
import { queriesByServer } from '../../lib/observe/meters.js';
import { currentRequest } from '../../lib/observe/request.js';
import type { Log } from '../../lib/process/log.js';
import type { Connection, Pooling } from '../connection/connection.js';
import { openConnection } from '../connection/open.js';
import { serversOf } from '../connection/url.js';
import type { Database } from '../database.js';
import { logFailure } from '../faults/faults.js';
import { type Floors, localFloors, sharedFloors } from './floors.js';
import { laterOf, mostLagMs, type Position, unknownPosition } from './position.js';
import { watchPrimary } from './primary.js';
import { openReplica, type Replica } from './replica.js';

/** The replicas of the database, and which of them may answer which caller. */
export interface Replicas {
  /**
   * A replica that has everything that the request's key and workspace have seen; undefined when the primary must be
   * used. `current`: it must have everything that was committed before the call.
   */
  choose(options?: { current?: boolean }): Promise<Database | undefined>;
  /** Whether the chosen replica has everything that was committed before the call. */
  isCurrent(database: Database): Promise<boolean>;
  /** For the metrics. The lag of an unavailable replica is undefined. */
  states(): { name: string; lagMs: number | undefined; isUsed: boolean }[];
  close(): Promise<void>;
}

export interface ReplicasOptions {
  /** The value of DATABASE_REPLICA_URL. Each host is a replica. */
  urls: string;
  pooling?: Pooling | undefined;
  connections: number;
  /** The Redis through which processes share the positions that keys have seen. Absent for a single process. */
  redisUrl?: string | undefined;
  log: Log;
}

const variable = 'DATABASE_REPLICA_URL';
const lookEveryMs = 500;
const lookAgainMs = 20;
const openAgainMs = 5_000;

/** Replicas that are unavailable are retried; the primary serves meanwhile. @throws StartError for an invalid URL. */
export async function openReplicas(
  database: Database,
  primaryConnection: Connection,
  { urls, pooling, connections, redisUrl, log }: ReplicasOptions,
): Promise<Replicas> {
  const named = serversOf(urls, variable);
  const primary = watchPrimary(primaryConnection);
  const replicas: Replica[] = [];
  const ended = new AbortController();
  const { signal } = ended;
  /**
   * A position that every caller may have seen. Undefined until it is known, because callers of earlier processes have
   * seen unknown positions.
   */
  let common: Position | undefined;
  const own = localFloors((position) => {
    if (common !== undefined) common = laterOf([common, position]);
  });
  let losses = 0;
  const lost = (): void => {
    losses += 1;
    common = undefined;
  };
  const floors: Floors = redisUrl === undefined ? own : await sharedFloors(redisUrl, own, lost, log);

  const open = async ({ url, name }: { url: string; name: string }): Promise<void> => {
    while (!signal.aborted) {
      const connection = await openConnection(url, { variable, pooling });
      if (connection.pooling !== undefined && !signal.aborted) {
        replicas.push(openReplica(connection, { name, connections, primary, database, log }));
        return;
      }
      log.warn({ replica: name }, 'A replica of the database does not answer.');
      await pause(openAgainMs, undefined, { signal });
    }
  };

  const lookAtAll = async (): Promise<void> => {
    const before = losses;
    const position = await primary.position().catch(() => undefined);
    if (before === losses) common ??= position;
    await Promise.all(replicas.map((replica) => replica.look()));
  };
  const keepLooking = async (): Promise<void> => {
    for (;;) {
      await lookAtAll();
      await pause(lookEveryMs, undefined, { signal });
    }
  };
  const unlessEnded = (error: unknown): void => {
    if (!signal.aborted) logFailure(log, error, 'The replicas of the database are no longer monitored.');
  };
  for (const work of [keepLooking(), ...named.map(open)]) work.catch(unlessEnded);

  const has = (replica: Replica, floor: Position): boolean => replica.isUsable() && replica.replayed() >= floor;

  /** The position that a replica must have reached to answer the request; undefined when it is unknown. */
  const floorOf = async (current: boolean): Promise<Position | undefined> => {
    const request = currentRequest();
    if (!request?.workspaceId) return undefined;
    const holders = [request.workspaceId, ...(request.keyId ? [request.keyId] : [])];
    const [told, now] = await Promise.all([floors.read(holders), current ? primary.position() : '']);
    return told === undefined || common === undefined ? undefined : laterOf([told, now, common]);
  };

  let turn = 0;
  const find = async (current: boolean): Promise<Replica | undefined> => {
    if (!replicas.some((replica) => replica.isUsable())) return undefined;
    const floor = await floorOf(current);
    if (floor === undefined || floor === unknownPosition) return undefined;
    turn = (turn + 1) % replicas.length;
    const inTurn = [...replicas.slice(turn), ...replicas.slice(0, turn)];
    const found = inTurn.find((replica) => has(replica, floor));
    if (found) return found;
    // A replica may have replayed more since the last query, so it is queried again.
    await Promise.all(inTurn.filter((replica) => replica.isUsable()).map((replica) => replica.look()));
    return inTurn.find((replica) => has(replica, floor));
  };

  const tellsOthers = async (holder: string, position: Position): Promise<void> => {
    if (await floors.raise(holder, position)) return;
    // Other processes do not know the position, so this waits until every replica that they may use has reached it.
    const lacks = (replica: Replica): boolean =>
      replica.replayed() < position && (replica.behindMs() ?? Number.POSITIVE_INFINITY) <= mostLagMs + lookEveryMs;
    while (replicas.some(lacks) && !signal.aborted) {
      await Promise.all(replicas.map((replica) => replica.look()));
      await pause(lookAgainMs);
    }
  };

  database.onAcknowledge(async (workspaceId) => {
    const holder = workspaceId ?? currentRequest()?.keyId;
    if (!holder) return;
    const position = await primary.position().catch(() => unknownPosition);
    await tellsOthers(holder, position);
  });

  return {
    async choose({ current = false } = {}) {
      const found = await find(current).catch(() => undefined);
      queriesByServer.inc({ server: found ? 'replica' : 'primary' });
      return found?.database;
    },
    async isCurrent(chosen) {
      const replica = replicas.find(({ database }) => database === chosen);
      if (!replica) return false;
      try {
        const position = await primary.position();
        if (!has(replica, position)) await replica.look();
        return has(replica, position);
      } catch {
        return false;
      }
    },
    states: () =>
      replicas.map((replica) => ({ name: replica.name, lagMs: replica.lagMs(), isUsed: replica.isUsable() })),
    async close() {
      ended.abort();
      floors.close();
      await Promise.all([primary.close(), ...replicas.map((replica) => replica.close())]);
    },
  };
}
