import { rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { graphql } from './generated/gql.js';
import { temporaryDataDir } from './kit/data-dir.js';
import { subscribe, transports } from './kit/followers.js';
import { serves, startGateway } from './kit/gateway.js';
import { sendTo } from './kit/send.js';
import { createCustomer } from './modules/customer/customer-mutations.js';
import { changes } from './modules/events/changes.js';

const customerTotal = graphql(`
  query CustomerTotal {
    customers { totalCount }
  }
`);

test('several processes serve from one embedded database, and tell each other of changes', async () => {
  const dataDir = await temporaryDataDir();
  const gateway = await startGateway({ DATA_DIR: dataDir, WEB_CONCURRENCY: '2' });
  try {
    await serves(gateway);
    const [key = ''] = /ts_sk_live_\w+/.exec(gateway.out()) ?? [];
    const endpoint = `${gateway.url}/graphql`;
    // Those of the demo.
    const { totalCount: known } = (await sendTo(endpoint, key, customerTotal, {})).customers;
    // Connections go to the processes in turn.
    const following = transports.flatMap((transport) =>
      [1, 2].map(() => subscribe({ endpoint, key, transport }, changes, { after: '0', types: ['customer.created'] })),
    );
    await Promise.all(following.map(({ until }) => until(known)));
    for (const place of [1, 2]) {
      await sendTo(endpoint, key, createCustomer, { input: { externalId: `usr_${place}` } });
    }
    const told = await Promise.all(following.map(({ until }) => until(known + 2)));
    const last = told.map((all) => all.slice(-2).map((data) => data.changes.after?.externalId));
    expect(last).toEqual(following.map(() => ['usr_1', 'usr_2']));
    // Whichever process answers tells of all: each has a WebSocket and two subscriptions.
    for (let count = 0; count < 4; count += 1) {
      const text = await (await fetch(`${gateway.url}/metrics`, { headers: { connection: 'close' } })).text();
      expect(text).toMatch(/^deskgraph_subscriptions 4$/m);
      expect(text).toMatch(/^deskgraph_websockets 2$/m);
      expect(text).toMatch(/^deskgraph_database_up 1$/m);
      expect(text).toMatch(/^deskgraph_build_info\{.*\} 1$/m);
    }
    gateway.process.kill('SIGTERM');
    expect(await gateway.ended).toBe(0);
    const ends = await Promise.all(following.map(({ ended }) => ended));
    expect(ends.slice(2)).toMatchObject([{ code: 1012 }, { code: 1012 }]);
    expect(gateway.err()).not.toContain('"level":50');
  } finally {
    gateway.process.kill('SIGKILL');
    await rm(dataDir, { recursive: true, maxRetries: 20 });
  }
});

test('a port that cannot be had is told of once', async () => {
  const dataDir = await temporaryDataDir();
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  const gateway = await startGateway({ DATA_DIR: dataDir, WEB_CONCURRENCY: '2', PORT: String(port) });
  expect(await gateway.ended).toBe(1);
  other.close();
  await rm(dataDir, { recursive: true, maxRetries: 20 });
  const lines = gateway
    .err()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('{'));
  expect(lines).toEqual([
    `PORT ${port} on 127.0.0.1 is in use by another process; stop what uses it or set another PORT.`,
    'The processes of the gateway could not be started.',
  ]);
});
