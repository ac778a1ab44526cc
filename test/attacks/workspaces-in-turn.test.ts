import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { defaultLimits } from '../../src/lib/http/limits.js';
import { type Desk, post } from '../kit/app.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { askListener } from '../kit/in-memory.js';
import { fillDesk } from '../kit/story.js';
import { openWithKey } from './sockets.js';

/** One workspace floods the gateway; another asks once and is answered before most of the flood, whatever it consists of. */

let server: TestServer;
let many: Desk;
let few: Desk;

beforeAll(async () => {
  server = await startTestServer({ limits: { ...defaultLimits, rateCapacity: 10_000_000 } });
  many = await server.createDesk();
  few = await server.createDesk();
  await fillDesk(server, many, { customers: 2, conversationsEach: 10, messagesEach: 10 });
});
beforeEach(async () => {
  // For the gateway no time passes, so that nobody has it to himself since long ago.
  vi.useFakeTimers({ toFake: ['performance'] });
  await Promise.all([many, few].map((desk) => ask(desk, '{ customersCount }')));
});
afterEach(() => vi.useRealTimers());
afterAll(() => server.close());

/** Through the endpoint, without a network in between that would mix up the order. */
const ask = async ({ key }: Desk, query: string): Promise<number> => (await post(server.app, query, {}, key)).status;

const flood = 60;
const inbox =
  '{ conversations(first: 20) { nodes { subject messages(first: 10) { nodes { text author { name } } } } } }';
/** Some 50 KB that differ each time, so that nobody has read them before. */
const long = (place: number, field: string): string =>
  `{ customersCount ${field} ${Array.from({ length: 50 }, (_, at) => `a${place}_${at}: customersCount`).join(' ')} } # ${'x'.repeat(48_000)}`;

/** How many answers the flood had got when the other's came. */
async function answeredBefore(
  send: (place: number) => Promise<unknown>,
  other: () => Promise<unknown>,
): Promise<number> {
  let answered = 0;
  const all = Array.from({ length: flood }, async (_, place) => {
    await send(place);
    answered += 1;
  });
  await other();
  const before = answered;
  await Promise.all(all);
  expect(answered).toBe(flood);
  return before;
}

describe('whoever asks once is answered before most of', () => {
  test('large pages', async () => {
    const large = async () => expect(await ask(many, inbox)).toBe(200);
    const once = async () => expect(await ask(few, '{ customers(first: 3) { nodes { name } } }')).toBe(200);
    expect(await answeredBefore(large, once)).toBeLessThan(flood / 3);
  });

  test('long documents that are refused', async () => {
    const wrong = async (place: number) => expect(await ask(many, long(place, 'nothing'))).toBe(400);
    const once = async () => expect(await ask(few, '{ __typename }')).toBe(200);
    expect(await answeredBefore(wrong, once)).toBeLessThan(flood / 3);
  });

  test('long documents that cannot be parsed', async () => {
    const wrong = async (place: number) => expect(await ask(many, `}${long(place, '')}`)).toBe(400);
    const once = async () => expect(await ask(few, '{ __typename }')).toBe(200);
    expect(await answeredBefore(wrong, once)).toBeLessThan(flood / 3);
  });

  test('large bodies that are refused', async () => {
    const body = `{"query":"{ customersCount }","variables":{"list":[${'0,'.repeat(60_000)}0]}}`;
    const send = ({ key }: Desk, json: string) => askListener(server.app.listener, '/graphql', key, json);
    const wrong = async () => expect(await send(many, body)).toBe(400);
    const once = async () => expect(await send(few, '{"query":"{ __typename }"}')).toBe(200);
    expect(await answeredBefore(wrong, once)).toBeLessThan(flood / 3);
  });

  test('long documents over a WebSocket', async () => {
    const { socket, send } = await openWithKey(server.origin, many.key);
    const waiting = new Map<string, () => void>();
    socket.on('message', (text) => waiting.get(JSON.parse(String(text)).id)?.());
    const wrong = (place: number) =>
      new Promise<void>((resolve) => {
        waiting.set(`${place}`, resolve);
        send({ id: `${place}`, type: 'subscribe', payload: { query: long(place, 'nothing') } });
      });
    const once = async () => expect(await ask(few, '{ __typename }')).toBe(200);
    expect(await answeredBefore(wrong, once)).toBeLessThan(flood / 3);
    socket.terminate();
  });
});

test('who sends more than a key can pay for at once has the rest refused unread', async () => {
  const limits = { rateCapacity: 1_000, rateRestore: 1 };
  const { key } = await server.services.apiKeys.create({ workspaceId: many.workspaceId, kind: 'API_USER', limits });
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const send = async (place: number): Promise<string> => {
    const body = JSON.stringify({ query: long(place, 'nothing') });
    return (await fetch(server.endpoint, { method: 'POST', headers, body })).text();
  };
  const answers = await Promise.all(Array.from({ length: 20 }, (_, place) => send(place)));
  expect(answers.filter((text) => text.includes('GRAPHQL_VALIDATION_FAILED')).length).toBeLessThanOrEqual(3);
  expect(answers.filter((text) => text.includes('RATE_LIMITED')).length).toBeGreaterThanOrEqual(17);
});
