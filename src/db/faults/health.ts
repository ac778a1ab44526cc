import type { Fault } from './fault-table.js';
import { faultsByState } from './fault-table.js';

/** What the statements of a process have met, as far as /ready must know it. */
export interface Health {
  /** Notes an SQLSTATE that the database answered a statement or a connection with. */
  observe(state: string | undefined): void;
  /** Notes that a write worked which had begun at this time, in milliseconds of `performance.now()`. */
  wrote(begunAt: number): void;
  /** Why the process is not ready; undefined when nothing says so. */
  trouble(): string | undefined;
}

/** So long a fault counts that the check of /ready may not meet. */
const rememberedMs = 10_000;

export function createHealth(now: () => number = performance.now.bind(performance)): Health {
  const seen = new Map<Fault, number>();
  return {
    observe(state) {
      if (state === undefined) return;
      const fault = faultsByState.find(([pattern]) => pattern.test(state))?.[1];
      if (fault && fault.readiness !== 'unaffected') seen.set(fault, now());
    },
    wrote(begunAt) {
      for (const [fault, at] of seen) if (fault.readiness === 'until a write' && at <= begunAt) seen.delete(fault);
    },
    trouble() {
      for (const [fault, at] of seen) {
        if (fault.readiness === 'until a write' || now() - at < rememberedMs) return fault.words;
        seen.delete(fault);
      }
      return undefined;
    },
  };
}
