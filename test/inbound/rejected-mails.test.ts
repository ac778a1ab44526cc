import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLog } from '../../src/lib/process/log.js';
import { graphql } from '../generated/gql.js';
import type { Desk } from '../kit/app.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { type MailPost, mail, postMail } from '../kit/mail.js';

/** Mails that become no message are kept until they do. */

let server: TestServer;
let desk: Desk;
const logged: string[] = [];

beforeAll(async () => {
  server = await startTestServer({ log: createLog('warn', { write: (line: string) => void logged.push(line) }) });
  desk = await server.createDesk();
  await server.services.channels.create(desk.operator, { kind: 'EMAIL', name: 'Help', address: 'help@desk.test' });
});
afterAll(() => server.close());

const list = graphql(`
  query RejectedMails($filter: RejectedMailFilter, $first: Int, $orderBy: RejectedMailOrder) {
    rejectedMails(filter: $filter, first: $first, orderBy: $orderBy) {
      nodes {
        id databaseId reason message sender recipients subject sizeBytes rawUrl attempts createdAt lastReceivedAt expiresAt
      }
    }
  }
`);

const retry = graphql(`
  mutation RetryRejectedMail($input: RetryRejectedMailInput!) {
    retryRejectedMail(input: $input) {
      message { databaseId text rawUrl }
      conversation { subject }
      result
      userErrors { code message path }
    }
  }
`);

let count = 0;
async function reject(raw: string, options?: MailPost, to = desk) {
  const answer = await postMail(server, to, raw, options);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  const { rejectedMailId } = answer.body.error as unknown as { rejectedMailId: string };
  const { rejectedMails } = await to.run(list, { filter: { id: { eq: rejectedMailId } } });
  const [found] = rejectedMails.nodes;
  if (!found) throw new Error(`It is not kept: ${JSON.stringify(answer.body)}`);
  return { status: answer.status, ...found };
}

const anew = (headers: Record<string, string> = {}): string => {
  count += 1;
  return mail({ 'Message-ID': `<rejected-${count}@example.com>`, ...headers });
};

const bytesAt = async (url: string): Promise<Buffer> => {
  const { origin } = new URL(url);
  const response = await fetch(url.replace(origin, server.origin));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-disposition')).toMatch(/^attachment;/);
  return Buffer.from(await response.arrayBuffer());
};

test.each<[string, string, string, MailPost | undefined, object]>([
  ['without a sender', 'NO_SENDER', anew({ From: '' }), undefined, { sender: null, subject: 'Where is it?' }],
  [
    'to nobody here',
    'UNKNOWN_RECIPIENT',
    anew({ To: 'Sales <Sales@desk.test>' }),
    undefined,
    { sender: 'jane@example.com', recipients: ['sales@desk.test'] },
  ],
  ['to a channel that is none', 'UNKNOWN_RECIPIENT', anew({ To: 'x@desk.test' }), { query: '?channel=nonsense' }, {}],
  ['of the team to itself', 'TEAM_ONLY', anew({ From: 'help@desk.test' }), undefined, { sender: 'help@desk.test' }],
  [
    'with too many lines',
    'UNREADABLE',
    `${mail({ From: 'Eve <eve@example.com>', Subject: 'Lines' }, '\n'.repeat(200_000))}`,
    undefined,
    { sender: 'eve@example.com', subject: 'Lines' },
  ],
])('a mail %s is kept, told of and logged once', async (_name, reason, raw, options, expected) => {
  logged.length = 0;
  const first = await reject(raw, options);
  expect(first).toMatchObject({ reason, ...expected, attempts: 1, sizeBytes: Buffer.byteLength(raw) });
  expect(first.message).toMatch(/^[A-Z].+\.$/);
  expect((await bytesAt(first.rawUrl)).equals(Buffer.from(raw))).toBe(true);
  expect(await reject(raw, options)).toMatchObject({ databaseId: first.databaseId, attempts: 2 });
  const lines = logged.filter((line) => line.includes(first.databaseId));
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ reason, workspaceId: desk.workspaceId }]);
  expect(lines.join()).not.toMatch(/jane|Where/);
});

test('a body without a mail is kept as it was posted, and taken in once it holds one', async () => {
  const body = JSON.stringify({ Subject: 'Not raw' });
  const kept = await reject(body, { contentType: 'application/json' });
  expect(kept).toMatchObject({ reason: 'UNREADABLE', sizeBytes: body.length });
  expect(String(await bytesAt(kept.rawUrl))).toBe(body);
  const { retryRejectedMail } = await desk.run(retry, { input: { id: kept.id } });
  expect(retryRejectedMail.userErrors).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
});

