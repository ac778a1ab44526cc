import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestApp, type TestApp } from '../kit/app.js';
import { ask } from '../kit/ask.js';
import { fillDesk, type Story, tellStory } from '../kit/story.js';
import { importCustomers, importLines } from './import.js';
import { ended, sharedDatabase, startCommand } from './process.js';
import { newWorkspace, query, run, runJson } from './run.js';

let testApp: TestApp;
let story: Story;

/** More messages than a line of an export holds. */
const longOne = 2_345;

beforeAll(async () => {
  testApp = await openTestApp();
  story = await tellStory(testApp);
  const { services, database } = testApp;
  const { operator, workspaceId } = story.desk;
  await fillDesk(testApp, story.desk, { customers: 12, conversationsEach: 3, messagesEach: 4 });

  const { jane, omar, ada, carl, billing } = story;
  const note = { conversationId: billing.id, text: 'A note', isInternal: true, agentId: ada.id };
  await services.messages.add(operator, note);
  await services.messages.add(operator, {
    conversationId: billing.id,
    text: 'Because of you.',
    html: '<p>Because of you.</p>',
    externalId: 'mail_1',
    agentId: ada.id,
  });
  await services.conversations.assign(operator, { id: billing.id, assigneeId: ada.id });
  await services.conversations.setStatus(operator, { id: billing.id, status: 'CLOSED' });

  // Nobody is known to have written this, and it takes place nowhere.
  const { conversation } = await services.conversations.start(operator, {
    contactId: omar.id,
    text: 'Hello "you"\n😀',
  });
  await services.conversations.setStatus(operator, { id: conversation.id, status: 'ARCHIVED' });
  await database.prisma.message.update({
    where: { workspaceId_id: { workspaceId, id: story.question.id } },
    data: { status: 'RECEIVED', createdAt: new Date('2026-01-01T00:00:00.123Z') },
  });
  await database.prisma.message.createMany({
    data: Array.from({ length: longOne }, (_, place) => ({
      workspaceId,
      id: `msg_long_${String(place).padStart(5, '0')}`,
      conversationId: 'thd_0003_0001',
      direction: 'OUTBOUND' as const,
      agentId: place % 2 === 0 ? carl.id : null,
      text: `Long ${place}`,
      preview: `Long ${place}`,
      status: place % 3 === 0 ? ('FAILED' as const) : ('SENT' as const),
      sentAt: new Date(Date.UTC(2026, 3, 1, 0, 0, Math.floor(place / 3))),
    })),
  });
  await services.customers.upsert(operator, { id: jane.id, notes: 'Prefers calls', avatarUrl: 'https://x.test/j.png' });
  await database.prisma.customer.createMany({
    data: [
      { workspaceId, id: 'ctc_nameless', archivedAt: new Date('2026-02-01T00:00:00Z'), source: 'CHAT' },
      { workspaceId, id: 'ctc_gone', email: 'gone@x.test', deletedAt: new Date() },
    ],
  });
  await keepUp(workspaceId);
});

afterAll(() => testApp.close());

/** What the rows above say of their conversations and customers, as writing them one by one would. */
async function keepUp(workspaceId: string): Promise<void> {
  await query(
    `update "Conversation" as c set "lastMessageAt" = m."sentAt", "lastMessagePreview" = m."preview"
      from (select distinct on ("conversationId") * from "Message" where "workspaceId" = $1 and not "internal"
        order by "conversationId", "sentAt" desc, "id" desc) as m
      where c."workspaceId" = $1 and m."conversationId" = c."id"`,
    workspaceId,
  );
  await query(
    `update "Customer" as k set "lastMessageAt" = c."lastMessageAt", "lastMessagePreview" = c."lastMessagePreview",
        "conversationCount" = (select count(*) from "Conversation" as a where a."workspaceId" = $1 and a."customerId" = k."id")
      from (select distinct on ("customerId") * from "Conversation" where "workspaceId" = $1
        order by "customerId", "lastMessageAt" desc, "id" desc) as c
      where k."workspaceId" = $1 and c."customerId" = k."id"`,
    workspaceId,
  );
  await query(
    `update "Customer" set "lastMessageAt" = null, "lastMessagePreview" = null
      where "workspaceId" = $1 and "conversationCount" = 0`,
    workspaceId,
  );
}

