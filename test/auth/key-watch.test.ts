import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Authentication } from '../../src/auth/authentication.js';
import { operatorOf } from '../../src/auth/caller.js';
import { type KeyWatch, keyWatch } from '../../src/auth/key-watch.js';
import { createLog } from '../../src/lib/process/log.js';

/** Which keys are valid; nobody can say while this is undefined. */
let valid: Set<string> | undefined;
let watching: KeyWatch;

const apiKeys: Pick<Authentication, 'validOf'> = {
  async validOf(callers) {
    if (!valid) throw new Error('The database is away.');
    return new Set(callers.flatMap(({ keyId }) => (keyId !== null && valid?.has(keyId) ? [keyId] : [])));
  },
};

beforeEach(() => {
  vi.useFakeTimers();
  valid = new Set(['key_1', 'key_2']);
  watching = keyWatch(apiKeys, createLog('silent'));
});
afterEach(() => {
  watching.close();
  vi.useRealTimers();
});

const watch = (keyId: string): AbortSignal => watching.watch({ ...operatorOf('wrk_1'), keyId }).signal;
const aSecond = () => vi.advanceTimersByTimeAsync(1_000);

test('a key that is not valid any more is told of within a second, and no other', async () => {
  const [first, second] = [watch('key_1'), watch('key_2')];
  await aSecond();
  expect([first.aborted, second.aborted]).toEqual([false, false]);
  valid?.delete('key_1');
  await aSecond();
  expect(first.reason).toMatchObject({ code: 'UNAUTHENTICATED', message: 'This API key is not valid any more.' });
  expect(second.aborted).toBe(false);
});

test('while nobody can say whether a key is valid it goes on, and is looked at again after that', async () => {
  const signal = watch('key_1');
  valid = undefined;
  await aSecond();
  expect(signal.aborted).toBe(false);
  valid = new Set();
  await aSecond();
  expect(signal.aborted).toBe(true);
});
