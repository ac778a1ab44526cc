/**
 * Streams that can be left at any time. An async generator cannot: a call of return() waits until what it awaits has
 * come, which for a stream of events may be never.
 */
export interface Stream<Item> extends AsyncIterableIterator<Item> {
  return(): Promise<IteratorResult<Item>>;
  [Symbol.asyncIterator](): Stream<Item>;
}

/** A stream of what `next` gives until it gives nothing. `leave` must end a call of `next` that waits, and throws nothing. */
export function streamOf<Item>(next: () => Promise<Item | undefined>, leave: () => void): Stream<Item> {
  const done: IteratorResult<Item> = { done: true, value: undefined };
  const stream: Stream<Item> = {
    async next() {
      const value = await next();
      return value === undefined ? done : { done: false, value };
    },
    async return() {
      leave();
      return done;
    },
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}

/** The stream of what the items become; those that become nothing are left out. Leaves the source when one cannot become anything. */
export function transformed<Item, Result>(
  source: Stream<Item>,
  become: (item: Item) => Result | undefined | Promise<Result | undefined>,
): Stream<Result> {
  const next = async (): Promise<Result | undefined> => {
    for (;;) {
      const { done, value } = await source.next();
      if (done) return undefined;
      try {
        const result = await become(value);
        if (result !== undefined) return result;
      } catch (error) {
        await source.return();
        throw error;
      }
    }
  };
  return streamOf(next, () => void source.return());
}
