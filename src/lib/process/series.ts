/** Runs CPU-heavy work one piece per turn of the event loop, so that other requests are served in between. */
export type Series = <T>(work: () => T | Promise<T>) => Promise<T>;

export function createSeries(): Series {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(work);
    const next = () => new Promise((resolve) => setImmediate(resolve));
    last = done.then(next, next);
    return done;
  };
}
