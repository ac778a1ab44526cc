import { expect, test } from 'vitest';
import { newWorkspace, query, run } from '../run.js';
import { conversation, importCustomers, importLines } from './import.js';

/** Customers of another help desk, and lines of a file that are one customer. */

const people = `select "externalId", "email", "otherEmails", "name", "phone", "status", "notes", "tags", "metadata"
  from "Customer" where "workspaceId" = $1 order by "name"`;

const jane = {
  id: 35436,
  url: 'https://acme.zendesk.example/api/v2/users/35436.json',
  name: 'Jane Doe',
  email: 'jane@example.com',
  phone: '+15551234567',
  external_id: 'usr_jane',
  role: 'end-user',
  tags: ['vip', 'beta'],
  details: 'Of Acme',
  notes: 'Calls on Mondays',
  suspended: true,
  photo: null,
  user_fields: { plan: 'team', seats: 12, since: null },
  identities: [
    { type: 'email', value: 'jane@example.com' },
    { type: 'email', value: 'jane@home.example' },
    { type: 'phone_number', value: '+15551234567' },
  ],
  created_at: '2024-05-01T09:30:00Z',
};
const omar = {
  id: 7,
  name: 'Omar',
  email: null,
  external_id: null,
  role: 'end-user',
  created_at: '2024-05-01T09:30:00Z',
};
const ada = { id: 8, name: 'Ada', email: 'ada@acme.example', role: 'agent' };

const options = (workspace: string) => ['import', 'customers', '-', '--format', 'zendesk', '--workspace', workspace];

test.each([
  ['a line each', [jane, omar, ada].map((user) => JSON.stringify(user)).join('\n')],
  ['a page of the API', JSON.stringify({ users: [jane, omar, ada], next_page: null, count: 3 })],
])('users of Zendesk become customers, and the team none: %s', async (_form, stdin) => {
  const workspace = await newWorkspace();
  const { code, err } = await run(options(workspace), { input: stdin });
  expect([code, err]).toEqual([0, '']);
  const none = { email: null, otherEmails: [], phone: null, status: 'ACTIVE', notes: null, tags: [], metadata: {} };
  expect(await query(people, workspace)).toEqual([
    {
      externalId: 'usr_jane',
      email: 'jane@example.com',
      otherEmails: ['jane@home.example'],
      name: 'Jane Doe',
      phone: '+15551234567',
      status: 'SUSPENDED',
      notes: 'Of Acme\n\nCalls on Mondays',
      tags: ['vip', 'beta'],
      metadata: { plan: 'team', seats: 12 },
    },
    { ...none, externalId: 'zendesk:user:7', name: 'Omar' },
  ]);
});

test('a user that cannot be read is told by its line', async () => {
  const workspace = await newWorkspace();
  const stdin = [JSON.stringify({ name: 'Nobody' }), JSON.stringify(jane)].join('\n');
  const { code, err } = await run(options(workspace), { input: stdin });
  expect(code).toBe(1);
  expect(err).toMatch(/^line 1: id: /m);
});

test('two lines of one customer become one, and both are named', async () => {
  const workspace = await newWorkspace();
  const lines = [
    'externalId,email,name',
    'u1,jane@x.test,Jane',
    'u2,omar@x.test,Omar',
    ',JANE@x.test,Jane Doe',
    'u2,,Omar K',
  ];
  const { code, err } = await run(['import', 'customers', '-', '--format', 'csv', '--workspace', workspace], {
    input: lines.join('\n'),
  });
  expect(code).toBe(0);
  expect(
    err
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('line ')),
  ).toEqual([
    'line 4: The same as line 2: the two lines became one.',
    'line 5: The same as line 3: the two lines became one.',
  ]);
  expect(await query(`select "name" from "Customer" where "workspaceId" = $1 order by 1`, workspace)).toEqual([
    { name: 'Jane Doe' },
    { name: 'Omar K' },
  ]);
});

test.each(['root@localhost', 'ja..ne@docomo.example', 'jane@my_host.example', '"jane doe"@x.test', 'jane@[192.0.2.1]'])(
  'an address that a mail brought is taken back from an export: %s',
  async (email) => {
    const workspace = await newWorkspace();
    const customer = { externalId: 'u1', email, otherEmails: ['postmaster@localhost'] };
    expect(await importCustomers(workspace, JSON.stringify(customer), 'jsonl')).toMatchObject({ code: 0 });
    const talk = conversation('c1', { customer: { email } });
    expect(await importLines(workspace, talk)).toMatchObject({ code: 0, summary: { conversationsCreated: 1 } });
    expect(await query('select "email" from "Customer" where "workspaceId" = $1', workspace)).toEqual([{ email }]);
  },
);
