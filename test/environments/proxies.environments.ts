import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { subscribe, transports } from '../kit/followers.js';
import { type Gateway, kill, startGateway } from '../kit/gateway.js';
import { temporaryDirectory } from '../kit/temporary.js';
import { changes } from '../modules/events/changes.js';
import { startHaproxy, startNginx } from './proxies.js';
import type { Server } from './servers.js';

/** Behind the proxies that people put before a gateway. */

let dataDir: string;
let gateway: Gateway;
let key: string;
const servers: Server[] = [];

beforeAll(async () => {
  dataDir = await temporaryDirectory();
  gateway = await startGateway({ DATA_DIR: dataDir, TRUSTED_PROXIES: '127.0.0.1' });
  await vi.waitUntil(() => gateway.out().includes(`${gateway.url}/graphql`), { timeout: 120_000 });
  key = /ts_sk_live_\w+/.exec(gateway.out())?.[0] ?? '';
});

afterAll(async () => {
  for (const server of servers) await server.stop();
  await kill(gateway);
  await rm(dataDir, { recursive: true, maxRetries: 20 });
});

const headers = () => ({ authorization: `Bearer ${key}`, 'content-type': 'application/json' });
const create = (externalId: string) =>
  `mutation { createCustomer(input: { externalId: "${externalId}" }) { userErrors { message } } }`;

async function post(origin: string, query: string): Promise<unknown> {
  const answer = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: headers(),
    body: JSON.stringify({ query }),
  });
  return answer.json();
}

describe.each([
  ['nginx', startNginx],
  ['HAProxy', startHaproxy],
])('behind %s', (name, start) => {
  let origin: string;

  beforeAll(async () => {
    const server = await start(Number(new URL(gateway.url).port));
    servers.push(server);
    origin = `http://127.0.0.1:${server.port}`;
  });

  test('the first bytes of a stream come at once, and each event when it happens', async () => {
    const body = JSON.stringify({ query: 'subscription { changes { entityId } }' });
    const accept = { accept: 'text/event-stream', 'accept-encoding': 'gzip' };
    const answer = await fetch(`${origin}/graphql`, { method: 'POST', headers: { ...headers(), ...accept }, body });
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    // A proxy that holds back lets comments gather first.
    expect(await reader?.read()).toMatchObject({ value: ':\n\n' });
    await post(origin, create(`first-${name}`));
    let told = '';
    while (!told.includes('data: {')) told += (await reader?.read())?.value;
    await reader?.cancel();
    expect(told.match(/event: next/g)).toHaveLength(1);
  });

  test.each(transports)('a client follows over %s', async (transport) => {
    const following = subscribe({ endpoint: `${origin}/graphql`, key, transport }, changes, {});
    // Those that come before the subscription has begun are not told.
    let made = 0;
    const more = setInterval(() => void post(origin, create(`${transport}-${name}-${made++}`)), 200);
    await following.until(1);
    clearInterval(more);
    following.leave();
  });

  test('many requests over kept connections are all answered', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, () => post(origin, '{ customersCount }')));
    for (const answer of answers) expect(answer).toEqual({ data: { customersCount: expect.any(Number) } });
  });
});
