import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { ask } from '../../kit/ask.js';

/** E-mail addresses, externalIds and tags are the same for every look-up that takes them, whatever letters they have. */

let testApp: TestApp;
let desk: Desk;

beforeAll(async () => {
  testApp = await openTestApp();
  desk = await testApp.createDesk();
});
afterAll(() => testApp.close());

const upsert = `mutation ($input: UpsertCustomerInput!) {
  upsertCustomer(input: $input) { result customer { databaseId email externalId tags } userErrors { code message path } }
}`;
const upsertMany = `mutation ($input: UpsertCustomersInput!) {
  upsertCustomers(input: $input) { results { result } userErrors { message } }
}`;
const list = 'query ($filter: CustomerFilter!) { customers(filter: $filter) { nodes { databaseId } } }';

interface Upserted {
  result: string | null;
  customer: { databaseId: string; email: string; externalId: string; tags: string[] } | null;
  userErrors: { code: string; message: string; path: string[] }[];
}

async function write(input: object): Promise<Upserted> {
  const { data, errors } = await ask(testApp, desk, upsert, { input });
  expect(errors).toBeUndefined();
  return (data as { upsertCustomer: Upserted }).upsertCustomer;
}

const find = async (filter: object) =>
  (
    (await ask(testApp, desk, list, { filter })).data as { customers: { nodes: { databaseId: string }[] } }
  ).customers.nodes.map(({ databaseId }) => databaseId);

test.each(['İstanbul@web.test', 'ΟΔΥΣΣΕΥΣ@web.test', 'Ⓐnna@web.test', 'Straße@web.test', 'ÉTÉ@web.test', 'ǅ@web.test'])(
  '%s is found by whoever looks, and written once',
  async (email) => {
    const made = await write({ email, name: 'One' });
    expect(made).toMatchObject({ result: 'CREATED', userErrors: [] });
    const id = made.customer?.databaseId;
    expect(await find({ email: { eq: email } })).toEqual([id]);
    expect(await find({ email: { in: [email, 'x@web.test'] } })).toEqual([id]);
    expect(await write({ email, name: 'Two' })).toMatchObject({ result: 'UPDATED', customer: { databaseId: id } });
    const { data, errors } = await ask(testApp, desk, upsertMany, {
      input: { errorPolicy: 'PER_ITEM', customers: [{ email, name: 'Three' }] },
    });
    expect(errors).toBeUndefined();
    expect(data).toMatchObject({ upsertCustomers: { results: [{ result: 'UPDATED' }] } });
    expect(await testApp.services.customers.upsert(desk.operator, { email, name: 'Five' })).toMatchObject({
      result: 'UPDATED',
    });
  },
);

test('composed and decomposed letters are the same, and so are both forms of a domain', async () => {
  const made = await write({
    email: 'andre\u0301@bu\u0308cher.test',
    externalId: 'cafe\u0301',
    tags: ['re\u0301sume\u0301', 'r\u00e9sum\u00e9'],
  });
  expect(made.customer).toMatchObject({ email: 'andré@xn--bcher-kva.test', externalId: 'café', tags: ['résumé'] });
  const id = made.customer?.databaseId;
  for (const email of ['andré@bücher.test', 'ANDRÉ@xn--bcher-kva.test', 'andre\u0301@BU\u0308CHER.test']) {
    expect(await find({ email: { eq: email } }), email).toEqual([id]);
    expect((await write({ email })).customer?.databaseId, email).toBe(id);
  }
  for (const externalId of ['café', 'cafe\u0301']) {
    expect(await find({ externalId: { eq: externalId } })).toEqual([id]);
    expect((await write({ externalId })).customer?.databaseId).toBe(id);
  }
  expect(await find({ tags: { hasAny: ['re\u0301sume\u0301'] } })).toEqual([id]);
});

test.each([
  [{ email: 'ja\u200bne@web.test' }, ['input', 'email']],
  [{ externalId: 'usr\u2060_1' }, ['input', 'externalId']],
  [{ externalId: 'usr_1', tags: ['vip', 'v\ufeffip'] }, ['input', 'tags', '1']],
])('invisible characters are refused by name: %j', async (input, path) => {
  const { userErrors } = await write(input);
  expect(userErrors).toEqual([expect.objectContaining({ message: 'Must not contain invisible characters.' })]);
  expect(userErrors[0]?.path.slice(-path.length + 1)).toEqual(path.slice(1));
});
