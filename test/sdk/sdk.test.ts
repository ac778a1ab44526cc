import { execFile } from 'node:child_process';
import { inspect, promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/lib/process/root.js';
import {
  type ApiError,
  AuthenticationError,
  ConflictError,
  ConnectionError,
  type InitOptions,
  InvalidRequestError,
  init,
  NotFoundError,
  PermissionError,
  RateLimitError,
  ServerError,
  type TidySupport,
  TidySupportError,
} from '../../src/sdk/index.js';
import type { Desk } from '../kit/app.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { fillDesk } from '../kit/story.js';

/** The client for Node.js, against the gateway over the network. */

let server: TestServer;
let desk: Desk;
let tidysupport: TidySupport;

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  desk = await server.createDesk();
  tidysupport = open();
});
afterAll(() => server.close());

const open = (options: InitOptions = {}, key = desk.key) => init(key, { baseUrl: server.origin, ...options });

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const jane = { externalId: 'usr_01J8X3Y', email: 'jane@example.com', name: 'Jane Doe' };

/** What the Customers document shows. */
const documented = `import { init } from "@tidysupport/node";

const tidysupport = init("ts_sk_live_xxxxxxxxxxxx");

// Create
const customer = await tidysupport.customers.create({
  externalId: "usr_01J8X3Y",
  email: "jane@example.com",
  name: "Jane Doe",
});

// Lookup by your own ID
const found = await tidysupport.customers.getByExternalId("usr_01J8X3Y");

// Update
await tidysupport.customers.update(customer.id, { status: "SUSPENDED" });

// Delete
await tidysupport.customers.delete(customer.id);`;

describe('the documented example', () => {
  test('runs as it stands, but for the import, the key and the base URL', async () => {
    const program = documented
      .replace('@tidysupport/node', 'deskgraph/sdk')
      .replace(
        '"ts_sk_live_xxxxxxxxxxxx"',
        `${JSON.stringify(desk.key)}, ${JSON.stringify({ baseUrl: server.origin })}`,
      );
    const told = `${program}\nconsole.log(JSON.stringify({ customer, found }));`;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', told], {
      cwd: packageRoot,
    });
    expect(stderr).toBe('');
    const { customer, found } = JSON.parse(stdout);
    expect(customer).toMatchObject({ ...jane, workspaceId: desk.workspaceId, status: 'ACTIVE', updatedAt: null });
    expect(found).toEqual(customer);
    await expect(tidysupport.customers.get(customer.id)).rejects.toThrow(NotFoundError);
  });
});

