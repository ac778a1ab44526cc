import { describe, expect, test } from 'vitest';
import {
  delayAfter,
  isFailing,
  standardDelays,
  verdictOf,
} from '../../../src/modules/webhooks/sending/webhook.schedule.js';

const hour = 3_600_000;

test('attempts are made over three days, each delay with up to a fifth more by chance', () => {
  const documented = [5 / 3600, 5 / 60, 0.5, 2, 5, 10, 14, 20, 24];
  for (const [index, hours] of documented.entries()) {
    const delays = Array.from({ length: 50 }, () => delayAfter(index + 1, standardDelays) ?? 0);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(hours * hour);
    expect(Math.max(...delays)).toBeLessThanOrEqual(hours * hour * 1.2);
    expect(new Set(delays).size).toBeGreaterThan(1);
  }
  expect(delayAfter(documented.length + 1, standardDelays)).toBeUndefined();
});

describe('Retry-After', () => {
  const now = Date.parse('2026-11-21T10:00:00Z');
  const pauseOf = (status: number, retryAfter?: string) => {
    const verdict = verdictOf({ kind: 'answered', status, excerpt: '', retryAfter }, now);
    return [verdict.result, verdict.deliveryPauseMs / 1000, verdict.endpointPauseMs / 1000];
  };

  test.each([
    ['in seconds', 429, '120', 120, 120],
    ['as a date', 503, 'Sat, 21 Nov 2026 10:01:00 GMT', 60, 60],
    ['for longer than is sensible', 503, '9999999', 24 * 3600, 3600],
    ['in the past', 503, 'Sat, 21 Nov 2026 09:00:00 GMT', 0, 0],
    ['as nonsense', 429, 'soon', 0, 0],
    ['as less than nothing', 429, '-5', 0, 0],
    ['not at all', 429, undefined, 0, 0],
    ['with a status that does not know it', 500, '120', 0, 0],
  ])('%s', (_how, status, retryAfter, delivery, endpoint) => {
    expect(pauseOf(status, retryAfter)).toEqual(['REJECTED', delivery, endpoint]);
  });
});

test('an endpoint fails for good after five days and twenty failures, not before both', () => {
  const now = Date.parse('2026-11-21T10:00:00Z');
  const since = (days: number): Date => new Date(now - days * 24 * hour);
  expect(isFailing(since(5), 20, now)).toBe(true);
  expect(isFailing(since(5), 19, now)).toBe(false);
  expect(isFailing(since(4.9), 1_000, now)).toBe(false);
});
