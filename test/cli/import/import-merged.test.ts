import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestApp, type TestApp } from '../../kit/app.js';
import { ask } from '../../kit/ask.js';
import { newWorkspace, query } from '../run.js';
import { conversation, importCustomers, importLines } from './import.js';

let testApp: TestApp;

beforeAll(async () => {
  testApp = await openTestApp();
});

afterAll(() => testApp.close());

const everyone = `select "id", "externalId", "email", "mergedIntoId", "version" from "Customer"
  where "workspaceId" = $1 order by "id"`;

const jane = '{"id": "ctc_b", "externalId": "jane", "email": "jane@x.test"}';
const old = '{"id": "ctc_a", "externalId": "old", "email": "old@x.test", "version": 4, "mergedIntoId": "ctc_b"}';

const lines = (...all: string[]): string => all.join('\n');

test('the names of a customer who was merged elsewhere lead to the survivor', async () => {
  const desk = await testApp.createDesk();
  const { summary } = await importCustomers(desk.workspaceId, lines(jane, old), 'jsonl');
  expect(summary).toMatchObject({ customersCreated: 2, failed: 0 });
  expect(await query(everyone, desk.workspaceId)).toEqual([
    { id: 'ctc_a', externalId: 'old', email: 'old@x.test', mergedIntoId: 'ctc_b', version: 4 },
    { id: 'ctc_b', externalId: 'jane', email: 'jane@x.test', mergedIntoId: null, version: 1 },
  ]);
  const names = ['id: "ctc_a"', 'externalId: "old"', 'email: "OLD@x.test"'];
  const looks = names.map((name, place) => `c${place}: customer(${name}) { databaseId externalId }`);
  const survivor = { databaseId: 'ctc_b', externalId: 'jane' };
  expect(await ask(testApp, desk, `{ ${looks.join(' ')} }`)).toEqual({
    data: { c0: survivor, c1: survivor, c2: survivor },
  });
  const told = `select "type", "entityId", "data" ->> 'sourceId' as source from "DomainEvent"
    where "workspaceId" = $1 and "type" like 'customer.%' order by "seq"`;
  expect(await query(told, desk.workspaceId)).toEqual([
    { type: 'customer.created', entityId: 'ctc_b', source: null },
    { type: 'customer.merged', entityId: 'ctc_b', source: 'ctc_a' },
  ]);
});

test('what a file says of a merged customer under another name is said of the survivor, who keeps its own names', async () => {
  const workspace = await newWorkspace();
  await importCustomers(workspace, lines(jane, old), 'jsonl');
  const news = ['{"externalId": "old", "email": "old@x.test", "phone": "1"}', '{"id": "ctc_a", "name": "Jane"}'];
  expect((await importCustomers(workspace, lines(...news), 'jsonl')).summary).toMatchObject({ customersUpdated: 2 });
  const written = `select "id", "phone", "name" from "Customer" where "workspaceId" = $1 order by "id"`;
  expect(await query(written, workspace)).toEqual([
    { id: 'ctc_a', phone: null, name: null },
    { id: 'ctc_b', phone: '1', name: 'Jane' },
  ]);
  const customers = [{ id: 'ctc_a' }, { externalId: 'old' }, { email: 'old@x.test', externalId: 'jane' }];
  const said = customers.map((customer, place) => conversation(`c${place}`, { customer }));
  expect((await importLines(workspace, lines(...said))).summary).toMatchObject({ customersCreated: 0, failed: 0 });
  const counts = `select "id", "conversationCount" from "Customer" where "workspaceId" = $1 order by "id"`;
  expect(await query(counts, workspace)).toEqual([
    { id: 'ctc_a', conversationCount: 0 },
    { id: 'ctc_b', conversationCount: 3 },
  ]);
});

test('one who was merged on here meanwhile leads to that survivor', async () => {
  const desk = await testApp.createDesk();
  await importCustomers(desk.workspaceId, lines(jane, '{"id": "ctc_c", "externalId": "c"}'), 'jsonl');
  await testApp.services.customers.merge(desk.operator, { sourceId: 'ctc_b', targetId: 'ctc_c' });
  for (const [created, unchanged] of [
    [1, 0],
    [0, 1],
  ]) {
    const { summary } = await importCustomers(desk.workspaceId, old, 'jsonl');
    expect(summary).toMatchObject({ customersCreated: created, unchanged, failed: 0 });
  }
  expect((await query(everyone, desk.workspaceId))[0]).toMatchObject({ id: 'ctc_a', mergedIntoId: 'ctc_c' });
});

test('a file merges nobody who is there, and what it cannot keep it says', async () => {
  const workspace = await newWorkspace();
  await importCustomers(
    workspace,
    lines(jane, '{"id": "ctc_a", "uuid": "00000000-0000-4000-8000-00000000000a"}'),
    'jsonl',
  );
  await importCustomers(workspace, '{"id": "ctc_gone"}', 'jsonl');
  await query(`update "Customer" set "deletedAt" = now() where "workspaceId" = $1 and "id" = 'ctc_gone'`, workspace);
  const before = await query(everyone, workspace);
  const bad = [
    old,
    '{"id": "ctc_d", "mergedIntoId": "ctc_none"}',
    '{"id": "ctc_d", "mergedIntoId": "ctc_gone"}',
    '{"id": "ctc_d", "externalId": "jane", "mergedIntoId": "ctc_b"}',
    '{"id": "ctc_d", "email": "JANE@x.test", "mergedIntoId": "ctc_b"}',
    '{"id": "ctc_d", "uuid": "00000000-0000-4000-8000-00000000000A", "mergedIntoId": "ctc_b"}',
    '{"id": "ctc_b", "mergedIntoId": "ctc_b"}',
    '{"externalId": "d", "mergedIntoId": "ctc_b"}',
  ];
  const reasons: string[] = [];
  // One by one: no two of a batch may have one name.
  for (const line of bad) reasons.push((await importCustomers(workspace, line, 'jsonl')).err.split('\n')[0] ?? '');
  expect(reasons).toEqual([
    'line 1: mergedIntoId: The customer is there, not merged into this one: ctc_a.',
    'line 1: mergedIntoId: There is no such customer: ctc_none.',
    'line 1: mergedIntoId: This customer was deleted: ctc_gone.',
    'line 1: externalId: Another customer has this externalId: ctc_b.',
    'line 1: email: Another customer has this email: ctc_b.',
    'line 1: uuid: Another customer has this uuid: ctc_a.',
    'line 1: mergedIntoId: The customer is there, not merged into this one: ctc_b.',
    'line 1: id: Must be given for a customer who was merged into another.',
  ]);
  expect(await query(everyone, workspace)).toEqual(before);
});

test('a merge that was imported cannot be taken back, and goes with the survivor when that is deleted', async () => {
  const desk = await testApp.createDesk();
  await importCustomers(desk.workspaceId, lines(jane, old), 'jsonl');
  const { customers } = testApp.services;
  await expect(customers.unmerge(desk.operator, { sourceId: 'ctc_a' })).rejects.toMatchObject({
    code: 'CONFLICT',
    message: 'What this merge changed is not known here: it was imported.',
  });
  await customers.delete(desk.operator, { id: 'ctc_b', mode: 'PURGE' });
  expect(await query(everyone, desk.workspaceId)).toEqual([]);
});
