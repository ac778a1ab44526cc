/**
 * A stream that can be left at any time. With an async generator, return() waits for the pending await, which for a
 * stream of events may never end.
 */
export interface Stream<Item> extends AsyncIterableIterator<Item> {
  return(): Promise<IteratorResult<Item>>;
  [Symbol.asyncIterator](): Stream<Item>;
}

/**
 * A stream of the results of `next` until it returns undefined. `leave` must end a pending call of `next`, and must not
 * throw.
 */
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

/**
 * The stream of transformed items. Items for which `transform` returns undefined are left out. Leaves the source when a
 * transformation fails.
 */
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
