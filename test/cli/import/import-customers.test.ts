import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { statementsOf } from '../../kit/statements.js';
import { newWorkspace, query, run, runJson } from '../run.js';
import { importCustomers } from './import.js';

const none = { customersCreated: 0, customersUpdated: 0, unchanged: 0, failed: 0 };

const everyone = `select "id", "externalId", "email", "name", "phone", "avatarUrl", "status", "sentiment", "notes", "tags",
    "metadata", "source", "version"
  from "Customer" where "workspaceId" = $1 order by "id"`;

const events = `select "type", "data" from "DomainEvent"
  where "workspaceId" = $1 and "type" like 'customer.%' order by "seq"`;

test('what is written is what a CSV file says', async () => {
  const workspace = await newWorkspace();
  const header =
    'externalId,email,name,phone,avatarUrl,status,sentiment,notes,tags,createdAt,source,metadata.plan,metadata.a.b';
  const jane = 'u1,jane@x.test,"Doe, ""Jane""",+49 1,https://x.test/j.png,SUSPENDED,HAPPY,"two\r\nlines"';
  const lines = [header, `${jane},vip; beta;;vip,2024-05-01T09:30:00+02:00,FORM,team,c`, 'u2,,,,,,,,,,,,', ''];
  const { code, summary } = await importCustomers(workspace, `\ufeff${lines.join('\r\n')}`);
  expect({ code, summary }).toEqual({
    code: 0,
    summary: { ...none, lines: 2, customersCreated: 2, seconds: expect.any(Number) },
  });
  const blank = { email: null, name: null, phone: null, avatarUrl: null, notes: null, tags: [], metadata: {} };
  expect(await query(everyone, workspace)).toEqual([
    {
      id: expect.stringMatching(/^ctc_\w{24}$/),
      externalId: 'u1',
      email: 'jane@x.test',
      name: 'Doe, "Jane"',
      phone: '+49 1',
      avatarUrl: 'https://x.test/j.png',
      status: 'SUSPENDED',
      sentiment: 'HAPPY',
      notes: 'two\r\nlines',
      tags: ['vip', 'beta'],
      metadata: { plan: 'team', 'a.b': 'c' },
      source: 'FORM',
      version: 1,
    },
    {
      ...blank,
      id: expect.any(String),
      externalId: 'u2',
      status: 'ACTIVE',
      sentiment: 'NEUTRAL',
      source: 'IMPORT',
      version: 1,
    },
  ]);
  expect(
    await query(`select "createdAt" from "Customer" where "workspaceId" = $1 order by "id" limit 1`, workspace),
  ).toEqual([{ createdAt: new Date('2024-05-01T07:30:00Z') }]);
  expect(await query(events, workspace)).toEqual([
    { type: 'customer.created', data: { after: expect.objectContaining({ externalId: 'u1', tags: ['vip', 'beta'] }) } },
    { type: 'customer.created', data: { after: { externalId: 'u2', metadata: {} } } },
  ]);
});

