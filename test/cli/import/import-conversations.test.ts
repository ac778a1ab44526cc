import { expect, test } from 'vitest';
import { fixture, fixtureText } from '../fixtures.js';
import { newWorkspace, query, run, runJson } from '../run.js';
import { conversation, importText } from './import.js';

const file = fixture('conversations.jsonl');
const nothing = { customersCreated: 0, conversationsCreated: 0, conversationsUpdated: 0, messagesCreated: 0 };
const all = { ...nothing, lines: 20, customersCreated: 17, conversationsCreated: 20, messagesCreated: 82 };

/** Every kept-up column beside what the messages say. */
const keptUp = {
  conversations: `select c."lastMessageAt", c."lastMessagePreview", c."firstInboundAt", c."firstResponseAt", c."createdAt",
      (select row_to_json(m) from (select "sentAt", "preview" from "Message" where "workspaceId" = $1
        and "conversationId" = c."id" order by "sentAt" desc, "id" desc limit 1) as m) as last,
      (select json_agg(json_build_object('sentAt', "sentAt", 'direction', "direction") order by "sentAt", "id")
        from "Message" where "workspaceId" = $1 and "conversationId" = c."id") as said
    from "Conversation" as c where c."workspaceId" = $1`,
  customers: `select k."id" from "Customer" as k
    left join lateral (select m."sentAt", m."preview" from "Message" as m
      join "Conversation" as c on c."workspaceId" = m."workspaceId" and c."id" = m."conversationId"
      where m."workspaceId" = $1 and c."customerId" = k."id" order by m."sentAt" desc, m."id" desc limit 1) as last on true
    where k."workspaceId" = $1 and (
      k."lastMessageAt" is distinct from last."sentAt" or k."lastMessagePreview" is distinct from last."preview" or
      k."conversationCount" <> (select count(*) from "Conversation" as c
        where c."workspaceId" = $1 and c."customerId" = k."id"))`,
};

async function expectKeptUp(workspace: string): Promise<void> {
  for (const row of await query(keptUp.conversations, workspace)) {
    const { last, said, lastMessageAt, lastMessagePreview, firstInboundAt, firstResponseAt, createdAt } = row as {
      last: { sentAt: string; preview: string };
      said: { sentAt: string; direction: string }[];
      lastMessageAt: Date;
      lastMessagePreview: string;
      firstInboundAt: Date | null;
      firstResponseAt: Date | null;
      createdAt: Date;
    };
    const asked = said.findIndex(({ direction }) => direction === 'INBOUND');
    const answer = asked < 0 ? undefined : said.slice(asked).find(({ direction }) => direction === 'OUTBOUND');
    expect({ lastMessageAt, lastMessagePreview, firstInboundAt, firstResponseAt, createdAt }).toEqual({
      lastMessageAt: new Date(last.sentAt),
      lastMessagePreview: last.preview,
      firstInboundAt: asked < 0 ? null : new Date(said[asked]?.sentAt ?? ''),
      firstResponseAt: answer ? new Date(answer.sentAt) : null,
      createdAt: new Date(said[0]?.sentAt ?? ''),
    });
  }
  expect(await query(keptUp.customers, workspace)).toEqual([]);
}

test('a file is imported once, however often it is run', async () => {
  const workspace = await newWorkspace();
  const args = ['import', 'conversations', file, '--workspace', workspace];
  expect(await runJson(args)).toEqual({ ...all, unchanged: 0, failed: 0, seconds: expect.any(Number) });
  const dump = `select (select json_agg(c order by id) from "Customer" c where "workspaceId" = $1) as customers,
    (select json_agg(c order by id) from "Conversation" c where "workspaceId" = $1) as conversations,
    (select json_agg(m order by id) from "Message" m where "workspaceId" = $1) as messages,
    (select count(*) from "DomainEvent" where "workspaceId" = $1) as events`;
  const before = await query(dump, workspace);

  expect(await runJson(args)).toMatchObject({ ...nothing, lines: 20, unchanged: 20, failed: 0 });
  expect(await query(dump, workspace)).toEqual(before);
  await expectKeptUp(workspace);
});

