import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Case, d, fillFewRows, find } from '../../graphql/filters.js';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { ask } from '../../kit/ask.js';

let testApp: TestApp;
let desk: Desk;

beforeAll(async () => {
  testApp = await openTestApp();
  desk = await testApp.createDesk();
  await fillFewRows(testApp, desk);
});
afterAll(() => testApp.close());

/** What finds the same among customers and contacts. */
const shared: Case[] = [
  ['{ id: { eq: "ctc_ann" } }', 'ann'],
  ['{ id: { in: ["ctc_ann", "ctc_bob", "ctc_none"] } }', 'ann bob'],
  ['{ email: { eq: "ANN@example.com" } }', 'ann'],
  ['{ email: { in: ["ann@EXAMPLE.com", "bob@example.com"] } }', 'ann bob'],
  ['{ name: { eq: "Ann" } }', 'ann'],
  ['{ name: { eq: "ann" } }', ''],
  ['{ name: { in: [] } }', ''],
  ['{ name: { in: ["Ann", "BOB"] } }', 'ann'],
  ['{ name: { isNull: false, in: ["Ann", "Bob"] } }', 'ann bob'],
  ['{ phone: { eq: "+49 30 1" } }', 'ann'],
  ['{ phone: { isNull: false } }', 'ann'],
  [`{ updatedAt: { lte: ${d(3)} } }`, 'bob'],
  ['{ query: "ANN" }', 'ann'],
  ['{ query: "exam an" }', 'ann'],
  ['{ not: { query: "ann" }, isArchived: false }', 'bob'],
  ['{ nameOrEmail: "nN" }', 'ann'],
  ['{ nameOrEmail: "Ánn" }', 'ann'],
  ['{ nameOrEmail: "B@EXAMPLE" }', 'bob'],
  ['{ nameOrEmail: "@" }', 'ann bob'],
  ['{ nameOrEmail: "%" }', ''],
  ['{ nameOrEmail: "_" }', ''],
  ['{ nameOrEmail: "\\\\" }', ''],
  // Where the name ends and the address begins.
  ['{ nameOrEmail: "n a" }', ''],
  // A phone number is neither.
  ['{ nameOrEmail: "+49" }', ''],
  ['{ not: { nameOrEmail: "ann" }, isArchived: false }', 'bob'],
  ['{ source: { eq: CHAT } }', 'bob'],
  ['{ tags: { hasAny: ["vip", "beta"] } }', 'ann bob'],
  ['{ tags: { hasAll: ["vip", "beta"] } }', 'ann'],
  ['{ tags: { hasAny: [] } }', ''],
  ['{ tags: { isEmpty: false } }', 'ann bob'],
  ['{ conversationCount: { gt: 0 } }', 'ann'],
  ['{ conversationCount: { eq: 0, lt: 5 }, email: { isNull: false } }', 'bob'],
  ['{ createdAt: { gte: "2026-01-02T00:00:00Z" }, email: { isNull: false } }', 'bob'],
  [`{ createdAt: { lt: ${d(2)} } }`, 'ann'],
  [`{ lastMessageAt: { eq: ${d(9)} } }`, 'ann'],
  ['{ isArchived: true }', 'cy'],
  ['{ isArchived: false }', 'ann bob'],
  ['{ not: { name: { eq: "Ann" } }, isArchived: false }', 'bob'],
  ['{ or: [{ name: { eq: "Ann" } }, { email: { eq: "bob@example.com" } }] }', 'ann bob'],
  ['{ or: [] }', ''],
];

const customers: Case[] = [
  ['', 'ann bob cy'],
  ['{}', 'ann bob cy'],
  ['{ and: [] }', 'ann bob cy'],
  ['{ or: [{}] }', 'ann bob cy'],
  ['{ not: {} }', ''],
  ['{ externalId: { eq: "a" } }', 'ann'],
  ['{ externalId: { isNull: true } }', 'bob cy'],
  ['{ not: { externalId: { eq: "a" } } }', 'bob cy'],
  ['{ not: { externalId: { eq: "z" } } }', 'ann bob cy'],
  ['{ not: { not: { externalId: { eq: "a" } } } }', 'ann'],
  ['{ not: { or: [{ name: { eq: "Bob" } }, { externalId: { eq: "a" } }] } }', 'cy'],
  ['{ name: { isNull: true } }', 'cy'],
  ['{ status: { eq: SUSPENDED } }', 'bob'],
  ['{ status: { in: [ACTIVE, SUSPENDED] } }', 'ann bob cy'],
  ['{ sentiment: { eq: ANGRY } }', 'bob'],
  ['{ sentiment: { in: [NEUTRAL] } }', 'ann cy'],
  ['{ ltvMinor: { lt: 0 } }', 'bob'],
  ['{ ltvMinor: { gte: 500 } }', 'ann cy'],
  ['{ ltvMinor: { eq: "9007199254740993" } }', 'cy'],
  ['{ ltvMinor: { in: [500, -5] } }', 'ann bob'],
  ['{ updatedAt: { isNull: false } }', 'bob'],
  ['{ salesCount: { gt: 0 } }', 'ann'],
  ['{ firstSaleAt: { isNull: true } }', 'bob cy'],
  [`{ firstSaleAt: { gte: ${d(7)} } }`, 'ann'],
  [`{ not: { updatedAt: { lte: ${d(3)} } } }`, 'ann cy'],
  [`{ createdAt: { in: [${d(2)}, ${d(3)}] } }`, 'bob cy'],
  ['{ lastMessageAt: { isNull: true } }', 'bob cy'],
  ['{ conversationCount: { in: [2, 3], gte: 2, lte: 2 } }', 'ann'],
  ['{ tags: { isEmpty: true } }', 'cy'],
  ['{ and: [{ status: { eq: ACTIVE } }, { isArchived: true }] }', 'cy'],
];

describe('customers', () => {
  // Those who are archived count among customers, so the shared cases leave them out by themselves.
  test.each([...customers, ...shared])('%s finds "%s"', async (filter, expected) => {
    expect(await find({ testApp, desk }, 'customers', filter)).toBe(expected);
  });
});

describe('contacts', () => {
  test.each([['', 'ann bob'] as Case, ...shared])('%s finds "%s"', async (filter, expected) => {
    expect(await find({ testApp, desk }, 'contacts', filter)).toBe(expected);
  });
});

test('pages neither repeat nor lose a row when others come and go between them', async () => {
  const list =
    'query ($after: String) { customers(first: 1, after: $after, orderBy: { field: CREATED_AT, direction: DESC }) { nodes { databaseId } pageInfo { endCursor } } }';
  const seen: string[] = [];
  let after: string | null = null;
  for (let page = 0; page < 3; page += 1) {
    const { data } = await ask(testApp, desk, list, { after });
    const { nodes, pageInfo } = (
      data as { customers: { nodes: { databaseId: string }[]; pageInfo: { endCursor: string } } }
    ).customers;
    seen.push(...nodes.map(({ databaseId }) => databaseId));
    after = pageInfo.endCursor;
    await testApp.services.customers.upsert(desk.operator, { externalId: `later_${page}` });
  }
  expect(seen).toEqual(['ctc_cy', 'ctc_bob', 'ctc_ann']);
});