describe('the client', () => {
  test('reads and changes what it created', async () => {
    const created = await tidysupport.customers.create({ ...jane, metadata: { plan: 'pro' } });
    expect(await tidysupport.customers.get(created.id)).toEqual(created);
    const updated = await tidysupport.customers.update(created.id, { name: null, metadata: { plan: null, seats: 3 } });
    expect(updated).toEqual({ ...created, name: null, metadata: { seats: 3 }, updatedAt: expect.any(String) });
    expect(await tidysupport.customers.delete(created.id)).toBeUndefined();
  });

  test('asks for an id as it is, whatever it holds', async () => {
    const externalId = 'a/b?c=d&e#f %20 ü';
    const { id } = await tidysupport.customers.create({ externalId });
    expect(await tidysupport.customers.getByExternalId(externalId)).toMatchObject({ id, externalId });
    expect(await tidysupport.customers.create({ externalId: '.' })).toEqual(
      await tidysupport.customers.getByExternalId('.'),
    );
    for (const id of ['', '.', '..']) await expect(tidysupport.customers.get(id)).rejects.toThrow(TypeError);
  });

  test('lists page by page, and no page before it is come to', async () => {
    await fillDesk(server, desk, { customers: 5 });
    await tidysupport.customers.create({ ...jane, status: 'SUSPENDED' });
    const asked: string[] = [];
    const counting = open({
      fetch(url, request) {
        asked.push(String(url));
        return fetch(url, request);
      },
    });

    const ids = (await collect(counting.customers.list({ limit: 2 }))).map(({ id }) => id);
    expect(new Set(ids).size).toBe(6);
    expect(asked).toHaveLength(3);

    asked.length = 0;
    for await (const { id } of counting.customers.list({ limit: 2 })) {
      expect(id).toBe(ids[0]);
      break;
    }
    expect(asked).toHaveLength(1);

    const suspended = await collect(counting.customers.list({ status: 'SUSPENDED' }));
    expect(suspended).toMatchObject([jane]);
  });

  test('tells what went wrong by classes of errors', async () => {
    const { customers } = tidysupport;
    const { id } = await customers.create(jane);
    const { workspaceId } = desk;
    const agent = await server.services.agents.create(desk.operator, { name: 'Ada', email: 'ada@desk.test' });
    const user = await server.services.apiKeys.create({ workspaceId, kind: 'USER', agentId: agent.id });
    const failures: [() => Promise<unknown>, new (...args: never[]) => ApiError, number, string][] = [
      [() => open({}, `${desk.key}x`).customers.get(id), AuthenticationError, 401, 'Unauthorized'],
      [() => open({}, user.key).customers.get(id), PermissionError, 403, 'Forbidden'],
      [() => customers.get('ctc_unknown'), NotFoundError, 404, 'Not Found'],
      [() => customers.getByExternalId('unknown'), NotFoundError, 404, 'Not Found'],
      [() => customers.create(jane), ConflictError, 409, 'Conflict'],
      [() => customers.create({ externalId: 'b', email: 'nobody' }), InvalidRequestError, 400, 'Bad Request'],
    ];
    for (const [failing, kind, statusCode, error] of failures) {
      const thrown = await failing().catch((reason: unknown) => reason);
      expect(thrown).toBeInstanceOf(kind);
      expect(thrown).toBeInstanceOf(TidySupportError);
      expect(thrown).toMatchObject({ name: kind.name, statusCode, error, message: expect.stringMatching(/\w \w/) });
    }
  });

  test('shows its key to nobody who prints it', () => {
    expect(inspect(tidysupport, { depth: 9, showHidden: true })).not.toContain(desk.key);
  });

  test.each([
    ['', {}],
    ['ts_sk_live_a b', {}],
    ['ts_sk_live_a\r\nHost: b', {}],
    ['ts_sk_live_a', { baseUrl: 'nowhere' }],
    ['ts_sk_live_a', { baseUrl: 'file:///etc/passwd' }],
    ['ts_sk_live_a', { maxRetries: -1 }],
    ['ts_sk_live_a', { timeoutMs: 0 }],
  ])('refuses the key %j with %j', (key, options) => {
    expect(() => init(key, options)).toThrow(TypeError);
  });
});

