import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { createClient, fetchExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { parse } from 'graphql';
import { createClient as createSocketClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { run, runJson } from '../cli/run.js';
import type { Desk } from '../kit/app.js';
import { startTestServer, type TestServer } from '../kit/http.js';

/** Documents that a workspace makes known, and keys that may run nothing else. */

let server: TestServer;
let desk: Desk;
let folder: string;
/** A key that may run any text, and one that may run trusted documents alone. */
let open: string;
let bound: string;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const count = 'query Count { customersCount }';
const viewer = 'query Viewer { viewer { kind } }';
/** Apollo Client sends what it was given with the names of types, which its own tool does as well. */
const apolloCount = 'query ApolloCount {\n  customersCount\n}';
const agents = 'query Agents($first: Int) { agents(first: $first) { nodes { id } } }';

async function upload(name: string, manifest: unknown, workspaceId = desk.workspaceId) {
  const path = join(folder, name);
  await writeFile(path, typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
  return run(['documents', 'upload', path, '--workspace', workspaceId, '--json']);
}

beforeAll(async () => {
  server = await startTestServer();
  desk = await server.createDesk();
  folder = await mkdtemp(join(tmpdir(), 'deskgraph-documents-'));
  open = desk.key;
  const create = ['keys', 'create', '--workspace', desk.workspaceId, '--kind', 'api_user'];
  bound = ((await runJson([...create, '--only-trusted-documents'])) as { key: string }).key;

  const operations = [{ id: sha256(apolloCount), name: 'ApolloCount', type: 'query', body: apolloCount }];
  const apollo = { format: 'apollo-persisted-query-manifest', version: 1, operations };
  for (const [name, manifest] of Object.entries({
    'relay.json': { [md5(viewer)]: viewer },
    'codegen.json': { [sha256(count)]: count, [`sha256:${sha256(agents)}`]: agents },
    'apollo.json': apollo,
  })) {
    expect(await upload(name, manifest)).toMatchObject({ code: 0, err: '' });
  }
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

interface Told {
  status: number;
  data?: unknown;
  code?: unknown;
}

async function ask(key: string, params: object, method: 'POST' | 'GET' = 'POST'): Promise<Told> {
  const url = new URL(server.endpoint);
  if (method === 'GET') for (const [name, value] of Object.entries(params)) url.searchParams.set(name, String(value));
  const answer = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(method === 'POST' && { body: JSON.stringify(params) }),
  });
  const { data, errors = [] } = (await answer.json()) as {
    data?: unknown;
    errors?: { extensions: { code: string } }[];
  };
  return {
    status: answer.status,
    ...(data !== undefined && { data }),
    ...(errors[0] && { code: errors[0].extensions.code }),
  };
}

describe.each(['open', 'bound'] as const)('a key that is %s', (which) => {
  const key = () => (which === 'open' ? open : bound);

  test.each([
    ['documentId', { documentId: sha256(count) }, { customersCount: 0 }],
    [
      'documentId with the name of the hash',
      { documentId: `sha256:${sha256(agents)}`, variables: { first: 1 } },
      { agents: { nodes: [] } },
    ],
    ['doc_id, as Relay', { doc_id: md5(viewer) }, { viewer: { kind: 'API_USER' } }],
    ['id, as Relay', { id: md5(viewer), query: null }, { viewer: { kind: 'API_USER' } }],
    [
      'the hash, as Apollo',
      { extensions: { persistedQuery: { version: 1, sha256Hash: sha256(apolloCount) } } },
      { customersCount: 0 },
    ],
    ['both', { documentId: sha256(count), query: count }, { customersCount: 0 }],
  ])('names a document by %s', async (_what, params, data) => {
    for (let time = 1; time <= 3; time += 1) expect(await ask(key(), params)).toEqual({ status: 200, data });
  });

  test('names one in a URL', async () => {
    expect(await ask(key(), { documentId: sha256(count) }, 'GET')).toEqual({
      status: 200,
      data: { customersCount: 0 },
    });
  });

  test.each([
    ['of nothing', { documentId: 'nothing' }, 404, 'DOCUMENT_NOT_FOUND'],
    ['with a sign that no id has', { documentId: 'a\0b' }, 404, 'DOCUMENT_NOT_FOUND'],
    ['longer than any', { documentId: 'a'.repeat(20_000) }, 404, 'DOCUMENT_NOT_FOUND'],
    ['that is no text', { documentId: 7 }, 400, 'BAD_REQUEST'],
    ['of another text than comes with it', { documentId: sha256(count), query: viewer }, 400, 'BAD_REQUEST'],
  ])('is told of an id %s', async (_what, params, status, code) => {
    expect(await ask(key(), params)).toEqual({ status, code });
  });

  test('Apollo Client and urql run what is known', async () => {
    const headers = { authorization: `Bearer ${key()}` };
    const apollo = new ApolloClient({
      cache: new InMemoryCache(),
      link: new PersistedQueryLink({ sha256 }).concat(new HttpLink({ uri: server.endpoint, headers })),
    });
    expect((await apollo.query({ query: parse(apolloCount) })).data).toEqual({ customersCount: 0 });
    const urql = createClient({
      url: server.endpoint,
      fetchOptions: { headers },
      preferGetMethod: true,
      exchanges: [
        persistedExchange({ generateHash: async () => sha256(apolloCount), enforcePersistedQueries: true }),
        fetchExchange,
      ],
    });
    expect((await urql.query(apolloCount, {}).toPromise()).data).toEqual({ customersCount: 0 });
  });

  test('names one over a WebSocket', async () => {
    const client = createSocketClient({
      url: server.endpoint.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${key()}` },
    });
    const payload = { query: '', extensions: { persistedQuery: { version: 1, sha256Hash: sha256(count) } } };
    const answers = [];
    for await (const answer of client.iterate(payload)) answers.push(answer);
    expect(answers).toEqual([{ data: { customersCount: 0 } }]);
    await client.dispose();
  });
});

describe('a key for trusted documents alone', () => {
  const refused = { status: 403, code: 'DOCUMENT_NOT_TRUSTED' };

  test.each([
    ['a text', { query: viewer }],
    ['a text that is known, without its id', { query: count }],
    ['the schema', { query: '{ __schema { queryType { name } } }' }],
    ['nothing', {}],
  ])('does not run %s', async (_what, params) => {
    expect(await ask(bound, params)).toEqual(refused);
  });

  test('keeps no query by its hash', async () => {
    const query = 'query Other { customersCount }';
    const persistedQuery = { version: 1, sha256Hash: sha256(query) };
    expect(await ask(bound, { query, extensions: { persistedQuery } })).toEqual({
      status: 404,
      code: 'DOCUMENT_NOT_FOUND',
    });
  });

  test('runs no text over a WebSocket, and no REST route', async () => {
    const client = createSocketClient({
      url: server.endpoint.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${bound}` },
    });
    const failing = (async () => {
      for await (const answer of client.iterate({ query: viewer })) return answer;
      return undefined;
    })();
    await expect(failing).rejects.toMatchObject([{ extensions: { code: 'DOCUMENT_NOT_TRUSTED' } }]);
    await client.dispose();
    const rest = await fetch(`${server.origin}/v1/customers`, { headers: { authorization: `Bearer ${bound}` } });
    expect(rest.status).toBe(403);
  });

  test('makes no key that may run more', async () => {
    const id = sha256('make');
    const text =
      'mutation Make($input: CreateApiKeyInput!) { createApiKey(input: $input) { key userErrors { path } } }';
    expect(await upload('make.json', { [id]: text })).toMatchObject({ code: 0 });
    const make = (onlyTrustedDocuments?: boolean) =>
      ask(bound, {
        documentId: id,
        variables: { input: { kind: 'API_USER', scopes: ['customers:read'], onlyTrustedDocuments } },
      });
    expect(await make()).toMatchObject({
      data: { createApiKey: { key: null, userErrors: [{ path: ['input', 'onlyTrustedDocuments'] }] } },
    });
    const made = (await make(true)) as { data: { createApiKey: { key: string } } };
    expect(await ask(made.data.createApiKey.key, { query: count })).toEqual(refused);
    expect(await ask(made.data.createApiKey.key, { documentId: sha256(count) })).toMatchObject({ status: 200 });
  });
});

test('documents belong to one workspace', async () => {
  const other = await server.createDesk();
  expect(await ask(other.key, { documentId: sha256(count) })).toEqual({ status: 404, code: 'DOCUMENT_NOT_FOUND' });
});

describe('on the command line', () => {
  test('what is known is not added again, lists, and goes', async () => {
    const { workspaceId, key } = await server.createDesk();
    const manifest = { [sha256(count)]: count, [sha256(viewer)]: viewer };
    expect(JSON.parse((await upload('both.json', manifest, workspaceId)).out)).toEqual({ added: 2, known: 0 });
    expect(JSON.parse((await upload('both.json', manifest, workspaceId)).out)).toEqual({ added: 0, known: 2 });
    const ofWorkspace = ['--workspace', workspaceId];
    expect(await runJson(['documents', 'list', ...ofWorkspace])).toEqual(
      [count, viewer]
        .map((text) => ({ id: sha256(text), name: text === count ? 'Count' : 'Viewer', createdAt: expect.any(String) }))
        .sort((one, two) => (one.id < two.id ? -1 : 1)),
    );
    expect(await runJson(['documents', 'remove', ...ofWorkspace, '--id', sha256(viewer)])).toEqual({ removed: 1 });
    expect(await ask(key, { documentId: sha256(viewer) })).toEqual({ status: 404, code: 'DOCUMENT_NOT_FOUND' });
    expect(await runJson(['documents', 'remove', ...ofWorkspace, '--all'])).toEqual({ removed: 1 });
    expect(await run(['documents', 'list', ...ofWorkspace])).toMatchObject({ out: 'No documents.\n' });
  });

  test('the audit log tells what was added and removed, and when a key was bound and set free', async () => {
    const { workspaceId, key } = await server.createDesk();
    const manifest = { [sha256(count)]: count, [sha256(viewer)]: viewer };
    await upload('told.json', { [sha256(viewer)]: viewer }, workspaceId);
    await upload('told.json', manifest, workspaceId);
    await upload('told.json', manifest, workspaceId);
    await runJson(['documents', 'remove', '--workspace', workspaceId, '--id', sha256(viewer)]);
    await run(['documents', 'remove', '--workspace', workspaceId, '--id', 'none']);
    const made = await runJson(['keys', 'create', '--workspace', workspaceId, '--kind', 'api_user']);
    const { id } = made as { id: string };
    const bind = 'mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { userErrors { message } } }';
    for (const onlyTrustedDocuments of [true, false]) {
      await ask(key, { query: bind, variables: { input: { id, onlyTrustedDocuments } } });
    }
    const told =
      '{ auditLog(orderBy: { field: OCCURRED_AT, direction: ASC }) { nodes { type entityId before after details actor { kind } } } }';
    const { data } = await ask(key, { query: told });
    const entries = (data as { auditLog: { nodes: { type: string }[] } }).auditLog.nodes;
    const [byOperator, ofWorkspace] = [{ actor: { kind: 'OPERATOR' } }, { entityId: workspaceId }];
    const named = { [count]: { id: sha256(count), name: 'Count' }, [viewer]: { id: sha256(viewer), name: 'Viewer' } };
    expect(entries.filter(({ type }) => /documents|key.updated/.test(type))).toMatchObject([
      { type: 'workspace.documents_added', ...ofWorkspace, ...byOperator, details: { documents: [named[viewer]] } },
      { type: 'workspace.documents_added', ...ofWorkspace, ...byOperator, details: { documents: [named[count]] } },
      { type: 'workspace.documents_removed', ...ofWorkspace, ...byOperator, details: { documents: [named[viewer]] } },
      { type: 'api_key.updated', before: { onlyTrustedDocuments: false }, after: { onlyTrustedDocuments: true } },
      { type: 'api_key.updated', before: { onlyTrustedDocuments: true }, after: { onlyTrustedDocuments: false } },
    ]);
  });

  test.each<[string, unknown, RegExp, number?]>([
    ['is no JSON', '{', /^file: The manifest is no JSON/],
    ['has another form', { operations: [] }, /^file: The manifest is neither/],
    ['is a list', ['query { customersCount }'], /^file: The manifest is neither/],
    ['holds nothing', {}, /^file: The manifest holds no operations/],
    ['has an id that is none', { good: count, 'a b': count }, /^file: "a b" is no id/],
    ['holds what is no GraphQL', { good: count, x: 'query {' }, /^file: Document x: Syntax Error/],
    [
      'asks for what is not there',
      { good: count, x: '{ nothing }' },
      /^file: Document x: Cannot query field "nothing"/,
    ],
    [
      'holds two operations in one document',
      { good: count, x: `${count} ${viewer}` },
      /^file: Document x: It holds 2 operations/,
    ],
    ['gives an id another text', { good: count, [sha256(count)]: viewer }, /stands for another text already/, 1],
  ])('a manifest that %s is refused as a whole', async (_what, manifest, reason, code = 2) => {
    const { err, ...result } = await upload('bad.json', manifest);
    expect(result).toEqual({ code, out: '' });
    expect(err).toMatch(reason);
    expect(await ask(open, { documentId: 'good' })).toMatchObject({ status: 404 });
  });

  test('what cannot be used is one line', async () => {
    for (const [args, reason] of [
      [['upload', join(folder, 'none.json'), '--workspace', desk.workspaceId], /cannot be read/],
      [['upload', folder, '--workspace', desk.workspaceId], /cannot be read/],
      [['upload', join(folder, 'relay.json'), '--workspace', 'wrk_none'], /^workspace: Workspace not found/],
      [['remove', '--workspace', desk.workspaceId], /^id: Give either/],
      [['remove', '--workspace', desk.workspaceId, '--id', 'none'], /^id: The workspace has no such document/],
    ] as const) {
      const { code, out, err } = await run(['documents', ...args]);
      expect({ args, code, out }).toEqual({ args, code: 2, out: '' });
      expect(err).toMatch(reason);
    }
  });
});
