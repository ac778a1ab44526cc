import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import DataLoader from 'dataloader';
import { type Database, sql } from '../../db/database.js';
import { analytical } from '../../db/reading/analytical.js';
import type { LoaderParts } from '../../db/reading/loaders.js';
import type { CacheEntry, CacheStore } from '../../lib/process/cache.js';
import type { Answered } from '../../lib/process/cache-use.js';
import type { Watermark } from '../events/outbox.watermark.js';

/** What is asked of a workspace: the name of the read and all that its answer depends on, as JSON. */
export type Question = readonly [name: string, ...rest: unknown[]];

/** The reads that go through much of a workspace. */
export interface HeavyReads {
  /**
   * The answers to questions about one workspace, in their order; `compute` gives those to the questions at some places,
   * all at once. Answers are plain data. Whoever asks must have been allowed to: what is here is the workspace's.
   * @throws SERVICE_UNAVAILABLE, ANALYTICS_ERROR, and what is an AppError of `compute`.
   */
  read<Answer>(
    workspaceId: string,
    questions: readonly Question[],
    compute: (places: readonly number[]) => Promise<readonly Answer[]>,
  ): Promise<Answered<Answer>[]>;
}

/** What the loaders of heavy reads are made of. */
export interface AnalyticsParts extends LoaderParts {
  heavyReads: HeavyReads;
}

/** Reads that are done each time. */
export const uncached: HeavyReads = {
  read: (_workspaceId, questions, compute) =>
    analytical(async () => {
      const answers = await compute([...questions.keys()]);
      return answers.map((answer) => ({ answer, isHit: false }));
    }),
};

/** To be changed when answers of an older version of the code may not be given any more. */
const form = 1;

/**
 * Reads whose answers are kept for a short time, under the state of the workspace's outbox in which they were computed.
 * All changes of a workspace are recorded there with the change itself, so that after a change no answer from before it is
 * found any more, in whichever process either happened, and writers know nothing of it. Of those who ask the same at the
 * same time one computes, in each process: a lock between them would have to outlive whoever holds it.
 */
export function cachedReads(db: Database, watermark: Watermark, store: CacheStore): HeavyReads {
  // Batches those who ask at one time, and keeps nothing.
  const states = new DataLoader((ids: readonly string[]) => readStates(db, watermark, ids), { cache: false });
  const underWay = new Map<string, Promise<Uint8Array>>();

  /** Computes what nobody does yet, for all who ask for it meanwhile. */
  const begin = <Answer>(
    open: readonly (readonly [place: number, key: string])[],
    compute: (places: readonly number[]) => Promise<readonly Answer[]>,
  ): void => {
    const work = compute(open.map(([place]) => place)).then((answers) =>
      open.map(([, key], index): CacheEntry => [key, serialize(answers[index])]),
    );
    const end = (): void => {
      for (const [, key] of open) underWay.delete(key);
    };
    for (const [index, [, key]] of open.entries()) {
      underWay.set(
        key,
        work.then((entries) => (entries[index] as CacheEntry)[1]),
      );
    }
    work.then((entries) => {
      end();
      store.write(entries);
    }, end);
  };

  return {
    read: <Answer>(...[workspaceId, questions, compute]: Parameters<typeof uncached.read<Answer>>) =>
      analytical(async () => {
        const state = await states.load(workspaceId);
        if (state === undefined) return uncached.read(workspaceId, questions, compute);
        const keys = questions.map((question) => keyOf(workspaceId, state, question));
        const kept = (await store.read(keys)).map((bytes) => bytes && decode(bytes));
        const open = [...keys.entries()].filter(([place, key]) => !kept[place] && !underWay.has(key));
        if (open.length > 0) begin(open, compute);
        const answered = keys.map(async (key, place) => {
          const found = kept[place];
          const answer = found ? found.value : deserialize((await underWay.get(key)) as Uint8Array);
          return { answer: answer as Answer, isHit: found !== undefined };
        });
        return Promise.all(answered);
      }),
  };
}

/** What is in a snapshot, as it was put there; nothing when it cannot be read. */
function decode(bytes: Uint8Array): { value: unknown } | undefined {
  try {
    return { value: deserialize(bytes) };
  } catch {
    return undefined;
  }
}

const keyOf = (workspaceId: string, state: string, question: Question): string =>
  `deskgraph:snapshot:${form}:${workspaceId}:${state}:${createHash('sha256').update(JSON.stringify(question)).digest('hex')}`;

/** What can be seen of the outbox of a workspace, with a place up to which nothing can come to light any more. */
interface Seen {
  newestId: string | null;
  /** The newest event up to that place; null when there is none. */
  settledId: string | null;
  /** How many events there are behind that place, as far as they were counted. */
  later: number;
}

/** The place moves on by so much, since it is part of the name and any place that lies far enough back will do. */
const step = 1_000n;
const mostCounted = 10_000;

/**
 * Names for what can be seen of the outboxes of workspaces. Events come to light in another order than that of `seq`, so
 * the newest one does not tell whether all are there that lie before it; but what can be seen only grows, and up to the
 * watermark does not. So the number of events behind a place there names the state, with the last one before the place.
 * The newest one is part of the name as its id is in no other database, even if that began as a copy of this one.
 * Undefined where there are no events, or too many to be counted each time.
 */
async function readStates(
  db: Database,
  watermark: Watermark,
  workspaceIds: readonly string[],
): Promise<(string | undefined)[]> {
  const behind = async (settled = 0n): Promise<Seen[]> => readSeen(db, workspaceIds, settled - (settled % step));
  let seen = await behind(watermark.settled() ?? (await watermark.look()));
  // This process has not looked for long, or much was written just now.
  if (seen.some(({ later }) => later > 2n * step)) seen = await behind(await watermark.look());
  return seen.map(({ newestId, settledId, later }) =>
    newestId === null || later > mostCounted ? undefined : `${settledId ?? ''}+${later}:${newestId}`,
  );
}

async function readSeen(db: Database, workspaceIds: readonly string[], place: bigint): Promise<Seen[]> {
  // In the order of the index, which the planner might leave aside for a condition that it cannot estimate.
  const rows = await db.read(sql`SELECT
      (SELECT e."id" FROM "DomainEvent" AS e WHERE e."workspaceId" = w."id"
        ORDER BY e."seq" DESC LIMIT 1) AS "newest",
      (SELECT e."id" FROM "DomainEvent" AS e WHERE e."workspaceId" = w."id" AND e."seq" <= ${place}
        ORDER BY e."seq" DESC LIMIT 1),
      (SELECT count(*)::int FROM (SELECT e."seq" FROM "DomainEvent" AS e WHERE e."workspaceId" = w."id" AND e."seq" > ${place}
        ORDER BY e."seq" LIMIT ${mostCounted + 1}) AS later)
    FROM unnest(${workspaceIds}::text[]) WITH ORDINALITY AS w("id", "place") ORDER BY w."place"`);
  return rows.map(([newestId, settledId, later]) => ({ newestId, settledId, later }) as Seen);
}