describe('a request that fails for the moment', () => {
  /** Sends on, or does what the step says for each attempt in turn; notes the idempotency keys. */
  function stumbling(...steps: ((url: string, request?: RequestInit) => Promise<Response>)[]) {
    const keys: (string | null)[] = [];
    const through: typeof fetch = (url, request) => {
      keys.push(new Headers(request?.headers).get('idempotency-key'));
      return (steps.shift() ?? fetch)(String(url), request);
    };
    return { keys, client: open({ fetch: through }) };
  }

  const refused = async (): Promise<Response> => Promise.reject(new TypeError('fetch failed'));
  const lost = async (url: string, request?: RequestInit): Promise<Response> => {
    await fetch(url, request);
    throw new TypeError('terminated');
  };
  const answers = (status: number, retryAfter?: string) => async (): Promise<Response> =>
    new Response(JSON.stringify({ statusCode: status, error: 'Error', message: 'Not now, please.' }), {
      status,
      headers: retryAfter === undefined ? {} : { 'Retry-After': retryAfter },
    });

  test('is sent again under the same key, and done once', async () => {
    const { keys, client } = stumbling(refused, lost, answers(503, '0'));
    const created = await client.customers.create(jane);
    expect(created).toMatchObject(jane);
    expect(keys).toHaveLength(4);
    expect(new Set(keys)).toEqual(new Set([expect.stringMatching(/^[0-9a-f-]{36}$/)]));
    expect(await collect(tidysupport.customers.list())).toEqual([created]);
  });

  test('is another one when it is called again, unless it is given the key', async () => {
    const { keys, client } = stumbling();
    const { id } = await client.customers.create(jane, { idempotencyKey: 'import-1' });
    expect(await client.customers.create(jane, { idempotencyKey: 'import-1' })).toMatchObject({ id });
    await client.customers.update(id, { name: 'Jane' });
    await client.customers.update(id, { name: 'Jane' });
    expect(keys.slice(0, 2)).toEqual(['import-1', 'import-1']);
    expect(keys[2]).not.toBe(keys[3]);
  });

  test('is read again without a key', async () => {
    await tidysupport.customers.create(jane);
    const { keys, client } = stumbling(refused, answers(429, '0'));
    expect(await client.customers.getByExternalId(jane.externalId)).toMatchObject(jane);
    expect(keys).toEqual([null, null, null]);
  });

  test('waits for a conflict that passes, and for no other', async () => {
    const passing = stumbling(answers(409, '0'));
    await expect(passing.client.customers.create(jane)).resolves.toMatchObject(jane);
    const lasting = stumbling();
    await expect(lasting.client.customers.create(jane)).rejects.toThrow(ConflictError);
    expect(lasting.keys).toHaveLength(1);
  });

  test('ends with the error of its last attempt', async () => {
    const failing = stumbling(refused, refused, refused, refused);
    await expect(failing.client.customers.get('ctc_1')).rejects.toMatchObject({
      name: 'ConnectionError',
      cause: { message: 'fetch failed' },
    });
    expect(failing.keys).toHaveLength(4);

    const limited = open({ maxRetries: 1, fetch: answers(429, '0') });
    await expect(limited.customers.get('ctc_1')).rejects.toThrow(RateLimitError);
    const patient = open({ fetch: answers(503, '3600') });
    await expect(patient.customers.get('ctc_1')).rejects.toMatchObject({ retryAfterMs: 3_600_000 });
    const broken = open({ fetch: answers(500) });
    await expect(broken.customers.get('ctc_1')).rejects.toThrow(ServerError);
  });

  test('tells of an answer that is not one of the API', async () => {
    const page = async () => new Response('<html>', { status: 404 });
    const error = { statusCode: 404, message: 'The server answered 404.' };
    await expect(open({ fetch: page }).customers.get('ctc_1')).rejects.toMatchObject(error);
    const empty = open({ maxRetries: 0, fetch: async () => new Response('<html>') });
    await expect(empty.customers.get('ctc_1')).rejects.toThrow('The answer was not JSON.');
  });

  test('has a limit of its time, and an end when its caller gives up', async () => {
    const silent: typeof fetch = (_url, request) =>
      new Promise((_resolve, reject) => {
        request?.signal?.addEventListener('abort', () => reject(request.signal?.reason as Error));
      });
    const hurried = open({ fetch: silent, timeoutMs: 20, maxRetries: 0 });
    await expect(hurried.customers.get('ctc_1')).rejects.toThrow(ConnectionError);

    const reason = new Error('The page was left.');
    const control = new AbortController();
    const leaving = open({ fetch: silent }).customers.get('ctc_1', { signal: control.signal });
    control.abort(reason);
    await expect(leaving).rejects.toBe(reason);

    const later = new AbortController();
    const paused = open({ fetch: answers(503, '30') }).customers.get('ctc_1', { signal: later.signal });
    setTimeout(() => later.abort(reason), 20);
    await expect(paused).rejects.toBe(reason);
  });
});
