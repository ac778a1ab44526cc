import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../db/database.js';
import { AppError, badInput } from '../../errors.js';
import { type Stream, streamOf } from '../../lib/process/streams.js';
import { behind, type Follower, openFollower, type StreamedEvent } from './event.follower.js';
import { requireKept } from './event.retention.js';
import { readOutbox } from './outbox.js';
import type { Watermark } from './outbox.watermark.js';

export interface FollowOptions {
  /** The seq after which the stream begins. When left out, only new events are streamed. */
  after?: bigint | undefined;
  /** Ends the stream by throwing its reason. */
  signal: AbortSignal;
  /** Called once when the stream has ended, for any reason. */
  onEnd(): void;
}

/** The events of the outbox as they are committed, for the followers of workspaces in this process. */
export interface EventFeed {
  /**
   * The events of a workspace in the order of `seq`, each once: first those after the given seq, then new ones. It ends
   * only by throwing: SLOW_CONSUMER when the reader does not read, UNAVAILABLE when the process shuts down, else the
   * reason of the signal. A reader that resumes later after its last `seq` misses no event.
   * @throws BAD_USER_INPUT for a seq that no event has yet, or behind which events were removed.
   */
  follow(workspaceId: string, options: FollowOptions): Promise<Stream<StreamedEvent>>;
  /** Reads the outbox at once. Called after a commit in the workspace. */
  wake(workspaceId: string): void;
  /** The number of open streams. */
  streams(): number;
  /** Ends all streams. */
  close(): void;
}

export interface FeedOptions {
  /** How often to read the outbox without `wake`, to find commits of other processes. */
  pollMs?: number;
  /**
   * How many unread events a slow follower queues. Beyond this they are dropped, and the follower reads them from the
   * outbox again.
   */
  maxWaiting?: number;
  /** How long a follower may read nothing before its stream ends. */
  patienceMs?: number;
  /** Called when the outbox cannot be read; not again before a read has succeeded. Reads are retried until then. */
  onError(error: unknown): void;
}

/** The followers of one workspace, and the seq up to which events were delivered to them. */
interface Tail {
  position: bigint;
  followers: Set<Follower>;
}

const pageSize = 200;
/** The interval while open transactions may hold earlier seqs. */
const behindMs = 20;

