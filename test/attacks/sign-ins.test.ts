import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Authentication, authentication } from '../../src/auth/authentication.js';
import type { Sender } from '../../src/lib/http/sender.js';
import { signInBy } from '../../src/modules/api-key/api-key.sign-in.js';
import { type Desk, openTestApp, type TestApp } from '../kit/app.js';

/** Somebody whom the identity provider knows, and who may change agents, would sign in as one of the others. */

interface Issuer {
  http: Server;
  url: string;
  key: CryptoKey;
}

let testApp: TestApp;
let issuers: Issuer[];
let desk: Desk;
let ada: string;

beforeAll(async () => {
  testApp = await openTestApp();
  issuers = await Promise.all([openIssuer(), openIssuer()]);
});
afterAll(async () => {
  for (const { http } of issuers) http.close();
  await testApp.close();
});
beforeEach(async () => {
  desk = await testApp.createDesk();
  ada = (await testApp.services.agents.create(desk.operator, { name: 'Ada', email: 'ada@desk.example' })).id;
});

async function openIssuer(): Promise<Issuer> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'a', alg: 'ES256', use: 'sig' }];
  const http = createServer((request, response) => {
    response.end(JSON.stringify(request.url === '/jwks' ? { keys } : { issuer: url, jwks_uri: `${url}/jwks` }));
  });
  await once(http.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return { http, url, key: privateKey };
}

/** How a process takes the tokens of an issuer. */
function doorOf(issuer = issuers[0]): Authentication {
  const options = { audience: 'desk', workspaceClaim: 'workspace', agentClaim: 'email', scopes: ['customers:read'] };
  return authentication(testApp.database, signInBy(testApp.database, { issuer: issuer?.url ?? '', ...options }));
}

async function tokenOf(sub: string, email: string, issuer = issuers[0], madeAt = new Date()): Promise<string> {
  const token = new SignJWT({ sub, workspace: desk.workspaceId, email }).setProtectedHeader({ alg: 'ES256', kid: 'a' });
  const made = token
    .setIssuer(issuer?.url ?? '')
    .setAudience('desk')
    .setIssuedAt(madeAt)
    .setExpirationTime('5 min');
  return made.sign(issuer?.key ?? new Uint8Array());
}

const enter = async (token: Promise<string>, door = doorOf(), sender: Sender = {}) =>
  (await door.authenticate(await token, sender)).agentId;

const signInKeyOf = (agentId: string) =>
  testApp.database.prisma.apiKey.findFirstOrThrow({
    where: { workspaceId: desk.workspaceId, agentId, prefix: 'oidc' },
  });

test('giving an agent another address does not let its owner in as the agent', async () => {
  const { agents } = testApp.services;
  expect(await enter(tokenOf('ada', 'ada@desk.example'))).toBe(ada);
  await agents.update(desk.operator, { id: ada, email: 'eve@desk.example' });
  await expect(enter(tokenOf('eve', 'eve@desk.example'))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  expect(await enter(tokenOf('ada', 'EVE@desk.example'))).toBe(ada);
});

test.each([
  ['a NUL', 'ada\0', 'ada@desk.example'],
  ['half of a surrogate pair', 'ada\ud800', 'ada@desk.example'],
  ['a NUL', 'ada', 'ada\0@desk.example'],
  ['half of a surrogate pair', 'ada', 'ada\udfff@desk.example'],
])('a token that names somebody with %s is refused: %j, %j', async (_what, sub, email) => {
  await expect(enter(tokenOf(sub, email))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('of several who sign in as an agent at once, one may', async () => {
  const door = doorOf();
  const names = ['ada', 'eve', 'eva', 'ava'];
  const tries = names.map((name) => enter(tokenOf(name, 'ada@desk.example'), door));
  const outcomes = await Promise.allSettled(tries);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('the place of an agent is given on by rotating its key, which is not for the keys of other agents', async () => {
  const { agents, managedKeys } = testApp.services;
  await enter(tokenOf('ada', 'ada@desk.example'));
  const { id } = await signInKeyOf(ada);
  const eve = await agents.create(desk.operator, { name: 'Eve', email: 'eve@desk.example' });
  const others = { ...desk.operator, agentId: eve.id };
  await expect(managedKeys.rotate(others, { id, graceHours: 0 })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  expect(await managedKeys.rotate(desk.operator, { id, graceHours: 0 })).toMatchObject({ key: null });
  expect(await enter(tokenOf('ada-2', 'ada@desk.example'))).toBe(ada);
  await expect(enter(tokenOf('ada', 'ada@desk.example'))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('who had the place of an agent does not get it back with a token of before, and what it began ends', async () => {
  const before = tokenOf('ada', 'ada@desk.example', issuers[0], new Date(Date.now() - 60_000));
  const door = doorOf();
  const caller = await door.authenticate(await before, {});
  expect((await door.rightsOf([caller])).size).toBe(1);
  const { id } = await signInKeyOf(ada);
  await testApp.services.managedKeys.rotate(desk.operator, { id, graceHours: 0 });
  expect((await door.rightsOf([caller])).size).toBe(0);
  await expect(enter(before)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  expect(await enter(tokenOf('ada-2', 'ada@desk.example'))).toBe(ada);
  expect((await door.rightsOf([caller])).size).toBe(0);
});

test('the list of keys for operators does not tell who the person is', async () => {
  await enter(tokenOf('ada', 'ada@desk.example'));
  expect(JSON.stringify(await testApp.services.apiKeys.list(desk.workspaceId))).not.toContain(issuers[0]?.url);
});

test('another issuer, which the operator has put in the place of the first one, names people anew', async () => {
  await enter(tokenOf('ada', 'ada@desk.example'));
  const second = issuers[1];
  expect(await enter(tokenOf('7', 'ada@desk.example', second), doorOf(second))).toBe(ada);
  await expect(enter(tokenOf('8', 'ada@desk.example', second), doorOf(second))).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
  });
});

test('an agent who signs in is held to the networks and origins of the key that the agent got', async () => {
  const door = doorOf();
  const token = tokenOf('ada', 'ada@desk.example');
  await enter(token, door);
  const { id } = await signInKeyOf(ada);
  await testApp.services.managedKeys.update(desk.operator, { id, allowedNetworks: ['10.1.0.0/16'] });
  await expect(enter(token, doorOf(), { address: '10.2.0.1' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  expect(await enter(token, doorOf(), { address: '10.1.0.1' })).toBe(ada);
  const caller = await doorOf().authenticate(await token, { address: '10.1.0.1' });
  const [rights] = (await doorOf().rightsOf([caller])).values();
  expect(rights?.places.allowedNetworks).toEqual(['10.1.0.0/16']);
});
