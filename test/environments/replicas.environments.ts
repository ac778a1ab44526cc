import { parse } from 'graphql';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { subscribe } from '../kit/followers.js';
import { type Gateway, kill, startGateway } from '../kit/gateway.js';
import { command } from './command.js';
import { execute, type Postgres, rowsOf, startPostgres, startRedis, startReplica } from './servers.js';

/** A primary and a replica that streams from it, which is held up, killed and started again. */

let primary: Postgres;
let replica: Postgres;
let gateway: Gateway;
let key: string;
let otherKey: string;

beforeAll(async () => {
  primary = await startPostgres();
  const variables = { DATABASE_URL: primary.url };
  expect(await command(['seed'], variables)).toMatchObject({ code: 0 });
  expect(await command(['workspace', 'create', '--id', 'wrk_other'], variables)).toMatchObject({ code: 0 });
  const make = async (workspace: string): Promise<string> => {
    const made = await command(['keys', 'create', '--workspace', workspace, '--kind', 'api_user'], variables);
    return /ts_sk_live_\w+/.exec(made.out)?.[0] ?? '';
  };
  [key, otherKey] = [await make('wrk_demo'), await make('wrk_demo')];
  replica = await startReplica(primary);
  gateway = await startGateway({ ...variables, DATABASE_REPLICA_URL: replica.url });
  const until = { timeout: 120_000, interval: 100 };
  await vi.waitUntil(() => gateway.out().includes(`${gateway.url}/graphql`), until);
  await vi.waitUntil(async () => (await metric('deskgraph_replica_used')) === 1, until);
});

afterAll(async () => {
  await kill(gateway);
  await replica.stop();
  await primary.stop();
});

async function ask(query: string, by = key, { url } = gateway): Promise<{ data: Record<string, unknown> }> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${by}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const answer = (await response.json()) as { data: Record<string, unknown> };
  expect(answer).not.toHaveProperty('errors');
  return answer;
}

/** The sum over the labels that hold this text. */
async function metric(name: string, label = '', { url } = gateway): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(name) && line.includes(label));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/** How many queries were read from the replica and from the primary meanwhile. */
async function servers(work: () => Promise<unknown>): Promise<{ replica: number; primary: number }> {
  const count = async () => ({
    replica: await metric('deskgraph_queries_total', 'server="replica"'),
    primary: await metric('deskgraph_queries_total', 'server="primary"'),
  });
  const before = await count();
  await work();
  const after = await count();
  return { replica: after.replica - before.replica, primary: after.primary - before.primary };
}

const create = (externalId: string) =>
  `mutation { createCustomer(input: { externalId: "${externalId}", name: "Io" }) { userErrors { message } } }`;
const count = (externalId: string) => `{ customersCount(filter: { externalId: { eq: "${externalId}" } }) }`;
const counted = (count: number) => ({ data: { customersCount: count } });

const hold = () => execute(replica.url, 'SELECT pg_wal_replay_pause()');
const release = () => execute(replica.url, 'SELECT pg_wal_replay_resume()');

test('queries are read from the replica, by GraphQL and REST, and mutations are not', async () => {
  const page = '{ conversations(first: 3) { nodes { id contact { name } messages(last: 2) { nodes { text } } } } }';
  const scans = async () => {
    const [row] = await rowsOf(
      replica.url,
      `SELECT (SELECT sum(seq_scan + idx_scan)::int FROM pg_stat_user_tables WHERE relname = 'Conversation') AS scans`,
    );
    return row?.scans as number;
  };
  const before = await scans();
  expect(await servers(() => ask(page))).toEqual({ replica: 1, primary: 0 });
  const rest = () => fetch(`${gateway.url}/v1/customers`, { headers: { authorization: `Bearer ${key}` } });
  expect(await servers(async () => expect((await rest()).status).toBe(200))).toEqual({ replica: 1, primary: 0 });
  // The server counts late.
  await expect.poll(scans).toBeGreaterThan(before);
  expect(await servers(() => ask(create('first')))).toEqual({ replica: 0, primary: 0 });
  expect(await ask(count('first'))).toEqual(counted(1));
});

test('many reads right after writes each see their own', async () => {
  const ids = Array.from({ length: 40 }, (_, at) => `many-${at}`);
  const seen = await Promise.all(
    ids.map(async (id) => {
      await ask(create(id));
      return ask(count(id));
    }),
  );
  expect(seen).toEqual(ids.map(() => counted(1)));
});

