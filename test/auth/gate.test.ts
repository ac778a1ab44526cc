import type { GraphQLField } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allScopes, type Scope } from '../../src/auth/scopes.js';
import { schema } from '../../src/graphql/schema.js';
import { type Desk, openTestApp, type TestApp } from '../kit/app.js';
import { ask } from '../kit/ask.js';

/** Revenue is for workspaces whose plan includes it, and for keys with the scope of what they ask. */

let testApp: TestApp;
let without: Desk;
let desk: Desk;
let customer: string;

beforeAll(async () => {
  testApp = await openTestApp();
  without = await testApp.createDesk('No plan', { entitlements: [] });
  desk = await testApp.createDesk();
  for (const one of [without, desk]) {
    const created = await testApp.services.customers.upsert(one.operator, { externalId: 'jane' });
    customer = created.customer.id;
  }
});
afterAll(() => testApp.close());

/** Every way into revenue, with the scope that opens it. */
const ways: [scope: Scope, document: string][] = [
  ['links:read', '{ campaigns { nodes { id } } }'],
  ['links:read', '{ campaign(id: "cmp_1") { id } }'],
  ['links:read', '{ links { nodes { id } } }'],
  ['links:read', '{ link(id: "lnk_1") { id } }'],
  ['links:read', '{ clicks { nodes { id } } }'],
  ['links:read', '{ click(clickId: "k") { id } }'],
  ['links:read', '{ node(id: "clk_1") { id } }'],
  ['links:read', '{ nodes(ids: ["cmp_1", "lnk_1"]) { id } }'],
  ['links:read', '{ customer(externalId: "jane") { clicks { totalCount } } }'],
  ['analytics:read', '{ conversions { totalCount } }'],
  ['analytics:read', '{ conversion(orderId: "o") { id } }'],
  ['analytics:read', '{ node(id: "cnv_1") { id } }'],
  ['analytics:read', '{ customer(externalId: "jane") { conversions { totalCount } } }'],
  ['analytics:read', '{ customer(externalId: "jane") { journey { totalCount } } }'],
  ['analytics:read', '{ customer(externalId: "jane") { attribution { model } } }'],
  ['analytics:read', '{ customerCohorts { key } }'],
  ['analytics:read', '{ ltvCohorts { label } }'],
  ['analytics:read', '{ customersCount }'],
  ['links:read', '{ trackedCustomer(externalId: "jane") { externalId } }'],
  ['links:read', '{ trackedCustomers { nodes { externalId } totalCount } }'],
  ['analytics:read', '{ trackedCustomerJourney(externalId: "jane") { totalCount } }'],
  ['analytics:read', '{ trackedCustomerAttribution(externalId: "jane") { model } }'],
  [
    'links:create',
    'mutation { upsertTrackedCustomer(input: { externalId: "jane" }) { result customer { databaseId } } }',
  ],
  [
    'links:update',
    'mutation { updateTrackedCustomer(input: { which: { externalId: "jane" } }) { result customer { databaseId } } }',
  ],
  ['links:delete', 'mutation { deleteTrackedCustomer(input: { which: { externalId: "nobody" } }) { deletedId } }'],
  ['links:create', 'mutation { createCampaign(input: { name: "x" }) { campaign { id } } }'],
  ['links:create', 'mutation { createLink(input: { url: "https://a.example/" }) { link { id } } }'],
  ['links:create', 'mutation { recordClick(input: {}) { click { id } } }'],
  ['links:create', 'mutation { recordClicks(input: { clicks: [{}], errorPolicy: PER_ITEM }) { results { index } } }'],
  ['links:create', 'mutation { recordConversion(input: { class: LEAD, externalId: "jane" }) { result } }'],
  [
    'links:create',
    'mutation { recordConversions(input: { conversions: [{ class: LEAD, externalId: "jane" }], errorPolicy: PER_ITEM }) { results { index } } }',
  ],
  ['links:update', 'mutation { updateCampaign(input: { id: "cmp_1" }) { result } }'],
  ['links:update', 'mutation { updateLink(input: { id: "lnk_1" }) { result } }'],
  ['links:update', 'mutation { claimClick(input: { clickId: "k", customerId: "ctc_1" }) { result } }'],
  ['links:update', 'mutation { setConversionStatus(input: { orderId: "o", status: FRAUD }) { result } }'],
  ['links:update', 'mutation { refundConversion(input: { orderId: "o" }) { refund { id } } }'],
  ['links:update', 'mutation { recalculateCustomerLtv(input: { id: "ctc_1" }) { drift { amountMinor } } }'],
  ['links:delete', 'mutation { deleteLink(input: { id: "lnk_1" }) { deletedId } }'],
];

