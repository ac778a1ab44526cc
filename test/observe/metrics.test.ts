import { print } from 'graphql';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { boundedNames } from '../../src/lib/observe/bounded.js';
import { graphql } from '../generated/gql.js';
import type { Desk } from '../kit/app.js';
import { startTestServer, type TestServer } from '../kit/http.js';

/** What operators read at /metrics of what the gateway does. */

let server: TestServer;
let desk: Desk;

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  desk = await server.createDesk();
});
afterAll(() => server.close());

/** The value of a series; 0 when there is none yet. */
async function metric(series: string): Promise<number> {
  const text = await (await fetch(`${server.origin}/metrics`)).text();
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return Number(line?.slice(series.length) ?? 0);
}

/** Waits until a series has grown by so much since `before`. */
const grows = (series: string, before: number, by = 1) => expect.poll(() => metric(series)).toBe(before + by);

const send = async (query: string, headers: Record<string, string> = {}) => {
  const response = await fetch(server.endpoint, {
    method: 'POST',
    headers: { authorization: `Bearer ${desk.key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });
  return response.json();
};

const countConversations = graphql(`
  query CountForMetrics {
    conversations {
      totalCount
    }
  }
`);

test('operations are counted by name, transport, cost and statements', async () => {
  const time = 'deskgraph_graphql_operation_duration_seconds_count{operation="CountForMetrics",transport="http"}';
  const points = 'deskgraph_graphql_operation_cost_points_total{operation="CountForMetrics"}';
  const statements = 'deskgraph_sql_statements_per_request_count';
  const before = await Promise.all([time, points, statements].map(metric));
  await send(print(countConversations));
  await grows(time, before[0] ?? 0);
  expect(await metric(points)).toBeGreaterThan(before[1] ?? 0);
  expect(await metric(statements)).toBe((before[2] ?? 0) + 1);
});

test('an operation without a name is anonymous, and what is not executed has none', async () => {
  const series = 'deskgraph_graphql_operation_duration_seconds_count{operation="anonymous",transport="http"}';
  const before = await metric(series);
  await send('{ conversations { totalCount } }');
  await send('{ nothing }');
  await grows(series, before);
});

test('errors are counted by code, requests by what they were sent with', async () => {
  const code = 'deskgraph_errors_total{code="GRAPHQL_VALIDATION_FAILED"}';
  const refused = 'deskgraph_errors_total{code="UNAUTHENTICATED"}';
  const withKey = 'deskgraph_requests_total{credential="key"}';
  const withSession = 'deskgraph_requests_total{credential="session"}';
  const withNone = 'deskgraph_requests_total{credential="none"}';
  const all = [code, refused, withKey, withSession, withNone];
  const before = await Promise.all(all.map(metric));
  await send('{ nothing }');
  await send('{ conversations { totalCount } }', { authorization: 'Bearer wrong' });
  const agent = await server.services.agents.create(desk.operator, { name: 'Ada', email: 'ada@example.com' });
  const { createSessionToken } = await desk.run(createToken, {
    input: { agentId: agent.id, scopes: ['customers:read'] },
  });
  await send('{ customers { totalCount } }', { authorization: `Bearer ${createSessionToken.token}` });
  await expect
    .poll(async () => (await Promise.all(all.map(metric))).map((value, place) => value - (before[place] ?? 0)))
    .toEqual([1, 1, 1, 1, 1]);
});

const createToken = graphql(`
  mutation TokenForMetrics($input: CreateSessionTokenInput!) {
    createSessionToken(input: $input) {
      token
      userErrors {
        message
      }
    }
  }
`);

test('statements are counted and timed at the driver, and failures among them', async () => {
  const count = 'deskgraph_sql_statement_duration_seconds_count';
  const failed = 'deskgraph_sql_statements_failed_total';
  const before = await Promise.all([count, failed].map(metric));
  await server.database.pool.query('SELECT 1');
  await expect(server.database.prisma.$queryRawUnsafe('SELECT nothing')).rejects.toThrow();
  expect(await metric(count)).toBeGreaterThanOrEqual((before[0] ?? 0) + 2);
  expect(await metric(failed)).toBe((before[1] ?? 0) + 1);
});

test('a request that waited for a connection has its own statements', async () => {
  const crowd = Array.from({ length: 30 }, () => send(print(countConversations)));
  const sum = 'deskgraph_sql_statements_per_request_sum';
  const before = await metric(sum);
  await Promise.all(crowd);
  await expect.poll(() => metric(sum)).toBeGreaterThanOrEqual(before + 30);
});

test('clients are counted by the name and version that they tell', async () => {
  const series = 'deskgraph_client_requests_total{client="inbox-web",version="1.2.0"}';
  const before = await metric(series);
  await send('{ __typename }', { 'apollographql-client-name': 'inbox-web', 'apollographql-client-version': '1.2.0' });
  await send('{ __typename }', { 'graphql-client-name': 'inbox-web', 'graphql-client-version': '1.2.0' });
  await grows(series, before, 2);
});

test('names that clients choose are bounded in number and form', () => {
  const named = boundedNames(2);
  expect(['a', 'b', 'c', 'a', 'x"y', ''].map(named)).toEqual(['a', 'b', 'other', 'a', 'other', 'other']);
});

test('what is refused for being too much is counted by its limit', async () => {
  const series = 'deskgraph_rate_limited_total{limit="wrong_keys"}';
  const before = await metric(series);
  for (let count = 0; count < 40; count += 1) await send('{ __typename }', { authorization: `Bearer wrong-${count}` });
  await expect.poll(() => metric(series)).toBeGreaterThan(before);
});

test('jobs in the queue, the outbox, the database and the build are told', async () => {
  await server.database.prisma.$executeRawUnsafe(
    "SELECT deskgraph_jobs.add_job('metrics-test', run_at => now() - interval '1 hour')",
  );
  const text = await (await fetch(`${server.origin}/metrics`)).text();
  expect(text).toContain('deskgraph_jobs{kind="metrics-test",state="waiting"} 1');
  expect(text).toMatch(/deskgraph_jobs_oldest_seconds\{kind="metrics-test"\} 36\d\d/);
  expect(text).toMatch(/deskgraph_outbox_lag_seconds \d/);
  expect(text).toContain('deskgraph_database_up 1');
  expect(text).toMatch(/deskgraph_build_info\{version="[\d.]+",node="[\d.]+"\} 1/);
  expect(text).toContain('deskgraph_websockets 0');
  expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
  expect(text).not.toContain(desk.workspaceId);
  await server.database.prisma.$executeRawUnsafe(
    "DELETE FROM deskgraph_jobs._private_jobs WHERE task_id IN (SELECT id FROM deskgraph_jobs._private_tasks WHERE identifier = 'metrics-test')",
  );
});

test('metrics are answered while the database is away', async () => {
  const lonely = await startTestServer({ connection: { host: '127.0.0.1', port: 1, user: 'nobody' } });
  try {
    const text = await (await fetch(`${lonely.origin}/metrics`)).text();
    expect(text).toContain('deskgraph_database_up 0');
    expect(text).toContain('process_cpu_user_seconds_total');
  } finally {
    await lonely.close();
  }
});
