import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { authentication } from '../../src/auth/authentication.js';
import { type Caller, operatorOf } from '../../src/auth/caller.js';
import { keyWatch } from '../../src/auth/key-watch.js';
import { createLog } from '../../src/lib/process/log.js';
import { fileLinks } from '../../src/modules/file/file.links.js';
import { openTestApp, post, type TestApp } from '../kit/app.js';
import { type Story, tellStory } from '../kit/story.js';

/** The clock of the machine is put forward and back: what has ended does not begin again, and what was revoked ends in time. */

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

async function sessionToken(): Promise<string> {
  const { services, database } = testApp;
  const caller = await authentication(database).authenticate(story.desk.key);
  const input = { agentId: story.ada.id, scopes: ['customers:read' as const], expiresInMinutes: 60 };
  const { token } = await services.sessionTokens.create(caller, input);
  return token ?? '';
}

const statusOf = async (key: string): Promise<number> =>
  (await post(testApp.app, '{ customersCount }', {}, key)).status;

describe('a session token', () => {
  test('ends in the future, and does not come to life where it was not made yet', async () => {
    const token = await sessionToken();
    expect(await statusOf(token)).toBe(200);
    putClock(dayMs);
    expect(await statusOf(token)).toBe(401);
    putClock(-2 * dayMs);
    await expect.poll(() => statusOf(token)).toBe(401);
    vi.useRealTimers();
    await expect.poll(() => statusOf(token)).toBe(200);
  });

  test('is made and taken again once the clock is put back', async () => {
    await sessionToken();
    // As if the clock of the database had gone with it.
    await testApp.database.prisma.sessionToken.updateMany({ data: { createdAt: new Date(Date.now() + dayMs) } });
    expect(await statusOf(await sessionToken())).toBe(200);
  });

  test('does not keep what it began because the clock is put back meanwhile', async () => {
    vi.useFakeTimers();
    const held = operatorOf('wrk_1');
    const watching = keyWatch({ rightsOf: async () => new Map([['key_1 ses_1', held]]) }, createLog('silent'));
    const token = { kind: 'SESSION' as const, id: 'ses_1', expiresAt: new Date(Date.now() + 60_000) };
    const caller: Caller = { ...operatorOf('wrk_1'), keyId: 'key_1', token };
    const { signal } = watching.watch(caller);
    putClock(-dayMs);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(signal.reason).toMatchObject({ code: 'UNAUTHENTICATED', message: 'This token has expired.' });
    watching.close();
  });
});

test.each([
  ['forward', dayMs],
  ['back', -dayMs],
])('a key that was revoked is refused in a moment although the clock is put %s', async (_where, byMs) => {
  const { database, services } = testApp;
  const { key, id } = await services.apiKeys.create({ workspaceId: story.desk.workspaceId, kind: 'API_USER' });
  // Its key is remembered here, and revoked by somebody else.
  const elsewhere = authentication(database);
  await elsewhere.authenticate(key);
  putClock(byMs);
  await database.prisma.apiKey.updateMany({ where: { id }, data: { revokedAt: new Date() } });
  const refusal = async (): Promise<unknown> =>
    elsewhere.authenticate(key).then(
      () => 'taken',
      ({ message }) => message,
    );
  await expect.poll(refusal, { timeout: 5_000 }).toBe('This API key has been revoked.');
});

test('the link of a file ends in the future, and is not good before it was made', async () => {
  const links = fileLinks(testApp.database);
  const url = new URL(await links.urlOf('wrk_1', 'att_1'));
  const [expires = '', signature = ''] = ['expires', 'signature'].map((name) => url.searchParams.get(name) ?? '');
  const check = () => links.check('wrk_1', 'att_1', expires, signature);
  expect(await check()).toBe('VALID');
  putClock(dayMs);
  expect(await check()).toBe('EXPIRED');
  putClock(-2 * dayMs);
  expect(await check()).toBe('EXPIRED');
});
