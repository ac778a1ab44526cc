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

/** The replicas of the database, and which of them may answer whom. */
export interface Replicas {
  /**
   * A replica that has everything that the running request's key, and its workspace, were told of; undefined when the
   * primary must be asked. `current`: everything that was committed when this is called.
   */
  choose(options?: { current?: boolean }): Promise<Database | undefined>;
  /** Whether the replica, as chosen, has by now everything that was committed when this is called. */
  isCurrent(database: Database): Promise<boolean>;
  /** For the metrics: undefined is the lag of one that is not there. */
  states(): { name: string; lagMs: number | undefined; isUsed: boolean }[];
  close(): Promise<void>;
}

export interface ReplicasOptions {
  /** As DATABASE_REPLICA_URL has them: each host is a replica. */
  urls: string;
  pooling?: Pooling | undefined;
  connections: number;
  /** Where processes tell each other what keys were told of; absent: there is one process. */
  redisUrl?: string | undefined;
  log: Log;
}

const variable = 'DATABASE_REPLICA_URL';
const lookEveryMs = 500;
const lookAgainMs = 20;
const openAgainMs = 5_000;

/** @throws StartError for a URL that cannot be used. Replicas that are away are waited for while the primary serves. */
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
  /** What everybody was told of, as far as is known; undefined until it is, since whoever was there before may have been told. */
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
    if (!signal.aborted) logFailure(log, error, 'The replicas of the database are not looked after any more.');
  };
  for (const work of [keepLooking(), ...named.map(open)]) work.catch(unlessEnded);

  const has = (replica: Replica, floor: Position): boolean => replica.isUsable() && replica.replayed() >= floor;

  /** The positions that the running request must not fall behind. */
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
    // What was replayed since the last look is seen by another one.
    await Promise.all(inTurn.filter((replica) => replica.isUsable()).map((replica) => replica.look()));
    return inTurn.find((replica) => has(replica, floor));
  };

  const tellsOthers = async (holder: string, position: Position): Promise<void> => {
    if (await floors.raise(holder, position)) return;
    // Others do not know of it, so it is told when no replica that they may read from lacks it.
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
