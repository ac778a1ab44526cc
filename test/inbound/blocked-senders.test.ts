import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { graphql } from '../generated/gql.js';
import type { Desk } from '../kit/app.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { mail, multipart, postMail } from '../kit/mail.js';
import { newEvents } from '../kit/records.js';
import { statementsOf } from '../kit/statements.js';

/** Mails of senders that a workspace has blocked become no messages. */

let server: TestServer;
let desk: Desk;

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  desk = await server.createDesk();
  await server.services.channels.create(desk.operator, { kind: 'EMAIL', name: 'Help', address: 'help@desk.test' });
});
afterAll(() => server.close());

const blockSender = graphql(`
  mutation BlockedBlock($input: BlockSenderInput!) {
    blockSender(input: $input) {
      blockedSender { id databaseId pattern reason createdBy { kind databaseId } createdAt }
      userErrors { code message path conflictingId }
    }
  }
`);
const unblockSender = graphql(`
  mutation BlockedUnblock($input: UnblockSenderInput!) {
    unblockSender(input: $input) { deletedId userErrors { code path } }
  }
`);
const list = graphql(`
  query BlockedList($filter: BlockedSenderFilter, $orderBy: BlockedSenderOrder) {
    blockedSenders(filter: $filter, orderBy: $orderBy) { totalCount nodes { databaseId pattern } }
  }
`);
const getOne = graphql(`query BlockedOne($id: ID!) { blockedSender(id: $id) { pattern } }`);
const rejected = graphql(`
  query BlockedRejected { rejectedMails { nodes { id databaseId reason message sender subject } } }
`);
const retry = graphql(`
  mutation BlockedRetry($input: RetryRejectedMailInput!) {
    retryRejectedMail(input: $input) { message { text } result userErrors { code message } }
  }
`);

const block = async (pattern: string, reason?: string) =>
  (await desk.run(blockSender, { input: { pattern, ...(reason !== undefined && { reason }) } })).blockSender;

async function blocked(pattern: string) {
  const { blockedSender, userErrors } = await block(pattern);
  if (!blockedSender) throw new Error(JSON.stringify(userErrors));
  return blockedSender;
}

let count = 0;
const post = (headers: Record<string, string>, body?: string) => {
  count += 1;
  return postMail(server, desk, mail({ 'Message-ID': `<blocked-${count}@example.com>`, ...headers }, body));
};

