/** Counts what is open under each name, up to a limit. Kept only in this process. */
export interface Tally {
  /** Counts one more. Returns a function that removes it from the count, once; undefined when the limit is reached. */
  enter(name: string): (() => void) | undefined;
}

export function createTally(most: number): Tally {
  const counts = new Map<string, number>();
  return {
    enter(name) {
      const count = counts.get(name) ?? 0;
      if (count >= most) return undefined;
      counts.set(name, count + 1);
      let isIn = true;
      return () => {
        if (!isIn) return;
        isIn = false;
        const left = (counts.get(name) ?? 0) - 1;
        if (left > 0) counts.set(name, left);
        else counts.delete(name);
      };
    },
  };
}
