import { expect, test, vi } from 'vitest';
import { recentStates } from '../../../src/modules/events/outbox.state.js';

/** States of the outbox that requests in a burst share. */

test('a state is read once for a moment, and anew once it is forgotten', async () => {
  const read = vi.fn(async (workspaceId: string) => `${workspaceId} ${read.mock.calls.length}`);
  const { of, forget } = recentStates(read);
  expect(await Promise.all([of('one'), of('one'), of('other')])).toEqual(['one 1', 'one 1', 'other 2']);
  forget('one');
  expect(await of('one')).toBe('one 3');
  expect(await of('other')).toBe('other 2');
});

test('one that was being read when it was forgotten is not kept', async () => {
  const answers: ((state: string) => void)[] = [];
  const { of, forget } = recentStates(() => new Promise((resolve) => answers.push(resolve)));
  const early = of('one');
  forget('one');
  const late = of('one');
  for (const [place, answer] of answers.entries()) answer(`state ${place}`);
  expect([await early, await late, await of('one')]).toEqual(['state 0', 'state 1', 'state 1']);
});

test('a failure is not kept', async () => {
  const read = vi.fn().mockRejectedValueOnce(new Error('away')).mockResolvedValue('state');
  const { of } = recentStates(read);
  await expect(of('one')).rejects.toThrow('away');
  expect(await of('one')).toBe('state');
});

test('a moment ends, however often the state is asked for', async () => {
  const read = vi.fn(async () => 'state');
  const { of } = recentStates(read);
  await of('one');
  await expect.poll(() => of('one').then(() => read.mock.calls.length), { interval: 20 }).toBe(2);
});
