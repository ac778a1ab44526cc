import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../db/database.js';
import { AppError, badInput } from '../../errors.js';
import { type Stream, streamOf } from '../../lib/process/streams.js';
import { behind, type Follower, openFollower, type StreamedEvent } from './event.follower.js';
import { readOutbox } from './outbox.js';
import type { Watermark } from './outbox.watermark.js';

export interface FollowOptions {
  /** The place in the outbox to go on from; from now on when left out. */
  after?: bigint | undefined;
  /** Ends the stream by throwing its reason. */
  signal: AbortSignal;
  /** Called once when the stream has ended, however that came. */
  onEnd(): void;
}

/** The events of the outbox as they are committed, for those in this process who follow a workspace. */
export interface EventFeed {
  /**
   * The events of a workspace in the order of `seq`, each once: first those after the given place, then what comes. Ends
   * by throwing only: SLOW_CONSUMER when the reader does not read, UNAVAILABLE when the process shuts down,
   * else the reason of the signal. Whoever reads on later from the `seq` it had last misses nothing.
   * @throws BAD_USER_INPUT for a place that no event has taken yet.
   */
  follow(workspaceId: string, options: FollowOptions): Promise<Stream<StreamedEvent>>;
  /** Has the workspace looked at now, because something was committed there. */
  wake(workspaceId: string): void;
  /** How many streams are open. */
  streams(): number;
  /** Ends all streams. */
  close(): void;
}

export interface FeedOptions {
  /** How often to look without being woken: for what other processes commit. */
  pollMs?: number;
  /** How many events are kept for a follower that reads more slowly than they come; it then reads them anew itself. */
  maxWaiting?: number;
  /** How long a follower may leave events unread before it is cut off. */
  patienceMs?: number;
  /** StreamedEvent when the outbox cannot be read, once until it can be read again. It is looked at on and on. */
  onError(error: unknown): void;
}

/** The followers of one workspace, and the place up to which they were told. */
interface Tail {
  position: bigint;
  followers: Set<Follower>;
}

const pageSize = 200;
/** While transactions are under way that may hold earlier places, it pays to look again soon. */
const behindMs = 20;

export function eventFeed(db: Database, watermark: Watermark, options: FeedOptions): EventFeed {
  const { pollMs = 1_000, maxWaiting = 1_000, patienceMs = 30_000, onError } = options;
  const tails = new Map<string, Tail>();
  let timer: NodeJS.Timeout | undefined;
  let telling = false;
  let again = false;
  let failing = false;
  let closed = false;

  /** Tells the followers what they were not told yet; true when there may be more at once. */
  const tellNext = async (): Promise<boolean> => {
    const upTo = await watermark.advance();
    const due = [...tails].filter(([, { position }]) => position < upTo);
    if (due.length === 0) return false;
    const positions = due.map(([workspaceId, { position }]) => ({ workspaceId, after: position }));
    const found = await readOutbox(db, positions, upTo, pageSize);
    let more = false;
    for (const [place, [, tail]] of due.entries()) {
      const events = found[place] ?? [];
      const isWhole = events.length < pageSize;
      tail.position = isWhole ? upTo : (events.at(-1)?.seq ?? upTo);
      more ||= !isWhole;
      const batch = { events };
      if (events.length > 0) for (const follower of tail.followers) follower.tell(batch);
    }
    return more;
  };

  const tell = async (): Promise<void> => {
    again = true;
    if (telling || closed) return;
    telling = true;
    clearTimeout(timer);
    try {
      while (again) {
        again = false;
        again = (await tellNext()) || again;
      }
      failing = false;
    } catch (error) {
      if (!failing && !closed) onError(error);
      failing = true;
    }
    telling = false;
    const soon = watermark.isBehind() && !failing;
    if (tails.size > 0 && !closed) timer = setTimeout(() => void tell(), soon ? behindMs : pollMs);
  };

  /** Joins those who are told what comes, unless they were told more than the follower has; then it reads on by itself. */
  const join = (workspaceId: string, follower: Follower, position: bigint): boolean => {
    if (follower.hasLeft()) return true;
    const tail = tails.get(workspaceId) ?? { position, followers: new Set() };
    if (tail.position > position) return false;
    tails.set(workspaceId, tail);
    tail.followers.add(follower);
    if (tails.size === 1 && tail.followers.size === 1) void tell();
    return true;
  };

  const part = (workspaceId: string, follower: Follower): void => {
    const tail = tails.get(workspaceId);
    if (tail?.followers.delete(follower) && tail.followers.size === 0) tails.delete(workspaceId);
  };

  const open = new Set<Follower>();
  const inspection = setInterval(() => {
    for (const follower of open) follower.cutOffAfter(patienceMs);
  }, patienceMs / 4).unref();

  /** What the outbox holds after the position, until the follower has joined those who are told what comes. */
  async function* replay(
    workspaceId: string,
    follower: Follower,
    after: bigint,
  ): AsyncGenerator<StreamedEvent, bigint, void> {
    let position = after;
    for (let joined = false; !joined; ) {
      const upTo = await watermark.advance();
      if (upTo < position) {
        // Another process, which told of it, was ahead of this one.
        await sleep(behindMs);
        continue;
      }
      const [events = []] = await readOutbox(db, [{ workspaceId, after: position }], upTo, pageSize);
      const isWhole = events.length < pageSize;
      const reached = isWhole ? upTo : (events.at(-1)?.seq ?? upTo);
      // Before these are handed out, which takes the reader as long as it likes.
      joined = isWhole && join(workspaceId, follower, reached);
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
        const told = await follower.next();
        if (told === behind) {
          part(workspaceId, follower);
          replayed = replay(workspaceId, follower, position);
        } else if (!told || told.event.seq > position) return told;
      }
      return undefined;
    };
    const next = async (): Promise<StreamedEvent | undefined> => {
      try {
        follower.noteReader(true);
        const told = await advance();
        if (told) position = told.event.seq;
        return told;
      } catch (error) {
        follower.end();
        throw error;
      } finally {
        follower.noteReader(false);
      }
    };
    return streamOf(next, () => follower.end());
  };

  return {
    async follow(workspaceId, { after, signal, onEnd }) {
      // However it ends, and whether or not anybody still reads it, nothing of it is left here.
      const follower = openFollower(maxWaiting, signal, (ended) => {
        open.delete(ended);
        part(workspaceId, ended);
        onEnd();
      });
      try {
        const settled = await watermark.advance();
        if (closed) throw shuttingDown();
        if (after !== undefined && after > watermark.taken()) throw badInput(['after'], 'No event has this seq yet.');
        if (!follower.hasLeft()) open.add(follower);
        return read(workspaceId, follower, after ?? settled);
      } catch (error) {
        follower.end();
        throw error;
      }
    },
    streams: () => open.size,
    wake(workspaceId) {
      if (tails.has(workspaceId)) void tell();
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
