import { AppError } from '../../errors.js';
import type { DomainEvent } from '../../generated/prisma/client.js';

/** Events that were read together. All followers share the same object. */
export interface Batch {
  readonly events: readonly DomainEvent[];
}

/** An event and its batch. Data read for the events of a batch can be cached by the batch. */
export interface StreamedEvent {
  event: DomainEvent;
  batch: Batch;
}

/** The queue of one reader of a feed: delivered events that are not yet read. */
export interface Follower {
  /** Adds events for the reader. When too many are unread, all are dropped, and the reader has to read them again. */
  deliver(batch: Batch): void;
  /**
   * The next event, as soon as there is one. Returns `behind` when events were dropped; new events are queued again
   * after that. Returns undefined when the reader has left. Throws the reason with which the stream ended.
   */
  next(): Promise<StreamedEvent | typeof behind | undefined>;
  /** Whether the reader has left. Throws the reason with which the stream ended. */
  hasLeft(): boolean;
  /** Records whether the reader waits for the next event. */
  setWaiting(isWaiting: boolean): void;
  /** Ends the stream when the reader has not asked for an event for this time. A waiting reader is never cut off. */
  cutOffAfter(patienceMs: number): void;
  /** Ends the stream with a reason, which is thrown at the next read; without a reason the reader has left. */
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
  let isWaiting = false;
  let lastReadAt = performance.now();
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
    deliver(batch) {
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
        const next = take();
        if (next) return next;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return undefined;
    },
    hasLeft,
    setWaiting(waits) {
      isWaiting = waits;
      lastReadAt = performance.now();
    },
    cutOffAfter(patienceMs) {
      if (!isWaiting && performance.now() - lastReadAt > patienceMs) end(tooSlow());
    },
    end,
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort);
  return follower;
}

const tooSlow = (): AppError =>
  new AppError('SLOW_CONSUMER', 'Nothing was read for too long; go on from the last seq.', { retryable: true });
