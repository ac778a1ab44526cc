import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { sql } from '../../src/db/database.js';
import { openFollower } from '../../src/modules/events/event.follower.js';
import { openTestApp, post, type TestApp } from '../kit/app.js';
import { countMessages, hello, letTimePass, recordsOf, sendKeyed } from '../kit/keyed.js';
import { type Story, tellStory } from '../kit/story.js';

/** The clock is put forward and back: nobody gets more than is due, and nobody is locked out for as long as the clock jumped. */

let testApp: TestApp;
let story: Story;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  story = await tellStory(testApp);
});
afterEach(() => vi.useRealTimers());
afterAll(() => testApp.close());

const dayMs = 24 * 3_600_000;
const putClock = (byMs: number): void => void vi.setSystemTime(new Date(Date.now() + byMs));

describe.each([
  ['forward', dayMs],
  ['back', -dayMs],
])('after the clock is put %s', (_where, byMs) => {
  test('a key has spent what it has spent', async () => {
    const limits = { rateCapacity: 50, rateRestore: 1 };
    const { workspaceId } = story.desk;
    const { key } = await testApp.services.apiKeys.create({ workspaceId, kind: 'API_USER', limits });
    const wrong = () => post(testApp.app, '{ nothing }', {}, key);
    await expect.poll(async () => (await wrong()).status).toBe(429);
    putClock(byMs);
    const { status, headers } = await wrong();
    expect(status).toBe(429);
    expect(Number(headers.get('retry-after'))).toBeLessThan(30);
  });

  test('a key gets back what is due to it', async () => {
    const limits = { rateCapacity: 10, rateRestore: 10 };
    const { workspaceId } = story.desk;
    const { key } = await testApp.services.apiKeys.create({ workspaceId, kind: 'API_USER', limits });
    await post(testApp.app, '{ nothing }', {}, key);
    putClock(byMs);
    await expect.poll(async () => (await post(testApp.app, '{ __typename }', {}, key)).status).toBe(200);
  });

  test('who reads is not taken for one who does not', () => {
    const follower = openFollower(10, new AbortController().signal, () => undefined);
    follower.setWaiting(false);
    putClock(byMs);
    follower.cutOffAfter(60_000);
    expect(follower.hasLeft()).toBe(false);
  });
});

test('who does not read is cut off although the clock is put back', () => {
  vi.useFakeTimers();
  const follower = openFollower(10, new AbortController().signal, () => undefined);
  follower.setWaiting(false);
  putClock(-dayMs);
  vi.advanceTimersByTime(61_000);
  follower.cutOffAfter(60_000);
  expect(() => follower.hasLeft()).toThrow('Nothing was read for too long');
});

describe('of a request with an Idempotency-Key', () => {
  const send = (key: string) => sendKeyed(testApp.app, story.desk, hello(story), key);
  /** As a process leaves it that was killed before it did anything. */
  const leave = async (key: string): Promise<void> => {
    await send(key);
    await testApp.database.prisma.$executeRaw(sql`UPDATE "IdempotencyRecord"
      SET "answer" = NULL, "steps" = '{}', "heldUntil" = clock_timestamp() + interval '10 seconds'
      WHERE "id" LIKE ${`%:${key}`}`);
  };

  test('the key is free when its process was killed before the clock was put back', async () => {
    await leave('killed');
    expect(await send('killed')).toMatchObject({ code: 'IDEMPOTENCY_KEY_IN_USE' });
    await letTimePass(testApp, 'killed', '-1 day');
    expect(await send('killed')).toMatchObject({ status: 200, replayed: false });
  });

  test('the answer is kept, and nothing done again, after the clock was put back', async () => {
    await send('answered');
    const before = await countMessages(testApp, story);
    await letTimePass(testApp, 'answered', '-1 day');
    expect(await send('answered')).toMatchObject({ status: 200, replayed: true });
    expect(await countMessages(testApp, story)).toBe(before);
  });

  test('the key is as new after the clock was put forward by more than answers are kept for', async () => {
    await send('forgotten');
    await letTimePass(testApp, 'forgotten', '25 hours');
    expect(await send('forgotten')).toMatchObject({ status: 200, replayed: false });
    expect(await recordsOf(testApp, 'forgotten')).toHaveLength(1);
  });
});
