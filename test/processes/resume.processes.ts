import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ChangesSubscription } from '../generated/graphql.js';
import { type Desk, openTestApp, type TestApp } from '../kit/app.js';
import { testConnection } from '../kit/connection.js';
import { type Subscribed, subscribe, type Transport, transports } from '../kit/followers.js';
import { type Gateway, kill, serves, startGateway } from '../kit/gateway.js';
import { sendTo } from '../kit/send.js';
import { upsertCustomers } from '../modules/customer/customer-mutations.js';
import { changes } from '../modules/events/changes.js';

const writers = 16;
const perWrite = 25;
/** RESUMED_WRITES says how many there are, a multiple of what the writers write in a round: 400. */
const writes = Number(process.env.RESUMED_WRITES ?? 10_000);
const redisUrl = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379';

let testApp: TestApp;
let desk: Desk;
let gateways: Gateway[];

beforeEach(async () => {
  testApp = await openTestApp();
  desk = await testApp.createDesk();
  gateways = [];
});
afterEach(async () => {
  for (const gateway of gateways) await kill(gateway);
  await testApp.close();
});

async function start(count: number): Promise<void> {
  const { connectionString = '' } = testConnection();
  const variables = {
    DATABASE_URL: connectionString,
    REDIS_URL: redisUrl,
    RATE_CAPACITY: '9999999',
    LOG_LEVEL: 'warn',
  };
  gateways = await Promise.all(Array.from({ length: count }, () => startGateway(variables)));
  await Promise.all(gateways.map(serves));
}

type Change = ChangesSubscription['changes'];

/** Follows the changes, is cut off now and then, at another process each time, and goes on from what it had. */
function followCutOff(transport: Transport, place: number) {
  const told: Change[] = [];
  let subscribed: Subscribed<ChangesSubscription> | undefined;
  let round = place;
  let cuts = 0;
  const connect = () => {
    const endpoint = `${gateways[round % gateways.length]?.url}/graphql`;
    round += 1;
    const after = told.at(-1)?.seq ?? '0';
    const variables = { after, types: ['customer.created', 'customer.updated'] };
    subscribed = subscribe({ endpoint, key: desk.key, transport }, changes, variables);
  };
  /** Takes what has come; how many that makes in all. */
  const take = (): number => {
    for (const data of subscribed?.told.splice(0) ?? []) told.push(data.changes);
    return told.length;
  };
  connect();
  return {
    told,
    cuts: () => cuts,
    take,
    /** What came after the cut was taken is lost to this client, as it would be to one that lost its network. */
    cut() {
      take();
      subscribed?.leave();
      cuts += 1;
      connect();
    },
    leave: () => subscribed?.leave(),
  };
}

/** Customers of one writer each, and some that all write to. */
async function write(writer: number): Promise<void> {
  for (let round = 0; round < writes / writers / perWrite; round += 1) {
    const items = Array.from({ length: perWrite }, (_, item) => ({
      externalId: item === 0 ? `shared_${round % 5}` : `writer_${writer}_${item}`,
      name: `${writer} ${round}`,
    }));
    const gateway = gateways[(writer + round) % gateways.length];
    const { upsertCustomers: answer } = await sendTo(`${gateway?.url}/graphql`, desk.key, upsertCustomers, {
      input: { customers: items, errorPolicy: 'ALL_OR_NOTHING' },
    });
    expect(answer.userErrors).toEqual([]);
  }
}

test.each([1, 2])(
  `with %i process(es), whoever is cut off and goes on is told each of ${writes} writes once, in order`,
  async (count) => {
    await start(count);
    const followers = transports.flatMap((transport) => [followCutOff(transport, 0), followCutOff(transport, 1)]);
    let ticks = 0;
    const cutting = setInterval(() => {
      ticks += 1;
      for (const [place, follower] of followers.entries()) if ((place + ticks) % 2 === 0) follower.cut();
    }, 300);
    await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
    clearInterval(cutting);
    await expect
      .poll(() => followers.map((follower) => follower.take()), {
        timeout: 240_000,
        interval: 50,
      })
      .toEqual(followers.map(() => writes));

    const { prisma } = testApp.database;
    const where = { workspaceId: desk.workspaceId, type: { startsWith: 'customer.' } };
    const recorded = await prisma.domainEvent.findMany({ where, orderBy: { seq: 'asc' } });
    expect(recorded).toHaveLength(writes);
    for (const { told, cuts, leave } of followers) {
      leave();
      expect(cuts()).toBeGreaterThan(0);
      expect(told.map(({ seq }) => String(seq))).toEqual(recorded.map(({ seq }) => String(seq)));
      expectChains(told);
    }
  },
);

/** Every change of a customer begins where the last one that was told had ended. */
function expectChains(told: readonly Change[]): void {
  const names = new Map<string, unknown>();
  for (const { entityId, before, after } of told) {
    if (names.has(entityId)) expect(before?.name).toBe(names.get(entityId));
    names.set(entityId, after?.name);
  }
}

test('processes tell each other of changes through Redis', async () => {
  await start(2);
  const redis = new Redis(redisUrl);
  const published = new Promise<string>((resolve) => redis.on('message', (_channel, message) => resolve(message)));
  await redis.subscribe('deskgraph:changes');
  await sendTo(`${gateways[0]?.url}/graphql`, desk.key, upsertCustomers, {
    input: { customers: [{ externalId: 'usr_1' }], errorPolicy: 'PER_ITEM' },
  });
  expect(JSON.parse(await published)).toEqual([desk.workspaceId]);
  redis.disconnect();
});
