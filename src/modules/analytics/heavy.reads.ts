import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import DataLoader from 'dataloader';
import { type Database, sql } from '../../db/database.js';
import { analytical } from '../../db/reading/analytical.js';
import type { LoaderParts } from '../../db/reading/loaders.js';
import type { CacheEntry, CacheStore } from '../../lib/process/cache.js';
import type { Answered } from '../../lib/process/cache-use.js';
import type { Watermark } from '../events/outbox.watermark.js';

/** A query about a workspace: the name of the read and everything that its answer depends on, as JSON. */
export type Question = readonly [name: string, ...rest: unknown[]];

/** Reads that scan a large part of a workspace. */
export interface HeavyReads {
  /**
   * The answers to questions about one workspace, in their order. `compute` returns the answers to the questions at the
   * given indexes. Answers are plain data. The caller must check permissions first, since answers are cached by workspace.
   * @throws SERVICE_UNAVAILABLE, ANALYTICS_ERROR, and the AppErrors of `compute`.
   */
  read<Answer>(
    workspaceId: string,
    questions: readonly Question[],
    compute: (indexes: readonly number[]) => Promise<readonly Answer[]>,
  ): Promise<Answered<Answer>[]>;
  /** Removes what is kept of a workspace, also what is being computed right now. */
  forget(workspaceId: string): void;
}

/** The dependencies of the loaders of heavy reads. */
export interface AnalyticsParts extends LoaderParts {
  heavyReads: HeavyReads;
}

/** Reads without a cache. */
export const uncached: HeavyReads = {
  read: (_workspaceId, questions, compute) =>
    analytical(async () => {
      const answers = await compute([...questions.keys()]);
      return answers.map((answer) => ({ answer, isHit: false }));
    }),
  forget: () => undefined,
};

/** Increment this when cached answers of older code must not be used any more. */
const formatVersion = 1;

/**
 * Reads whose answers are cached for a short time. The cache key has the state of the workspace's outbox at the time of
 * the computation. Every change of a workspace writes an event in its transaction, so after a change no older answer is
 * found, in any process, and writers need not clear the cache. Equal concurrent reads of one process are computed once;
 * there is no lock between processes, since it would have to survive a crash of its holder.
 */
export function cachedReads(db: Database, watermark: Watermark, store: CacheStore): HeavyReads {
  // Only batches concurrent calls, without caching.
  const states = new DataLoader((ids: readonly string[]) => readStates(db, watermark, ids), { cache: false });
  const running = new Map<string, Promise<Uint8Array>>();
  let forgotten = 0;

  /** Starts a computation and shares it with concurrent callers. */
  const begin = <Answer>(
    open: readonly (readonly [index: number, key: string])[],
    compute: (indexes: readonly number[]) => Promise<readonly Answer[]>,
  ): void => {
    const forgottenBefore = forgotten;
    const work = compute(open.map(([index]) => index)).then((answers) =>
      open.map(([, key], index): CacheEntry => [key, serialize(answers[index])]),
    );
    const end = (): void => {
      for (const [, key] of open) running.delete(key);
    };
    for (const [index, [, key]] of open.entries()) {
      running.set(
        key,
        work.then((entries) => (entries[index] as CacheEntry)[1]),
      );
    }
    work.then((entries) => {
      end();
      if (forgotten === forgottenBefore) store.write(entries);
    }, end);
  };

  return {
    read: <Answer>(...[workspaceId, questions, compute]: Parameters<typeof uncached.read<Answer>>) =>
      analytical(async () => {
        const state = await states.load(workspaceId);
        if (state === undefined) return uncached.read(workspaceId, questions, compute);
        const keys = questions.map((question) => keyOf(workspaceId, state, question));
        const cached = (await store.read(keys)).map((bytes) => bytes && decode(bytes));
        const open = [...keys.entries()].filter(([index, key]) => !cached[index] && !running.has(key));
        if (open.length > 0) begin(open, compute);
        const answered = keys.map(async (key, index) => {
          const found = cached[index];
          const answer = found ? found.value : deserialize((await running.get(key)) as Uint8Array);
          return { answer: answer as Answer, isHit: found !== undefined };
        });
        return Promise.all(answered);
      }),
    forget(workspaceId) {
      forgotten += 1;
      store.forget(keysOf(workspaceId));
    },
  };
}

/** The value of a cache entry; undefined when it cannot be read. */
function decode(bytes: Uint8Array): { value: unknown } | undefined {
  try {
    return { value: deserialize(bytes) };
  } catch {
    return undefined;
  }
}

const keysOf = (workspaceId: string): string => `deskgraph:snapshot:${formatVersion}:${workspaceId}:`;

const keyOf = (workspaceId: string, state: string, question: Question): string =>
  `${keysOf(workspaceId)}${state}:${createHash('sha256').update(JSON.stringify(question)).digest('hex')}`;

/** The visible outbox of a workspace. Up to the settled seq no event can become visible any more. */
interface OutboxState {
  newestId: string | null;
  /** The newest event up to the settled seq; null when there is none. */
  settledId: string | null;
  /** The number of events after the settled seq, up to a limit. */
  later: number;
}

/** The settled seq is rounded down to a multiple of this, so that the key of the state does not change too often. */
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
  // The watermark of this process is old, or many events were written just now.
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
  // Ordered by the index, which the planner might not use for a condition that it cannot estimate.
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
