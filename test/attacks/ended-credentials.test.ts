import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Authentication, authentication } from '../../src/auth/authentication.js';
import { operatorOf } from '../../src/auth/caller.js';
import { keyWatch } from '../../src/auth/key-watch.js';
import { createLog } from '../../src/lib/process/log.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { type Story, tellStory } from '../kit/story.js';
import { openWithKey } from './sockets.js';

/** What was begun with a secret or token that was taken back, whoever else goes on with the same key. */

let server: TestServer;
let story: Story;
let keys: Authentication;

beforeAll(async () => {
  server = await startTestServer();
  story = await tellStory(server);
  keys = authentication(server.database);
});
afterAll(() => server.close());

/** Follows the workspace over a WebSocket; answers what it is closed with. */
async function follow(key: string): Promise<{ closed: Promise<number>; isOpen(): boolean }> {
  const { socket, send, received, closed } = await openWithKey(server.origin, key);
  send({ id: '1', type: 'subscribe', payload: { query: 'subscription { changes { seq } }' } });
  send({ id: '2', type: 'subscribe', payload: { query: '{ viewer { kind } }' } });
  await expect.poll(() => received.map(({ id, type }) => `${id} ${type}`)).toContain('2 complete');
  expect(received.filter(({ type }) => type === 'error')).toEqual([]);
  return { closed, isOpen: () => socket.readyState === socket.OPEN };
}

async function makeKey() {
  const { workspaceId } = story.desk;
  const { id, key } = await server.services.apiKeys.create({ workspaceId, kind: 'API_USER' });
  return { id, key, caller: await keys.authenticate(key) };
}

const rotate = async (id: string, graceHours: number): Promise<string> => {
  const { key } = await server.services.managedKeys.rotate(operatorOf(story.desk.workspaceId), { id, graceHours });
  return key ?? '';
};

test('a subscription ends with the secret that began it, when its key gets another one', async () => {
  const { id, key } = await makeKey();
  const stolen = await follow(key);
  const next = await rotate(id, 0);
  const kept = await follow(next);
  expect(await stolen.closed).toBe(4403);
  expect(kept.isOpen()).toBe(true);
});

test('and goes on for as long as the secret is taken beside the next one', async () => {
  const { id, caller } = await makeKey();
  await rotate(id, 1);
  const held = async () => [...(await keys.rightsOf([caller])).keys()].length;
  expect(await held()).toBe(1);
  await rotate(id, 1);
  expect(await held()).toBe(0);
});

test('a subscription ends with the session token that began it, when that was found in public', async () => {
  const { caller } = await makeKey();
  const tokenOf = async (): Promise<string> => {
    const input = { agentId: story.ada.id, scopes: ['customers:read' as const], expiresInMinutes: 60 };
    return (await server.services.sessionTokens.create(caller, input)).token ?? '';
  };
  const [leaked, other] = [await tokenOf(), await tokenOf()];
  const [stolen, kept] = [await follow(leaked), await follow(other)];
  await server.services.leaks.report([{ token: leaked }]);
  expect(await stolen.closed).toBe(4403);
  expect(kept.isOpen()).toBe(true);
});

test('a session token ends with the secret that made it, when that is taken back at once', async () => {
  const { id, caller } = await makeKey();
  const input = { agentId: story.ada.id, scopes: ['customers:read' as const], expiresInMinutes: 60 };
  const { token } = await server.services.sessionTokens.create(caller, input);
  const begun = await follow(token ?? '');
  await rotate(id, 1);
  expect(begun.isOpen()).toBe(true);
  await rotate(id, 0);
  expect(await begun.closed).toBe(4403);
  await expect(keys.authenticate(token ?? '')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('no session token is made with a secret that was taken back meanwhile', async () => {
  const { id, caller } = await makeKey();
  const input = { agentId: story.ada.id, scopes: ['customers:read' as const], expiresInMinutes: 60 };
  await rotate(id, 1);
  expect(await server.services.sessionTokens.create(caller, input)).toMatchObject({ token: expect.any(String) });
  await rotate(id, 0);
  await expect(server.services.sessionTokens.create(caller, input)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

test.each([
  ['networks', { allowedNetworks: ['192.0.2.0/24'] }],
  ['origins', { allowedOrigins: ['https://desk.example'] }],
  ['documents', { onlyTrustedDocuments: true }],
])('a subscription ends when its key is bound to other %s', async (_what, change) => {
  const { id, key } = await makeKey();
  const begun = await follow(key);
  await server.services.managedKeys.update(operatorOf(story.desk.workspaceId), { id, ...change });
  expect(await begun.closed).toBe(4403);
});

test('each of two tokens under one id lasts for its own time', async () => {
  const watching = keyWatch(keys, createLog('silent'));
  const { caller } = await makeKey();
  const signedIn = (ms: number) => ({
    ...caller,
    keyHash: null,
    token: { kind: 'SIGN_IN' as const, id: 'ada', expiresAt: new Date(Date.now() + ms) },
  });
  const [long, short] = [watching.watch(signedIn(60_000)), watching.watch(signedIn(10))];
  await expect.poll(() => short.signal.aborted, { timeout: 10_000 }).toBe(true);
  expect(long.signal.aborted).toBe(false);
  watching.close();
});
