import pg from 'pg';
import { expect, test } from 'vitest';
import { maxLineBytes, readLines } from '../../../src/cli/import/lines.js';
import { testConnection } from '../../kit/connection.js';
import { fixtureText } from '../fixtures.js';
import { newWorkspace, query, run } from '../run.js';
import { conversation, importLines, importText } from './import.js';

test('each bad line is reported by its number with the reason, and the good ones are kept', async () => {
  const workspace = await newWorkspace();
  const { code, err, summary } = await importLines(workspace, fixtureText('bad-conversations.jsonl'));
  const reports = err.trimEnd().split('\n');
  expect(reports.pop()).toBe('Not imported: 23 of 25 lines.');
  const reasons = Object.fromEntries(
    reports.map((line) => {
      const [, number, reason] = /^line (\d+): (.*)$/.exec(line) ?? [];
      return [number, reason];
    }),
  );
  expect(reasons).toEqual({
    2: 'Must be JSON: one whole value on each line, and nothing between them.',
    3: expect.stringContaining('expected object, received array'),
    4: expect.stringContaining('expected object, received null'),
    6: 'externalId: Must not contain a NUL character.',
    7: expect.stringMatching(/^externalId: .*expected string, received number/),
    8: 'team: Must be given where there is no channel.',
    9: expect.stringMatching(/^messages: .*received undefined/),
    10: expect.stringMatching(/^source: .*"EMAIL"/),
    11: 'customer.externalId: One of externalId and email must say which customer is meant.',
    12: 'customer.email: Invalid email address format.',
    13: expect.stringMatching(/^customer\.email: Another customer has this email: ctc_\w+\.$/),
    14: expect.stringMatching(/^messages\[0\]\.direction: .*"INBOUND"/),
    15: expect.stringMatching(/^messages\[0\]\.sentAt: Must be a time in ISO 8601/),
    16: expect.stringMatching(/^messages\[0\]\.sentAt: Must be a time in ISO 8601/),
    17: 'messages[0].sentAt: Must lie between 1970 and now.',
    18: 'messages[0].text: Must not contain half of a surrogate pair.',
    19: 'messages[0].text: Must not be empty.',
    20: 'messages: Must not be empty.',
    21: expect.stringMatching(/^messages\[0\]: .*received number \(and \d+ more\)$/),
    22: 'team: Must have at most 255 characters.',
    23: expect.stringMatching(/^externalId: A conversation of another customer has this externalId: thd_\w+\.$/),
    24: expect.stringMatching(/^messages\[0\]\.externalId: A message of another conversation has this externalId/),
    25: 'messages[1].externalId: Another message of this conversation has this externalId.',
  });
  expect(code).toBe(1);
  expect(summary).toMatchObject({
    lines: 25,
    customersCreated: 1,
    conversationsCreated: 2,
    messagesCreated: 2,
    failed: 23,
  });
  const written = `select c."externalId", (select count(*)::int from "Customer" where "workspaceId" = $1) as customers
    from "Conversation" as c where c."workspaceId" = $1 order by c."id"`;
  expect(await query(written, workspace)).toEqual([
    { externalId: 'c1', customers: 1 },
    { externalId: 'c4', customers: 1 },
  ]);
});

test('what nobody knows is refused and named, wherever it stands', async () => {
  const workspace = await newWorkspace();
  const message = { direction: 'OUTBOUND', text: 'Hi', sentAt: '2020-01-01T00:00:00Z' };
  const mail = { messageId: '1@x.test' };
  const whole = {
    ...(JSON.parse(conversation('c1')) as object),
    channel: { kind: 'CHAT', name: 'Desk' },
    agents: [{ email: 'ada@desk.test', name: 'Ada' }],
    messages: [{ ...message, email: mail, attachments: [{ url: 'https://x.test/a', fileName: 'a' }] }],
  };
  const added = (place: readonly (string | number)[]): string => {
    const line = structuredClone(whole);
    const parent = place.slice(0, -1).reduce<unknown>((value, part) => Reflect.get(Object(value), part), line);
    Reflect.set(Object(parent), place.at(-1) ?? '', {});
    return JSON.stringify(line);
  };
  const places = {
    stauts: ['stauts'],
    'customer.phone': ['customer', 'phone'],
    'channel.adress': ['channel', 'adress'],
    'agents[0].role': ['agents', 0, 'role'],
    'messages[0].sentat': ['messages', 0, 'sentat'],
    'messages[0].attachments[0].size': ['messages', 0, 'attachments', 0, 'size'],
    'messages[0].email.sender': ['messages', 0, 'email', 'sender'],
  };
  const { err, summary } = await importLines(workspace, Object.values(places).map(added).join('\n'));
  const expected = Object.keys(places).map((place, index) => `line ${index + 1}: ${place}: There is no such field.`);
  expect(err.trimEnd().split('\n').slice(0, -1)).toEqual(expected);
  expect(summary).toMatchObject({ conversationsCreated: 0, failed: expected.length });
  expect(await importText(workspace, JSON.stringify(whole))).toMatchObject({ conversationsCreated: 1, failed: 0 });
});