describe('blockSender', () => {
  test.each([
    [' Spam@X.Example ', 'spam@x.example'],
    ['X.example', 'x.example'],
    ['@x.example', 'x.example'],
    ['Müll@Bücher.example', 'müll@xn--bcher-kva.example'],
    ['Bücher.Example', 'xn--bcher-kva.example'],
    ['a@sub_domain.x.example', 'a@sub_domain.x.example'],
  ])('keeps %s as %s', async (given, pattern) => {
    expect((await blocked(given)).pattern).toBe(pattern);
  });

  test.each(['spam@', '@', 'example', 'a b@x.example', 'x..example', '.example', '*.x.example', 'a@b@x.example', ''])(
    'refuses %j',
    async (pattern) => {
      expect(await block(pattern)).toMatchObject({
        blockedSender: null,
        userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'pattern'] }],
      });
    },
  );

  test('says who blocked whom and why, and the audit log tells of it, as of the end', async () => {
    let id = '';
    const events = await newEvents(server, desk, async () => {
      const { blockedSender } = await block('spam@x.example', 'Offers');
      expect(blockedSender).toMatchObject({ reason: 'Offers', createdBy: { kind: 'API_KEY' } });
      id = blockedSender?.databaseId ?? '';
      expect(await desk.run(getOne, { id })).toEqual({ blockedSender: { pattern: 'spam@x.example' } });
      const { unblockSender: answer } = await desk.run(unblockSender, { input: { id: blockedSender?.id ?? '' } });
      expect(answer).toEqual({ deletedId: id, userErrors: [] });
    });
    const told = { pattern: 'spam@x.example', reason: 'Offers' };
    expect(events).toMatchObject([
      { type: 'blocked_sender.created', entityId: id, data: { after: told } },
      { type: 'blocked_sender.deleted', entityId: id, data: { before: told } },
    ]);
    expect(await desk.run(getOne, { id })).toEqual({ blockedSender: null });
    const again = await desk.run(unblockSender, { input: { id } });
    expect(again.unblockSender.userErrors).toEqual([{ code: 'NOT_FOUND', path: ['input', 'id'] }]);
  });

  test('names what is blocked already, in each workspace by itself', async () => {
    const { databaseId } = await blocked('x.example');
    expect((await block('X.EXAMPLE')).userErrors).toMatchObject([
      { code: 'CONFLICT', path: ['input', 'pattern'], conflictingId: databaseId },
    ]);
    desk = await server.createDesk();
    expect(await blocked('x.example')).toMatchObject({ pattern: 'x.example' });
  });

  test.each(['help@desk.test', 'HELP@Desk.test', 'desk.test', 'ada@mail.own.test', 'own.test', 'mail.own.test'])(
    'refuses %s, from where the team writes',
    async (pattern) => {
      await server.services.agents.create(desk.operator, { name: 'Ada', email: 'Ada@mail.own.test' });
      const { blockedSender, userErrors } = await block(pattern);
      expect(blockedSender).toBeNull();
      expect(userErrors).toMatchObject([{ code: 'BAD_USER_INPUT', path: ['input', 'pattern'] }]);
      expect(userErrors[0]?.message).toContain('of the team');
    },
  );

  test.each(['p@desk.test', 'l.own.test', 'own.test.example', 'sk.test'])(
    'takes %s, which only looks like it',
    async (pattern) => {
      await server.services.agents.create(desk.operator, { name: 'Ada', email: 'ada@mail.own.test' });
      expect(await blocked(pattern)).toMatchObject({ pattern });
    },
  );

  test('and the list need scopes', async () => {
    const reader = await desk.withScopes('conversations:read');
    const input = { pattern: 'x.example' };
    expect(await reader.fail(blockSender, { input })).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    const writer = await desk.withScopes('conversations:write');
    expect(await writer.fail(list, {})).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });
});

test('blocked senders are listed from the latest on, by pattern and by time', async () => {
  const first = await blocked('a.example');
  const second = await blocked('b.example');
  const patterns = async (variables: object) =>
    (await desk.run(list, variables)).blockedSenders.nodes.map(({ pattern }) => pattern);
  expect(await patterns({})).toEqual(['b.example', 'a.example']);
  expect(await patterns({ orderBy: { field: 'CREATED_AT', direction: 'ASC' } })).toEqual(['a.example', 'b.example']);
  expect(await patterns({ filter: { pattern: { eq: 'a.example' } } })).toEqual(['a.example']);
  expect(await patterns({ filter: { id: { eq: second.id } } })).toEqual(['b.example']);
  expect(await patterns({ filter: { createdAt: { lt: first.createdAt } } })).toEqual([]);
});

