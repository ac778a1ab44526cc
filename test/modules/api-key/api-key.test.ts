import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { generateApiKey, isApiKey } from '../../../src/auth/api-key.js';
import { authentication as openAuthentication } from '../../../src/auth/authentication.js';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { sentBy } from '../../kit/statements.js';

let testApp: TestApp;
let desk: Desk;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  desk = await testApp.createDesk();
});
afterAll(() => testApp.close());

/** A process that has not seen any key yet. */
const freshAuthentication = () => openAuthentication(testApp.database);
const rowOf = (id: string) =>
  testApp.database.prisma.apiKey.findUniqueOrThrow({
    where: { workspaceId_id: { workspaceId: desk.workspaceId, id } },
  });
const refusal = (message: RegExp) => ({ code: 'UNAUTHENTICATED', message: expect.stringMatching(message) });

describe('an API key', () => {
  test.each(['ts_sk_live', 'sk_live'] as const)('of the format %s opens its workspace', async (format) => {
    const { workspaceId } = desk;
    const { key } = await testApp.services.apiKeys.create({ workspaceId, kind: 'API_USER', format });
    expect(key).toMatch(new RegExp(`^${format}_[0-9A-Za-z]{36}$`));
    expect(await freshAuthentication().authenticate(key)).toMatchObject({
      workspaceId,
      kind: 'API_USER',
      agentId: null,
    });
  });

  test('is never the same twice', () => {
    expect(new Set(Array.from({ length: 1_000 }, () => generateApiKey('sk_live'))).size).toBe(1_000);
  });

  test('with any one character mistyped is no key', () => {
    const digits = 'AZaz059_ -';
    for (const format of ['ts_sk_live', 'sk_live'] as const) {
      const key = generateApiKey(format);
      expect(isApiKey(key)).toBe(true);
      for (let place = 0; place < key.length; place += 1) {
        for (const digit of digits.replace(key.charAt(place), '')) {
          expect(isApiKey(key.slice(0, place) + digit + key.slice(place + 1))).toBe(false);
        }
        expect(isApiKey(key.slice(0, place) + key.slice(place + 1))).toBe(false);
      }
      expect(isApiKey(`${key}A`)).toBe(false);
      expect(isApiKey(`${key}\n`)).toBe(false);
    }
  });

  test('with two neighbours swapped is no key', () => {
    const key = generateApiKey('ts_sk_live');
    for (let place = 0; place + 1 < key.length; place += 1) {
      const [one, other] = [key.charAt(place), key.charAt(place + 1)];
      if (one !== other) expect(isApiKey(key.slice(0, place) + other + one + key.slice(place + 2))).toBe(false);
    }
  });

  test('that is mistyped or missing is refused without a statement', async () => {
    const service = freshAuthentication();
    const statements = await sentBy(async () => {
      await expect(service.authenticate(undefined)).rejects.toMatchObject(refusal(/required/));
      await expect(service.authenticate(`${desk.key}x`)).rejects.toMatchObject(refusal(/Invalid API key/));
    });
    expect(statements).toEqual([]);
  });

  test('that nobody was given is refused as a mistyped one', async () => {
    await expect(freshAuthentication().authenticate(generateApiKey('sk_live'))).rejects.toMatchObject(
      refusal(/Invalid API key/),
    );
  });

  test('is stored as a hash and a prefix alone', async () => {
    const { id, key } = await testApp.services.apiKeys.create({ workspaceId: desk.workspaceId, kind: 'API_USER' });
    const row = await rowOf(id);
    expect(row.hash).toBe(createHash('sha256').update(key).digest('hex'));
    expect(row.prefix).toBe(key.slice(0, 'ts_sk_live_'.length + 4));
    expect(JSON.stringify(row)).not.toContain(key.slice(row.prefix.length));
    const [listed] = (await testApp.services.apiKeys.list(desk.workspaceId)).filter((one) => one.id === id);
    expect(listed).not.toHaveProperty('hash');
  });
});

