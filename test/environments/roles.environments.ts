import { afterEach, beforeEach, expect, test } from 'vitest';
import { kill, serves, startGateway } from '../kit/gateway.js';
import { command } from './command.js';
import { execute, type Postgres, startPostgres } from './servers.js';

/** Roles that may do no more than they need. */

let postgres: Postgres;

beforeEach(async () => {
  postgres = await startPostgres();
});
afterEach(() => postgres.stop());

const as = (role: string, parameters = '') => `postgres://${role}@127.0.0.1:${postgres.port}/postgres${parameters}`;
const lines = (text: string) => text.trimEnd().split('\n');

test('a role that may create nothing is told which grants it needs', async () => {
  await execute(postgres.url, 'CREATE ROLE desk LOGIN', 'REVOKE CREATE ON SCHEMA public FROM PUBLIC');
  const { code, err } = await command(['migrate'], { DATABASE_URL: as('desk') });
  expect(code).toBe(1);
  expect(lines(err)).toHaveLength(1);
  expect(err).toMatch(/permission denied for schema public; GRANT USAGE, CREATE ON SCHEMA … TO the role$/m);
});

test('a role that may not create extensions is told so', async () => {
  await execute(postgres.url, 'CREATE ROLE desk LOGIN', 'GRANT CREATE ON SCHEMA public TO desk');
  const { code, err } = await command(['migrate'], { DATABASE_URL: as('desk') });
  expect(code).toBe(1);
  expect(lines(err)).toHaveLength(1);
  expect(err).toMatch(/permission denied to create extension "\w+"; GRANT CREATE ON DATABASE … TO the role/);
});

test('one role migrates, and another one with data manipulation alone serves', async () => {
  await execute(
    postgres.url,
    'CREATE ROLE owner LOGIN',
    'CREATE ROLE desk LOGIN',
    'GRANT CREATE ON DATABASE postgres TO owner',
    'GRANT CREATE ON SCHEMA public TO owner',
    'ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT USAGE ON SCHEMAS TO desk',
    'ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO desk',
    'ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT USAGE ON SEQUENCES TO desk',
  );
  const variables = { DATABASE_URL: as('desk'), DIRECT_DATABASE_URL: as('owner') };
  const { code, err } = await command(['seed'], variables);
  expect({ code, err }).toMatchObject({ code: 0 });
  const key = await createKey(variables);

  const gateway = await startGateway({ ...variables, WEBHOOK_ALLOW: '127.0.0.1' });
  await serves(gateway);
  const ask = async (query: string) => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    return response.json();
  };
  expect(await ask('{ customersCount }')).toMatchObject({ data: { customersCount: expect.any(Number) } });
  // A job of the queue: the mail is written and the message marked as sent.
  const started = `mutation { startConversation(input: { email: "jo@example.com", subject: "Hello", text: "Hi" }) {
    userErrors { message } } }`;
  expect(await ask(started)).toMatchObject({ data: { startConversation: { userErrors: [] } } });
  await expect
    .poll(() => ask('{ conversations(first: 1) { nodes { messages(first: 1) { nodes { status } } } } }'))
    .toMatchObject({ data: { conversations: { nodes: [{ messages: { nodes: [{ status: 'SENT' }] } }] } } });
  expect(gateway.err()).not.toMatch(/"level":[456]0/);
  await kill(gateway);
});

test('the tables may be in a schema of their own', async () => {
  await execute(postgres.url, 'CREATE SCHEMA app');
  const variables = { DATABASE_URL: as('postgres', '?schema=app') };
  expect(await command(['seed'], variables)).toMatchObject({ code: 0 });
  const gateway = await startGateway(variables);
  await serves(gateway);
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await createKey(variables)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ conversations(first: 1) { nodes { subject contact { name } } } }' }),
  });
  expect(await response.json()).toMatchObject({
    data: { conversations: { nodes: [{ subject: expect.any(String) }] } },
  });
  await execute(postgres.url, `DO $$ BEGIN ASSERT to_regclass('public."Customer"') IS NULL; END $$`);
  await kill(gateway);
});

async function createKey(variables: Record<string, string>): Promise<string> {
  const args = ['keys', 'create', '--workspace', 'wrk_demo', '--kind', 'api_user'];
  const { out } = await command(args, variables);
  return /ts_sk_live_\w+/.exec(out)?.[0] ?? '';
}
