import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Gateway, kill, startGateway } from '../kit/gateway.js';
import { command } from './command.js';
import { type Postgres, startPgBouncer, startPostgres } from './servers.js';

/** Behind Debian's PgBouncer, which gives each transaction another of three sessions. */

let postgres: Postgres;
let pooler: Awaited<ReturnType<typeof startPgBouncer>>;
let gateways: Gateway[] = [];
let key: string;

beforeAll(async () => {
  postgres = await startPostgres();
  pooler = await startPgBouncer(postgres, [
    'pool_mode = transaction',
    'default_pool_size = 3',
    'max_client_conn = 200',
  ]);
  const variables = { DATABASE_URL: pooler.url };
  expect(await command(['seed'], variables)).toMatchObject({ code: 0 });
  const made = await command(['keys', 'create', '--workspace', 'wrk_demo', '--kind', 'api_user'], variables);
  key = /ts_sk_live_\w+/.exec(made.out)?.[0] ?? '';
  gateways = await Promise.all([startGateway(variables), startGateway(variables)]);
  await vi.waitUntil(() => gateways.every(({ out, url }) => out().includes(`${url}/graphql`)), { timeout: 120_000 });
});

afterAll(async () => {
  await Promise.all(gateways.map(kill));
  await pooler.stop();
  await postgres.stop();
});

async function ask(query: string, at = 0): Promise<unknown> {
  const response = await fetch(`${gateways[at]?.url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return response.json();
}

test('many requests at once are answered by two gateways', async () => {
  const page = '{ conversations(first: 5) { nodes { id contact { name } messages(last: 2) { nodes { text } } } } }';
  const externalIds = Array.from({ length: 30 }, (_, at) => `pool-${at}`);
  const writes = externalIds.map(
    (id) =>
      `mutation { createCustomer(input: { externalId: "${id}", name: "Wilhelmina" }) { userErrors { message } } }`,
  );
  const answers = await Promise.all(writes.flatMap((write, at) => [ask(write, at % 2), ask(page, at % 2)]));
  for (const answer of answers) expect(answer).not.toHaveProperty('errors');
  const count = `{ customersCount(filter: { externalId: { in: ${JSON.stringify(externalIds)} } }) }`;
  expect(await ask(count)).toEqual({ data: { customersCount: 30 } });
});

test('names are found with typing errors whatever session looks', async () => {
  const search = '{ search(query: "Wilhelmnia", types: [CONTACT]) { contacts { node { name } } } }';
  for (let time = 0; time < 6; time += 1) {
    expect(await ask(search)).toMatchObject({
      data: {
        search: { contacts: expect.arrayContaining([{ node: { name: expect.stringMatching(/^Wilhelmina/) } }]) },
      },
    });
  }
});

test('jobs are done, and the log holds no complaint', async () => {
  const started = `mutation { startConversation(input: { email: "jo@example.com", subject: "Hello", text: "Hi" }) {
    userErrors { message } } }`;
  expect(await ask(started)).toMatchObject({ data: { startConversation: { userErrors: [] } } });
  await expect
    .poll(() => ask('{ conversations(first: 1) { nodes { messages(first: 1) { nodes { status } } } } }', 1))
    .toMatchObject({ data: { conversations: { nodes: [{ messages: { nodes: [{ status: 'SENT' }] } }] } } });
  for (const gateway of gateways) expect(gateway.err()).not.toMatch(/"level":[456]0/);
});

test('a pooler that changes sessions at each statement is refused in one line', async () => {
  const statements = await startPgBouncer(postgres, ['pool_mode = statement']);
  const { code, err } = await command(['migrate'], { DATABASE_URL: statements.url });
  expect({ code, err }).toEqual({
    code: 1,
    err: 'The pooler gives each statement another session, and transactions are needed: set its pool mode to transaction.\n',
  });
  await statements.stop();
});
