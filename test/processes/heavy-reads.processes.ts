import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Desk, openTestApp, type TestApp } from '../kit/app.js';
import { testConnection } from '../kit/connection.js';
import { type Gateway, kill, serves, startGateway } from '../kit/gateway.js';
import { type NetworkProxy, openNetworkProxy } from '../kit/proxy.js';

/** The answers of heavy reads in several processes over one database and one Redis. */

const redisUrl = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379';
const query = '{ customersCount ltvCohorts { label customers } customerCohorts { customers revenue { amountMinor } } }';

let testApp: TestApp;
let desk: Desk;
let gateways: Gateway[];
/** Stands between the gateways and Redis. */
let proxy: NetworkProxy;

beforeEach(async () => {
  testApp = await openTestApp();
  desk = await testApp.createDesk();
  const { connectionString = '' } = testConnection();
  proxy = await openNetworkProxy(redisUrl);
  const viaProxy = `redis://${new URL(proxy.origin).host}`;
  const variables = { DATABASE_URL: connectionString, REDIS_URL: viaProxy, LOG_LEVEL: 'warn' };
  gateways = await Promise.all([startGateway(variables), startGateway(variables)]);
  await Promise.all(gateways.map(serves));
});
afterEach(async () => {
  for (const gateway of gateways) await kill(gateway);
  await proxy.close();
  await testApp.close();
});

async function ask(place: number): Promise<{ customers: number; cache: string | null }> {
  const response = await fetch(`${gateways[place]?.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${desk.key}` },
    body: JSON.stringify({ query }),
  });
  const { data } = (await response.json()) as { data: { customersCount: number; ltvCohorts: { customers: number }[] } };
  const [cohort] = data.ltvCohorts;
  expect(cohort?.customers ?? 0).toBe(data.customersCount);
  return { customers: data.customersCount, cache: response.headers.get('x-cache') };
}

test('are shared through Redis, and never older than what any process has written', async () => {
  for (let customers = 1; customers <= 20; customers += 1) {
    await testApp.services.customers.upsert(desk.operator, { externalId: `u${customers}` });
    expect((await ask(customers % 2)).customers).toBe(customers);
    expect((await ask((customers + 1) % 2)).customers).toBe(customers);
  }
  // What one has computed the other one finds; a name of the state may move on in between, but not each time.
  const shared = async (): Promise<string | null> => {
    await testApp.services.customers.upsert(desk.operator, { externalId: 'again', name: String(Math.random()) });
    await ask(0);
    return (await ask(1)).cache;
  };
  await expect.poll(shared).toBe('hit');
});

test('go on without Redis', async () => {
  await testApp.services.customers.upsert(desk.operator, { externalId: 'one' });
  await ask(0);
  await proxy.close();
  for (let customers = 2; customers <= 10; customers += 1) {
    await testApp.services.customers.upsert(desk.operator, { externalId: `u${customers}` });
    expect(await ask(customers % 2)).toEqual({ customers, cache: 'miss' });
  }
  // Each for itself.
  await expect.poll(async () => (await ask(0)).cache).toBe('hit');
});
