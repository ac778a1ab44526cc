import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { customerImporter } from '../../../src/modules/customer/import/customer.importer.js';
import { graphql } from '../../generated/gql.js';
import { upsertCustomer } from '../../graphql/mutations.js';
import { openTestApp, type TestApp } from '../../kit/app.js';
import { newEvents } from '../../kit/records.js';
import { type Story, tellStory } from '../../kit/story.js';
import { createCustomer, deleteCustomer, mergeCustomers, updateContact, updateCustomer } from './customer-mutations.js';

/** People have several e-mail addresses: one primary, and others that lead to them as well. */

let testApp: TestApp;
let story: Story;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  story = await tellStory(testApp);
});
afterAll(() => testApp.close());

const read = graphql(`
  query EmailsOf($id: ID!) {
    customer(id: $id) { email otherEmails contact { email otherEmails } }
  }
`);
const find = graphql(`
  query EmailsFind($email: String!) {
    customer(email: $email) { databaseId }
    contactBy(by: { email: $email }) { databaseId }
    customers(filter: { email: { eq: $email } }) { nodes { databaseId } }
    among: contacts(filter: { email: { in: [$email, "nobody@nowhere.example"] } }) { nodes { databaseId } }
    parts: customers(filter: { nameOrEmail: $email }) { nodes { databaseId } }
    words: customers(filter: { query: $email }) { nodes { databaseId } }
    identity: customers(filter: { identity: $email }) { nodes { databaseId } }
    search(query: $email) { contacts { node { databaseId } } }
  }
`);
const unmergeCustomers = graphql(`
  mutation EmailsUnmerge($input: UnmergeCustomersInput!) {
    unmergeCustomers(input: $input) { userErrors { code path } }
  }
`);

const emailsOf = async (id: string) => {
  const { customer } = await story.desk.run(read, { id });
  return customer && [customer.email, ...customer.otherEmails];
};
const give = async (id: string, otherEmails: string[]) =>
  (await story.desk.run(updateCustomer, { input: { id, otherEmails } })).updateCustomer;

/** All the ids that the address leads to, by each way to find somebody. */
async function foundBy(email: string): Promise<(string | undefined)[]> {
  const { customer, contactBy, customers, among, parts, words, identity, search } = await story.desk.run(find, {
    email,
  });
  const lists = [customers, among, parts, words, identity].map((list) => list?.nodes.map((node) => node.databaseId));
  const hits = search.contacts?.map(({ node }) => node.databaseId);
  return [customer?.databaseId, contactBy?.databaseId, ...lists.flatMap((ids) => ids ?? []), ...(hits ?? [])];
}

