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

test('outer blanks are none, wherever a name is compared', async () => {
  const made = await write({ externalId: ' blank 1 ', email: ' blank@web.test ', tags: [' slow payer '] });
  expect(made.customer).toMatchObject({ externalId: 'blank 1', email: 'blank@web.test', tags: ['slow payer'] });
  const id = made.customer?.databaseId;
  expect((await write({ externalId: '\u00a0blank 1' })).customer?.databaseId).toBe(id);
  for (const filter of [
    { externalId: { eq: ' blank 1 ' } },
    { externalId: { in: ['blank 1\n'] } },
    { email: { eq: 'BLANK@web.test ' } },
    { tags: { hasAny: [' slow payer'] } },
    { tags: { hasAll: ['slow payer\u3000'] } },
  ]) {
    expect(await find(filter), JSON.stringify(filter)).toEqual([id]);
  }
  const one = await ask(testApp, desk, '{ customer(externalId: " blank 1") { databaseId } }');
  expect(one.data).toEqual({ customer: { databaseId: id } });
});

test.each([
  [{ email: 'ja\u200bne@web.test' }, ['input', 'email']],
  [{ externalId: 'usr\u2060_1' }, ['input', 'externalId']],
  [{ externalId: '\u115f' }, ['input', 'externalId']],
  [{ externalId: 'usr\u3164_1' }, ['input', 'externalId']],
  [{ externalId: 'usr_1', tags: ['vip', 'v\ufeffip'] }, ['input', 'tags', '1']],
])('invisible characters are refused by name: %j', async (input, path) => {
  const { userErrors } = await write(input);
  expect(userErrors).toEqual([expect.objectContaining({ message: 'Must not contain invisible characters.' })]);
  expect(userErrors[0]?.path.slice(-path.length + 1)).toEqual(path.slice(1));
});

test('an address that another person has is refused by name, also among the other addresses of a new one', async () => {
  const holder = await write({ email: 'Zo\u00eb@b\u00fccher.test', name: 'Zoë' });
  const create = `mutation ($input: CreateCustomerInput!) {
    createCustomer(input: $input) { result userErrors { code path conflictingId } }
  }`;
  for (const address of ['zo\u00eb@xn--bcher-kva.test', 'ZOE\u0308@B\u00dcCHER.test']) {
    const input = { externalId: 'usr_other', otherEmails: ['free@web.test', address] };
    const { data, errors } = await ask(testApp, desk, create, { input: { ...input, email: 'new@web.test' } });
    expect(errors).toBeUndefined();
    expect((await write({ ...input, email: 'new@web.test' })).userErrors).toMatchObject([{ code: 'CONFLICT' }]);
    expect(data).toEqual({
      createCustomer: {
        result: null,
        userErrors: [{ code: 'CONFLICT', path: ['input', 'otherEmails'], conflictingId: holder.customer?.databaseId }],
      },
    });
  }
});

test('a search for an address takes either form of its domain', async () => {
  await write({ email: 'uwe@m\u00fcller.test', name: 'Uwe' });
  const { services } = testApp;
  await services.conversations.start(desk.operator, { email: 'uwe@m\u00fcller.test', subject: 'From Uwe', text: 'Hi' });
  const search = `query ($query: String!) {
    customers(filter: { query: $query }) { totalCount }
    conversations(filter: { query: $query }) { totalCount }
    search(query: $query) { contacts { node { name } } conversations { node { subject } } }
  }`;
  for (const query of ['uwe@m\u00fcller.test', 'UWE@MU\u0308LLER.test', 'uwe@xn--mller-kva.test']) {
    expect(await ask(testApp, desk, search, { query }), query).toEqual({
      data: {
        customers: { totalCount: 1 },
        conversations: { totalCount: 1 },
        search: { contacts: [{ node: { name: 'Uwe' } }], conversations: [{ node: { subject: 'From Uwe' } }] },
      },
    });
  }
});

test('ids of conversations, messages, orders and people in revenue tracking are the same in both compositions', async () => {
  const { services } = testApp;
  const { operator } = desk;
  const [composed, decomposed] = ['caf\u00e9-9', 'cafe\u0301-9'];
  const about = { email: 'ids@web.test', subject: 'Ids', text: 'Hi' };
  const { conversation } = await services.conversations.start(operator, { ...about, externalId: decomposed });
  await expect(services.conversations.start(operator, { ...about, externalId: composed })).rejects.toMatchObject({
    code: 'CONFLICT',
  });
  const message = { conversationId: conversation.id, text: 'Hi', direction: 'INBOUND' as const };
  const first = await services.messages.add(operator, { ...message, externalId: decomposed });
  expect(await services.messages.add(operator, { ...message, externalId: composed })).toMatchObject({
    message: { id: first.message.id },
    result: 'UNCHANGED',
  });
  const sale = { class: 'SALE' as const, amountMinor: 100n, currency: 'USD' };
  const record = (externalId: string) =>
    services.conversions.record(operator, { ...sale, externalId, orderId: externalId });
  expect(await record(decomposed)).toMatchObject({ result: 'RECORDED' });
  expect(await record(composed)).toMatchObject({ result: 'DUPLICATE' });
  const found = `query ($id: String!) {
    conversations(filter: { externalId: { eq: $id } }) { totalCount }
    conversation(id: "${conversation.id}") { messages(filter: { externalId: { in: [$id] } }) { totalCount } }
    conversions(filter: { orderId: { eq: $id } }) { totalCount }
    conversion(orderId: $id) { orderId }
    trackedCustomer(externalId: $id) { externalId }
    customer(externalId: $id) { externalId }
  }`;
  for (const id of [composed, decomposed]) {
    expect(await ask(testApp, desk, found, { id })).toEqual({
      data: {
        conversations: { totalCount: 1 },
        conversation: { messages: { totalCount: 1 } },
        conversions: { totalCount: 1 },
        conversion: { orderId: composed },
        trackedCustomer: { externalId: composed },
        customer: { externalId: composed },
      },
    });
  }
  const refused = { issues: [{ path: ['externalId'], message: 'Must not contain invisible characters.' }] };
  const externalId = 'u\u2060x';
  await expect(services.conversations.start(operator, { ...about, externalId })).rejects.toMatchObject(refused);
  await expect(async () => services.messages.add(operator, { ...message, externalId })).rejects.toMatchObject(refused);
});
