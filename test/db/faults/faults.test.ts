import { STATUS_CODES } from 'node:http';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../../src/app.js';
import { type Database, openDatabase, sql } from '../../../src/db/database.js';
import { newId } from '../../../src/db/ids.js';
import type { Log } from '../../../src/lib/process/log.js';
import { run } from '../../cli/run.js';
import { type Desk, openTestApp, post, type TestApp } from '../../kit/app.js';
import { testConnection } from '../../kit/connection.js';
import { listen, type TestServer } from '../../kit/http.js';
import { call } from '../../kit/rest.js';

/** What each SQLSTATE comes to, raised by the database in statements of the gateway's own. */

const soon = 'The service is not available right now; try again in a few seconds.';
const contended = 'Others are changing the same right now; try again.';

/** The seconds after which to come back, null where nobody is told to; what the log says, and what becomes of /ready. */
const outcomes: Record<string, [retryAfter: number | null, level: 'warn' | 'error', words: string, unready?: true]> = {
  '08006': [2, 'warn', 'The database cannot be reached.'],
  '57P01': [2, 'warn', 'The database is starting, shutting down or recovering.'],
  '57P03': [2, 'warn', 'The database is starting, shutting down or recovering.'],
  '57014': [2, 'warn', 'A statement was cancelled, or took longer than the database allows.'],
  '57P04': [30, 'error', 'The database does not exist.', true],
  '57P05': [2, 'warn', 'The database ended a session that took too long.'],
  '25P03': [2, 'warn', 'The database ended a session that took too long.'],
  '25006': [5, 'error', 'The database takes no writes.', true],
  '28000': [30, 'error', 'The database refuses the user or the password of the gateway.', true],
  '28P01': [30, 'error', 'The database refuses the user or the password of the gateway.', true],
  '3D000': [30, 'error', 'The database does not exist.', true],
  '42501': [30, 'error', 'The role of the gateway lacks a privilege in the database.'],
  '53000': [5, 'error', 'The database has too few resources.'],
  '53100': [30, 'error', 'The disk of the database is full.', true],
  '53200': [5, 'error', 'The database is out of memory.'],
  '53300': [2, 'warn', 'The database has no connection left.'],
  '53400': [5, 'error', 'The database has too few resources.'],
  '58030': [30, 'error', 'The system of the database failed, such as its disk.', true],
  '55P03': [1, 'warn', 'A lock of the database could not be had in time.'],
  '40001': [1, 'warn', 'Transactions collided again and again.'],
  '40P01': [1, 'warn', 'Transactions collided again and again.'],
  '40003': [2, 'warn', 'The database cannot be reached.'],
  '72000': [1, 'warn', 'The database no longer has what a long read began with.'],
  '42P01': [null, 'error', 'The database has not the tables and functions that this version needs.'],
  '42703': [null, 'error', 'The database has not the tables and functions that this version needs.'],
  '26000': [null, 'error', 'The database lost prepared statements, as behind a pooler that changes sessions.'],
  '54000': [null, 'error', 'A statement exceeds what the database can do.'],
  XX000: [null, 'error', 'The database failed inside.'],
  XX001: [null, 'error', 'The database reports damaged data.'],
  // Defects of ours, for which the log has no more than the error itself.
  '22P02': [null, 'error', ''],
  '23514': [null, 'error', ''],
  P0001: [null, 'error', ''],
};
const states = Object.keys(outcomes);

let database: Database;
let server: TestServer;
let desk: Desk;
/** What the reads of customers raise instead of answering. */
let raised: string | undefined;
const lines: { level: number; msg: string }[] = [];
const log: Log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line)) });

beforeAll(async () => {
  await openTrap();
  const testApp: TestApp = await openTestApp();
  desk = await testApp.createDesk();
  database = openDatabase(testConnection(), { connections: 3 });
  const read: Database['read'] = (statement, options) =>
    raised !== undefined && statement.text.includes('"Customer"')
      ? database.read(sql`SELECT deskgraph_trap(${raised})`)
      : database.read(statement, options);
  const app = await createApp({ database: { ...database, read }, log });
  server = await listen({ ...testApp, app });
});
afterAll(async () => {
  await server.close();
  await closeTrap();
  await database.close();
});

