/**
 * Leaky buckets, one per name: spent points fill a bucket, and it leaks at a steady rate. Kept only in this process.
 */
export interface Buckets {
  /**
   * Spends points if the bucket has room for them. A cost above the capacity counts as the capacity. Returns how many
   * points are left and, if there was no room, in how many seconds there will be.
   */
  spend(name: string, points: number, size: BucketSize): { remaining: number; waitSeconds: number };
  /** Spends points even if there is no room for them. Nothing else can be spent until they have leaked. */
  take(name: string, points: number, size: BucketSize): void;
  /** How many points are left, and in how many seconds the bucket will be empty. */
  look(name: string, size: BucketSize): { remaining: number; fullSeconds: number };
  /** The seconds until there is room for anything; 0 when there is room now. */
  waitSeconds(name: string, size: BucketSize): number;
  /** Gives back points that were spent but turned out not to be due. Returns how many points are left. */
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
  /** The time for which `level` is valid, in milliseconds. */
  at: number;
}

/** Above this number of buckets, the empty ones are removed. */
const maxBuckets = 10_000;

export function createBuckets(now: () => number = performance.now.bind(performance)): Buckets {
  const buckets = new Map<string, Bucket>();
  /** The bucket at the present time. */
  const find = (name: string, { capacity, restore }: BucketSize): Bucket => {
    const at = now();
    let bucket = buckets.get(name);
    if (!bucket) {
      // A bucket that was not used for the time in which a full one leaks is empty, like a new one.
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