test('who is there gets the fields that the file gives, and who does not change is not written', async () => {
  const workspace = await newWorkspace();
  const before = [
    '{"externalId": "u1", "email": "Jane@X.test", "name": "Jane", "tags": ["a"], "metadata": {"plan": "team", "seats": 2}}',
    '{"email": "omar@x.test", "name": "Omar"}',
  ];
  await importCustomers(workspace, before.join('\n'), 'jsonl');
  expect((await importCustomers(workspace, before.join('\n'), 'jsonl')).summary).toMatchObject({
    ...none,
    unchanged: 2,
  });
  expect(await query(events, workspace)).toHaveLength(2);

  const after = [
    '{"externalId": "u1", "name": null, "tags": ["b"], "metadata": {"seats": 3, "plan": null}}',
    '{"externalId": "u2", "email": "OMAR@x.test"}',
    '{"email": "jane@x.test", "source": "FORM", "createdAt": "2001-01-01T00:00:00Z"}',
  ];
  expect((await importCustomers(workspace, after.join('\n'), 'jsonl')).summary).toMatchObject({
    ...none,
    customersUpdated: 3,
  });
  expect(await query(everyone, workspace)).toMatchObject([
    { externalId: 'u1', email: 'jane@x.test', name: null, tags: ['b'], metadata: { seats: 3 }, source: 'IMPORT' },
    { externalId: 'u2', email: 'OMAR@x.test', name: 'Omar', version: 2 },
  ]);
  expect((await query(events, workspace)).slice(2)).toEqual([
    {
      type: 'customer.updated',
      data: {
        before: { name: 'Jane', tags: ['a'], metadata: { plan: 'team', seats: 2 } },
        after: { name: null, tags: ['b'], metadata: { seats: 3 } },
      },
    },
    {
      type: 'customer.updated',
      data: { before: { externalId: null, email: 'omar@x.test' }, after: { externalId: 'u2', email: 'OMAR@x.test' } },
    },
    { type: 'customer.updated', data: { before: { email: 'Jane@X.test' }, after: { email: 'jane@x.test' } } },
  ]);
});

test('the last line of a customer counts, also within one file', async () => {
  const workspace = await newWorkspace();
  const { summary } = await importCustomers(workspace, 'externalId,name\nu1,One\nu2,Two\nu1,Three\nu1,Three\n');
  expect(summary).toMatchObject({ customersCreated: 2, customersUpdated: 1, unchanged: 1, failed: 0 });
  expect(await query(everyone, workspace)).toMatchObject([{ externalId: 'u1', name: 'Three' }, { name: 'Two' }]);
});

test('an id of the file is kept when it is free, and is nobody else’s', async () => {
  const workspace = await newWorkspace();
  const lines = [
    '{"id": "ctc_kept", "uuid": "00000000-0000-4000-8000-00000000000A", "externalId": "u1"}',
    '{"id": "ctc_plain"}',
    '{"id": "ctc_kept", "externalId": "u2"}',
    '{"id": "ctc_other", "externalId": "u1", "name": "Jane"}',
    '{"id": "ctc_kept", "email": "jane@x.test"}',
    '{"id": "ctc_kept", "externalId": "u2", "email": "jane@x.test"}',
    '{"uuid": "00000000-0000-4000-8000-00000000000a", "externalId": "u3"}',
    '{"id": "usr_1", "externalId": "u4"}',
  ];
  const { err } = await importCustomers(workspace, lines.join('\n'), 'jsonl');
  // What a line breaks by itself is known before what it collides with.
  expect(err.trimEnd().split('\n').sort()).toEqual([
    'Not imported: 4 of 8 lines.',
    'line 3: id: Another customer has this id: ctc_kept.',
    'line 4: The same as line 1: the two lines became one.',
    'line 5: The same as line 1: the two lines became one.',
    'line 6: email: Another customer has this email: ctc_kept.',
    'line 7: uuid: Another customer has this uuid: ctc_kept.',
    'line 8: id: Must be ctc_ and up to 120 letters, digits, "_" or "-".',
  ]);
  expect(await query(everyone, workspace)).toMatchObject([
    { id: 'ctc_kept', externalId: 'u1', email: 'jane@x.test', name: 'Jane' },
    { id: 'ctc_plain', externalId: null, email: null },
  ]);
});

