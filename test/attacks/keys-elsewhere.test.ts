import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import type { AppOptions } from '../../src/application/options.js';
import { generateApiKey } from '../../src/auth/api-key.js';
import { readAddressSet } from '../../src/lib/http/addresses.js';
import { type Desk, openTestApp } from '../kit/app.js';
import { withoutRestoring } from '../kit/clock.js';
import { listen, type TestServer } from '../kit/http.js';

/** Keys in the hands of others: from where they must not be used, guessed, or found in public. */

let server: TestServer;
let desk: Desk;

async function open(options: Partial<AppOptions> = {}): Promise<void> {
  // Time that passes gives addresses nothing back.
  server = await listen(await withoutRestoring(() => openTestApp(options)));
  desk = await server.createDesk();
}
beforeEach(() => open());
afterEach(() => server.close());

const entries = ['/graphql?query={viewer{kind}}', '/v1/customers', '/customers', '/inbound/email'];

interface Answer extends Pick<Response, 'status' | 'headers'> {
  isForbidden: boolean;
}

async function ask(path: string, key: string, headers: Record<string, string> = {}): Promise<Answer> {
  const method = path === '/inbound/email' ? 'POST' : 'GET';
  const response = await fetch(server.origin + path, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      accept: 'application/graphql-response+json, application/json',
      ...(method === 'POST' && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(method === 'POST' && { body: '{}' }),
  });
  const text = await response.text();
  // The graph says so in its errors, whatever the status.
  return { status: response.status, headers: response.headers, isForbidden: /\bforbidden\b/i.test(text) };
}

/** The entries that do not take the key. */
async function closedTo(key: string, headers?: Record<string, string>): Promise<string[]> {
  const answers = await Promise.all(entries.map((path) => ask(path, key, headers)));
  return entries.filter((_path, at) => answers[at]?.isForbidden);
}

/** Why a WebSocket is closed that is opened with a key; undefined when it is acknowledged. */
async function socketWith(key: string, headers = {}): Promise<number | undefined> {
  const socket = new WebSocket(server.endpoint.replace('http', 'ws'), 'graphql-transport-ws', { headers });
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { Authorization: `Bearer ${key}` } }));
  const closed = once(socket, 'close').then(([code]) => Number(code));
  const acknowledged = once(socket, 'message').then(() => undefined);
  const outcome = await Promise.race([closed, acknowledged]);
  socket.terminate();
  return outcome;
}

async function bound(places: { allowedOrigins?: string[]; allowedNetworks?: string[] }): Promise<string> {
  const { key, id } = await server.services.apiKeys.create({ workspaceId: desk.workspaceId, kind: 'API_USER' });
  await server.services.managedKeys.update(desk.operator, { id, ...places });
  return key;
}

describe('a key is taken at every entry', () => {
  test('from its origins alone', async () => {
    const key = await bound({ allowedOrigins: ['https://desk.example'] });
    expect(await closedTo(key)).toEqual(entries);
    expect(await closedTo(key, { origin: 'https://evil.example' })).toEqual(entries);
    expect(await closedTo(key, { origin: 'https://desk.example' })).toEqual([]);
    expect(await socketWith(key, { origin: 'https://evil.example' })).toBe(4403);
    expect(await socketWith(key)).toBe(4403);
    expect(await socketWith(key, { origin: 'https://desk.example' })).toBeUndefined();
  });

  test('from no origin that browsers do not tell, unless it may come from any', async () => {
    const hidden = { origin: 'null' };
    const key = await bound({ allowedOrigins: ['https://desk.example'] });
    expect(await closedTo(key, hidden)).toEqual(entries);
    expect(await socketWith(key, hidden)).toBe(4403);
    expect(await closedTo(desk.key, hidden)).toEqual([]);
    expect(await socketWith(desk.key, hidden)).toBeUndefined();
  });

  test('from its networks alone', async () => {
    const away = await bound({ allowedNetworks: ['10.0.0.0/8', 'fd00::/8'] });
    expect(await closedTo(away)).toEqual(entries);
    expect(await socketWith(away)).toBe(4403);
    const here = await bound({ allowedNetworks: ['127.0.0.0/8'] });
    expect(await closedTo(here)).toEqual([]);
    expect(await socketWith(here)).toBeUndefined();
  });

  test('from the networks of the client whom a trusted proxy names', async () => {
    await server.close();
    await open({ trustedProxies: readAddressSet('127.0.0.1') });
    const key = await bound({ allowedNetworks: ['10.0.0.0/8'] });
    const from = (address: string) => ({ 'x-forwarded-for': address });
    expect(await closedTo(key, from('10.1.2.3'))).toEqual([]);
    expect(await closedTo(key, from('203.0.113.7'))).toEqual(entries);
    expect(await socketWith(key, from('10.1.2.3'))).toBeUndefined();
    expect(await socketWith(key, from('203.0.113.7'))).toBe(4403);
  });
});

test('a key that was revoked is no guess, however often it is sent', async () => {
  const { key, id } = await server.services.apiKeys.create({ workspaceId: desk.workspaceId, kind: 'API_USER' });
  await server.services.apiKeys.revoke(desk.workspaceId, id);
  for (let count = 0; count < 40; count += 1) expect((await ask('/v1/customers', key)).status).toBe(401);
});

