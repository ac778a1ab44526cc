import { AppError } from '../../errors.js';
import type { DomainEvent } from '../../generated/prisma/client.js';

/** Events that were read together; all who are told of them share the same one. */
export interface Batch {
  readonly events: readonly DomainEvent[];
}

/** An event, and the batch it came with, to which what is read for it can be bound. */
export interface StreamedEvent {
  event: DomainEvent;
  batch: Batch;
}

/** What one reader of a feed was told and has not read yet. */
export interface Follower {
  /** Adds events for the reader. When too many are unread then, none is kept: the reader has to read them again. */
  tell(batch: Batch): void;
  /**
   * The next event, as soon as there is one; BEHIND when the reader was told too much to keep it, from then on it is told
   * again; nothing when it has left. Throws what the stream ended with.
   */
  next(): Promise<StreamedEvent | typeof behind | undefined>;
  /** Whether the reader has left. Throws what the stream ended with. */
  hasLeft(): boolean;
  /** Notes that the reader has come for the next event, or goes away with it. */
  noteReader(isHere: boolean): void;
  /** Ends the stream when the reader was not here for so long. Who waits is here, whatever for. */
  cutOffAfter(patienceMs: number): void;
  /** Ends the stream with a reason, which the reader meets when it reads on; without one the reader has left. */
  end(reason?: unknown): void;
}

export const behind = Symbol('behind');

/** `onEnd` is called once, when the stream has ended. */
export function openFollower(maxWaiting: number, signal: AbortSignal, onEnd: (ended: Follower) => void): Follower {
  let batches: Batch[] = [];
  /** How many events of the first batch were read. */
  let read = 0;
  let unread = 0;
  let isBehind = false;
  let isHere = false;
  let seenAt = Date.now();
  let ended: { reason?: unknown } | undefined;
  let wake = (): void => undefined;

  const end = (reason?: unknown): void => {
    if (ended) return;
    ended = { reason };
    batches = [];
    signal.removeEventListener('abort', onAbort);
    onEnd(follower);
    wake();
  };
  const onAbort = (): void => end(signal.reason);
  const hasLeft = (): boolean => {
    if (ended && ended.reason !== undefined) throw ended.reason;
    return ended !== undefined;
  };
  const take = (): StreamedEvent | undefined => {
    const [batch] = batches;
    const event = batch?.events[read];
    if (!batch || !event) return undefined;
    read += 1;
    unread -= 1;
    if (read === batch.events.length) {
      batches.shift();
      read = 0;
    }
    return { event, batch };
  };

  const follower: Follower = {
    tell(batch) {
      if (ended || isBehind) return;
      unread += batch.events.length;
      batches.push(batch);
      if (unread > maxWaiting) {
        isBehind = true;
        batches = [];
        read = 0;
        unread = 0;
      }
      wake();
    },
    async next() {
      while (!hasLeft()) {
        if (isBehind) {
          isBehind = false;
          return behind;
        }
        const told = take();
        if (told) return told;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return undefined;
    },
    hasLeft,
    noteReader(here) {
      isHere = here;
      seenAt = Date.now();
    },
    cutOffAfter(patienceMs) {
      if (!isHere && Date.now() - seenAt > patienceMs) end(tooSlow());
    },
    end,
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort);
  return follower;
}

const tooSlow = (): AppError =>
  new AppError('SLOW_CONSUMER', 'Nothing was read for too long; go on from the last seq.', { retryable: true });