describe('a retry', () => {
  test('makes a message of it once the cause is mended', async () => {
    const raw = anew({ To: 'new@desk.test', Subject: 'Later' });
    const { id, databaseId } = await reject(raw);
    const early = await desk.run(retry, { input: { id } });
    expect(early.retryRejectedMail.userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    await server.services.channels.create(desk.operator, { kind: 'EMAIL', name: 'New', address: 'new@desk.test' });
    const { retryRejectedMail } = await desk.run(retry, { input: { id: databaseId } });
    expect(retryRejectedMail).toMatchObject({
      message: { text: 'Hello' },
      conversation: { subject: 'Later' },
      result: 'CREATED',
      userErrors: [],
    });
    expect(await bytesAt(retryRejectedMail.message?.rawUrl ?? '')).toEqual(Buffer.from(raw));
    expect((await desk.run(list, { filter: { id: { eq: id } } })).rejectedMails.nodes).toEqual([]);
    const again = await desk.run(retry, { input: { id } });
    expect(again.retryRejectedMail.userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'id'] }]);
  });

  test('takes the channel that it names, and the recipients that the mail service named', async () => {
    const form = new URLSearchParams({
      'body-mime': anew({ To: 'hidden@list.example' }),
      recipient: 'sales@desk.test',
    });
    const { id, recipients } = await reject(form.toString(), { contentType: 'application/x-www-form-urlencoded' });
    expect(recipients).toEqual(['sales@desk.test', 'hidden@list.example']);
    const channel = await server.database.prisma.channel.findFirstOrThrow({
      where: { workspaceId: desk.workspaceId, address: 'help@desk.test' },
    });
    const { retryRejectedMail } = await desk.run(retry, { input: { id, channelId: channel.id } });
    expect(retryRejectedMail).toMatchObject({ result: 'CREATED', userErrors: [] });
  });

  test('is not needed when the relay sends the mail again', async () => {
    const raw = anew({ To: 'help@soon.test' });
    const { id } = await reject(raw);
    await server.services.channels.create(desk.operator, { kind: 'EMAIL', name: 'Soon', address: 'help@soon.test' });
    expect(await postMail(server, desk, raw)).toMatchObject({ status: 201 });
    expect((await desk.run(list, { filter: { id: { eq: id } } })).rejectedMails.nodes).toEqual([]);
  });

  test('and the list need scopes', async () => {
    const { id } = await reject(anew({ From: '' }));
    const reader = await desk.withScopes('conversations:read');
    expect(await reader.fail(retry, { input: { id } })).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    const writer = await desk.withScopes('conversations:write');
    expect(await writer.fail(list, {})).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });
});

test('rejected mails are listed by reason, sender and time', async () => {
  const own = await server.createDesk();
  const first = await reject(anew({ From: '' }), undefined, own);
  const second = await reject(anew({ From: 'A <Ann@example.com>' }), undefined, own);
  const ids = async (variables: object): Promise<string[]> =>
    (await own.run(list, variables)).rejectedMails.nodes.map((node) => node.databaseId);
  expect(await ids({})).toEqual([second.databaseId, first.databaseId]);
  expect(await ids({ orderBy: { field: 'CREATED_AT', direction: 'ASC' } })).toEqual([
    first.databaseId,
    second.databaseId,
  ]);
  expect(await ids({ filter: { reason: { eq: 'NO_SENDER' } } })).toEqual([first.databaseId]);
  expect(await ids({ filter: { sender: { eq: 'ann@example.com' } } })).toEqual([second.databaseId]);
  expect(await ids({ filter: { createdAt: { gt: second.createdAt } } })).toEqual([]);
});

test('a rejected mail is removed with the customer whom it is from, and after 30 days', async () => {
  const own = await server.createDesk();
  const { prisma } = server.database;
  const { workspaceId } = own;
  const kept = await reject(anew({ From: 'Jane <Jane@Example.com>' }), undefined, own);
  const old = await reject(anew({ From: 'Old <old@example.com>' }), undefined, own);
  const { customer } = await server.services.customers.create(own.operator, {
    email: 'jane@example.com',
    name: 'Jane',
  });
  const { receipt } = await server.services.customers.delete(own.operator, { id: customer.id, mode: 'PURGE' });
  expect(receipt).toContainEqual({ table: 'RejectedMail', action: 'REMOVED', count: 1 });
  const left = await prisma.rejectedMail.findMany({ where: { workspaceId } });
  expect(left.map(({ id }) => id)).toEqual([old.databaseId]);
  expect(kept.databaseId).not.toBe(old.databaseId);
  await prisma.rejectedMail.updateMany({
    where: { workspaceId },
    data: { createdAt: new Date(Date.now() - 31 * 86_400_000) },
  });
  await server.app.workers
    .find(({ kind }) => kind.name === 'expire-rejected-mails')
    ?.run({ workspaceId }, { signal: AbortSignal.timeout(60_000) });
  expect(await prisma.rejectedMail.count({ where: { workspaceId } })).toBe(0);
});