test('what is written is what the file says', async () => {
  const workspace = await newWorkspace();
  await importText(workspace, fixtureText('conversations.jsonl'));
  const written = await query(
    `select c."externalId", ch."name" as team, ch."kind" as source, c."source" as "ownSource", c."unreadCount",
        c."status", k."source" as "customerSource",
        json_build_object('externalId', k."externalId", 'name', k."name", 'email', k."email") as customer,
        (select json_agg(json_build_object('direction', m."direction", 'author', m."authorName", 'text', m."text",
            'sentAt', to_char(m."sentAt" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
            order by m."sentAt", m."id")
          from "Message" as m where m."workspaceId" = $1 and m."conversationId" = c."id") as messages
      from "Conversation" as c
      join "Customer" as k on k."workspaceId" = c."workspaceId" and k."id" = c."customerId"
      join "Channel" as ch on ch."workspaceId" = c."workspaceId" and ch."id" = c."channelId"
      where c."workspaceId" = $1 order by c."id"`,
    workspace,
  );
  const lines = fixtureText('conversations.jsonl').trim().split('\n');
  expect(written).toEqual(
    lines.map((line) => {
      const { source, ...rest } = JSON.parse(line) as { source: string };
      const imported = { unreadCount: 0, status: 'OPEN', customerSource: 'IMPORT' };
      return { ...rest, source, ownSource: source, ...imported };
    }),
  );
});

test('the outbox tells of everything, in the order of the file', async () => {
  const workspace = await newWorkspace();
  await importText(workspace, conversation('c1', { said: ['INBOUND', 'OUTBOUND'] }));
  const events = await query(
    `select "type", "data", "actorId" from "DomainEvent" where "workspaceId" = $1 order by "seq"`,
    workspace,
  );
  expect(events.map(({ type }) => type)).toEqual([
    'workspace.created',
    'channel.created',
    'customer.created',
    'conversation.created',
    'message.created',
    'message.created',
  ]);
  expect(events[2]?.data).toEqual({
    after: { externalId: 'u_c1', email: 'u_c1@x.test', name: 'Uma', metadata: {} },
  });
  expect(events[5]).toMatchObject({
    actorId: null,
    data: { after: { direction: 'OUTBOUND', isInternal: false, preview: 'message 1', authorName: 'Desk' } },
  });
});

test('a conversation that has grown gets its new messages', async () => {
  const workspace = await newWorkspace();
  const said = ['INBOUND', 'INBOUND', 'OUTBOUND'] as const;
  await importText(workspace, conversation('c1', { said: said.slice(0, 1) }));
  expect(await importText(workspace, conversation('c1', { said }))).toMatchObject({
    ...nothing,
    conversationsUpdated: 1,
    messagesCreated: 2,
  });
  const order = `select "text" from "Message" where "workspaceId" = $1 order by "sentAt", "id"`;
  expect(await query(order, workspace)).toEqual([0, 1, 2].map((place) => ({ text: `message ${place}` })));
  expect(
    await query(`select "version", "unreadCount" from "Conversation" where "workspaceId" = $1`, workspace),
  ).toEqual([{ version: 2, unreadCount: 0 }]);
  await expectKeptUp(workspace);
});

test('a conversation may grow within one file', async () => {
  const workspace = await newWorkspace();
  const states = (['INBOUND', 'OUTBOUND', 'INBOUND'] as const).map((_, index, said) => said.slice(0, index + 1));
  const lines = states.map((said) => conversation('c1', { said }));
  expect(await importText(workspace, lines.join('\n'))).toMatchObject({
    lines: 3,
    conversationsCreated: 1,
    conversationsUpdated: 2,
    messagesCreated: 3,
  });
  await expectKeptUp(workspace);
});

test('a customer who writes after the conversation was closed opens it again; older news do not', async () => {
  const workspace = await newWorkspace();
  await importText(workspace, conversation('c1', { said: ['INBOUND'] }));
  const close = (time: string) =>
    query(`update "Conversation" set "status" = 'CLOSED', "closedAt" = '${time}' where "workspaceId" = $1`, workspace);
  const status = async () =>
    (await query(`select "status" from "Conversation" where "workspaceId" = $1`, workspace))[0];
  await close('2030-01-01');
  await importText(workspace, conversation('c1', { said: ['INBOUND', 'INBOUND'] }));
  expect(await status()).toEqual({ status: 'CLOSED' });
  await close('2019-01-01');
  await importText(workspace, conversation('c1', { said: ['INBOUND', 'INBOUND', 'INBOUND'] }));
  expect(await status()).toEqual({ status: 'OPEN' });
});

