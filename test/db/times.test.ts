import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { sql } from '../../src/db/database.js';
import { migrate } from '../../src/db/migrations/migrations.js';
import { enqueue, jobKind } from '../../src/db/queue/jobs.js';
import { eventFeed } from '../../src/modules/events/event.feed.js';
import { outboxWatermark } from '../../src/modules/events/outbox.watermark.js';
import { run } from '../cli/run.js';
import { addMessage, snoozeConversation, startConversation } from '../graphql/mutations.js';
import type { Desk, TestApp } from '../kit/app.js';
import { ask } from '../kit/ask.js';
import { createEmptyDatabase } from '../kit/database.js';
import { letTimePass, recordsOf, sendKeyed } from '../kit/keyed.js';
import { cohorts, ltvCohorts } from '../modules/analytics/analytics-documents.js';
import { recordClick, recordConversion } from '../modules/conversion/documents.js';
import { createCustomer, updateCustomer } from '../modules/customer/customer-mutations.js';
import { deliveriesTo, endpointAt, openWebhookApp } from '../modules/webhooks/kit.js';
import { openSink, type Sink } from '../modules/webhooks/sink.js';

/** Every time is stored and read as it is, whatever a session is set to. */

/** Beside the hours that clocks in New York skip and repeat, or in another month there than where the workspace is. */
const said = {
  message: '2024-03-10T07:30:00.123Z',
  answer: '2024-11-03T05:30:00.007Z',
  snooze: '2099-07-01T00:00:00.001Z',
  click: '2024-01-31T23:30:00.000Z',
  sale: '2024-03-31T22:30:00.250Z',
  customer: '1970-07-04T23:59:59.999Z',
  purchase: '2024-05-01T07:30:00.000Z',
  job: '2098-11-01T06:30:00.500Z',
  keyEnd: '2097-01-01T00:00:00.000Z',
};

const against = [
  `timezone = 'America/New_York'`,
  `intervalstyle = 'sql_standard'`,
  'standard_conforming_strings = off',
  `datestyle = 'SQL, DMY'`,
  'search_path = elsewhere',
];

/** A database that was migrated in sessions which begin with settings against us; on a server, the URL alone leaves statements time to run. */
async function createDatabaseAgainstUs() {
  const { connection, embedded, drop } = await createEmptyDatabase();
  const client = new pg.Client(connection);
  await client.connect();
  const { rows } = await client.query<{ name: string }>('select quote_ident(current_database()) as name');
  // All connections of the embedded database have one session.
  const set = embedded ? 'set' : `alter database ${rows[0]?.name} set`;
  const settings = embedded ? against : [...against, `statement_timeout = '1ms'`];
  await client.query(settings.map((setting) => `${set} ${setting}`).join(';'));
  await client.end();
  const own = { ...connection, idleTimeoutMillis: 0 };
  if (own.connectionString) own.connectionString += '?options=-c%20statement_timeout%3D30s';
  await migrate(own);
  return { connection: own, embedded, drop };
}

