/**
 * Lets those who share the process take turns: work is weighed, one share has only so much under way, and in one turn of the
 * event loop only so much begins, of each share in its turn. So the work of one neither keeps the loop busy at a
 * stretch nor stands before that of others.
 */
export interface Turns {
  /** Does the work when it is its turn; at once when nothing else is to be done. */
  take<T>(share: string, weight: number, work: () => T | Promise<T>): Promise<T>;
}

interface Share {
  underWay: number;
  waiting: { weight: number; begin: () => void }[];
}

export interface TurnsOptions {
  /** A share that has had the process to itself for this long, in milliseconds, is not bound; all are when left out. */
  aloneAfterMs?: number;
}

/** `most`: the weight that a share has under way, and that begins in one turn of the event loop; heavier work goes alone. */
export function createTurns(most: number, { aloneAfterMs = Number.POSITIVE_INFINITY }: TurnsOptions = {}): Turns {
  const shares = new Map<string, Share>();
  let last: string | undefined;
  let sharedAt = Number.NEGATIVE_INFINITY;
  const noteShare = (name: string): void => {
    if (last !== undefined && last !== name) sharedAt = performance.now();
    last = name;
  };
  /** What has begun in this turn of the event loop. */
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

  /** Begins what fits, one of each share after the other. */
  const pump = (): void => {
    let isBlocked = true;
    for (const [name, share] of [...shares]) {
      const [next] = share.waiting;
      if (!next) continue;
      if (!fits(share, next.weight)) continue;
      isBlocked = false;
      // Its next turn comes after those of the others.
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
      try {
        return await work();
      } finally {
        share.underWay -= weight;
        if (share.waiting.length > 0) schedule();
        else if (share.underWay <= 0) shares.delete(name);
      }
    },
  };
}
