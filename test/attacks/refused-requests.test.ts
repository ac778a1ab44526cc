import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { openTestApp } from '../kit/app.js';
import { withoutRestoring } from '../kit/clock.js';
import { listen, type TestServer } from '../kit/http.js';

/** What is refused takes time too, so a key cannot ask for it without end. */

let server: TestServer;
let workspaceId: string;

beforeAll(async () => {
  server = await listen(await withoutRestoring(openTestApp));
  workspaceId = (await server.createDesk()).workspaceId;
});
afterAll(() => server.close());

async function poorKey(): Promise<string> {
  const limits = { rateCapacity: 100, rateRestore: 1 };
  return (await server.services.apiKeys.create({ workspaceId, kind: 'API_USER', limits })).key;
}

async function post(key: string, path: string, body: string): Promise<number> {
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    accept: 'application/graphql-response+json',
  };
  const answer = await fetch(`${server.origin}${path}`, { method: 'POST', headers, body });
  await answer.text();
  return answer.status;
}

const large = 'x'.repeat(20_000);

describe('a key has nothing left after', () => {
  test.each([
    ['documents that cannot be parsed', '/graphql', JSON.stringify({ query: '{' })],
    ['documents that cannot be run', '/graphql', JSON.stringify({ query: '{ nothing }' })],
    [
      'documents that cost too much',
      '/graphql',
      JSON.stringify({
        query: `{ ${'conversations(first: 100) { nodes { messages(first: 100) { nodes { author { name } } } } }'} }`,
      }),
    ],
    [
      'variables that are wrong',
      '/graphql',
      JSON.stringify({
        query: 'mutation ($i: CreateAgentInput!) { createAgent(input: $i) { userErrors { code } } }',
        variables: { i: 0 },
      }),
    ],
    ['bodies that are no JSON', '/graphql', '{'],
    ['bodies that hold too much', '/graphql', `{"variables":[${'0,'.repeat(100_000)}0]}`],
    ['bodies of a vendor that are no JSON', '/v1/customers', '{'],
    ['bodies of a vendor that lack something', '/v1/customers', '{}'],
  ])('%s', async (_what, path, body) => {
    const key = await poorKey();
    const statuses: number[] = [];
    for (let count = 0; count < 11; count += 1) statuses.push(await post(key, path, body));
    expect(statuses[0]).toBe(400);
    expect(statuses.at(-1)).toBe(429);
  });

  test('wrong operations over WebSocket', async () => {
    const key = await poorKey();
    const socket = new WebSocket(server.endpoint.replace('http', 'ws'), 'graphql-transport-ws');
    await once(socket, 'open');
    const ask = async (message: object): Promise<string> => {
      socket.send(JSON.stringify(message));
      return String((await once(socket, 'message'))[0]);
    };
    await ask({ type: 'connection_init', payload: { Authorization: `Bearer ${key}` } });
    const answers: string[] = [];
    for (let id = 0; id < 11; id += 1) {
      answers.push(await ask({ type: 'subscribe', id: String(id), payload: { query: '{ nothing }' } }));
    }
    expect(answers[0]).toContain('GRAPHQL_VALIDATION_FAILED');
    expect(answers.at(-1)).toContain('RATE_LIMITED');
    socket.terminate();
  });
});

test('what is larger costs more', async () => {
  const key = await poorKey();
  expect(await post(key, '/graphql', JSON.stringify({ query: '{ nothing }', extensions: { large } }))).toBe(400);
  expect(await post(key, '/graphql', JSON.stringify({ query: '{ __typename }' }))).toBe(429);
});

test('to be told to come back costs nothing', async () => {
  const key = await poorKey();
  for (let count = 0; count < 30; count += 1) await post(key, '/graphql', '{');
  const headers = { authorization: `Bearer ${key}` };
  const answer = await fetch(`${server.endpoint}?query={__typename}`, { headers });
  expect(answer.status).toBe(429);
  expect(Number(answer.headers.get('retry-after'))).toBeLessThan(20);
});

test('a long document costs what it takes to read it, however little it asks for, and nothing when it is read already', async () => {
  const key = await poorKey();
  const ask = (query: string) => post(key, '/graphql', JSON.stringify({ query }));
  const known = `{ __typename } # ${'known '.repeat(1_000)}`;
  expect(await ask(known)).toBe(200);
  for (let count = 0; count < 20; count += 1) expect(await ask(known)).toBe(200);
  const rich = Array.from({ length: 4 }, (_, place) => `{ __typename } # ${place}${'x'.repeat(20_000)}`);
  for (const query of rich) await ask(query);
  expect(await ask('{ __typename }')).toBe(429);
});
