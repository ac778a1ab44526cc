import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gateway, kill, serves, startGateway } from './kit/gateway.js';
import { temporaryDirectory } from './kit/temporary.js';

const running: Gateway[] = [];
let dataDir: string;

beforeAll(async () => {
  dataDir = await temporaryDirectory();
  // A database that lost its gateway in the last test may still be closing.
  return () => rm(dataDir, { recursive: true, maxRetries: 20 });
});

afterAll(async () => {
  for (const gateway of running) await kill(gateway);
});

async function start(variables: Record<string, string> = {}): Promise<Gateway> {
  const gateway = await startGateway({ DATA_DIR: dataDir, ...variables });
  running.push(gateway);
  return gateway;
}

/** To start one takes seconds, so each test goes on with the gateway that the one before has left. */
describe('a gateway in an empty directory', () => {
  let gateway: Gateway;

  test('the first start shows where it serves and the demo keys', async () => {
    gateway = await start({ DRAIN_SECONDS: '1' });
    await serves(gateway);
    expect(gateway.out()).toContain(`revenue analytics: ${gateway.url}/analytics\n`);
    expect(gateway.out()).toContain(`documentation: ${gateway.url}/docs\n`);
    const [key] = /ts_sk_live_\w+/.exec(gateway.out()) ?? [];
    const answer = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ __typename }' }),
    });
    expect(await answer.json()).toEqual({ data: { __typename: 'Query' } });
    expect((await fetch(`${gateway.url}/ready`)).status).toBe(200);
  });

  test('a second start beside it ends with one line', async () => {
    const second = await start();
    expect(await second.ended).toBe(1);
    expect(second.err()).toBe(
      `${dataDir} is in use by a running Deskgraph, process ${gateway.process.pid}. Stop it or choose another DATA_DIR.\n`,
    );
    expect(second.out()).toBe('');
  });

  test('SIGTERM ends it cleanly, and the next start shows no keys', async () => {
    gateway.process.kill('SIGTERM');
    expect(await gateway.ended).toBe(0);
    gateway = await start({ DRAIN_SECONDS: '3600' });
    await serves(gateway);
    expect(gateway.out()).not.toContain('ts_sk_live_');
  });

  test('while it drains it serves, and says that it is not ready', async () => {
    gateway.process.kill('SIGTERM');
    const readiness = async () => {
      const answer = await fetch(`${gateway.url}/ready`);
      return answer.json();
    };
    await expect.poll(readiness).toMatchObject({ status: 'unavailable', reason: 'The gateway is shutting down.' });
    expect((await fetch(`${gateway.url}/ready`)).status).toBe(503);
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200);
    expect((await fetch(`${gateway.url}/v1/customers`)).status).toBe(401);
  });

  test('after kill -9 the next start works', async () => {
    await kill(gateway);
    gateway = await start();
    await serves(gateway);
  });

  test('SIGINT ends it cleanly', async () => {
    gateway.process.kill('SIGINT');
    expect(await gateway.ended).toBe(0);
  });
});

test('a port in use ends the start with one line', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  const port = String(typeof address === 'object' ? address?.port : '');
  const gateway = await start({ PORT: port, LOG_LEVEL: 'silent' });
  expect(await gateway.ended).toBe(1);
  expect(gateway.err()).toBe(
    `PORT ${port} on 127.0.0.1 is in use by another process; stop what uses it or set another PORT.\n`,
  );
  other.close();
});

test('a host that is not of this machine, and a directory that cannot be one, end the start with one line that names them', async () => {
  const abroad = await start({ HOST: '192.0.2.1', LOG_LEVEL: 'silent' });
  expect(await abroad.ended).toBe(1);
  expect(abroad.err()).toMatch(
    /^HOST 192\.0\.2\.1 is no address of this machine \(.*\); set one that is, or none\.\n$/,
  );
  const file = join(dataDir, 'file');
  await writeFile(file, '');
  const nowhere = await start({ DATA_DIR: join(file, 'data') });
  expect(await nowhere.ended).toBe(1);
  expect(nowhere.err()).toBe(
    `DATA_DIR ${join(file, 'data')} cannot be used (ENOTDIR: not a directory, mkdir '${join(file, 'data')}'); choose another one.\n`,
  );
});

test('a database that cannot be reached ends the start with one line', async () => {
  // A port that nobody is given.
  const gateway = await start({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' });
  expect(await gateway.ended).toBe(1);
  expect(gateway.err()).toBe('The database cannot be reached: connect ECONNREFUSED 127.0.0.1:1\n');
});

test('a bad value in the environment ends the start with one line', async () => {
  const gateway = await start({ PORT: 'http' });
  expect(await gateway.ended).toBe(1);
  expect(gateway.err()).toBe('PORT is "http"; wanted: a whole number from 0 to 65535.\n');
});
