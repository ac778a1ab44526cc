import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { tokenVerifier } from '../../src/auth/oidc.js';
import type { Desk } from '../kit/app.js';
import { startTestServer, type TestServer } from '../kit/http.js';

/** Agents who sign in with tokens of a real identity provider. */

const audience = 'https://desk.example/graphql';
const client = { client_id: 'desk', client_secret: 'secret-of-the-desk' };

let issuer: string;
let providerKey: CryptoKey;
let http: Server;
/** How often the provider was asked for its keys. */
let keyRequests = 0;
/** What the provider says of whoever signs in. */
let claims: Record<string, unknown> = {};
let server: TestServer;
let desk: Desk;
let agentId: string;

beforeAll(async () => {
  http = createServer();
  await once(http.listen(0, '127.0.0.1'), 'listening');
  issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  providerKey = privateKey;
  const provider = new Provider(issuer, {
    clients: [
      {
        ...client,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'first', alg: 'ES256', use: 'sig' }] },
    scopes: ['customers:read', 'conversations:read'],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        getResourceServerInfo: () => ({
          scope: 'customers:read conversations:read',
          audience,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
    extraTokenClaims: () => claims,
  });
  const handle = provider.callback();
  http.on('request', (request, response) => {
    if (request.url?.startsWith('/jwks')) keyRequests += 1;
    void handle(request, response);
  });
  const options = { issuer, audience, workspaceClaim: 'workspace', agentClaim: 'email' };
  server = await startTestServer({ oidc: { ...options, scopes: ['customers:read', 'conversations:read'] } });
});
afterAll(async () => {
  await server.close();
  http.close();
});
beforeEach(async () => {
  desk = await server.createDesk();
  agentId = (await server.services.agents.create(desk.operator, { name: 'Ada', email: 'ada@desk.example' })).id;
  claims = { workspace: desk.workspaceId, email: 'Ada@desk.example' };
});

/** A token as the provider gives it out. */
async function signIn(scope?: string): Promise<string> {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${client.client_id}:${client.client_secret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope !== undefined && { scope }) }),
  });
  const body = (await response.json()) as { access_token?: string };
  if (body.access_token === undefined) throw new Error(JSON.stringify(body));
  return body.access_token;
}

interface Answer {
  data?: unknown;
  errors?: { message: string; extensions: { code: string } }[];
}

async function ask(token: string, query = '{ viewer { kind scopes agent { databaseId } } }'): Promise<Answer> {
  const response = await fetch(server.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  });
  return (await response.json()) as Answer;
}

const codeOf = async (token: string): Promise<string | undefined> => (await ask(token)).errors?.[0]?.extensions.code;

describe('a token of the identity provider', () => {
  test('lets the agent in whom it names, over HTTP and WebSocket, with one key that the workspace can revoke', async () => {
    const [one, other] = await Promise.all([signIn(), signIn()]);
    const answers = await Promise.all([ask(one), ask(other)]);
    for (const answer of answers) {
      expect(answer.data).toEqual({
        viewer: { kind: 'USER', scopes: ['conversations:read', 'customers:read'], agent: { databaseId: agentId } },
      });
    }
    const socket = new WebSocket(server.endpoint.replace('http', 'ws'), 'graphql-transport-ws');
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: { Authorization: `Bearer ${one}` } }));
    expect(String((await once(socket, 'message'))[0])).toContain('connection_ack');
    socket.terminate();
    const keys = await server.database.prisma.apiKey.findMany({ where: { workspaceId: desk.workspaceId, agentId } });
    expect(keys).toMatchObject([{ prefix: 'oidc', kind: 'USER' }]);
    await server.services.managedKeys.revoke(desk.operator, { id: keys[0]?.id ?? '' });
    await expect.poll(() => codeOf(one)).toBe('UNAUTHENTICATED');
  });

  test('that says less may do less', async () => {
    expect((await ask(await signIn('customers:read'))).data).toMatchObject({ viewer: { scopes: ['customers:read'] } });
  });

  test.each([
    ['another workspace', () => ({ workspace: 'wrk_nobodys', email: 'ada@desk.example' })],
    ['nobody', () => ({ workspace: desk.workspaceId, email: 'eve@desk.example' })],
    ['no workspace', () => ({ email: 'ada@desk.example' })],
    ['an address that is not verified', () => ({ ...claims, email_verified: false })],
  ])('that names %s is refused', async (_what, given) => {
    claims = given();
    expect(await codeOf(await signIn())).toBe('UNAUTHENTICATED');
  });

  test('is refused once its agent is deactivated', async () => {
    const token = await signIn();
    expect(await codeOf(token)).toBeUndefined();
    await server.services.agents.deactivate(desk.operator, { id: agentId });
    await expect.poll(() => codeOf(token)).toBe('UNAUTHENTICATED');
  });
});

