import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '../errors.js';
import { networkOf } from '../lib/http/addresses.js';
import { createBuckets } from '../lib/http/buckets.js';
import { rateLimited } from '../lib/observe/meters.js';

/** How many wrong keys an address may send at once, and how many more per second. */
const size = { capacity: 30, restore: 0.5 };
/** How long further wrong keys of the address wait for their response. Only a limited number of them wait. */
const pauseMs = 300;
const maxWaiting = 100;

/** Slows down addresses that try keys. A valid key is accepted from any address, whatever else was sent from there. */
export interface Failures {
  /** Counts a wrong key. For an address that sent too many, waits and returns the error to send instead. */
  count(address: string | undefined): Promise<AppError | undefined>;
}

export function createFailures(): Failures {
  const buckets = createBuckets();
  let waiting = 0;
  return {
    async count(address) {
      if (address === undefined) return undefined;
      const name = networkOf(address);
      const { waitSeconds } = buckets.spend(name, 1, size);
      if (waitSeconds === 0) return undefined;
      rateLimited.inc({ limit: 'wrong_keys' });
      if (waiting < maxWaiting) {
        waiting += 1;
        await pause(pauseMs, undefined, { ref: false });
        waiting -= 1;
      }
      const retryAfter = Math.ceil(waitSeconds);
      const message = `Too many wrong keys came from this address; try again in ${retryAfter} s.`;
      return new AppError('RATE_LIMITED', message, { retryable: true, retryAfter });
    },
  };
}