/** The codes of an answer, each with what it says is missing. */
async function httpErrorsOf(one: Desk, document: string): Promise<unknown[]> {
  const { errors = [] } = await ask(testApp, one, document);
  return errors.map(({ extensions = {} }) => [
    extensions.code,
    extensions.requiredScope ?? extensions.requiredEntitlement,
  ]);
}

describe('a workspace without revenue tracking', () => {
  test.each(ways)('is told so: %s %s', async (_scope, document) => {
    const refusals = new Set((await httpErrorsOf(without, document)).map((refusal) => JSON.stringify(refusal)));
    expect([...refusals]).toEqual(['["ENTITLEMENT_REQUIRED","REVENUE_TRACKING"]']);
  });

  test('keeps the support desk, and writes nothing of revenue', async () => {
    expect(await httpErrorsOf(without, '{ customers { nodes { name ltv { amountMinor } } } }')).toEqual([]);
    const { prisma } = testApp.database;
    const where = { workspaceId: without.workspaceId };
    expect([await prisma.click.count({ where }), await prisma.campaign.count({ where })]).toEqual([0, 0]);
  });
});

describe('a key', () => {
  test.each(ways)('needs %s for %s, and no more', async (scope, document) => {
    expect(customer).toBeTruthy();
    const isEnough = (one: Scope) => one === scope || (one === 'links:create' && document.includes('recalculate'));
    const others = allScopes.filter((one) => !isEnough(one));
    const lacking = new Set(
      (await httpErrorsOf(await desk.withScopes(...others), document)).map((one) => JSON.stringify(one)),
    );
    expect([...lacking]).toEqual([JSON.stringify(['FORBIDDEN', scope])]);
    const scopes: Scope[] = document.includes('{ customer(') ? [scope, 'customers:read'] : [scope];
    expect(await httpErrorsOf(await desk.withScopes(...scopes), document)).toEqual([]);
  });
});

test('either scope opens a count of tracked customers', async () => {
  const document = '{ trackedCustomersCount }';
  for (const scope of ['links:read', 'analytics:read'] as const) {
    expect(await httpErrorsOf(await desk.withScopes(scope), document)).toEqual([]);
  }
  const others = allScopes.filter((scope) => scope !== 'links:read' && scope !== 'analytics:read');
  const { errors } = await ask(testApp, await desk.withScopes(...others), document);
  expect(errors).toMatchObject([
    { message: 'This key lacks the scope links:read or analytics:read.', extensions: { requiredScope: 'links:read' } },
  ]);
  expect(await httpErrorsOf(without, document)).toEqual([['ENTITLEMENT_REQUIRED', 'REVENUE_TRACKING']]);
});

test('a count with a filter, which tells of customers one by one, needs what the list needs', async () => {
  const filtered = '{ trackedCustomersCount(filter: { externalId: { eq: "jane" } }) }';
  expect(await httpErrorsOf(await desk.withScopes('links:read'), filtered)).toEqual([]);
  expect(await httpErrorsOf(await desk.withScopes('analytics:read'), filtered)).toEqual([['FORBIDDEN', 'links:read']]);
  const all = '{ customersCount(filter: { externalId: { eq: "jane" } }) }';
  expect(await httpErrorsOf(await desk.withScopes('analytics:read', 'customers:read'), all)).toEqual([]);
  expect(await httpErrorsOf(await desk.withScopes('analytics:read'), all)).toEqual([['FORBIDDEN', 'customers:read']]);
});

test('every field of the graph that says it needs revenue tracking is gated, and no other', () => {
  const fields = Object.values(schema.getTypeMap()).flatMap((type) =>
    'getFields' in type && 'getInterfaces' in type
      ? Object.values(type.getFields() as Record<string, GraphQLField<unknown, unknown>>)
      : [],
  );
  const says = fields.filter(({ description }) => /revenue tracking\./.test(description ?? '')).map(({ name }) => name);
  const gated = fields
    .filter(({ extensions }) => {
      const { authScopes } = (extensions.pothosOptions ?? {}) as { authScopes?: Record<string, unknown> };
      return authScopes && ('revenue' in authScopes || 'analytics' in authScopes);
    })
    .map(({ name }) => name);
  expect(gated.sort()).toEqual(says.sort());
  expect(gated.length).toBeGreaterThan(20);
});
