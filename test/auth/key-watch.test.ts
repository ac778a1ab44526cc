import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Authentication, Rights } from '../../src/auth/authentication.js';
import { anywhere, operatorOf } from '../../src/auth/caller.js';
import { type KeyWatch, keyWatch } from '../../src/auth/key-watch.js';
import { allScopes, type Scope } from '../../src/auth/scopes.js';
import { createLog } from '../../src/lib/process/log.js';

/** The keys that are valid, and what they may do; nobody can say while this is undefined. */
let valid: Map<string, Rights> | undefined;
let watching: KeyWatch;

const allowed = (scopes: readonly Scope[] = allScopes): Rights => ({
  scopes: new Set(scopes),
  places: anywhere,
  onlyTrustedDocuments: false,
});

const apiKeys: Pick<Authentication, 'rightsOf'> = {
  async rightsOf(callers) {
    if (!valid) throw new Error('The database is away.');
    return new Map([...valid].filter(([id]) => callers.some(({ keyId }) => keyId === id)));
  },
};

beforeEach(() => {
  vi.useFakeTimers();
  valid = new Map([
    ['key_1', allowed()],
    ['key_2', allowed()],
  ]);
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

test('a key that has lost a scope is told of within a second, one that was given scopes is not', async () => {
  valid?.set('key_2', allowed(['links:read']));
  const { signal } = watching.watch({ ...operatorOf('wrk_1'), keyId: 'key_2', scopes: new Set(['links:read']) });
  const first = watch('key_1');
  valid?.set('key_2', allowed());
  valid?.set('key_1', allowed(allScopes.filter((scope) => scope !== 'customers:read')));
  await aSecond();
  expect(first.reason).toMatchObject({ code: 'FORBIDDEN', details: { requiredScope: 'customers:read' } });
  expect(signal.aborted).toBe(false);
});

test.each([
  ['other origins', { places: { ...anywhere, allowedOrigins: ['https://desk.example'] } }],
  ['other networks', { places: { ...anywhere, allowedNetworks: ['10.0.0.0/8'] } }],
  ['trusted documents alone', { onlyTrustedDocuments: true }],
])('a key that is bound to %s is told of within a second', async (_what, bound) => {
  const signal = watch('key_1');
  await aSecond();
  expect(signal.aborted).toBe(false);
  valid?.set('key_1', { ...allowed(), ...bound });
  await aSecond();
  expect(signal.reason).toMatchObject({ code: 'FORBIDDEN' });
});

test('while nobody can say whether a key is valid it goes on, and is looked at again after that', async () => {
  const signal = watch('key_1');
  valid = undefined;
  await aSecond();
  expect(signal.aborted).toBe(false);
  valid = new Map();
  await aSecond();
  expect(signal.aborted).toBe(true);
});