describe('a mail', () => {
  test.each([
    ['of a blocked address', 'spam@x.example', { From: 'Offers <Spam@X.example>' }],
    ['of a blocked domain', 'x.example', { From: 'any@x.example' }],
    ['of a domain below', 'x.example', { From: 'any@mail.eu.x.example' }],
    ['of a domain that is written otherwise', 'bücher.example', { From: 'any@xn--bcher-kva.example' }],
    ['of a blocked author, by a form', 'spam@x.example', { From: 'noreply@forms.test', 'Reply-To': 'spam@x.example' }],
    ['of a blocked service, for others', 'x.example', { From: 'noreply@x.example', 'Reply-To': 'ann@other.test' }],
  ])('%s becomes no message and is kept', async (_name, pattern, headers) => {
    await blocked(pattern);
    const { status, body } = await post({ Subject: 'Cheap', ...headers });
    expect({ status, code: body.error?.code }).toEqual({ status: 400, code: 'BAD_USER_INPUT' });
    const { nodes } = (await desk.run(rejected, {})).rejectedMails;
    expect(nodes).toMatchObject([{ reason: 'BLOCKED_SENDER', subject: 'Cheap' }]);
    expect(body.error).toMatchObject({ rejectedMailId: nodes[0]?.databaseId });
    const { workspaceId } = desk;
    expect(await server.database.prisma.message.count({ where: { workspaceId } })).toBe(0);
    expect(await server.database.prisma.customer.count({ where: { workspaceId } })).toBe(0);
  });

  test.each([
    ['an address of the same domain', 'spam@x.example', 'other@x.example'],
    ['a domain that ends alike', 'x.example', 'any@notx.example'],
    ['the domain above', 'mail.x.example', 'any@x.example'],
  ])('of %s is taken', async (_name, pattern, from) => {
    await blocked(pattern);
    expect((await post({ From: from })).status).toBe(201);
  });

  test('is taken where another workspace has blocked its sender', async () => {
    const other = await server.createDesk();
    await server.services.blockedSenders.block(other.operator, { pattern: 'x.example' });
    expect((await post({ From: 'any@x.example' })).status).toBe(201);
  });

  test('that answers a conversation is kept as well, and one that was known stays known', async () => {
    const known = mail({ From: 'any@x.example', 'Message-ID': '<first@x.example>' });
    expect((await postMail(server, desk, known)).status).toBe(201);
    await blocked('x.example');
    expect((await post({ From: 'any@x.example', 'In-Reply-To': '<first@x.example>' })).status).toBe(400);
    expect((await postMail(server, desk, known)).status).toBe(200);
  });

  test('becomes a message when it is retried after its sender is blocked no more', async () => {
    const { id } = await blocked('x.example');
    await post({ From: 'any@x.example' }, 'An order after all');
    const [kept] = (await desk.run(rejected, {})).rejectedMails.nodes;
    const input = { id: kept?.id ?? '' };
    const early = await desk.run(retry, { input });
    expect(early.retryRejectedMail.userErrors).toEqual([
      { code: 'BAD_USER_INPUT', message: 'Mails from x.example are blocked.' },
    ]);
    await desk.run(unblockSender, { input: { id } });
    const { retryRejectedMail } = await desk.run(retry, { input });
    expect(retryRejectedMail).toEqual({ message: { text: 'An order after all' }, result: 'CREATED', userErrors: [] });
    expect((await desk.run(rejected, {})).rejectedMails.nodes).toEqual([]);
  });

  test('of an agent or a channel is taken, though its address was blocked before it was one of the team', async () => {
    await blocked('new.test');
    const { agents, channels } = server.services;
    await agents.create(desk.operator, { name: 'Ada', email: 'ada@new.test' });
    await channels.create(desk.operator, { kind: 'EMAIL', name: 'New', address: 'sales@new.test' });
    for (const from of ['ada@new.test', 'sales@new.test']) {
      expect((await post({ From: from, To: 'jane@example.com, help@desk.test' })).status).toBe(201);
    }
  });

  test('that sends a mail of ours back is taken', async () => {
    await blocked('x.example');
    const report = multipart(
      'b',
      'Content-Type: text/plain\r\n\r\nNobody is there.',
      'Content-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; a@x.example\r\nAction: failed\r\nStatus: 5.1.1',
    );
    const type = 'multipart/report; report-type=delivery-status; boundary=b';
    const { status } = await post(
      { From: 'MAILER-DAEMON@x.example', 'Return-Path': '<>', 'Content-Type': type },
      report,
    );
    expect(status).toBe(201);
  });

  test('costs one statement for that by the unique index', async () => {
    const asked = async (from: string) =>
      (await statementsOf(() => post({ From: from }))).filter((text) => text.includes('"BlockedSender"'));
    expect(await asked('any@a.b.c.x.example')).toHaveLength(1);
    expect(await asked('help@desk.test')).toEqual([]);
  });
});
