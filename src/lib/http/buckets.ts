/**
 * Leaky buckets, one per name: what is spent fills a bucket, and it leaks at a steady rate. Held in this process alone.
 */
export interface Buckets {
  /**
   * Spends points of a bucket if it has room for them; more than it can hold at all are taken for as much as it holds.
   * Answers how many could be spent now, and if there was no room, in how many seconds there will be.
   */
  spend(name: string, points: number, size: BucketSize): { remaining: number; waitSeconds: number };
  /** Spends points whether there is room for them or not; who has none left cannot spend until they have leaked. */
  take(name: string, points: number, size: BucketSize): void;
  /** How many points can be spent now, and in how many seconds all of them. */
  look(name: string, size: BucketSize): { remaining: number; fullSeconds: number };
  /** In how many seconds there will be room for anything; 0 when there is. */
  waitSeconds(name: string, size: BucketSize): number;
  /** Takes back points that were spent of a bucket and turned out not to be due. Answers how many can be spent now. */
  giveBack(name: string, points: number, size: BucketSize): number;
}

export interface BucketSize {
  /** In points. */
  capacity: number;
  /** In points per second. */
  restore: number;
}

interface Bucket {
  level: number;
  /** When the level was right, in milliseconds. */
  at: number;
}

/** So many buckets may stand around before the empty ones are thrown away. */
const maxBuckets = 10_000;

export function createBuckets(now: () => number = performance.now.bind(performance)): Buckets {
  const buckets = new Map<string, Bucket>();
  /** The bucket as it is now. */
  const find = (name: string, { capacity, restore }: BucketSize): Bucket => {
    const at = now();
    let bucket = buckets.get(name);
    if (!bucket) {
      // A bucket that was not used for as long as it takes to leak a full one is as good as a new one.
      if (buckets.size >= maxBuckets) {
        for (const [other, { at: used }] of buckets) {
          if (at - used > (1_000 * capacity) / restore) buckets.delete(other);
        }
      }
      bucket = { level: 0, at };
      buckets.set(name, bucket);
    }
    bucket.level = Math.max(0, bucket.level - ((at - bucket.at) / 1_000) * restore);
    bucket.at = at;
    return bucket;
  };

  return {
    spend(name, points, size) {
      const { capacity, restore } = size;
      const bucket = find(name, size);
      const excess = bucket.level + Math.min(points, capacity) - capacity;
      if (excess <= 0) bucket.level += Math.min(points, capacity);
      const remaining = Math.max(0, Math.floor(capacity - bucket.level));
      return { remaining, waitSeconds: excess <= 0 ? 0 : excess / restore };
    },
    take(name, points, size) {
      find(name, size).level += Math.min(points, size.capacity);
    },
    look(name, size) {
      const { level } = find(name, size);
      return { remaining: Math.max(0, Math.floor(size.capacity - level)), fullSeconds: level / size.restore };
    },
    waitSeconds(name, size) {
      const { level } = find(name, size);
      return level < size.capacity ? 0 : (level - size.capacity + 1) / size.restore;
    },
    giveBack(name, points, { capacity }) {
      const bucket = buckets.get(name);
      if (!bucket) return capacity;
      bucket.level = Math.max(0, bucket.level - points);
      return Math.floor(capacity - bucket.level);
    },
  };
}
