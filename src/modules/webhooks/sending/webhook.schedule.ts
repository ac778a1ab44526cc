import type { WebhookAttemptResult } from '../../../generated/prisma/client.js';
import type { PostOutcome } from '../../../lib/http/post.js';

/** When a delivery is tried again, and when it is given up. */

const seconds = 1_000;
const minutes = 60 * seconds;
const hours = 60 * minutes;

/** How long to wait before each attempt after the first, from the one before it: three days in all. */
export const standardDelays: readonly number[] = [
  5 * seconds,
  5 * minutes,
  30 * minutes,
  2 * hours,
  5 * hours,
  10 * hours,
  14 * hours,
  20 * hours,
  24 * hours,
];

/** The most that is added to a delay by chance, so that what failed together does not come back together. */
const jitter = 0.2;
/** The longest pause of a delivery, and of the whole endpoint, that an endpoint can ask for. */
const maxDeliveryPauseMs = 24 * hours;
const maxEndpointPauseMs = 1 * hours;

/** An endpoint is disabled when nothing got there for so long, and it was tried so often in that time. */
const failingMs = 5 * 24 * hours;
const failingCount = 20;

/** How long to wait after the `failures`-th failure in a row; nothing when it was the last attempt. */
export function delayAfter(failures: number, delays: readonly number[]): number | undefined {
  const delay = delays[failures - 1];
  return delay === undefined ? undefined : delay * (1 + Math.random() * jitter);
}

/** What an attempt came to, and what the endpoint said of when to come back, in milliseconds. */
export interface Verdict {
  result: WebhookAttemptResult;
  /** The endpoint is gone for good. */
  isGone: boolean;
  deliveryPauseMs: number;
  endpointPauseMs: number;
}

export function verdictOf(outcome: PostOutcome, now = Date.now()): Verdict {
  const verdict = { isGone: false, deliveryPauseMs: 0, endpointPauseMs: 0 };
  if (outcome.kind === 'timed out') return { ...verdict, result: 'TIMED_OUT' };
  if (outcome.kind === 'forbidden') return { ...verdict, result: 'FORBIDDEN_TARGET' };
  if (outcome.kind === 'unreachable') return { ...verdict, result: 'UNREACHABLE' };
  const { status, retryAfter } = outcome;
  if (status >= 200 && status < 300) return { ...verdict, result: 'SUCCEEDED' };
  const pauseMs = status === 429 || status === 503 ? pauseOf(retryAfter, now) : 0;
  return {
    result: 'REJECTED',
    isGone: status === 410,
    deliveryPauseMs: Math.min(pauseMs, maxDeliveryPauseMs),
    endpointPauseMs: Math.min(pauseMs, maxEndpointPauseMs),
  };
}

/** The milliseconds of a Retry-After header, in seconds or as a date; 0 for one that is neither or past. */
function pauseOf(retryAfter: string | undefined, now: number): number {
  if (retryAfter === undefined) return 0;
  const ms = /^\d{1,9}$/.test(retryAfter.trim()) ? Number(retryAfter) * seconds : Date.parse(retryAfter) - now;
  return Number.isNaN(ms) ? 0 : Math.max(ms, 0);
}

/**
 * How long nothing is sent to an endpoint yet. More than it could ask for is nothing: the clock was put back since, and
 * when the pause would have ended is not known.
 */
export function pauseLeftMs({ pausedUntil }: { pausedUntil: Date | null }, now = Date.now()): number {
  const leftMs = (pausedUntil?.getTime() ?? 0) - now;
  return leftMs > 0 && leftMs <= maxEndpointPauseMs ? leftMs : 0;
}

/** Whether an endpoint has failed for so long that it is disabled. */
export const isFailing = (failingSince: Date, failureCount: number, now = Date.now()): boolean =>
  now - failingSince.getTime() >= failingMs && failureCount >= failingCount;
