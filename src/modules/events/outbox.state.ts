import DataLoader from 'dataloader';
import { LRUCache } from 'lru-cache';
import { type Database, sql } from '../../db/database.js';
import type { Watermark } from './outbox.watermark.js';

/**
 * Returns a key for the visible state of the outbox of a workspace. The key is the same in every process, and changes
 * with every change of the workspace. Undefined when there are no events, or too many to count each time.
 */
export type OutboxStateOf = (workspaceId: string) => Promise<string | undefined>;

/** Concurrent calls share one statement. Nothing is cached. */
export function outboxStates(db: Database, watermark: Watermark): OutboxStateOf {
  const states = new DataLoader((ids: readonly string[]) => readStates(db, watermark, ids), { cache: false });
  return (workspaceId) => states.load(workspaceId);
}

/** States that may be slightly old. They are never newer than data that is read after the call. */
export interface RecentStates {
  of: OutboxStateOf;
  /** Drops the cached state of a workspace that has changed. */
  forget(workspaceId: string): void;
}

const maxRecent = 10_000;
/** How long a change by another process can go unnoticed. */
const recentMs = 250;

/**
 * Caches each state for a short time, counted from the start of its read, so that a burst of requests shares one read.
 */
export function recentStates(stateOf: OutboxStateOf): RecentStates {
  const kept = new LRUCache<string, Promise<string | undefined>>({ max: maxRecent, ttl: recentMs });
  return {
    of(workspaceId) {
      const known = kept.get(workspaceId);
      if (known) return known;
      const state = stateOf(workspaceId);
      kept.set(workspaceId, state);
      state.catch(() => kept.delete(workspaceId));
      return state;
    },
    forget: (workspaceId) => void kept.delete(workspaceId),
  };
}

/** The visible outbox of a workspace. Up to the settled seq no event can become visible any more. */
interface OutboxState {
  newestId: string | null;
  /** The newest event up to the settled seq; null when there is none. */
  settledId: string | null;
  /** The number of events after the settled seq, up to a limit. */
  later: number;
}

/** The settled seq is rounded down to a multiple of this, so that the key does not change too often. */
const step = 1_000n;
const mostCounted = 10_000;

/**
 * Keys for the visible state of the outboxes of workspaces. Events do not become visible in the order of `seq`, so the
 * newest event alone does not show whether all earlier ones are visible. But visible events only grow in number, and up to
 * the watermark they do not change. So a settled event and the number of events after it identify the state. The newest
 * event is part of the key because its id is in no other database, not even in one that began as a copy of this one.
 * Undefined for no events, or for too many to count each time.
 */
async function readStates(
  db: Database,
  watermark: Watermark,
  workspaceIds: readonly string[],
): Promise<(string | undefined)[]> {
  const stateAt = async (settled = 0n): Promise<OutboxState[]> =>
    readOutboxStates(db, workspaceIds, settled - (settled % step));
  let states = await stateAt(watermark.settled() ?? (await watermark.look()));
  // The watermark of this process is out of date, or many events were written just now.
  if (states.some(({ later }) => later > 2n * step)) states = await stateAt(await watermark.look());
  return states.map(({ newestId, settledId, later }) =>
    newestId === null || later > mostCounted ? undefined : `${settledId ?? ''}+${later}:${newestId}`,
  );
}

async function readOutboxStates(
  db: Database,
  workspaceIds: readonly string[],
  settled: bigint,
): Promise<OutboxState[]> {
  // ORDER BY makes the planner use the index. It cannot estimate the condition and might choose another plan.
  const rows = await db.read(sql`SELECT
      (SELECT e."id" FROM "DomainEvent" AS e WHERE e."workspaceId" = w."id"
        ORDER BY e."seq" DESC LIMIT 1) AS "newest",
      (SELECT e."id" FROM "DomainEvent" AS e WHERE e."workspaceId" = w."id" AND e."seq" <= ${settled}
        ORDER BY e."seq" DESC LIMIT 1),
      (SELECT count(*)::int FROM (SELECT e."seq" FROM "DomainEvent" AS e WHERE e."workspaceId" = w."id" AND e."seq" > ${settled}
        ORDER BY e."seq" LIMIT ${mostCounted + 1}) AS later)
    FROM unnest(${workspaceIds}::text[]) WITH ORDINALITY AS w("id", "place") ORDER BY w."place"`);
  return rows.map(([newestId, settledId, later]) => ({ newestId, settledId, later }) as OutboxState);
}