test('each bad record is reported by its first line with the reason, and the good ones are kept', async () => {
  const workspace = await newWorkspace();
  await importCustomers(workspace, 'email,externalId\ntaken@x.test,owner\n');
  const lines = [
    'externalId,email,name,status,tags,createdAt,version,metadata.k',
    'u1,,"two\nlines",,,,,v',
    'u2,,x',
    'u3,nobody,,,,,,',
    ',,nameless,,,,,',
    'u4,Taken@x.test,,,,,,',
    'u5,,,active,,,,',
    `u6,,,,${'t'.repeat(65)},,,`,
    'u7,,,,,yesterday,,',
    'u8,,,,,2999-01-01T00:00:00Z,,',
    'u9,,,,,,many,',
    `u10,,,,,,,${'m'.repeat(17_000)}`,
    'u11,,"open,,,,,',
    'u12,,,,,,,',
  ];
  const { code, err, summary } = await importCustomers(workspace, lines.join('\n'));
  const reports = err.trimEnd().split('\n');
  expect(reports.pop()).toBe('Not imported: 11 of 13 lines.');
  expect(Object.fromEntries(reports.map((line) => /^line (\d+): (.*)$/.exec(line)?.slice(1) ?? []))).toEqual({
    4: 'Must have 8 fields, as the header has, but has 3.',
    5: 'email: Invalid email address format.',
    6: 'externalId: One of externalId, email and id must say which customer is meant.',
    7: expect.stringMatching(/^email: Another customer has this email: ctc_\w+\.$/),
    8: expect.stringMatching(/^status: .*"ACTIVE"/),
    9: 'tags[0]: Must have at most 64 characters.',
    10: expect.stringMatching(/^createdAt: Must be a time in ISO 8601/),
    11: 'createdAt: Must lie between 1970 and now.',
    12: 'version: Must be a whole number from 1 to 1000000000.',
    13: 'metadata: Must have at most 16384 bytes as JSON.',
    14: 'A quote (") is opened here and not closed.',
  });
  expect(code).toBe(1);
  expect(summary).toMatchObject({ lines: 13, customersCreated: 2, failed: 11 });
  expect(await query(everyone, workspace)).toMatchObject([
    { externalId: 'owner' },
    { externalId: 'u1' },
    { externalId: 'u12' },
  ]);
});