describe('a token that is not valid', () => {
  const payload = (): JWTPayload => ({ ...claims, sub: 'ada' });
  const signed = async (
    given: JWTPayload,
    header: { alg: string; kid?: string },
    key: Parameters<SignJWT['sign']>[0],
  ) =>
    new SignJWT({ iss: issuer, aud: audience, exp: Math.floor(Date.now() / 1_000) + 600, ...given })
      .setProtectedHeader(header)
      .sign(key);

  test('is refused, whatever it claims to be signed by', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    const secret = new TextEncoder().encode('a secret that is long enough for HS256');
    const tokens = [
      await signed(payload(), { alg: 'ES256', kid: 'first' }, privateKey),
      await signed(payload(), { alg: 'ES256', kid: 'unknown' }, privateKey),
      await signed(payload(), { alg: 'HS256', kid: 'first' }, secret),
      `${new UnsecuredJWT({ ...payload(), iss: issuer, aud: audience, exp: 9_999_999_999 }).encode()}AAAAAAAAAA`,
      'eyJhbGciOiJFUzI1NiJ9.e30.AAAAAAAAAAAA',
    ];
    for (const token of tokens) expect(await codeOf(token)).toBe('UNAUTHENTICATED');
  });

  test('whose time is over is no wrong key, however often it comes', async () => {
    const exp = Math.floor(Date.now() / 1_000) - 3_600;
    const ended = await signed({ ...payload(), exp }, { alg: 'ES256', kid: 'first' }, providerKey);
    for (let count = 0; count < 40; count += 1) expect(await codeOf(ended)).toBe('UNAUTHENTICATED');
  });

  test('does not have its keys asked for again and again', async () => {
    await codeOf(await signIn());
    const before = keyRequests;
    const { privateKey } = await generateKeyPair('ES256');
    for (let count = 0; count < 10; count += 1) {
      await codeOf(await signed(payload(), { alg: 'ES256', kid: `unknown-${count}` }, privateKey));
    }
    expect(keyRequests - before).toBeLessThanOrEqual(1);
  });

  test('for another audience, or of another time, is refused', async () => {
    const options = { issuer, workspaceClaim: 'workspace', agentClaim: 'email', scopes: [] };
    const token = await signIn();
    await expect(tokenVerifier({ ...options, audience: 'https://other.example' })(token)).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    expect(await tokenVerifier({ ...options, audience })(token)).toMatchObject({ workspace: desk.workspaceId });
  });
});

test('while the provider is away, who brings its tokens is told to come back', async () => {
  const away = tokenVerifier({
    issuer: 'http://127.0.0.1:1',
    audience,
    workspaceClaim: 'workspace',
    agentClaim: 'email',
    scopes: [],
  });
  await expect(away(await signIn())).rejects.toMatchObject({ code: 'UNAVAILABLE', details: { retryAfter: 5 } });
});

test('a description of the provider without end is not read to its end', async () => {
  let sent = 0;
  const endless = createServer((_request, response) => {
    const send = (): void => {
      while (!response.destroyed && sent < 50_000_000) {
        sent += 10_000;
        if (!response.write(Buffer.alloc(10_000, ' '))) return void response.once('drain', send);
      }
    };
    send();
  });
  await once(endless.listen(0, '127.0.0.1'), 'listening');
  const address = `http://127.0.0.1:${(endless.address() as AddressInfo).port}`;
  const options = { issuer: address, audience, workspaceClaim: 'workspace', agentClaim: 'email', scopes: [] };
  await expect(tokenVerifier(options)(await signIn())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(sent).toBeLessThan(20_000_000);
  endless.closeAllConnections();
  endless.close();
});