test('whoever tries keys is told to wait, and nobody else behind the same address', async () => {
  const wrong = () => generateApiKey('ts_sk_live');
  const statuses: number[] = [];
  for (let count = 0; count < 40; count += 1) statuses.push((await ask('/v1/customers', wrong())).status);
  expect(statuses[0]).toBe(401);
  expect(statuses.at(-1)).toBe(429);
  for (const path of entries) {
    const refused = await ask(path, wrong());
    expect([path, refused.status]).toEqual([path, 429]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect(await socketWith(wrong())).toBe(1013);
  expect((await ask('/v1/customers', desk.key)).status).toBe(200);
  const { key: fresh } = await server.services.apiKeys.create({ workspaceId: desk.workspaceId, kind: 'API_USER' });
  expect((await ask('/v1/customers', fresh)).status).toBe(200);
});

describe('a report of leaked keys', () => {
  const report = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${server.origin}/leaked-keys`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
  const reportOf = (token: string) =>
    JSON.stringify([{ token, type: 'deskgraph_api_key', url: 'https://github.com/a/b/blob/c/d' }]);

  test('ends a session token, says so in the audit log, and counts it', async () => {
    const { workspaceId } = desk;
    const { services, database } = server;
    const agent = await services.agents.create(desk.operator, { name: 'Leaky', email: 'leaky@desk.test' });
    const caller = await services.authentication.authenticate(desk.key);
    const input = { agentId: agent.id, scopes: ['customers:read' as const], expiresInMinutes: 15 };
    const { token } = await services.sessionTokens.create(caller, input);
    const counted = async (): Promise<number> => {
      const text = await (await fetch(`${server.origin}/metrics`)).text();
      return Number(/^deskgraph_leaked_keys_total\{credential="session"\} (\d+)$/m.exec(text)?.[1] ?? 0);
    };
    const before = await counted();
    const ofToken = () =>
      services.authentication.authenticate(token ?? '').then(
        ({ agentId }) => agentId,
        ({ code }) => code,
      );
    expect(await ofToken()).toBe(agent.id);
    for (let time = 0; time < 2; time += 1) expect((await report(reportOf(token ?? ''))).status).toBe(200);
    await expect.poll(ofToken).toBe('UNAUTHENTICATED');
    const events = await database.prisma.domainEvent.findMany({
      where: { workspaceId, type: 'api_key.session_revoked' },
    });
    expect(events.map(({ entityId, data }) => [entityId, data])).toEqual([
      [caller.keyId, { agentId: agent.id, reason: 'LEAKED', url: 'https://github.com/a/b/blob/c/d' }],
    ]);
    expect(await counted()).toBe(before + 1);
  });

  test('revokes those that are keys, says so in the audit log, and tells which were none', async () => {
    const { key, id } = await server.services.apiKeys.create({ workspaceId: desk.workspaceId, kind: 'API_USER' });
    const other = generateApiKey('sk_live');
    const response = await report(
      JSON.stringify([{ token: key, type: 'x', url: 'https://pastes.example' }, { token: other }]),
    );
    expect([response.status, await response.json()]).toEqual([
      200,
      [
        { token_raw: key, token_type: 'x', label: 'true_positive' },
        { token_raw: other, token_type: null, label: 'false_positive' },
      ],
    ]);
    expect((await ask('/v1/customers', key)).status).toBe(401);
    const event = await server.database.prisma.domainEvent.findFirstOrThrow({
      where: { workspaceId: desk.workspaceId, entityId: id, type: 'api_key.revoked' },
    });
    expect(event.data).toMatchObject({ reason: 'LEAKED', url: 'https://pastes.example' });
    expect((await ask('/v1/customers', desk.key)).status).toBe(200);
  });

  test.each([
    ['not JSON', '{'],
    ['not a list', '{"token":"x"}'],
    ['without a token', '[{"url":"x"}]'],
    ['too many', JSON.stringify(Array.from({ length: 101 }, () => ({ token: 'x' })))],
  ])('that is %s is refused', async (_what, body) => {
    const response = await report(body);
    expect([response.status, await response.json()]).toMatchObject([400, { error: { code: 'BAD_USER_INPUT' } }]);
  });

  test('must be signed where a public key is configured', async () => {
    await server.close();
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await open({ leakedKeysPublicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() });
    const body = reportOf(desk.key);
    for (const signature of [
      undefined,
      'AAAA',
      sign('sha256', Buffer.from(`${body} `), privateKey).toString('base64'),
    ]) {
      const refused = await report(body, signature === undefined ? {} : { 'github-public-key-signature': signature });
      expect(refused.status).toBe(401);
    }
    expect((await ask('/v1/customers', desk.key)).status).toBe(200);
    const signature = sign('sha256', Buffer.from(body), privateKey).toString('base64');
    expect((await report(body, { 'github-public-key-signature': signature })).status).toBe(200);
    expect((await ask('/v1/customers', desk.key)).status).toBe(401);
  });
});