test('columns that cannot be used are told in one line, before anything is written', async () => {
  const workspace = await newWorkspace();
  const refusals: [text: string | Buffer, reason: RegExp][] = [
    ['', /It is empty: its first line must name the columns\.$/],
    [
      'externalId,e-mail\nu1,x\n',
      /Unknown column "e-mail"\. There are, parted by commas: id, uuid, externalId, email, .*metadata\.<key>\.$/,
    ],
    ['externalId:email\nu1:x\n', /Unknown column "externalId:email"\. There are, parted by commas/],
    ['externalId,,name\nu1,x,y\n', /Unknown column ""/],
    ['externalId,metadata.\nu1,x\n', /Unknown column "metadata\."/],
    ['externalId,name,externalId\nu1,x,u2\n', /The column "externalId" is there twice\.$/],
    ['name,phone\nJane,1\n', /One of the columns externalId, email, id must say which customer is meant\.$/],
    [Buffer.from('externalId,n\xe4me\nu1\n', 'latin1'), /line 1: Must be UTF-8\.$/],
    ['externalId,"name\nu1,x\n', /line 1: A quote \("\) is opened here and not closed\.$/],
  ];
  for (const [text, reason] of refusals) {
    const { code, err, summary } = await importCustomers(workspace, text);
    expect({ code, summary }).toEqual({ code: 2, summary: {} });
    expect(err.trimEnd()).toMatch(reason);
    expect(err.split('\n')).toHaveLength(2);
  }
  expect(await query(everyone, workspace)).toEqual([]);
});

test('a header alone is a file of nobody', async () => {
  const workspace = await newWorkspace();
  expect((await importCustomers(workspace, 'externalId,name')).summary).toMatchObject({ ...none, lines: 0 });
});

test('JSON lines take what a customer has and nothing else', async () => {
  const workspace = await newWorkspace();
  const lines = [
    '{"externalId": "u1", "e-mail": "x@x.test"}',
    '[]',
    'u1',
    '{"externalId": "u1", "metadata": {"a": {"b": [1]}}}',
  ];
  const { err } = await importCustomers(workspace, lines.join('\n'), 'jsonl');
  expect(err.split('\n').slice(0, 3)).toEqual([
    'line 1: e-mail: There is no such field.',
    expect.stringMatching(/^line 2: .*expected object, received array/),
    'line 3: Must be JSON.',
  ]);
  expect(await query(everyone, workspace)).toMatchObject([{ metadata: { a: { b: [1] } } }]);
});

test('the format is what the name of the file ends in, unless it is said', async () => {
  const workspace = await newWorkspace();
  const directory = await mkdtemp(join(tmpdir(), 'deskgraph-test-'));
  const into = ['--workspace', workspace];
  await writeFile(join(directory, 'a.CSV'), 'externalId\nu1\n');
  await writeFile(join(directory, 'b.ndjson'), '{"externalId": "u2"}\n');
  await writeFile(join(directory, 'c.txt'), 'externalId\nu3\n');
  await runJson(['import', 'customers', join(directory, 'a.CSV'), ...into]);
  await runJson(['import', 'customers', join(directory, 'b.ndjson'), ...into]);
  const unsaid = await run(['import', 'customers', join(directory, 'c.txt'), ...into]);
  expect(unsaid).toEqual({
    code: 2,
    out: '',
    err: expect.stringMatching(/^--format must say whether .*c\.txt is csv or jsonl\.\n$/),
  });
  await runJson(['import', 'customers', join(directory, 'c.txt'), '--format', 'csv', ...into]);
  expect((await query(everyone, workspace)).map(({ externalId }) => externalId)).toEqual(['u1', 'u2', 'u3']);
  await rm(directory, { recursive: true });
});

test('names that change hands within a file end where the file says', async () => {
  const workspace = await newWorkspace();
  await importCustomers(workspace, 'externalId,email\nu1,a@x.test\nu2,b@x.test\n');
  // u1 gives its address up, u2 takes it, and somebody new takes that of u2.
  const { summary } = await importCustomers(workspace, 'externalId,email\nu1,c@x.test\nu2,a@x.test\nu3,b@x.test\n');
  expect(summary).toMatchObject({ customersCreated: 1, customersUpdated: 2, failed: 0 });
  expect((await query(everyone, workspace)).map(({ externalId, email }) => [externalId, email])).toEqual([
    ['u1', 'c@x.test'],
    ['u2', 'a@x.test'],
    ['u3', 'b@x.test'],
  ]);
});

test('a customer who was deleted stays deleted', async () => {
  const workspace = await newWorkspace();
  await importCustomers(workspace, 'externalId\nu1\n');
  await query(`update "Customer" set "deletedAt" = now() where "workspaceId" = $1`, workspace);
  const { err } = await importCustomers(workspace, 'externalId,name\nu1,Back\n');
  expect(err).toMatch(/^line 2: This customer was deleted: ctc_\w+\.\n/);
});

test('two imports of one file at once write each customer once', async () => {
  const workspace = await newWorkspace();
  const text = `externalId,email\n${Array.from({ length: 1200 }, (_, place) => `u${place},u${place}@x.test\n`).join('')}`;
  const runs = await Promise.all([1, 2].map(() => importCustomers(workspace, text)));
  const sum = (field: string) => runs.reduce((total, { summary }) => total + Number(summary[field]), 0);
  expect([sum('customersCreated'), sum('unchanged'), sum('failed')]).toEqual([1200, 1200, 0]);
  expect(await query(events, workspace)).toHaveLength(1200);
});

test('a batch takes the same few statements, however many customers it has', async () => {
  const workspace = await newWorkspace();
  const text = (count: number, name: string) =>
    `externalId,name\n${Array.from({ length: count }, (_, place) => `u${place},${name}\n`).join('')}`;
  const count = async (input: string) => {
    const statements = await statementsOf(() => importCustomers(workspace, input));
    return statements.filter((statement) => /"(Customer|DomainEvent)"/.test(statement)).length;
  };
  const [fewNew, fewChanged] = [await count(text(2, 'a')), await count(text(2, 'b'))];
  await query(`delete from "Customer" where "workspaceId" = $1`, workspace);
  expect([await count(text(400, 'a')), await count(text(400, 'b'))]).toEqual([fewNew, fewChanged]);
});
