import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { raw, sql } from '../../src/db/database.js';
import { queueSchema } from '../../src/db/queue/install.js';
import { graphql } from '../generated/gql.js';
import type { Desk } from '../kit/app.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { mail, postMail } from '../kit/mail.js';

/** Mails of contacts who are suspended become no messages until that ends. */

let server: TestServer;
let desk: Desk;
let janeId: string;

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  desk = await server.createDesk();
  await server.services.channels.create(desk.operator, { kind: 'EMAIL', name: 'Help', address: 'help@desk.test' });
  const { customer } = await server.services.customers.upsert(desk.operator, {
    externalId: 'usr_jane',
    email: 'Jane@example.com',
    otherEmails: ['jd@home.example'],
  });
  janeId = customer.id;
});
afterAll(() => server.close());

const rejected = graphql(`
  query SuspendedRejected { rejectedMails(orderBy: { field: CREATED_AT, direction: ASC }) { nodes { reason message subject } } }
`);
const setStatus = graphql(`
  mutation SuspendedStatus($input: SetCustomerStatusInput!) {
    setCustomerStatus(input: $input) { result userErrors { code } }
  }
`);

const suspend = (status: 'SUSPENDED' | 'ACTIVE') => desk.run(setStatus, { input: { id: janeId, status } });

let count = 0;
const post = (headers: Record<string, string>) => {
  count += 1;
  return postMail(server, desk, mail({ 'Message-ID': `<suspended-${count}@example.com>`, Subject: 'Hi', ...headers }));
};
const kept = async () => (await desk.run(rejected, {})).rejectedMails.nodes.map(({ reason }) => reason);
const messages = () => server.database.prisma.message.count({ where: { workspaceId: desk.workspaceId } });

async function doJobs(): Promise<void> {
  await server.app.workers
    .find(({ kind }) => kind.name === 'customer.resumed')
    ?.run({ workspaceId: desk.workspaceId }, { signal: AbortSignal.timeout(60_000) });
}

test.each(['jane@example.com', 'JD@home.example'])(
  'a mail from %s is kept, and is a message when that ends',
  async (from) => {
    await suspend('SUSPENDED');
    const { status, body } = await post({ From: `Jane <${from}>` });
    expect({ status, code: body.error?.code }).toEqual({ status: 400, code: 'BAD_USER_INPUT' });
    expect((await desk.run(rejected, {})).rejectedMails.nodes).toEqual([
      { reason: 'SUSPENDED_SENDER', message: 'The contact who sent the mail is suspended.', subject: 'Hi' },
    ]);
    await doJobs();
    expect([await kept(), await messages()]).toEqual([['SUSPENDED_SENDER'], 0]);
    await suspend('ACTIVE');
    const { workspaceId } = desk;
    const [jobs] = await server.database.prisma.$queryRaw<{ count: number }[]>(
      sql`SELECT count(*)::int AS "count" FROM ${raw(queueSchema)}.jobs WHERE "key" = ${`customer.resumed:${workspaceId}`}`,
    );
    expect(jobs).toEqual({ count: 1 });
    await doJobs();
    expect([await kept(), await messages()]).toEqual([[], 1]);
    const [conversation] = await server.database.prisma.conversation.findMany({ where: { workspaceId } });
    expect(conversation?.customerId).toBe(janeId);
  },
);

test('others are not held up, whoever else is suspended', async () => {
  await suspend('SUSPENDED');
  expect((await post({ From: 'omar@example.com' })).status).toBe(201);
  expect((await post({ From: 'noreply@forms.test', 'Reply-To': 'jane@example.com' })).status).toBe(400);
  expect(await kept()).toEqual(['SUSPENDED_SENDER']);
});

test('the end for one leaves the mails of others where they are', async () => {
  const { customers } = server.services;
  const omar = await customers.upsert(desk.operator, {
    externalId: 'usr_omar',
    email: 'omar@example.com',
    status: 'SUSPENDED',
  });
  await suspend('SUSPENDED');
  await post({ From: 'jane@example.com' });
  await post({ From: 'omar@example.com' });
  await customers.upsertMany(desk.operator, { customers: [{ id: janeId, status: 'ACTIVE' }], errorPolicy: 'PER_ITEM' });
  await doJobs();
  expect([await kept(), await messages()]).toEqual([['SUSPENDED_SENDER'], 1]);
  // Whoever is merged into somebody who is not suspended, is not either.
  await customers.merge(desk.operator, { sourceId: omar.customer.id, targetId: janeId });
  await doJobs();
  expect([await kept(), await messages()]).toEqual([[], 2]);
});
