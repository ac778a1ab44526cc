import { AppError } from '../../errors.js';
import type { DomainEvent } from '../../generated/prisma/client.js';

/** Events that were read together; all who are told of them share the same one. */
export interface Batch {
  readonly events: readonly DomainEvent[];
}

/** An event, and the batch it came with, to which what is read for it can be bound. */
export interface Told {
  event: DomainEvent;
  batch: Batch;
}

/** What one reader of a feed was told and has not read yet. */
export interface Follower {
  /** Adds events for the reader; when too many are unread then, it is cut off instead. */
  tell(batch: Batch): void;
  /** The next event, as soon as there is one; nothing when the reader has left. Throws what the stream ended with. */
  next(): Promise<Told | undefined>;
  /** Whether the reader has left. Throws what the stream ended with. */
  hasLeft(): boolean;
  /** Ends the stream with a reason, which the reader meets when it reads on; without one the reader has left. */
  end(reason?: unknown): void;
}

/** `onEnd` is called once, when the stream has ended. */
export function openFollower(maxWaiting: number, signal: AbortSignal, onEnd: () => void): Follower {
  let batches: Batch[] = [];
  /** How many events of the first batch were read. */
  let read = 0;
  let unread = 0;
  let ended: { reason?: unknown } | undefined;
  let wake = (): void => undefined;

  const end = (reason?: unknown): void => {
    if (ended) return;
    ended = { reason };
    batches = [];
    signal.removeEventListener('abort', onAbort);
    onEnd();
    wake();
  };
  const onAbort = (): void => end(signal.reason);
  const hasLeft = (): boolean => {
    if (ended && ended.reason !== undefined) throw ended.reason;
    return ended !== undefined;
  };
  const take = (): Told | undefined => {
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

  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort);

  return {
    tell(batch) {
      if (ended) return;
      unread += batch.events.length;
      if (unread > maxWaiting) return end(tooSlow(maxWaiting));
      batches.push(batch);
      wake();
    },
    async next() {
      while (!hasLeft()) {
        const told = take();
        if (told) return told;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return undefined;
    },
    hasLeft,
    end,
  };
}

const tooSlow = (maxWaiting: number): AppError =>
  new AppError('SLOW_CONSUMER', `More than ${maxWaiting} events were left unread; go on from the last seq.`, {
    retryable: true,
  });