test('while the replica does not replay, a key reads what it wrote from the primary, and others from the replica', async () => {
  await expect.poll(() => servers(() => ask(count('held'))).then((by) => by.replica)).toBe(1);
  await hold();
  try {
    await ask(create('held'));
    expect(await servers(async () => expect(await ask(count('held'))).toEqual(counted(1)))).toMatchObject({
      primary: 1,
    });
    const other = async () => expect(await ask(count('held'), otherKey)).toEqual(counted(0));
    expect(await servers(other)).toEqual({ replica: 1, primary: 0 });
    // An answer with a validator is not older than that.
    const response = await fetch(`${gateway.url}/graphql?query=${encodeURIComponent(count('held'))}`, {
      headers: { authorization: `Bearer ${otherKey}` },
    });
    expect(await response.json()).toEqual(counted(1));
    // Nobody reads from it any more when it is too far behind.
    await ask(create('held-2'));
    await expect.poll(() => metric('deskgraph_replica_used')).toBe(0);
    expect(await ask(count('held'), otherKey)).toEqual(counted(1));
  } finally {
    await release();
  }
  await expect.poll(() => metric('deskgraph_replica_used')).toBe(1);
  expect(await servers(async () => expect(await ask(count('held'))).toEqual(counted(1)))).toMatchObject({ replica: 1 });
});

test('whoever was told of an event does not read what was before it', async () => {
  await expect.poll(() => servers(() => ask(count('told'), otherKey)).then((by) => by.replica)).toBe(1);
  const endpoint = `${gateway.url}/graphql`;
  const document = parse('subscription { customerChanged { entityId } }');
  const follower = subscribe({ endpoint, key: otherKey, transport: 'SSE' }, document as never, {});
  try {
    // Until it follows, it is told nothing.
    let written = 0;
    await expect
      .poll(async () => {
        written += 1;
        await ask(create(`before-${written}`));
        return follower.told.length;
      })
      .toBeGreaterThan(0);
    await hold();
    const made = 'createCustomer(input: { externalId: "told" }) { customer { databaseId } }';
    const id = /ctc_\w+/.exec(JSON.stringify(await ask(`mutation { ${made} }`)))?.[0];
    await expect.poll(() => JSON.stringify(follower.told)).toContain(`"${id}"`);
    const read = async () => expect(await ask(count('told'), otherKey)).toEqual(counted(1));
    expect(await servers(read)).toEqual({ replica: 0, primary: 1 });
  } finally {
    await release();
    follower.leave();
  }
  await expect.poll(() => metric('deskgraph_replica_used')).toBe(1);
});

test('a replica that dies costs no request an error, and is used again when it is back', async () => {
  const asking: Promise<unknown>[] = [];
  for (let at = 0; at < 20; at += 1) asking.push(ask(count('first')));
  const halted = replica.halt();
  for (let at = 0; at < 20; at += 1) asking.push(ask(count('first')));
  await halted;
  for (let at = 0; at < 5; at += 1) asking.push(ask(count('first')));
  expect(await Promise.all(asking)).toEqual(asking.map(() => counted(1)));
  await expect.poll(() => metric('deskgraph_replica_used')).toBe(0);
  expect((await fetch(`${gateway.url}/ready`)).status).toBe(200);
  expect(await servers(() => ask(count('first')))).toEqual({ replica: 0, primary: 1 });
  await ask(create('alone'));
  await replica.start();
  await expect.poll(() => metric('deskgraph_replica_used')).toBe(1);
  expect(await servers(async () => expect(await ask(count('alone'))).toEqual(counted(1)))).toEqual({
    replica: 1,
    primary: 0,
  });
  const lines = gateway
    .err()
    .split('\n')
    .filter((line) => line.includes('A replica of the database'));
  expect(lines.some((line) => line.includes('is not used'))).toBe(true);
  expect(lines.at(-1)).toContain('serves queries');
});

test('gateways with a Redis know what the others have written, and ask the primary while it is away', async () => {
  const redis = await startRedis();
  const start = () =>
    startGateway({ DATABASE_URL: primary.url, DATABASE_REPLICA_URL: replica.url, REDIS_URL: redis.url });
  const [one, two] = [await start(), await start()];
  const isUsed = (gateway: Gateway) => metric('deskgraph_replica_used', '', gateway);
  const byReplica = (gateway: Gateway) => metric('deskgraph_queries_total', 'server="replica"', gateway);
  try {
    for (const gateway of [one, two]) {
      await expect.poll(gateway.out).toContain(`${gateway.url}/graphql`);
      await expect.poll(() => isUsed(gateway)).toBe(1);
    }
    await expect.poll(() => ask(count('far'), key, two).then(() => byReplica(two))).toBeGreaterThan(0);
    await hold();
    try {
      await ask(create('far'), key, one);
      const before = await byReplica(two);
      expect(await ask(count('far'), key, two)).toEqual(counted(1));
      expect(await byReplica(two)).toBe(before);
    } finally {
      await release();
    }
    await redis.stop();
    const before = await byReplica(two);
    await ask(create('far-2'), key, one);
    expect(await ask(count('far-2'), key, two)).toEqual(counted(1));
    expect(await byReplica(two)).toBe(before);
  } finally {
    await Promise.all([kill(one), kill(two)]);
  }
});