describe('other addresses', () => {
  test('are shown, and each finds the person however it is written', async () => {
    const { jane, desk } = story;
    expect(await emailsOf(jane.id)).toEqual(['jane@example.com']);
    const events = await newEvents(testApp, desk, async () => {
      expect(await give(jane.id, ['Jane.Doe@work.example', 'jd@home.example', 'JANE@example.com'])).toMatchObject({
        changedFields: ['otherEmails'],
      });
    });
    expect(events).toMatchObject([
      {
        type: 'customer.updated',
        data: { before: { otherEmails: [] }, after: { otherEmails: ['Jane.Doe@work.example', 'jd@home.example'] } },
      },
    ]);
    expect(await emailsOf(jane.id)).toEqual(['jane@example.com', 'Jane.Doe@work.example', 'jd@home.example']);
    for (const address of ['jane@example.com', 'jane.doe@WORK.example', 'jd@home.example']) {
      expect(await foundBy(address), address).toEqual(Array.from({ length: 8 }, () => jane.id));
    }
    await give(jane.id, []);
    expect(new Set(await foundBy('jd@home.example'))).toEqual(new Set([undefined]));
  });

  test('belong to one person of the workspace, as primary ones do', async () => {
    const { jane, omar, desk } = story;
    await give(jane.id, ['jd@home.example']);
    const taken = (path: string, holder: string) => ({
      userErrors: [{ code: 'CONFLICT', path: ['input', path], conflictingId: holder }],
    });
    expect(await give(omar.id, ['JD@home.example'])).toMatchObject(taken('otherEmails', jane.id));
    expect(await give(omar.id, ['jane@example.com'])).toMatchObject(taken('otherEmails', jane.id));
    const change = await desk.run(updateContact, { input: { id: omar.id, email: 'jd@home.example' } });
    expect(change.updateContact).toMatchObject(taken('email', jane.id));
    const input = { externalId: 'usr_new', email: 'jd@home.example' };
    expect((await desk.run(createCustomer, { input })).createCustomer).toMatchObject(taken('email', jane.id));
    const [one, two] = await testApp.services.customers.upsertMany(desk.operator, {
      customers: [
        { externalId: 'usr_a', otherEmails: ['a@new.example'] },
        { externalId: 'usr_b', email: 'A@new.example' },
      ],
      errorPolicy: 'PER_ITEM',
    });
    expect(one).toMatchObject({ value: { customer: { email: 'a@new.example', otherEmails: [] } } });
    expect(two).toMatchObject({ errors: [{ code: 'CONFLICT' }] });
    const elsewhere = await tellStory(testApp);
    const input2 = { id: elsewhere.jane.id, otherEmails: ['jd@home.example'] };
    expect((await elsewhere.desk.run(updateCustomer, { input: input2 })).updateCustomer.userErrors).toEqual([]);
  });

  test('an upsert by one of them is of the same person, whose primary address stays', async () => {
    const { jane, desk } = story;
    await give(jane.id, ['jd@home.example']);
    const written = await desk.run(upsertCustomer, { input: { email: 'jd@home.example', phone: '123' } });
    expect(written.upsertCustomer.customer?.databaseId).toBe(jane.id);
    expect(await emailsOf(jane.id)).toEqual(['jane@example.com', 'jd@home.example']);
    const [bulk] = await testApp.services.customers.upsertMany(desk.operator, {
      customers: [{ email: 'JD@HOME.example', phone: '124' }],
      errorPolicy: 'PER_ITEM',
    });
    expect(bulk).toMatchObject({ value: { customer: { id: jane.id, email: 'jane@example.com', phone: '124' } } });
  });

  test('one of them becomes the primary one when it is given as such, or when there is none any more', async () => {
    const { jane, desk } = story;
    await give(jane.id, ['jd@home.example', 'jane@work.example']);
    await desk.run(updateCustomer, { input: { id: jane.id, email: 'JD@home.example' } });
    expect(await emailsOf(jane.id)).toEqual(['JD@home.example', 'jane@work.example']);
    await desk.run(updateCustomer, { input: { id: jane.id, email: null } });
    expect(await emailsOf(jane.id)).toEqual(['jane@work.example']);
    expect((await foundBy('jane@example.com'))[0]).toBeUndefined();
  });

  test('are bounded', async () => {
    const many = Array.from({ length: 21 }, (_, index) => `a${index}@many.example`);
    expect(await give(story.jane.id, many)).toMatchObject({ userErrors: [{ path: ['input', 'otherEmails'] }] });
    expect(await give(story.jane.id, ['nothing'])).toMatchObject({ userErrors: [{ code: 'BAD_USER_INPUT' }] });
  });

  test('two transactions that create somebody with the same one leave one person', async () => {
    const { desk } = story;
    const create = (externalId: string, email: string, otherEmails: string[]) =>
      testApp.services.customers.upsert(desk.operator, { externalId, email, otherEmails });
    const outcomes = await Promise.allSettled([
      create('usr_x', 'x@race.example', ['both@race.example']),
      create('usr_y', 'both@race.example', []),
    ]);
    const failed = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(failed).toMatchObject([{ code: 'CONFLICT' }]);
    expect(new Set(await foundBy('both@race.example')).size).toBe(1);
  });
});