test('a line without end is skipped and does not stay in memory', async () => {
  const workspace = await newWorkspace();
  const endless = 'x'.repeat(maxLineBytes + 1);
  const { code, err, summary } = await importLines(workspace, `${endless}\n${conversation('c1')}\n${endless}`);
  expect(err).toBe(
    ['line 1', 'line 3'].map((line) => `${line}: Must have at most ${maxLineBytes} bytes.\n`).join('') +
      'Not imported: 2 of 3 lines.\n',
  );
  expect([code, summary.conversationsCreated]).toEqual([1, 1]);
});

test('deep nesting and bytes that are no text are bad lines like others', async () => {
  const workspace = await newWorkspace();
  const lines = [Buffer.from([0xff, 0xfd, 0x7b]), Buffer.from('['.repeat(100_000)), Buffer.from('\u001b[2J')];
  const { err } = await importLines(workspace, Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])));
  expect(err).toBe(
    'line 1: Must be UTF-8.\nline 2: Must be JSON.\nline 3: Must be JSON.\nNot imported: 3 of 3 lines.\n',
  );
});

test('lines are the same wherever the stream is cut', async () => {
  const text = Buffer.from('\ufeff{"a":"é"}\r\n\n  \n{"b":"😀"}\nlast');
  for (let size = 1; size <= text.length; size += 1) {
    const lines: [number, string | undefined][] = [];
    for await (const { number, text: line } of readLines(chunks(text, size))) lines.push([number, line]);
    expect(lines).toEqual([
      [1, '{"a":"é"}\r'],
      [2, ''],
      [3, '  '],
      [4, '{"b":"😀"}'],
      [5, 'last'],
    ]);
  }
});

async function* chunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

test('a customer who was deleted gets no conversations', async () => {
  const workspace = await newWorkspace();
  await importText(workspace, conversation('c1'));
  await query(`update "Customer" set "deletedAt" = now() where "workspaceId" = $1`, workspace);
  const { err } = await importLines(workspace, conversation('c1', { said: ['INBOUND', 'OUTBOUND'] }));
  expect(err).toMatch(/^line 1: customer: This customer was deleted: ctc_\w+\./);
});

test('a customer whom somebody creates meanwhile is used', async () => {
  const workspace = await newWorkspace();
  const other = new pg.Client(testConnection());
  await other.connect();
  await other.query('begin');
  await other.query(`insert into "Customer" ("workspaceId", "id", "externalId") values ($1, 'ctc_live', 'u_c2')`, [
    workspace,
  ]);
  const importing = importLines(workspace, [1, 2, 3].map((place) => conversation(`c${place}`)).join('\n'));
  // The embedded database hears nobody else before the commit, so there the import waits in any case.
  if (testConnection().connectionString) {
    const held = 'select from pg_locks where not granted and transactionid = pg_current_xact_id()::xid';
    await expect.poll(async () => (await other.query(held)).rowCount).toBe(1);
  }
  await other.query('commit');
  await other.end();
  expect((await importing).summary).toMatchObject({ customersCreated: 2, conversationsCreated: 3, failed: 0 });
  const owner = `select "customerId" from "Conversation" where "workspaceId" = $1 and "externalId" = 'c2'`;
  expect(await query(owner, workspace)).toEqual([{ customerId: 'ctc_live' }]);
});

test('a file that cannot be read and a workspace that is not there are told before anything is done', async () => {
  const workspace = await newWorkspace();
  const refusals: [file: string, workspace: string, reason: RegExp][] = [
    ['no-such-file', workspace, /^no-such-file cannot be read: ENOENT/],
    ['src', workspace, /^src is a directory\./],
    ['-', 'wrk_none', /^workspace: Workspace not found\./],
  ];
  for (const [file, id, reason] of refusals) {
    const { code, out, err } = await run(['import', 'conversations', file, '--workspace', id, '--json']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(reason);
    expect(err.split('\n')).toHaveLength(2);
  }
});
