import type { Fault } from './fault-table.js';
import { faultsByState } from './fault-table.js';

/** The faults that the statements of a process have met, as far as they affect /ready. */
export interface Health {
  /** Records an SQLSTATE from a statement or a connection. */
  observe(state: string | undefined): void;
  /** Records that a write succeeded which had begun at this time, in milliseconds of `performance.now()`. */
  wrote(begunAt: number): void;
  /** The reason why the process is not ready; undefined when there is none. */
  trouble(): string | undefined;
}

/** How long a fault counts that the check of /ready itself may not meet. */
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