describe('a merge', () => {
  test('keeps the addresses of both, and undoing it gives them back', async () => {
    const { jane, omar, desk } = story;
    await give(omar.id, ['omar@work.example']);
    const [omarsPrimary] = (await emailsOf(omar.id)) ?? [];
    const { mergeCustomers: merged } = await desk.run(mergeCustomers, {
      input: { sourceId: omar.id, targetId: jane.id },
    });
    expect(merged.changedFields).toContain('otherEmails');
    expect(await emailsOf(jane.id)).toEqual(['jane@example.com', omarsPrimary, 'omar@work.example']);
    expect((await foundBy('omar@work.example'))[0]).toBe(jane.id);
    // A change of the primary one meanwhile does not keep what was another's.
    await desk.run(updateCustomer, {
      input: { id: jane.id, email: omarsPrimary ?? '', otherEmails: ['jane@example.com', 'omar@work.example'] },
    });
    await desk.run(unmergeCustomers, { input: { sourceId: omar.id } });
    expect(await emailsOf(jane.id)).toEqual(['jane@example.com']);
    expect(await emailsOf(omar.id)).toEqual([omarsPrimary, 'omar@work.example']);
  });

  test('of more addresses than a customer has is refused', async () => {
    const { jane, omar, desk } = story;
    await give(
      jane.id,
      Array.from({ length: 20 }, (_, index) => `j${index}@many.example`),
    );
    const { mergeCustomers: merged } = await desk.run(mergeCustomers, {
      input: { sourceId: omar.id, targetId: jane.id },
    });
    expect(merged.userErrors).toMatchObject([
      { path: ['input', 'sourceId'], message: expect.stringContaining('22 e-mail') },
    ]);
  });
});

describe('deleting', () => {
  test.each(['SCRUB', 'PURGE'] as const)('%s removes them, also from what others wrote', async (mode) => {
    const { jane, omar, desk } = story;
    await give(jane.id, ['jd@home.example', 'former@home.example']);
    await give(jane.id, ['jd@home.example']);
    const notes = 'Asked for jd@home.example and former@home.example';
    await desk.run(updateCustomer, { input: { id: omar.id, notes } });
    await desk.run(deleteCustomer, { input: { id: jane.id, mode } });
    const { prisma } = testApp.database;
    const { workspaceId } = desk;
    expect(await prisma.customerEmail.findMany({ where: { workspaceId, customerId: jane.id } })).toEqual([]);
    const rest = JSON.stringify([
      await prisma.customer.findMany({ where: { workspaceId }, omit: { ltvMinor: true } }),
      await prisma.domainEvent.findMany({ where: { workspaceId }, omit: { seq: true } }),
    ]);
    expect(rest).not.toMatch(/jd@home|former@home/);
    const again = await desk.run(upsertCustomer, { input: { email: 'jd@home.example' } });
    expect(again.upsertCustomer.customer?.databaseId).not.toBe(jane.id);
  });
});

describe('an import', () => {
  test('takes them, and refuses those of another', async () => {
    const { jane, desk } = story;
    const importer = customerImporter(testApp.database, desk.operator);
    const rows = [
      { externalId: 'usr_i', email: 'i@import.example', otherEmails: ['i2@import.example'] },
      { externalId: 'usr_k', email: 'k@import.example', otherEmails: ['JANE@example.com'] },
      { email: 'I2@import.example', name: 'The same' },
    ];
    const [one, two] = await importer.write(rows.slice(0, 2).map((row) => importer.parse(row)));
    const [three] = await importer.write(rows.slice(2).map((row) => importer.parse(row)));
    expect([one, two, three]).toMatchObject([
      { result: 'CREATED' },
      { code: 'CONFLICT', details: { path: ['otherEmails'], conflictingId: jane.id } },
      { result: 'UPDATED' },
    ]);
    const [id] = await foundBy('i2@import.example');
    expect(await emailsOf(id ?? '')).toEqual(['i@import.example', 'i2@import.example']);
  });
});
