import { createHash } from 'node:crypto';
import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { createClient, fetchExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memoryStore } from '../../src/lib/process/cache.js';
import type { Desk } from '../kit/app.js';
import { startTestServer, type TestServer } from '../kit/http.js';

/** Clients that send the hash of a query instead of its text. */

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const servers: Record<'on' | 'off', TestServer | undefined> = { on: undefined, off: undefined };
const desks: Partial<Record<'on' | 'off', Desk>> = {};

beforeAll(async () => {
  servers.on = await startTestServer({ queries: memoryStore() });
  servers.off = await startTestServer();
  desks.on = await servers.on.createDesk();
  desks.off = await servers.off.createDesk();
});
afterAll(async () => {
  await servers.on?.close();
  await servers.off?.close();
});

interface Sent {
  method: string;
  hasText: boolean;
}

/** What a client sends, and the place where it sends it to. */
function open(state: 'on' | 'off') {
  const sent: Sent[] = [];
  const recording: typeof fetch = (input, init = {}) => {
    const url = new URL(String(input));
    const body = typeof init.body === 'string' ? (JSON.parse(init.body) as { query?: string }) : {};
    const hasText = (body.query ?? url.searchParams.get('query') ?? '') !== '';
    sent.push({ method: init.method ?? 'GET', hasText });
    return fetch(input, init);
  };
  const headers = { authorization: `Bearer ${desks[state]?.key}` };
  return { sent, recording, headers, url: servers[state]?.endpoint ?? '' };
}

const count = (name: string): string => `query ${name} { customersCount }`;

describe.each([true, false])('Apollo Client, with GET for hashes: %s', (useGETForHashedQueries) => {
  const clientOf = ({ url, headers, recording }: ReturnType<typeof open>) =>
    new ApolloClient({
      cache: new InMemoryCache(),
      defaultOptions: { query: { fetchPolicy: 'no-cache' } },
      link: new PersistedQueryLink({ sha256, useGETForHashedQueries }).concat(
        new HttpLink({ uri: url, headers, fetch: recording }),
      ),
    });
  const method = useGETForHashedQueries ? 'GET' : 'POST';
  const query = parse(count(`Apollo${method}`));

  test('sends the text once', async () => {
    const opened = open('on');
    const client = clientOf(opened);
    for (let time = 0; time < 2; time += 1) {
      expect((await client.query({ query })).data).toEqual({ customersCount: 0 });
    }
    expect(opened.sent.map(({ hasText }) => hasText)).toEqual([false, true, false]);
    expect(opened.sent.at(-1)?.method).toBe(method);
  });

  test('sends the text from then on where hashes are not known', async () => {
    const opened = open('off');
    const client = clientOf(opened);
    for (let time = 0; time < 2; time += 1) {
      expect((await client.query({ query })).data).toEqual({ customersCount: 0 });
    }
    expect(opened.sent.map(({ hasText }) => hasText)).toEqual([false, true, true]);
  });
});

test('urql sends the text once', async () => {
  const { sent, recording, headers, url } = open('on');
  const exchanges = [persistedExchange({ generateHash: async (text) => sha256(text) }), fetchExchange];
  const client = createClient({
    url,
    exchanges,
    fetch: recording,
    fetchOptions: { headers },
    preferGetMethod: true,
    requestPolicy: 'network-only',
  });
  for (let time = 0; time < 2; time += 1) {
    expect((await client.query(count('Urql'), {}).toPromise()).data).toEqual({ customersCount: 0 });
  }
  expect(sent.map(({ hasText }) => hasText)).toEqual([false, true, false]);
});

describe('a request with a hash', () => {
  const send = async (persistedQuery: unknown, query?: unknown) => {
    const { url, headers } = open('on');
    const answer = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ query, extensions: { persistedQuery } }),
    });
    const { data, errors = [] } = (await answer.json()) as { data?: unknown; errors?: { message: string }[] };
    return { status: answer.status, data, messages: errors.map(({ message }) => message) };
  };
  const form = 'extensions.persistedQuery.sha256Hash must be a SHA-256 in hexadecimal.';

  test.each([
    ['of another query', { version: 1, sha256Hash: sha256('other') }, 'provided sha does not match query'],
    ['of another version', { version: 2, sha256Hash: sha256('other') }, 'Unsupported persisted query version'],
    ['that is none', { version: 1, sha256Hash: '../../etc' }, form],
    ['that is no text', { version: 1, sha256Hash: {} }, form],
    ['that is nothing', 0, 'Unsupported persisted query version'],
  ])('%s is refused', async (_what, persistedQuery, message) => {
    expect(await send(persistedQuery, count('Refused'))).toEqual({ status: 400, data: undefined, messages: [message] });
  });

  test('with an empty text is one without, and with what is no text refused', async () => {
    const query = count('Emptied');
    const persisted = { version: 1, sha256Hash: sha256(query) };
    expect((await send(persisted, '')).messages).toEqual(['PersistedQueryNotFound']);
    expect((await send(persisted, query)).data).toEqual({ customersCount: 0 });
    expect((await send(persisted, '')).data).toEqual({ customersCount: 0 });
    for (const wrong of [7, true, {}, [query]]) {
      expect(await send(persisted, wrong)).toMatchObject({
        status: 400,
        messages: [expect.stringContaining('Expected "query" param to be a string')],
      });
    }
  });

  test('of a text that is too long to be kept runs, and is not kept', async () => {
    const query = `${count('Long')}${' '.repeat(70_000)}`;
    const persisted = { version: 1, sha256Hash: sha256(query) };
    expect((await send(persisted, query)).data).toEqual({ customersCount: 0 });
    expect((await send(persisted)).messages).toEqual(['PersistedQueryNotFound']);
  });
});