async function exported(what: 'customers' | 'conversations', workspace: string): Promise<string> {
  const { code, out, err } = await run(['export', what, '--workspace', workspace]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out;
}

/** Everything but what comes of purchases, which are imported on their own. */
const page = `query Page($after: String) {
  customers(first: 100, after: $after, filter: {}, orderBy: {field: CREATED_AT, direction: ASC}) {
    totalCount
    nodes {
      id uuid externalId email name phone avatarUrl status sentiment notes tags metadata source archivedAt version
      createdAt updatedAt conversationCount lastMessageAt lastMessagePreview
      conversations(first: 10, filter: {status: {in: [OPEN, CLOSED, ARCHIVED]}}) {
        totalCount
        nodes {
          id externalId source status subject unreadCount lastMessageAt lastMessagePreview firstResponseAt closedAt
          createdAt updatedAt version
          channel { id kind name address createdAt }
          assignee { id email name avatarUrl createdAt isActive }
          messages(last: 20) {
            totalCount
            nodes {
              id externalId direction isInternal text html preview status sentAt createdAt
              author { name agent { id email isActive } }
            }
          }
        }
      }
    }
  }
}`;

test('what is exported and imported into an empty workspace is the same graph', async () => {
  const { desk } = story;
  const [customers, conversations] = [
    await exported('customers', desk.workspaceId),
    await exported('conversations', desk.workspaceId),
  ];
  const other = await testApp.createDesk();
  const first = await importCustomers(other.workspaceId, customers, 'jsonl');
  expect(first).toMatchObject({ code: 0, err: '', summary: { customersCreated: 15, failed: 0 } });
  const second = await importLines(other.workspaceId, conversations);
  expect(second).toMatchObject({
    code: 0,
    err: '',
    summary: { customersCreated: 0, conversationsCreated: 38, messagesCreated: 148 + longOne },
  });

  expect(await exported('customers', other.workspaceId)).toBe(customers);
  expect(await exported('conversations', other.workspaceId)).toBe(conversations);
  const [before, after] = [await ask(testApp, desk, page), await ask(testApp, other, page)];
  expect(before.errors).toBeUndefined();
  expect(after).toEqual(before);
});

test('what is imported back changes nothing and tells nobody', async () => {
  const { workspaceId } = story.desk;
  const dump = `select (select json_agg(c order by id) from "Customer" c where "workspaceId" = $1) as customers,
    (select json_agg(c order by id) from "Conversation" c where "workspaceId" = $1) as conversations,
    (select json_agg(m order by id) from "Message" m where "workspaceId" = $1) as messages,
    (select count(*) from "DomainEvent" where "workspaceId" = $1) as events`;
  const before = await query(dump, workspaceId);
  const customers = await importCustomers(workspaceId, await exported('customers', workspaceId), 'jsonl');
  expect(customers.summary).toMatchObject({ unchanged: 15, customersUpdated: 0, failed: 0 });
  const conversations = await importLines(workspaceId, await exported('conversations', workspaceId));
  expect(conversations.summary).toMatchObject({ unchanged: 40, conversationsUpdated: 0, failed: 0 });
  expect(await query(dump, workspaceId)).toEqual(before);
});

test('conversations alone bring whom they name', async () => {
  const other = await newWorkspace();
  const conversations = await exported('conversations', story.desk.workspaceId);
  expect((await importLines(other, conversations)).summary).toMatchObject({ customersCreated: 14, failed: 0 });
  expect(await exported('conversations', other)).toBe(conversations);
  const agents = `select "id", "email", "deactivatedAt" from "Agent" where "workspaceId" = $1 order by "id"`;
  const known = await query(agents, other);
  expect(await query(agents, story.desk.workspaceId)).toEqual(expect.arrayContaining(known));
  expect(known.map(({ email }) => email)).toContain('carl@desk.test');
});

test('a long conversation takes several lines, each with its part', async () => {
  const lines = (await exported('conversations', story.desk.workspaceId)).trim().split('\n');
  const parts = lines
    .map((line) => JSON.parse(line) as { id: string; continued?: true; messages: { id: string }[] })
    .filter(({ id }) => id === 'thd_0003_0001');
  expect(parts.map(({ continued }) => continued)).toEqual([undefined, true, true]);
  expect(new Set(parts.flatMap(({ messages }) => messages.map(({ id }) => id))).size).toBe(4 + longOne);
  // Alone it continues nothing.
  const { err } = await importLines(await newWorkspace(), JSON.stringify(parts[1]));
  expect(err).toMatch(/^line 1: continued: The conversation that this continues is not there\.\n/);
});

test('a file is there when it is complete', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'deskgraph-test-'));
  const file = join(directory, 'customers.jsonl');
  await writeFile(file, 'of yesterday');
  const { workspaceId } = story.desk;
  const args = ['export', 'customers', '--workspace', workspaceId];
  expect(await runJson([...args, '--output', file])).toEqual({ customers: 15, lines: 15, seconds: expect.any(Number) });
  expect(await readFile(file, 'utf8')).toBe(await exported('customers', workspaceId));
  expect(await readdir(directory)).toEqual(['customers.jsonl']);
  expect((await run([...args, '--output', file])).out).toMatch(/^Exported 15 customers in \d+\.\d s\.\n$/);
  await rm(directory, { recursive: true });
});

test('a workspace, a file or an option that cannot be used is told in one line', async () => {
  const { workspaceId } = story.desk;
  const refusals: [args: string[], reason: RegExp][] = [
    [['--workspace', 'wrk_none'], /^workspace: Workspace not found\.$/],
    [['--workspace', workspaceId, '--json'], /^--json needs --output/],
    [['--workspace', workspaceId, '--output', 'src'], /^src is a directory\.$/],
    [['--workspace', workspaceId, '--output', 'no/such/file'], /cannot be written: ENOENT/],
  ];
  for (const [args, reason] of refusals) {
    const { code, out, err } = await run(['export', 'conversations', ...args]);
    expect({ args, code, out }).toEqual({ args, code: 2, out: '' });
    expect(err.trimEnd()).toMatch(reason);
    expect(err.split('\n')).toHaveLength(2);
  }
});

test('a person at a terminal sees how far it is, and standard output has only the export', async () => {
  const { workspaceId } = story.desk;
  const { out, err } = await run(['export', 'customers', '--workspace', workspaceId], { isTerminal: true });
  expect(out).toBe(await exported('customers', workspaceId));
  expect(err.replaceAll('\u001b[K', '|')).toMatch(
    /^(\r\d+ lines, \d+ a second\|)+\r\|Exported 15 customers in .* s\.\n$/,
  );
});

test('who has read enough may leave', async () => {
  const child = startCommand(['export', 'conversations', '--workspace', story.desk.workspaceId], sharedDatabase());
  const end = ended(child);
  child.stdout.once('data', () => child.stdout.destroy());
  const { code, err } = await end;
  expect({ code, err }).toEqual({ code: 0, err: '' });
});
