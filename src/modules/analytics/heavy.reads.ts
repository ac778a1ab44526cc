import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import { analytical } from '../../db/reading/analytical.js';
import type { LoaderParts } from '../../db/reading/loaders.js';
import type { CacheEntry, CacheStore } from '../../lib/process/cache.js';
import type { Answered } from '../../lib/process/cache-use.js';
import type { OutboxStateOf } from '../events/outbox.state.js';

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
  /** Drops the cached answers of a workspace and those being computed. */
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

/** Increment this when answers that older code has cached must no longer be used. */
const formatVersion = 2;

/**
 * Reads whose answers are cached for a short time. The cache key has the state of the workspace's outbox at the time of
 * the computation. Every change of a workspace writes an event in its transaction, so after a change no older answer is
 * found, in any process, and writers need not clear the cache. Equal concurrent reads of one process are computed once;
 * there is no lock between processes, since it would have to survive a crash of its holder.
 */
export function cachedReads(stateOf: OutboxStateOf, store: CacheStore): HeavyReads {
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
        const state = await stateOf(workspaceId);
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