export function eventFeed(db: Database, watermark: Watermark, options: FeedOptions): EventFeed {
  const { pollMs = 1_000, maxWaiting = 1_000, patienceMs = 30_000, onError } = options;
  const tails = new Map<string, Tail>();
  let timer: NodeJS.Timeout | undefined;
  let delivering = false;
  let again = false;
  let failing = false;
  let closed = false;

  /** Delivers new events to the followers; true when there may be more. */
  const deliverPage = async (): Promise<boolean> => {
    const upTo = await watermark.advance();
    const due = [...tails].filter(([, { position }]) => position < upTo);
    if (due.length === 0) return false;
    const positions = due.map(([workspaceId, { position }]) => ({ workspaceId, after: position }));
    const found = await readOutbox(db, positions, upTo, pageSize);
    let more = false;
    for (const [index, [, tail]] of due.entries()) {
      const events = found[index] ?? [];
      const isWhole = events.length < pageSize;
      tail.position = isWhole ? upTo : (events.at(-1)?.seq ?? upTo);
      more ||= !isWhole;
      const batch = { events };
      if (events.length > 0) for (const follower of tail.followers) follower.deliver(batch);
    }
    return more;
  };

  const deliver = async (): Promise<void> => {
    again = true;
    if (delivering || closed) return;
    delivering = true;
    clearTimeout(timer);
    try {
      while (again) {
        again = false;
        again = (await deliverPage()) || again;
      }
      failing = false;
    } catch (error) {
      if (!failing && !closed) onError(error);
      failing = true;
    }
    delivering = false;
    const soon = watermark.isBehind() && !failing;
    if (tails.size > 0 && !closed) timer = setTimeout(() => void deliver(), soon ? behindMs : pollMs);
  };

  /**
   * Adds the follower to the tail; false when the tail is ahead of the follower, which must then read more from the
   * outbox first.
   */
  const addFollower = (workspaceId: string, follower: Follower, position: bigint): boolean => {
    if (follower.hasLeft()) return true;
    const tail = tails.get(workspaceId) ?? { position, followers: new Set() };
    if (tail.position > position) return false;
    tails.set(workspaceId, tail);
    tail.followers.add(follower);
    if (tails.size === 1 && tail.followers.size === 1) void deliver();
    return true;
  };

  const removeFollower = (workspaceId: string, follower: Follower): void => {
    const tail = tails.get(workspaceId);
    if (tail?.followers.delete(follower) && tail.followers.size === 0) tails.delete(workspaceId);
  };

  const open = new Set<Follower>();
  const inspection = setInterval(() => {
    for (const follower of open) follower.cutOffAfter(patienceMs);
  }, patienceMs / 4).unref();

  /** The events of the outbox after the position, until the follower is added to the tail. */
  async function* replay(
    workspaceId: string,
    follower: Follower,
    after: bigint,
  ): AsyncGenerator<StreamedEvent, bigint, void> {
    let position = after;
    for (let joined = false; !joined; ) {
      const upTo = await watermark.advance();
      if (upTo < position) {
        // The position came from another process that was ahead of this one.
        await sleep(behindMs);
        continue;
      }
      const [events = []] = await readOutbox(db, [{ workspaceId, after: position }], upTo, pageSize);
      const isWhole = events.length < pageSize;
      const reached = isWhole ? upTo : (events.at(-1)?.seq ?? upTo);
      // Join before these events are yielded, because the reader may take long for them.
      joined = isWhole && addFollower(workspaceId, follower, reached);
      const batch = { events };
      for (const event of events) yield { event, batch };
      position = reached;
    }
    return position;
  }

  const read = (workspaceId: string, follower: Follower, after: bigint): Stream<StreamedEvent> => {
    let position = after;
    let replayed: ReturnType<typeof replay> | undefined = replay(workspaceId, follower, after);

    const advance = async (): Promise<StreamedEvent | undefined> => {
      while (!follower.hasLeft()) {
        if (replayed) {
          const { done, value } = await replayed.next();
          if (!done) return value;
          position = value;
          replayed = undefined;
        }
        const next = await follower.next();
        if (next === behind) {
          removeFollower(workspaceId, follower);
          replayed = replay(workspaceId, follower, position);
        } else if (!next || next.event.seq > position) return next;
      }
      return undefined;
    };
    const next = async (): Promise<StreamedEvent | undefined> => {
      try {
        follower.setWaiting(true);
        const streamed = await advance();
        if (streamed) position = streamed.event.seq;
        return streamed;
      } catch (error) {
        follower.end();
        throw error;
      } finally {
        follower.setWaiting(false);
      }
    };
    return streamOf(next, () => follower.end());
  };

  return {
    async follow(workspaceId, { after, signal, onEnd }) {
      // Removes the follower however the stream ends, even if its reader never reads again.
      const follower = openFollower(maxWaiting, signal, (ended) => {
        open.delete(ended);
        removeFollower(workspaceId, ended);
        onEnd();
      });
      try {
        const settled = await watermark.advance();
        if (closed) throw shuttingDown();
        if (after !== undefined && after > watermark.taken()) throw badInput(['after'], 'No event has this seq yet.');
        if (after !== undefined) await requireKept(db, workspaceId, after);
        if (!follower.hasLeft()) open.add(follower);
        return read(workspaceId, follower, after ?? settled);
      } catch (error) {
        follower.end();
        throw error;
      }
    },
    streams: () => open.size,
    wake(workspaceId) {
      if (tails.has(workspaceId)) void deliver();
    },
    close() {
      closed = true;
      clearTimeout(timer);
      clearInterval(inspection);
      for (const follower of open) follower.end(shuttingDown());
    },
  };
}

const shuttingDown = (): AppError =>
  new AppError('UNAVAILABLE', 'The gateway is shutting down; go on from the last seq in a moment.', {
    retryable: true,
  });
