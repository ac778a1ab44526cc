import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { raw, sql } from '../../../../src/db/database.js';
import { queueSchema } from '../../../../src/db/queue/install.js';
import { graphql } from '../../../generated/gql.js';
import { upsertCustomer } from '../../../graphql/mutations.js';
import { openTestApp, type TestApp } from '../../../kit/app.js';
import { newEvents } from '../../../kit/records.js';
import { type Story, tellStory } from '../../../kit/story.js';
import { deleteCustomer, updateCustomer } from '../customer-mutations.js';

/** Phone numbers are kept as given and as E.164, by the country of the workspace where they name none. */

let testApp: TestApp;
let story: Story;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  story = await tellStory(testApp);
});
afterAll(() => testApp.close());

const updateWorkspace = graphql(`
  mutation PhonesUpdateWorkspace($input: UpdateWorkspaceInput!) {
    updateWorkspace(input: $input) {
      result
      workspace { defaultCountry }
      userErrors { code path }
    }
  }
`);
const readPhones = graphql(`
  query Phones($id: ID!) {
    customer(id: $id) { phone phoneE164 contact { phoneE164 } }
  }
`);
const findByPhone = graphql(`
  query PhonesFilter($phone: String!) {
    customers(filter: { phone: { eq: $phone } }) { nodes { databaseId } }
  }
`);

const settle = async (defaultCountry: string | null) =>
  (await story.desk.run(updateWorkspace, { input: { defaultCountry } })).updateWorkspace;
const formOf = async (id: string) => (await story.desk.run(readPhones, { id })).customer?.phoneE164;
const foundBy = async (phone: string) =>
  (await story.desk.run(findByPhone, { phone })).customers?.nodes.map(({ databaseId }) => databaseId);

async function derive(): Promise<void> {
  const workers = testApp.app.workers.find(({ kind }) => kind.name === 'customer.phones');
  await workers?.run({ workspaceId: story.desk.workspaceId }, { signal: AbortSignal.timeout(60_000) });
}

describe('a write of a phone number', () => {
  test('derives its form, by the country of the workspace where it names none', async () => {
    const { desk, jane } = story;
    const write = (phone: string | null) => desk.run(updateCustomer, { input: { id: jane.id, phone } });
    await write('+1 (415) 777-0288');
    expect((await desk.run(readPhones, { id: jane.id })).customer).toEqual({
      phone: '+1 (415) 777-0288',
      phoneE164: '+14157770288',
      contact: { phoneE164: '+14157770288' },
    });
    await write('0171 1234567');
    expect(await formOf(jane.id)).toBeNull();
    await settle('DE');
    await write('0171 1234568');
    expect(await formOf(jane.id)).toBe('+491711234568');
    await write(null);
    expect(await formOf(jane.id)).toBeNull();
  });

  test('of new customers, one or many, and by a merge', async () => {
    const { desk } = story;
    const { operator } = desk;
    await settle('DE');
    const one = await desk.run(upsertCustomer, { input: { externalId: 'usr_one', phone: '030 901820' } });
    expect(await formOf(one.upsertCustomer.customer?.databaseId ?? '')).toBe('+4930901820');
    const { customers } = testApp.services;
    const [many] = await customers.upsertMany(operator, {
      customers: [{ externalId: 'usr_two', phone: '030 901821' }],
      errorPolicy: 'PER_ITEM',
    });
    const two = many?.value?.customer.id ?? '';
    expect(await formOf(two)).toBe('+4930901821');
    await customers.merge(operator, { sourceId: two, targetId: story.jane.id });
    expect(await formOf(story.jane.id)).toBe('+4930901821');
    await customers.unmerge(operator, { sourceId: two });
    expect(await formOf(story.jane.id)).toBeNull();
    expect(await formOf(two)).toBe('+4930901821');
  });
});

test('marks of direction, which telephones copy along, are no part of a number', async () => {
  const { desk, jane } = story;
  await desk.run(updateCustomer, { input: { id: jane.id, phone: '\u202a+1 (415) 777-0288\u202c' } });
  expect(await formOf(jane.id)).toBe('+14157770288');
  for (const phone of ['+14157770288', '\u2068(415) 777-0288\u2069', '\u200e777-0288']) {
    expect(await foundBy(phone), phone).toEqual([jane.id]);
  }
});

describe('defaultCountry', () => {
  test('is set, told of once, and refused where it is no country', async () => {
    const events = await newEvents(testApp, story.desk, async () => {
      expect(await settle('DE')).toEqual({ result: 'UPDATED', workspace: { defaultCountry: 'DE' }, userErrors: [] });
      expect(await settle('DE')).toMatchObject({ result: 'UNCHANGED' });
      expect(await settle('XX')).toMatchObject({
        workspace: null,
        userErrors: [{ code: 'BAD_USER_INPUT', path: ['input', 'defaultCountry'] }],
      });
    });
    expect(events).toMatchObject([
      { type: 'workspace.updated', data: { before: { defaultCountry: null }, after: { defaultCountry: 'DE' } } },
    ]);
  });

  test('has the numbers that name no country read anew, of this workspace alone', async () => {
    const { desk, jane, omar } = story;
    const foreign = await tellStory(testApp);
    const phone = '0171 1234567';
    await foreign.desk.run(updateCustomer, { input: { id: foreign.jane.id, phone } });
    await desk.run(updateCustomer, { input: { id: jane.id, phone } });
    await desk.run(updateCustomer, { input: { id: omar.id, phone: '+1 415 777 0288' } });
    const jobs = () =>
      testApp.database.prisma.$queryRaw<{ count: number }[]>(
        sql`SELECT count(*)::int AS "count" FROM ${raw(queueSchema)}.jobs WHERE task_identifier = 'customer.phones'`,
      );
    const [before] = await jobs();
    await settle('DE');
    expect(await jobs()).toEqual([{ count: (before?.count ?? 0) + 1 }]);
    await derive();
    expect(await formOf(jane.id)).toBe('+491711234567');
    expect(await formOf(omar.id)).toBe('+14157770288');
    await settle(null);
    await derive();
    expect(await formOf(jane.id)).toBeNull();
    const { customer } = await foreign.desk.run(readPhones, { id: foreign.jane.id });
    expect(customer?.phoneE164).toBeNull();
  });
});

test('a number that names its country finds one written as that country does', async () => {
  await settle('RU');
  await story.desk.run(updateCustomer, { input: { id: story.jane.id, phone: '8 (912) 345-67-89' } });
  expect(await foundBy('+7 912 345 67 89')).toEqual([story.jane.id]);
  expect(await foundBy('+7 912 345 67 88')).toEqual([]);
});

test('who is deleted leaves no form behind', async () => {
  const { desk, jane } = story;
  await desk.run(updateCustomer, { input: { id: jane.id, phone: '+1 415 777 0288' } });
  await desk.run(deleteCustomer, { input: { id: jane.id, mode: 'SCRUB' } });
  const where = { workspaceId_id: { workspaceId: desk.workspaceId, id: jane.id } };
  expect(await testApp.database.prisma.customer.findUniqueOrThrow({ where })).toMatchObject({
    phone: null,
    phoneE164: null,
  });
});
