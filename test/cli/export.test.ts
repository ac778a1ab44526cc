import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestApp, type TestApp } from '../kit/app.js';
import { ask } from '../kit/ask.js';
import type { Story } from '../kit/story.js';
import { longOne, tellEverything } from './export-story.js';
import { importCustomers, importLines } from './import/import.js';
import { ended, startCommand } from './process.js';
import { newWorkspace, query, run, runJson } from './run.js';
import { sharedDatabase } from './shared-database.js';

let testApp: TestApp;
let story: Story;

beforeAll(async () => {
  testApp = await openTestApp();
  story = await tellEverything(testApp);
});

afterAll(() => testApp.close());

async function exported(what: 'customers' | 'conversations', workspace: string): Promise<string> {
  const { code, out, err } = await run(['export', what, '--workspace', workspace]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out;
}

/**
 * Every row that an export holds or names, with all of its columns: one that is new is either exported and imported, or
 * left out here by name. Revenue comes of purchases, which are imported on their own.
 */
const everything = `select
    (select json_agg(to_jsonb(r) - '{workspaceId,ltvMinor,salesCount,firstSaleAt,acquiredAt}'::text[] order by "id")
      from "Customer" as r where "workspaceId" = $1 and "deletedAt" is null) as customers,
    (select json_agg(to_jsonb(r) - 'workspaceId' order by "id")
      from "Conversation" as r where "workspaceId" = $1) as conversations,
    (select json_agg(to_jsonb(r) - 'workspaceId' order by "id")
      from "Message" as r where "workspaceId" = $1) as messages,
    (select json_agg(to_jsonb(r) - 'workspaceId' order by "id")
      from "MessageAttachment" as r where "workspaceId" = $1) as attachments,
    (select json_agg(to_jsonb(r) - 'workspaceId' order by "id")
      from "Channel" as r where "workspaceId" = $1 and "id" in (
        select "channelId" from "Conversation" where "workspaceId" = $1)) as channels,
    (select json_agg(to_jsonb(r) - 'workspaceId' order by "id")
      from "Agent" as r where "workspaceId" = $1 and "id" in (
        select "assigneeId" from "Conversation" where "workspaceId" = $1
        union select "agentId" from "Message" where "workspaceId" = $1)) as agents`;

async function snapshot(workspaceId: string): Promise<Record<string, Record<string, unknown>[]>> {
  const [row] = await query(everything, workspaceId);
  return row as Record<string, Record<string, unknown>[]>;
}

const events = async (workspaceId: string) =>
  (await query(`select count(*)::int as count from "DomainEvent" where "workspaceId" = $1`, workspaceId))[0]?.count;

/** Some of the graph, through the names of customers that were merged. */
const look = `query Look {
  byId: customer(id: "ctc_0000") { ...Shown }
  byName: customer(externalId: "usr_2") { ...Shown }
  byAddress: customer(email: "customer1@example.com") { ...Shown }
}
fragment Shown on Customer {
  id uuid externalId email name tags version createdAt updatedAt conversationCount lastMessageAt
  conversations(first: 9) {
    totalCount
    nodes {
      id status snoozedUntil firstResponseAt version assignee { id version } channel { id }
      messages(last: 2) { nodes { id text author { name agent { id } } attachments { id fileName } } }
    }
  }
}`;

test('what is exported and imported into an empty workspace is the same graph, also when it is imported twice', async () => {
  const { desk } = story;
  const before = await snapshot(desk.workspaceId);
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
    summary: { customersCreated: 0, conversationsCreated: 38, messagesCreated: 150 + longOne },
  });
  expect(await snapshot(other.workspaceId)).toEqual(before);
  expect(await exported('customers', other.workspaceId)).toBe(customers);
  expect(await exported('conversations', other.workspaceId)).toBe(conversations);

  const told = await events(other.workspaceId);
  const again = await importCustomers(other.workspaceId, customers, 'jsonl');
  expect(again.summary).toMatchObject({ unchanged: 15, customersUpdated: 0, failed: 0 });
  const oncemore = await importLines(other.workspaceId, conversations);
  expect(oncemore.summary).toMatchObject({ unchanged: 40, conversationsUpdated: 0, failed: 0 });
  expect(await snapshot(other.workspaceId)).toEqual(before);
  expect(await events(other.workspaceId)).toBe(told);

  const [here, there] = [await ask(testApp, desk, look), await ask(testApp, other, look)];
  expect(here.errors).toBeUndefined();
  expect(here.data).toMatchObject({ byId: { externalId: 'usr_11' }, byName: { conversationCount: 3 } });
  expect(there).toEqual(here);
});

test('what is imported back changes nothing and tells nobody', async () => {
  const { workspaceId } = story.desk;
  const [before, told] = [await snapshot(workspaceId), await events(workspaceId)];
  const customers = await importCustomers(workspaceId, await exported('customers', workspaceId), 'jsonl');
  expect(customers.summary).toMatchObject({ unchanged: 15, customersUpdated: 0, failed: 0 });
  const conversations = await importLines(workspaceId, await exported('conversations', workspaceId));
  expect(conversations.summary).toMatchObject({ unchanged: 40, conversationsUpdated: 0, failed: 0 });
  expect(await snapshot(workspaceId)).toEqual(before);
  expect(await events(workspaceId)).toBe(told);
});

test('no column of the story is the same in all rows, so that one that gets lost is missed', async () => {
  const tables = Object.entries(await snapshot(story.desk.workspaceId));
  const constant = tables.flatMap(([table, rows]) => {
    const values = (column: string) => new Set(rows.map((row) => JSON.stringify(row[column])));
    const columns = Object.keys(rows[0] ?? {}).filter((column) => values(column).size === 1);
    return columns.map((column) => `${table}.${column}`);
  });
  // Deleted customers are left out, and files have tests of their own.
  expect(constant).toEqual([
    'customers.deletedAt',
    'customers.wasIdentified',
    'messages.rawDigest',
    'attachments.digest',
    'attachments.contentId',
  ]);
});

test('conversations alone bring whom they name', async () => {
  const other = await newWorkspace();
  const conversations = await exported('conversations', story.desk.workspaceId);
  expect((await importLines(other, conversations)).summary).toMatchObject({ customersCreated: 12, failed: 0 });
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
