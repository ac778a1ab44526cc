import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { GraphQLFormattedError } from 'graphql';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createApp } from '../../../src/app.js';
import { openDatabase } from '../../../src/db/database.js';
import { newId } from '../../../src/db/ids.js';
import { createLog } from '../../../src/lib/process/log.js';
import { openTestApp, type TestApp } from '../../kit/app.js';
import { testConnection } from '../../kit/connection.js';
import { countMessages, hello, initOf, type KeyedRequest } from '../../kit/keyed.js';
import { type DatabaseProxy, openProxy } from '../../kit/proxy.js';
import { type Story, tellStory } from '../../kit/story.js';

/** The gateway's answers while it has no database, and after. */

let testApp: TestApp;
let story: Story;
let proxy: DatabaseProxy;
/** A gateway whose database can be taken away. */
let gateway: { app: TestApp['app']; close(): Promise<void> };
let key: string;

beforeAll(async () => {
  testApp = await openTestApp();
  story = await tellStory(testApp);
  proxy = await openProxy(testConnection());
  gateway = await gatewayOver(proxy.connection);
});
beforeEach(() => {
  key = `try-${newId('Message')}`;
});
afterAll(async () => {
  await gateway.close();
  await proxy.close();
  await testApp.close();
});

async function gatewayOver(connection: pg.PoolConfig): Promise<typeof gateway> {
  const database = openDatabase(connection, { connections: 3 });
  const app = await createApp({ database, log: createLog('silent') });
  const close = async () => {
    await app.close();
    await database.close();
  };
  return { app, close };
}

const list: KeyedRequest = { query: '{ conversations { nodes { subject } } customers { totalCount } }' };

interface StreamedEvent {
  status: number;
  retryAfter: string | null;
  errors: Pick<GraphQLFormattedError, 'message' | 'extensions'>[];
}

async function send(
  request: KeyedRequest,
  { app = gateway.app, idempotencyKey }: { app?: TestApp['app']; idempotencyKey?: string } = {},
): Promise<StreamedEvent> {
  const init = initOf(request, idempotencyKey, story.desk);
  const response = await app.graphql.fetch('http://deskgraph.test/graphql', init);
  const { errors = [] } = (await response.json()) as { errors?: GraphQLFormattedError[] };
  const told = errors.map(({ message, extensions }) => ({ message, ...(extensions && { extensions }) }));
  return { status: response.status, retryAfter: response.headers.get('retry-after'), errors: told };
}

const well = { status: 200, retryAfter: null, errors: [] };
const error = {
  message: 'The service is not available right now; try again in a few seconds.',
  extensions: { code: 'UNAVAILABLE', retryable: true },
};
const unavailable = { status: 503, retryAfter: '2', errors: [error] };

describe('a gateway that lost its database', () => {
  test('says when to come back, and serves again when the database does', async () => {
    for (let time = 1; time <= 2; time += 1) {
      expect(await send(list)).toEqual(well);
      await proxy.close();
      // The first of them while the key is still known, so that the lists fail and not only the key.
      expect(await send(list)).toMatchObject({ status: 503, retryAfter: '2' });
      for (const request of [list, hello(story)]) {
        await expect.poll(() => send(request)).toEqual(unavailable);
        await expect.poll(() => send(request, { idempotencyKey: key })).toEqual(unavailable);
      }
      await proxy.open();
      expect(await send(hello(story), { idempotencyKey: key })).toEqual(well);
    }
  });

  test('in the middle of a list', async () => {
    const subject = `Lost ${key}`;
    const query = `{ conversations(filter: { subject: { eq: "${subject}" } }) { nodes { id } } }`;
    const broken = proxy.breakAfter(subject);
    expect(await send({ query })).toEqual(unavailable);
    await broken;
    expect(await send(list)).toEqual(well);
  });

  test('before it heard of a commit has done it once, when it is sent again with its key', async () => {
    // Notes that the key is used, which has a commit of its own.
    expect(await send(list)).toEqual(well);
    const before = await countMessages(testApp, story);
    const broken = proxy.breakAfter('COMMIT');
    expect(await send(hello(story), { idempotencyKey: key })).toEqual(unavailable);
    await broken;
    expect(await countMessages(testApp, story)).toBe(before + 1);
    expect(await send(hello(story), { idempotencyKey: key })).toEqual(well);
    expect(await countMessages(testApp, story)).toBe(before + 1);
  });
});

describe('a gateway gets to hear from its database', () => {
  /** A database that answers whoever comes with one message, or not at all. */
  async function withDatabase<T>(
    answer: Buffer | undefined,
    work: (connection: pg.PoolConfig) => Promise<T>,
  ): Promise<T> {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.once('data', () => answer && socket.end(answer));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    try {
      return await work({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, user: 'nobody' });
    } finally {
      server.close();
      for (const socket of sockets) socket.destroy();
    }
  }

  /** An ErrorResponse of PostgreSQL's protocol. */
  function refusal(state: string): Buffer {
    const fields = ['SFATAL', 'VFATAL', `C${state}`, 'Mno'].map((field) => `${field}\0`).join('');
    const body = Buffer.from(`${fields}\0`);
    const head = Buffer.alloc(5, 'E');
    head.writeInt32BE(4 + body.length, 1);
    return Buffer.concat([head, body]);
  }

  test.each<[string, Buffer | undefined, pg.PoolConfig?]>([
    ['that it starts', refusal('57P03')],
    ['that it shuts down', refusal('57P01')],
    ['that it has no connection left', refusal('53300')],
    ['that the connection broke', refusal('08006')],
    ['nothing, for too long', undefined, { connectionTimeoutMillis: 100 }],
  ])('%s, and says when to come back', async (_what, answer, options) => {
    await withDatabase(answer, async (connection) => {
      const { app, close } = await gatewayOver({ ...connection, ...options });
      try {
        expect(await send(list, { app })).toEqual(unavailable);
      } finally {
        await close();
      }
    });
  });

  test('that it lets nobody in, which somebody must mend first', async () => {
    await withDatabase(refusal('28P01'), async (connection) => {
      const { app, close } = await gatewayOver(connection);
      const answer = await send(list, { app });
      await close();
      expect(answer).toEqual({ ...unavailable, retryAfter: '30' });
    });
  });
});