test('a conversation that opens again after its agent left is of nobody, and the outbox tells of it', async () => {
  const workspace = await newWorkspace();
  await importText(workspace, conversation('c1', { said: ['INBOUND'] }));
  const agent = ['agents', 'create', '--workspace', workspace, '--name', 'Ada', '--email', 'ada@desk.test'];
  const id = 'agt_ada';
  await runJson([...agent, '--id', id]);
  await query(
    `update "Conversation" set "assigneeId" = '${id}', "status" = 'CLOSED', "closedAt" = '2019-01-01' where "workspaceId" = $1`,
    workspace,
  );
  await query(`update "Agent" set "deactivatedAt" = now() where "workspaceId" = $1`, workspace);
  await importText(workspace, conversation('c1', { said: ['INBOUND', 'INBOUND'] }));
  expect(await query(`select "status", "assigneeId" from "Conversation" where "workspaceId" = $1`, workspace)).toEqual([
    { status: 'OPEN', assigneeId: null },
  ]);
  const told = `select "data" from "DomainEvent" where "workspaceId" = $1 and "type" = 'conversation.assigned'`;
  expect(await query(told, workspace)).toEqual([{ data: { before: { assigneeId: id }, after: { assigneeId: null } } }]);
});

test('messages that come out of order are sorted by their time, those of one time by their place', async () => {
  const workspace = await newWorkspace();
  const messages = [
    { direction: 'OUTBOUND', text: 'second', sentAt: '2020-01-02T00:00:00+02:00' },
    { direction: 'INBOUND', text: 'first', sentAt: '2020-01-01T00:00:00Z' },
    { direction: 'OUTBOUND', text: 'third', sentAt: '2020-01-01T22:00:00Z' },
  ];
  await importText(workspace, conversation('c1', { messages }));
  const order = `select "text", "authorName" from "Message" where "workspaceId" = $1 order by "sentAt", "id"`;
  expect(await query(order, workspace)).toEqual([
    { text: 'first', authorName: 'Uma' },
    { text: 'second', authorName: 'Desk' },
    { text: 'third', authorName: 'Desk' },
  ]);
  await expectKeptUp(workspace);
});

test('a known contact keeps what it has and takes the externalId', async () => {
  const workspace = await newWorkspace();
  const only = (customer: object) => ({ said: ['INBOUND'] as const, customer });
  await importText(workspace, conversation('c1', only({ email: 'Uma@X.test', name: 'Uma' })));
  const lines = [
    conversation('c2', only({ externalId: 'u1', email: 'uma@x.test', name: 'Other' })),
    conversation('c3', only({ externalId: 'u1' })),
  ];
  expect(await importText(workspace, lines.join('\n'))).toMatchObject({ customersCreated: 0, conversationsCreated: 2 });
  const customers = `select "externalId", "email", "name", "conversationCount", "version"
    from "Customer" where "workspaceId" = $1`;
  expect(await query(customers, workspace)).toEqual([
    { externalId: 'u1', email: 'Uma@X.test', name: 'Uma', conversationCount: 3, version: 2 },
  ]);
  await expectKeptUp(workspace);
});

test('two imports of one file at the same time write it once, and no line fails', async () => {
  const workspace = await newWorkspace();
  const runs = await Promise.all([1, 2].map(() => importText(workspace, fixtureText('conversations.jsonl'))));
  const sum = (field: string) => runs.reduce((total, summary) => total + Number(summary[field]), 0);
  expect([sum('customersCreated'), sum('conversationsCreated'), sum('messagesCreated')]).toEqual([17, 20, 82]);
  expect([sum('failed'), sum('unchanged')]).toEqual([0, 20]);
  await expectKeptUp(workspace);
});

test('a person at a terminal sees how far it is, on one line that goes away', async () => {
  const workspace = await newWorkspace();
  const { code, out, err } = await run(['import', 'conversations', file, '--workspace', workspace], {
    isTerminal: true,
  });
  expect(code).toBe(0);
  const shown = err.replaceAll('\u001b[K', '|');
  expect(shown).toMatch(/^(\r\d+ %, \d+ lines, \d+ a second\|)+\r\|$/);
  expect(out).toContain('created    17 customers, 20 conversations, 82 messages');
});

test('numbers of a file are kept where they are free, and what begins later counts on behind them', async () => {
  const workspace = await newWorkspace();
  const line = (externalId: string, number?: number) =>
    JSON.stringify({ ...JSON.parse(conversation(externalId)), number, tags: ['old', 'old'] });
  await importText(workspace, [line('a', 12), line('b'), line('c', 12), line('d', 7)].join('\n'));
  const numbers =
    'select "externalId", "number", "tags" from "Conversation" where "workspaceId" = $1 order by "externalId"';
  expect(await query(numbers, workspace)).toEqual(
    Object.entries({ a: 12, b: 13, c: 14, d: 7 }).map(([externalId, number]) => ({
      externalId,
      number,
      tags: ['old'],
    })),
  );
  await importText(workspace, `${line('e', 13)}\n${line('f')}`);
  expect((await query(numbers, workspace)).slice(4)).toMatchObject([{ number: 15 }, { number: 16 }]);
});
