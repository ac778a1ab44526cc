import type { WebhookAttemptResult } from '../../../generated/prisma/client.js';
import type { PostOutcome } from '../../../lib/http/post.js';

/** Decides when a delivery is retried and when it fails for good. */

const seconds = 1_000;
const minutes = 60 * seconds;
const hours = 60 * minutes;

/** The default delays before each retry, counted from the end of the previous attempt: three days in all. */
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

/** The maximum random share added to a delay, so that deliveries that failed together are not retried together. */
const jitter = 0.2;
/** The longest pauses that an endpoint can request: for one delivery, and for all its deliveries. */
const maxDeliveryPauseMs = 24 * hours;
const maxEndpointPauseMs = 1 * hours;

/** An endpoint is disabled when no delivery has succeeded for this time and this many attempts have failed. */
const failingMs = 5 * 24 * hours;
const failingCount = 20;

/** The delay after the `failures`-th failure in a row; undefined when there is no further attempt. */
export function delayAfter(failures: number, delays: readonly number[]): number | undefined {
  const delay = delays[failures - 1];
  return delay === undefined ? undefined : delay * (1 + Math.random() * jitter);
}

/** The result of an attempt, and the pauses that the endpoint requested, in milliseconds. */
export interface Verdict {
  result: WebhookAttemptResult;
  /** Whether the endpoint is permanently gone. */
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

/**
 * The delay of a Retry-After header, in milliseconds. The header has seconds or a date. 0 if it is invalid or in the
 * past.
 */
function pauseOf(retryAfter: string | undefined, now: number): number {
  if (retryAfter === undefined) return 0;
  const ms = /^\d{1,9}$/.test(retryAfter.trim()) ? Number(retryAfter) * seconds : Date.parse(retryAfter) - now;
  return Number.isNaN(ms) ? 0 : Math.max(ms, 0);
}

/**
 * How much longer the endpoint is paused, in milliseconds. A pause longer than an endpoint can request means that the
 * clock was set back, so its end is unknown and the pause is ignored.
 */
export function pauseLeftMs({ pausedUntil }: { pausedUntil: Date | null }, now = Date.now()): number {
  const leftMs = (pausedUntil?.getTime() ?? 0) - now;
  return leftMs > 0 && leftMs <= maxEndpointPauseMs ? leftMs : 0;
}

/** Whether an endpoint has failed for so long that it must be disabled. */
export const isFailing = (failingSince: Date, failureCount: number, now = Date.now()): boolean =>
  now - failingSince.getTime() >= failingMs && failureCount >= failingCount;
