import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { generateApiKey } from '../../../src/auth/api-key.js';
import type { Scope } from '../../../src/auth/scopes.js';
import { type Desk, openTestApp, post, type TestApp } from '../../kit/app.js';
import { newEvents } from '../../kit/records.js';

/** Keys as their holders manage them in the graph. */

let testApp: TestApp;
let desk: Desk;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  desk = await testApp.createDesk();
});
afterAll(() => testApp.close());

type Input = Record<string, unknown>;
interface Result {
  apiKey?: Record<string, unknown> & { databaseId: string };
  key?: string;
  token?: string;
  expiresAt?: string;
  result?: string;
  userErrors: { code: string; message: string; path: string[] }[];
}

const shown =
  'apiKey { databaseId name scopes isActive maxCost allowedOrigins allowedNetworks expiresAt createdBy { kind databaseId } }';
const selections: Record<string, string> = {
  createApiKey: `${shown} key`,
  rotateApiKey: `${shown} key`,
  updateApiKey: `${shown} result`,
  revokeApiKey: `${shown} result`,
  createSessionToken: 'token expiresAt',
};

async function send(name: string, input: Input, key = desk.key, headers: Record<string, string> = {}) {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { ${name}(input: $input) { ${selections[name]} userErrors { code message path } } }`;
  const response = await testApp.app.graphql.fetch('http://deskgraph.test/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...headers },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const { data, errors } = (await response.json()) as {
    data?: Record<string, Result>;
    errors?: { message: string; extensions: Record<string, unknown> }[];
  };
  return { result: data?.[name], error: errors?.[0] };
}

async function done(name: string, input: Input, key = desk.key): Promise<Result> {
  const { result, error } = await send(name, input, key);
  if (!result || error || result.userErrors.length > 0) throw new Error(JSON.stringify({ result, error }));
  return result;
}

/** The code that a query with a key ends with; undefined when it is answered. */
const codeOf = async (key: string, query = '{ viewer { scopes } }'): Promise<unknown> =>
  (await post(testApp.app, query, {}, key)).body.errors?.[0]?.extensions?.code;

const keyWith = async (scopes: Scope[], others = {}): Promise<string> =>
  (await testApp.services.apiKeys.create({ workspaceId: desk.workspaceId, kind: 'API_USER', scopes, ...others })).key;

const reader = { kind: 'API_USER', scopes: ['customers:read'] };

describe('a key that is made in the graph', () => {
  test('works, is listed without its secret, and says who made it', async () => {
    const events = await newEvents(testApp, desk, async () => {
      const { key = '', apiKey } = await done('createApiKey', { ...reader, name: 'Reader', limits: { maxCost: 500 } });
      expect(apiKey).toMatchObject({ name: 'Reader', maxCost: 500, isActive: true, createdBy: { kind: 'API_KEY' } });
      expect(await codeOf(key)).toBeUndefined();
      const { body } = await post(
        testApp.app,
        '{ apiKeys(filter: { isActive: true }) { totalCount nodes { databaseId prefix lastUsedAt } } }',
        {},
        desk.key,
      );
      expect(JSON.stringify(body)).not.toContain(key);
      expect(body.data).toMatchObject({ apiKeys: { totalCount: 2, nodes: [{ databaseId: apiKey?.databaseId }, {}] } });
    });
    expect(events.map(({ type }) => type)).toContain('api_key.created');
    expect(JSON.stringify(events)).not.toMatch(/ts_sk_live_\w{30}/);
  });

  test('has no more than the key that makes it', async () => {
    const hour = (count: number) => new Date(Date.now() + count * 3_600_000);
    const bounded = await keyWith(['apiKeys:write', 'apiKeys:read', 'customers:read'], {
      expiresAt: hour(2),
      limits: { maxCost: 100 },
    });
    expect(await send('createApiKey', { kind: 'API_USER', scopes: ['customers:write'] }, bounded)).toMatchObject({
      error: { extensions: { code: 'FORBIDDEN', requiredScope: 'customers:write' } },
    });
    const pathOf = async (input: Input) => (await send('createApiKey', input, bounded)).result?.userErrors[0]?.path;
    expect(await pathOf(reader)).toEqual(['input', 'limits', 'maxCost']);
    const modest = { ...reader, limits: { maxCost: 100 } };
    expect(await pathOf(modest)).toEqual(['input', 'expiresAt']);
    expect(await pathOf({ ...modest, expiresAt: hour(3) })).toEqual(['input', 'expiresAt']);
    await done('createApiKey', { ...modest, expiresAt: hour(1) }, bounded);
  });

  test('is refused with a reason when it cannot be', async () => {
    const pathOf = async (input: Input) => (await send('createApiKey', { ...reader, ...input })).result?.userErrors[0];
    expect(await pathOf({ scopes: ['everything'] })).toMatchObject({ path: ['input', 'scopes', '0'] });
    expect(await pathOf({ scopes: [] })).toMatchObject({ path: ['input', 'scopes'] });
    expect(await pathOf({ kind: 'USER' })).toMatchObject({ path: ['input', 'agentId'] });
    expect(await pathOf({ allowedOrigins: ['desk.example'] })).toMatchObject({
      path: ['input', 'allowedOrigins', '0'],
    });
    expect(await pathOf({ allowedNetworks: ['10.0.0.0/33'] })).toMatchObject({
      path: ['input', 'allowedNetworks', '0'],
    });
    expect(await pathOf({ expiresAt: '2020-01-01T00:00:00Z' })).toMatchObject({ path: ['input', 'expiresAt'] });
  });
});

test('a key is changed within what its changer may do, and not widened beyond', async () => {
  const { apiKey } = await done('createApiKey', reader);
  const id = apiKey?.databaseId;
  const manager = await keyWith(['apiKeys:write', 'apiKeys:read', 'customers:read']);
  expect(await done('updateApiKey', { id, name: 'Inbox' }, manager)).toMatchObject({ result: 'UPDATED' });
  for (const [name, input] of [
    ['updateApiKey', { scopes: ['customers:read', 'webhooks:write'] }],
    ['updateApiKey', { allowedNetworks: ['10.0.0.0/8'] }],
    ['rotateApiKey', {}],
  ] as const) {
    const wider = await done('createApiKey', { kind: 'API_USER', scopes: ['conversations:read', 'webhooks:write'] });
    const target = 'scopes' in input ? id : wider.apiKey?.databaseId;
    expect(await send(name, { id: target, ...input }, manager)).toMatchObject({
      error: { extensions: { code: 'FORBIDDEN' } },
    });
  }
});

test('a rotated key is taken as it was until its grace is over', async () => {
  const { apiKey, key: first = '' } = await done('createApiKey', reader);
  const { key: second = '' } = await done('rotateApiKey', { id: apiKey?.databaseId });
  expect([await codeOf(first), await codeOf(second)]).toEqual([undefined, undefined]);
  const { key: third = '' } = await done('rotateApiKey', { id: apiKey?.databaseId, graceHours: 0 });
  expect([await codeOf(first), await codeOf(second), await codeOf(third)]).toEqual([
    'UNAUTHENTICATED',
    'UNAUTHENTICATED',
    undefined,
  ]);
});

test('a revoked key is refused at once, and cannot be changed or rotated any more', async () => {
  const { apiKey, key = '' } = await done('createApiKey', reader);
  const id = apiKey?.databaseId;
  expect(await codeOf(key)).toBeUndefined();
  expect(await done('revokeApiKey', { id })).toMatchObject({ result: 'UPDATED' });
  expect(await codeOf(key)).toBe('UNAUTHENTICATED');
  expect(await done('revokeApiKey', { id })).toMatchObject({ result: 'UNCHANGED' });
  for (const name of ['updateApiKey', 'rotateApiKey']) {
    expect((await send(name, { id })).result?.userErrors).toMatchObject([{ code: 'CONFLICT' }]);
  }
});

describe('what is shown once', () => {
  test.each([
    ['createApiKey', reader],
    ['createWebhookEndpoint', { url: 'https://hooks.example/', eventTypes: ['agent.*'] }],
  ])('by %s is in no answer that is kept for a repetition', async (name, input) => {
    selections.createWebhookEndpoint = 'endpoint { databaseId } secret';
    const headers = { 'idempotency-key': `once-${name}` };
    const first = await send(name, input, desk.key, headers);
    const secret = Object.values(first.result ?? {}).find((value) => /^(ts_sk_live|whsec)_/.test(String(value)));
    expect(secret).toBeDefined();
    const second = await send(name, input, desk.key, headers);
    expect(JSON.stringify(second)).not.toContain(String(secret));
    expect(second.result).toMatchObject({ userErrors: [] });
    const records = await testApp.database.prisma.idempotencyRecord.findMany({
      where: { workspaceId: desk.workspaceId },
    });
    expect(records).toHaveLength(1);
    const kept = records.map(({ answer, steps }) => answer + steps.map((step) => Buffer.from(step).toString()).join());
    expect(kept.join()).not.toContain(String(secret));
  });
});

describe('a session token', () => {
  let agentId: string;
  beforeEach(async () => {
    const input = { name: 'Ada', email: 'ada@desk.example' };
    agentId = (await testApp.services.agents.create(desk.operator, input)).id;
  });

  const viewer = '{ viewer { kind scopes agent { databaseId } } }';

  test('stands for the agent with its scopes alone', async () => {
    const { token = '' } = await done('createSessionToken', { agentId, scopes: ['customers:read'] });
    expect((await post(testApp.app, viewer, {}, token)).body.data).toEqual({
      viewer: { kind: 'USER', scopes: ['customers:read'], agent: { databaseId: agentId } },
    });
    expect(await codeOf(token, '{ conversations { totalCount } }')).toBe('FORBIDDEN');
  });

  test('ends with its time, with the key that made it, and with the agent', async () => {
    const { id, key } = await testApp.services.apiKeys.create({ workspaceId: desk.workspaceId, kind: 'API_USER' });
    const make = async (by: string): Promise<string> =>
      (await done('createSessionToken', { agentId, scopes: ['customers:read'] }, by)).token ?? '';
    const [ofKey, ofDesk, brief] = [await make(key), await make(desk.key), await make(desk.key)];
    await testApp.database.prisma.$executeRaw`UPDATE "SessionToken" SET "expiresAt" = now() - interval '1 second'
      WHERE "workspaceId" = ${desk.workspaceId} AND "id" = (SELECT max("id") FROM "SessionToken" WHERE "workspaceId" = ${desk.workspaceId})`;
    expect(await codeOf(brief)).toBe('UNAUTHENTICATED');
    expect([await codeOf(ofKey), await codeOf(ofDesk)]).toEqual([undefined, undefined]);
    await done('revokeApiKey', { id });
    await expect.poll(() => codeOf(ofKey)).toBe('UNAUTHENTICATED');
    await testApp.services.agents.deactivate(desk.operator, { id: agentId });
    await expect.poll(() => codeOf(ofDesk)).toBe('UNAUTHENTICATED');
  });

  test('makes nothing that lasts longer, and is for no other agent than that of the key', async () => {
    const scopes = ['apiKeys:write', 'sessions:create', 'customers:read'];
    const { token = '' } = await done('createSessionToken', { agentId, scopes });
    for (const [name, input] of [
      ['createApiKey', reader],
      ['createSessionToken', { agentId, scopes: ['customers:read'] }],
    ] as const) {
      expect((await send(name, input, token)).error?.extensions.code).toBe('FORBIDDEN');
    }
    const { id: ben } = await testApp.services.agents.create(desk.operator, { name: 'Ben', email: 'ben@x.example' });
    const { key } = await testApp.services.apiKeys.create({
      workspaceId: desk.workspaceId,
      kind: 'USER',
      agentId: ben,
    });
    expect((await send('createSessionToken', { agentId, scopes: ['customers:read'] }, key)).error).toMatchObject({
      extensions: { code: 'FORBIDDEN' },
    });
  });

  test('loses the scopes that its key loses', async () => {
    const manager = await testApp.services.apiKeys.create({ workspaceId: desk.workspaceId, kind: 'API_USER' });
    const scopes = ['customers:read', 'conversations:read'];
    const { token = '' } = await done('createSessionToken', { agentId, scopes }, manager.key);
    await done('updateApiKey', { id: manager.id, scopes: ['conversations:read', 'sessions:create'] });
    await expect.poll(() => codeOf(token, '{ customers { totalCount } }')).toBe('FORBIDDEN');
    expect(await codeOf(token, '{ conversations { totalCount } }')).toBeUndefined();
  });
});

test('a key that nobody has is none', async () => {
  expect(await codeOf(generateApiKey('sk_live'))).toBe('UNAUTHENTICATED');
});