describe('a key is refused', () => {
  test('once it expired', async () => {
    const { workspaceId } = desk;
    const { apiKeys } = testApp.services;
    const past = await apiKeys.create({ workspaceId, kind: 'API_USER', expiresAt: new Date(Date.now() - 1_000) });
    const future = await apiKeys.create({ workspaceId, kind: 'API_USER', expiresAt: new Date(Date.now() + 3_600_000) });
    await expect(freshAuthentication().authenticate(past.key)).rejects.toMatchObject(refusal(/expired/));
    expect(await freshAuthentication().authenticate(future.key)).toMatchObject({ workspaceId });
  });

  test('once it was revoked, at once by the process that did it', async () => {
    const { workspaceId } = desk;
    const { apiKeys, authentication } = testApp.services;
    const { id, key } = await apiKeys.create({ workspaceId, kind: 'API_USER' });
    await authentication.authenticate(key);
    await apiKeys.revoke(workspaceId, id);
    await expect(authentication.authenticate(key)).rejects.toMatchObject(refusal(/revoked/));
    const { revokedAt } = await rowOf(id);
    await apiKeys.revoke(workspaceId, id);
    expect((await rowOf(id)).revokedAt).toEqual(revokedAt);
  });

  test('by nobody but its own workspace', async () => {
    const other = await testApp.createDesk();
    const { id, key } = await testApp.services.apiKeys.create({ workspaceId: desk.workspaceId, kind: 'API_USER' });
    await expect(testApp.services.apiKeys.revoke(other.workspaceId, id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await freshAuthentication().authenticate(key)).toMatchObject({ workspaceId: desk.workspaceId });
  });
});

describe('a key may do', () => {
  test('what its scopes say, and everything when none are named', async () => {
    const { workspaceId } = desk;
    const { apiKeys } = testApp.services;
    const reader = await apiKeys.create({ workspaceId, kind: 'API_USER', scopes: ['customers:read'] });
    expect([...(await freshAuthentication().authenticate(reader.key)).scopes]).toEqual(['customers:read']);
    expect((await freshAuthentication().authenticate(desk.key)).scopes.size).toBeGreaterThan(3);
  });

  test('what an agent did, when it stands for one', async () => {
    const { workspaceId, operator } = desk;
    const { agents, apiKeys } = testApp.services;
    const ada = await agents.create(operator, { name: 'Ada', email: 'ada@desk.test' });
    const { key } = await apiKeys.create({ workspaceId, kind: 'USER', agentId: ada.id });
    expect(await freshAuthentication().authenticate(key)).toMatchObject({
      kind: 'USER',
      agentId: ada.id,
      actorId: ada.id,
    });
  });
});

describe('a key cannot be made', () => {
  test.each([
    ['for a workspace that is not there', { workspaceId: 'wrk_none', kind: 'API_USER' }, 'NOT_FOUND', 'workspace'],
    ['for an agent who is not there', { kind: 'USER', agentId: 'agt_none' }, 'NOT_FOUND', 'agent'],
    ['for a user without an agent', { kind: 'USER' }, 'BAD_USER_INPUT', 'agent'],
    ['for a program with an agent', { kind: 'API_USER', agentId: 'agt_none' }, 'BAD_USER_INPUT', 'agent'],
    ['with an unknown scope', { kind: 'API_USER', scopes: ['customers:own'] }, 'BAD_USER_INPUT', 'scope'],
  ] as const)('%s', async (_what, input, code, path) => {
    const made = testApp.services.apiKeys.create({ workspaceId: desk.workspaceId, ...input });
    await expect(made).rejects.toMatchObject({ code, details: { path: [path] } });
  });
});

test('when a key was used last is written at most once a minute', async () => {
  const { id, key } = await testApp.services.apiKeys.create({ workspaceId: desk.workspaceId, kind: 'API_USER' });
  expect((await rowOf(id)).lastUsedAt).toBeNull();
  await freshAuthentication().authenticate(key);
  const { lastUsedAt } = await rowOf(id);
  expect(lastUsedAt).toBeInstanceOf(Date);
  await freshAuthentication().authenticate(key);
  expect((await rowOf(id)).lastUsedAt).toEqual(lastUsedAt);
  await testApp.database.prisma.apiKey.updateMany({
    where: { id },
    data: { lastUsedAt: new Date('2026-01-01T00:00:00Z') },
  });
  await freshAuthentication().authenticate(key);
  expect((await rowOf(id)).lastUsedAt?.getTime()).toBeGreaterThan(new Date('2026-01-01T00:00:00Z').getTime());
});