describe.each([
  { sessions: 'of a database that sets them otherwise', forgotten: [] },
  { sessions: 'of a pooler that forgets how they were set', forgotten: against.slice(0, 3) },
])('in the sessions $sessions', ({ forgotten }) => {
  const begin = Date.now();
  let database: Awaited<ReturnType<typeof createDatabaseAgainstUs>>;
  let testApp: TestApp;
  let sink: Sink;
  let desk: Desk;
  let endpointId: string;
  let customerId: string;

  beforeAll(async () => {
    sink = await openSink();
    database = await createDatabaseAgainstUs();
    testApp = await openWebhookApp({}, database);
    const { pool } = testApp.database;
    const clients = await Promise.all(Array.from({ length: 5 }, () => pool.connect()));
    for (const client of clients) {
      for (const setting of forgotten) await client.query(`set ${setting}`);
      client.release();
    }
    desk = await testApp.createDesk('Times', { timezone: 'Europe/Berlin' });
    await tell();
  });
  afterAll(async () => {
    await testApp.close();
    await sink.close();
  });

  /** Writes by every way there is. */
  async function tell(): Promise<void> {
    const { workspaceId } = desk;
    ({ id: endpointId } = await endpointAt(desk, `${sink.url}/hook`));
    const fields = { externalId: 'ann', name: 'Ann 5% a\\b', email: 'ann@example.com' };
    const created = await desk.run(createCustomer, { input: fields });
    customerId = created.createCustomer.customer?.databaseId ?? '';
    await desk.run(updateCustomer, { input: { id: customerId, notes: 'Called.' } });
    const hello = { contactId: customerId, text: 'Hello' };
    const { startConversation: started } = await desk.run(startConversation, { input: hello });
    const conversationId = started.conversation?.databaseId ?? '';
    for (const [sentAt, direction] of [
      [said.message, 'INBOUND'],
      [said.answer, 'OUTBOUND'],
    ] as const) {
      await desk.run(addMessage, { input: { conversationId, text: sentAt, direction, sentAt } });
    }
    await desk.run(snoozeConversation, { input: { id: conversationId, until: said.snooze } });
    await desk.run(recordClick, { input: { clickId: 'c1', customerId, occurredAt: said.click } });
    const sale = { class: 'SALE', customerId, orderId: 'o1', amountMinor: 500, occurredAt: said.sale } as const;
    await desk.run(recordConversion, { input: sale });
    await importLine('customers', 'externalId,createdAt', `old,${said.customer}`);
    await importLine('purchases', 'customerExternalId,orderId,occurredAt,amountMinor', `new,o2,${said.purchase},100`);
    await testApp.services.apiKeys.create({ workspaceId, kind: 'API_USER', expiresAt: new Date(said.keyEnd) });
    const job = { payload: {}, runAt: new Date(said.job) };
    await testApp.database.transaction((tx) => enqueue(tx, jobKind('times-test'), [job]));
  }

  async function importLine(kind: 'customers' | 'purchases', header: string, line: string): Promise<void> {
    const { connection } = database;
    const format = kind === 'customers' ? ['--format', 'csv'] : [];
    const args = ['import', kind, '-', ...format, '--workspace', desk.workspaceId];
    expect(await run(args, { input: `${header}\n${line}\n`, connection })).toMatchObject({ code: 0 });
  }

  /** Reads as whole milliseconds since 1970, which no setting touches. */
  async function stored(table: string, column: string): Promise<number[]> {
    const client = new pg.Client(database.connection);
    await client.connect();
    try {
      const { rows } = await client.query<{ at: string }>(
        `select floor(extract(epoch from "${column}") * 1000)::bigint as at from ${table}
           where "${column}" is not null order by 1`,
      );
      return rows.map(({ at }) => Number(at));
    } finally {
      await client.end();
    }
  }

  const longAgoOrAhead = (times: readonly number[]): string[] =>
    times.filter((time) => time < begin || time > Date.now()).map((time) => new Date(time).toISOString());

  test('what was said is stored', async () => {
    const of = async (table: string, column: string) => longAgoOrAhead(await stored(`public."${table}"`, column));
    expect(await of('Message', 'sentAt')).toEqual([said.message, said.answer]);
    expect(await of('Conversation', 'snoozedUntil')).toEqual([said.snooze]);
    expect(await of('Click', 'occurredAt')).toEqual([said.click]);
    expect(await of('Conversion', 'occurredAt')).toEqual([said.sale, said.purchase]);
    expect(await of('Customer', 'firstSaleAt')).toEqual([said.sale, said.purchase]);
    expect(await of('Customer', 'acquiredAt')).toEqual([said.click, said.purchase]);
    expect(await of('Customer', 'createdAt')).toEqual([said.customer]);
    expect(await of('ApiKey', 'expiresAt')).toEqual([said.keyEnd]);
    expect(longAgoOrAhead(await stored('deskgraph_jobs.jobs', 'run_at'))).toContain(said.job);
  });

  test('all other times are those at which something happened', async () => {
    await expect
      .poll(() => deliveriesTo(desk, endpointId))
      .toContainEqual(expect.objectContaining({ status: 'SUCCEEDED' }));
    const columns = await testApp.database.pool.query<Record<'schema' | 'table' | 'column' | 'type', string>>(
      `select c.table_schema as schema, quote_ident(c.table_name) as table, c.column_name as column, c.data_type as type
       from information_schema.columns as c join information_schema.tables as t using (table_schema, table_name)
       where c.table_schema in ('public', 'deskgraph_jobs') and t.table_type = 'BASE TABLE'
         and c.data_type ~ '^(date|time)'`,
    );
    const filled: string[] = [];
    for (const { schema, table, column, type } of columns.rows) {
      expect(type, `${table}.${column}`).toBe('timestamp with time zone');
      const times = await stored(`${schema}.${table}`, column);
      if (times.length > 0) filled.push(`${table}.${column}`);
      const unsaid = longAgoOrAhead(times).filter((time) => !Object.values(said).includes(time));
      // Jobs that wait for a moment, and attempts that have a time limit.
      const far = unsaid.filter((time) => Math.abs(Date.parse(time) - Date.now()) > 30 * 60_000);
      expect(far, `${table}.${column}`).toEqual([]);
    }
    expect(filled).toEqual(
      expect.arrayContaining([
        ...['_prisma_migrations.started_at', '_prisma_migrations.finished_at', 'worker_life.seen_at'],
        ...['"Workspace".createdAt', '"ApiKey".createdAt', '"Customer".updatedAt', '"Conversation".firstResponseAt'],
        ...['"DomainEvent".occurredAt', '"WebhookDelivery".finishedAt', '"WebhookAttempt".startedAt'],
      ]),
    );
  });

  test('an answer, later reads, filters and the outbox tell the times that are stored', async () => {
    const node = `{ createdAt updatedAt firstSaleAt conversations { nodes { snoozedUntil
      messages(orderBy: { field: SENT_AT, direction: ASC }) { nodes { sentAt } } } } }`;
    const update = `mutation ($id: ID!) { updateCustomer(input: { id: $id, notes: "Twice." }) { customer ${node} } }`;
    const { data } = await ask(testApp, desk, update, { id: customerId });
    const { customer } = (data as { updateCustomer: { customer: Record<string, string> } }).updateCustomer;
    const { createdAt = '', updatedAt = '' } = customer;
    const messages = { nodes: [{ sentAt: said.message }, { sentAt: said.answer }, { sentAt: expect.any(String) }] };
    const conversations = { nodes: [{ snoozedUntil: said.snooze, messages }] };
    expect(customer).toEqual({ createdAt, updatedAt, firstSaleAt: said.sale, conversations });
    expect(await stored('public."Customer"', 'createdAt')).toContain(Date.parse(createdAt));
    expect(await stored('public."Customer"', 'updatedAt')).toContain(Date.parse(updatedAt));

    const list = `query ($at: DateTime) { customers(filter: { createdAt: { gte: $at, lte: $at } }) { nodes ${node} } }`;
    expect(await ask(testApp, desk, list, { at: createdAt })).toEqual({ data: { customers: { nodes: [customer] } } });
    const within = (
      await testApp.database.prisma.customer.findMany({
        where: { createdAt: { in: [new Date(createdAt)] }, updatedAt: { lte: new Date(updatedAt) } },
      })
    ).map(({ id }) => id);
    expect(within).toEqual([customerId]);

    const onError = (error: unknown) => expect.unreachable(String(error));
    const feed = eventFeed(testApp.database, outboxWatermark(testApp.database), { onError });
    const { signal } = new AbortController();
    const stream = await feed.follow(desk.workspaceId, { after: 0n, signal, onEnd: () => undefined });
    const { value } = await stream.next();
    expect(await stored('public."DomainEvent"', 'occurredAt')).toContain(value?.event.occurredAt.getTime());
    feed.close();
  });

  test('every page of an order by time is found again by its cursor', async () => {
    const page = `query ($after: String) { customers(first: 1, after: $after, orderBy: { field: CREATED_AT, direction: ASC }) {
      nodes { externalId } pageInfo { endCursor } } }`;
    const seen: (string | undefined)[] = [];
    for (let after: string | null = null; seen.length < 3; ) {
      const { data } = await ask(testApp, desk, page, { after });
      const { customers } = data as { customers: { nodes: { externalId: string }[]; pageInfo: { endCursor: string } } };
      seen.push(customers.nodes[0]?.externalId);
      after = customers.pageInfo.endCursor;
    }
    expect(seen).toEqual(['old', 'ann', 'new']);
  });

  test('a webhook tells the times that are stored', async () => {
    const occurred = await stored('public."DomainEvent"', 'occurredAt');
    await expect.poll(() => sink.received.length).toBeGreaterThan(0);
    const [first] = sink.received;
    const { timestamp } = JSON.parse(first?.body ?? '{}') as { timestamp: string };
    expect(occurred).toContain(Date.parse(timestamp));
    expect(Math.abs(Number(first?.headers['webhook-timestamp']) * 1000 - Date.now())).toBeLessThan(30 * 60_000);
  });

  test("months are those of the workspace's time zone", async () => {
    const { customerCohorts } = await desk.run(cohorts, { groupBy: 'MONTH', end: '2024-12-31' });
    const found = customerCohorts.map(({ key, customers }) => ({ key, customers }));
    // Only those who have an externalId: "old" came in the first hours of 5 July where the workspace is.
    expect(found).toEqual([
      { key: '1970-07-01', customers: 1 },
      { key: '2024-02-01', customers: 1 },
      { key: '2024-05-01', customers: 1 },
    ]);
    const since = await desk.run(cohorts, { groupBy: 'MONTH', start: '2024-02-01', end: '2024-02-01' });
    expect(since.customerCohorts).toMatchObject([{ key: '2024-02-01', customers: 1 }]);
    const { ltvCohorts: ltv } = await desk.run(ltvCohorts, { start: '2024-02-01', end: '2024-02-29', months: 4 });
    expect(ltv[0]?.months.map(({ activeCustomers }) => activeCustomers)).toEqual([0, 0, 1, 0]);
  });

  test('a key of a request lasts a day, and goes when it is over', async () => {
    const rename = {
      query: `mutation { updateCustomer(input: { id: "${customerId}", notes: "Thrice." }) { result } }`,
    };
    const send = (key: string) => sendKeyed(testApp.app, desk, rename, key);
    expect(await send('first')).toMatchObject({ status: 200, replayed: false });
    expect(await send('first')).toMatchObject({ status: 200, replayed: true });
    const [record] = await recordsOf(testApp, 'first');
    expect(await stored('public."IdempotencyRecord"', 'expiresAt')).toEqual([record?.expiresAt.getTime()]);
    const hoursLeft = ((record?.expiresAt.getTime() ?? 0) - Date.now()) / 3_600_000;
    expect(hoursLeft).toBeGreaterThan(23);
    expect(hoursLeft).toBeLessThan(24);
    await letTimePass(testApp, 'first', '23 hours');
    expect(await send('first')).toMatchObject({ replayed: true });
    await letTimePass(testApp, 'first', '90 minutes');
    expect(await send('second')).toMatchObject({ replayed: false });
    expect(await recordsOf(testApp, 'first')).toEqual([]);
  });

  test('values of statements are moments, in whatever way they get there', async () => {
    const { prisma, read } = testApp.database;
    // Its offset had seconds in old times.
    vi.stubEnv('TZ', 'America/New_York');
    for (const at of [new Date('1850-06-01T12:00:00.25Z'), new Date('0001-01-01T00:00:00Z'), new Date(said.message)]) {
      const statement = sql`SELECT extract(epoch FROM ${at}::timestamptz)::float8 AS one,
        extract(epoch FROM (${[null, at]}::timestamptz[])[2])::float8 AS other, ${at}::timestamptz AS at`;
      const seconds = at.getTime() / 1000;
      expect(await read(statement)).toEqual([[seconds, seconds, at]]);
      const [row = {}] = await prisma.$queryRaw<object[]>(statement);
      expect(Object.values(row)).toEqual([seconds, seconds, at]);
    }
    vi.unstubAllEnvs();
  });

  test('a search takes signs as they are', async () => {
    const search = 'query ($text: String) { customers(filter: { nameOrEmail: $text }) { nodes { externalId } } }';
    for (const [text, nodes] of [
      ['5% A\\B', [{ externalId: 'ann' }]],
      ['nn%5', []],
      ['n_ 5', []],
    ] as const) {
      expect(await ask(testApp, desk, search, { text })).toEqual({ data: { customers: { nodes } } });
    }
  });

  test('what an operator sets beside stays in force', async () => {
    const { rows } = await testApp.database.pool.query('select current_setting($1) as limit', ['statement_timeout']);
    expect(rows).toEqual([{ limit: database.embedded ? '0' : '30s' }]);
  });
});