/** Customers whose name says so are refused by the database with the SQLSTATE that it names. */
async function openTrap(): Promise<void> {
  const db = openDatabase(testConnection(), { connections: 1 });
  for (const statement of [
    `CREATE FUNCTION deskgraph_trap(state text) RETURNS int LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'raised %', state USING ERRCODE = state; END $$`,
    `CREATE FUNCTION deskgraph_name_trap() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM deskgraph_trap(substr(NEW."name", 7)); RETURN NEW; END $$`,
    `CREATE TRIGGER deskgraph_name_trap BEFORE INSERT ON "Customer" FOR EACH ROW
      WHEN (NEW."name" LIKE 'raise %') EXECUTE FUNCTION deskgraph_name_trap()`,
  ])
    await db.prisma.$executeRawUnsafe(statement);
  await db.close();
}

async function closeTrap(): Promise<void> {
  await database.prisma.$executeRawUnsafe('DROP FUNCTION deskgraph_name_trap() CASCADE');
  await database.prisma.$executeRawUnsafe('DROP FUNCTION deskgraph_trap(text)');
}

const toldOf = (state: string): string => (/^(?:55P03|40001|40P01)$/.test(state) ? contended : soon);

/** What clients of the graph get for a state. */
function expectedOf(state: string): object {
  const [retryAfter] = outcomes[state] ?? [null];
  return retryAfter === null
    ? { code: 'INTERNAL_SERVER_ERROR', message: 'Something went wrong on our side.' }
    : { code: 'UNAVAILABLE', message: toldOf(state), retryAfter: String(retryAfter) };
}

async function ask(query: string, variables: unknown = {}): Promise<object> {
  const { headers, body } = await post(server.app, query, variables, desk.key);
  const [error] = body.errors ?? [];
  const retryAfter = headers.get('retry-after');
  return { code: error?.extensions?.code, message: error?.message, ...(retryAfter !== null && { retryAfter }) };
}

/** What was logged since the last time, by level. */
function logged(): [level: string, message: string][] {
  return lines.splice(0).map(({ level, msg }) => [level >= 50 ? 'error' : 'warn', msg]);
}

const create = `mutation ($name: String!) { createCustomer(input: { name: $name, externalId: $name }) { customer { id } userErrors { code } } }`;

describe.each(states)('SQLSTATE %s', (state) => {
  const [retryAfter, level, words, unready] = outcomes[state] ?? [null, 'error', ''];

  test('of a statement of our own, in a query', async () => {
    logged();
    raised = state;
    expect(await ask('{ customers { nodes { id } } }')).toEqual(expectedOf(state));
    raised = undefined;
    expect(logged()).toContainEqual([level, expect.stringContaining(words)]);
  });

  test('of a statement of Prisma, in a mutation', async () => {
    logged();
    expect(await ask(create, { name: `raise ${state}` })).toEqual(expectedOf(state));
    expect(logged()).toContainEqual([level, expect.stringContaining(words)]);
  });

  test('in each dialect of REST', async () => {
    const status = retryAfter === null ? 500 : 503;
    const message = retryAfter === null ? 'Something went wrong on our side.' : toldOf(state);
    const error = STATUS_CODES[status];
    raised = state;
    const answers = await Promise.all(
      ['/v1/customers', `/api/v1/teams/${desk.workspaceId}/customers`, '/customers'].map((path) =>
        call(server, desk, path),
      ),
    );
    raised = undefined;
    const code = status === 503 ? 'SERVICE_UNAVAILABLE' : 'INTERNAL_ERROR';
    expect(answers.map(({ body }) => body)).toEqual([
      { statusCode: status, error, message },
      {
        success: false,
        error: {
          ...{ type: 'api_error', code: code.toLowerCase(), message, param: null },
          ...{ doc_url: expect.any(String), request_id: expect.any(String) },
        },
        meta: { requestId: expect.any(String), timestamp: expect.any(String) },
      },
      { success: false, error: code, code, message, statusCode: status },
    ]);
    for (const answer of answers) {
      expect(answer.status).toBe(status);
      expect(answer.headers.get('retry-after')).toBe(retryAfter === null ? null : String(retryAfter));
    }
  });

  test('on the command line', async () => {
    const line = JSON.stringify({ externalId: newId('Customer'), name: `raise ${state}` });
    const ended = await run(['import', 'customers', '-', '--format', 'jsonl', '--workspace', desk.workspaceId], {
      input: line,
    });
    expect(ended).toMatchObject({ code: 1 });
    expect(ended.err).toContain(`The import stopped after 1 lines: ${words}`);
    expect(ended.err).toContain(`raised ${state}`);
    expect(ended.err.trim().split('\n')).toHaveLength(1);
  });

  test(unready ? 'lets nobody call the process ready' : 'leaves the process ready', async () => {
    const other = openDatabase(testConnection(), { connections: 1 });
    await other.read(sql`SELECT deskgraph_trap(${state})`).catch(() => undefined);
    expect(other.health.trouble()).toBe(unready && words);
    await other.close();
  });
});
