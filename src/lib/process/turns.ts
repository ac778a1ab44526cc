/**
 * Schedules work fairly between those who share the process. Each piece of work has a weight. A share has only a
 * limited weight in progress, and only a limited weight begins in one turn of the event loop, one piece of each share
 * in turn. So the work of one share neither blocks the event loop nor delays the work of others.
 */
export interface Turns {
  /** Runs the work when it is its turn; at once when nothing else waits. */
  take<T>(share: string, weight: number, work: () => T | Promise<T>): Promise<T>;
}

interface Share {
  underWay: number;
  waiting: { weight: number; begin: () => void }[];
}

export interface TurnsOptions {
  /**
   * A share that has been alone in the process for this long, in milliseconds, is not limited. When left out, every
   * share is always limited.
   */
  aloneAfterMs?: number;
  /**
   * After work heavier than `most`, a share that is not alone rests for as long as the work took, but at most for this
   * long, in milliseconds. So the others find the process free half of the time. When left out, no share rests.
   */
  longestRestMs?: number;
}

/**
 * `most` is the weight that a share may have in progress, and that may begin in one turn of the event loop. Heavier
 * work runs alone.
 */
export function createTurns(
  most: number,
  { aloneAfterMs = Number.POSITIVE_INFINITY, longestRestMs = 0 }: TurnsOptions = {},
): Turns {
  const shares = new Map<string, Share>();
  let last: string | undefined;
  let sharedAt = Number.NEGATIVE_INFINITY;
  const noteShare = (name: string): void => {
    if (last !== undefined && last !== name) sharedAt = performance.now();
    last = name;
  };
  /** The weight that has begun in this turn of the event loop. */
  let begun = 0;
  let isScheduled = false;

  const schedule = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      begun = 0;
      pump();
    });
  };
  const isAlone = (): boolean => performance.now() - sharedAt > aloneAfterMs;
  const fits = (share: Share, weight: number): boolean =>
    isAlone() || ((begun === 0 || begun + weight <= most) && (share.underWay === 0 || share.underWay + weight <= most));

  /** Begins the work that fits, one piece of each share in turn. */
  const pump = (): void => {
    let isBlocked = true;
    for (const [name, share] of [...shares]) {
      const [next] = share.waiting;
      if (!next) continue;
      if (!fits(share, next.weight)) continue;
      isBlocked = false;
      // The share moves to the end, so that the others come first next time.
      shares.delete(name);
      shares.set(name, share);
      share.waiting.shift();
      next.begin();
    }
    if (!isBlocked) pump();
    else if (begun > 0) schedule();
  };

  return {
    async take(name, weight, work) {
      noteShare(name);
      const share = shares.get(name) ?? { underWay: 0, waiting: [] };
      shares.set(name, share);
      const begin = (): void => {
        share.underWay += weight;
        begun += weight;
        schedule();
      };
      if (share.waiting.length === 0 && fits(share, weight)) begin();
      else {
        await new Promise<void>((resolve) => {
          share.waiting.push({
            weight,
            begin() {
              begin();
              resolve();
            },
          });
          schedule();
        });
      }
      const leave = (): void => {
        share.underWay -= weight;
        if (share.waiting.length > 0) schedule();
        else if (share.underWay <= 0) shares.delete(name);
      };
      const began = performance.now();
      try {
        return await work();
      } finally {
        const restMs = weight > most && !isAlone() ? Math.min(performance.now() - began, longestRestMs) : 0;
        if (restMs > 0) setTimeout(leave, restMs);
        else leave();
      }
    },
  };
}
