import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateKeyPair, SignJWT } from 'jose';
import { afterEach, expect, test } from 'vitest';
import { tokenVerifier } from '../../src/auth/oidc.js';

/** Tokens of strangers, each of which could have the identity provider asked, and a provider that answers too much or nothing. */

let http: Server;

afterEach(() => {
  http.closeAllConnections();
  http.close();
});

/** A provider whose keys are at /jwks; answers its address. */
async function openProvider(answerKeys: RequestListener): Promise<string> {
  let issuer = '';
  http = createServer((request, response) => {
    if (request.url === '/jwks') return void answerKeys(request, response);
    response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/jwks` }));
  });
  await once(http.listen(0, '127.0.0.1'), 'listening');
  issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return issuer;
}

const verifierOf = (issuer: string) =>
  tokenVerifier({ issuer, audience: 'desk', workspaceClaim: 'workspace', agentClaim: 'email', scopes: [] });

/** A token of somebody else. */
async function forge(issuer: string, kid: string): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256');
  const token = new SignJWT({ sub: 'a', workspace: 'a', email: 'a' }).setProtectedHeader({ alg: 'ES256', kid });
  return token.setIssuer(issuer).setAudience('desk').setExpirationTime('1 h').sign(privateKey);
}

test('a set of keys without end is not read to its end', async () => {
  let sent = 0;
  const issuer = await openProvider((_request, response) => {
    const send = (): void => {
      while (!response.destroyed && sent < 50_000_000) {
        sent += 10_000;
        if (!response.write(Buffer.alloc(10_000, ' '))) return void response.once('drain', send);
      }
      response.end('{"keys":[]}');
    };
    send();
  });
  await expect(verifierOf(issuer)(await forge(issuer, 'a'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(sent).toBeLessThan(20_000_000);
});

test('a provider that is broken is not asked again for each token that comes', async () => {
  let asked = 0;
  const issuer = await openProvider((_request, response) => {
    asked += 1;
    response.writeHead(500).end();
  });
  const verify = verifierOf(issuer);
  const token = await forge(issuer, 'a');
  for (let count = 0; count < 50; count += 1) {
    await expect(verify(token)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  }
  // Once a second.
  expect(asked).toBeLessThan(10);
});
