import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestApp, type TestApp } from '../../kit/app.js';
import { ask } from '../../kit/ask.js';
import { statementsOf } from '../../kit/statements.js';
import { fillDesk, type Story, tellStory } from '../../kit/story.js';
import { journey, recalculate } from './analytics-documents.js';

let testApp: TestApp;
let story: Story;

beforeAll(async () => {
  testApp = await openTestApp();
  story = await tellStory(testApp);
  const { desk, jane, billing } = story;
  const { clicks, conversions, customers, messages } = testApp.services;
  const customerId = jane.id;
  const at = (day: number) => new Date(Date.UTC(2025, 0, day, 12));
  // Two at one time, and times that go back and forth.
  await clicks.record(desk.operator, { customerId, clickId: 'k1', occurredAt: at(1) });
  await conversions.record(desk.operator, {
    customerId,
    class: 'SALE',
    orderId: 'o1',
    amountMinor: 5,
    occurredAt: at(3),
  });
  await clicks.record(desk.operator, { customerId, clickId: 'k2', occurredAt: at(3) });
  await conversions.record(desk.operator, { customerId, class: 'LEAD', occurredAt: at(2) });
  await customers.update(desk.operator, { id: customerId, name: 'Jane D.', phone: '1' });
  await messages.add(desk.operator, { conversationId: billing.id, text: 'Answer', direction: 'OUTBOUND' });
  await messages.add(desk.operator, {
    conversationId: billing.id,
    text: 'Secret',
    isInternal: true,
    direction: 'OUTBOUND',
  });
});
afterAll(() => testApp.close());

type Options = {
  first?: number;
  after?: string | null;
  last?: number;
  before?: string | null;
  kinds?: ('CLICK' | 'CONVERSION' | 'CONVERSATION' | 'MESSAGE' | 'PROFILE_CHANGE')[];
  oldestFirst?: boolean;
};
async function read(options: Options = {}) {
  const { customer } = await story.desk.run(journey, { id: story.jane.id, ...options });
  if (!customer) throw new Error('There is no customer.');
  return customer.journey;
}
type Entry = Awaited<ReturnType<typeof read>>['nodes'][number];
const nameOf = ({ kind, ...entry }: Entry): string =>
  `${kind} ${entry.click?.externalId ?? entry.conversion?.class ?? entry.conversation?.subject ?? entry.message?.text ?? entry.change}`;

describe('Customer.journey', () => {
  test('is one line over everything, the latest first, without internal notes', async () => {
    const { nodes, totalCount } = await read();
    const times = nodes.map(({ occurredAt }) => occurredAt);
    expect(times).toEqual([...times].sort().reverse());
    expect(nodes.slice(-4).map(nameOf)).toEqual(
      expect.arrayContaining(['CONVERSION SALE', 'CLICK k2', 'CONVERSION LEAD', 'CLICK k1']),
    );
    expect(nodes.map(nameOf).sort()).toEqual([
      'CLICK k1',
      'CLICK k2',
      'CONVERSATION Billing question',
      'CONVERSION LEAD',
      'CONVERSION SALE',
      'MESSAGE Answer',
      'MESSAGE Why twelve seats?',
      'PROFILE_CHANGE customer.created',
      'PROFILE_CHANGE customer.updated',
    ]);
    expect(totalCount).toBe(9);
    expect(nodes.find(({ change }) => change === 'customer.updated')?.changedFields).toEqual(['name', 'phone']);
  });

  test.each([false, true])('is paged both ways in either order (oldest first: %s)', async (oldestFirst) => {
    const whole = (await read({ oldestFirst })).nodes.map(nameOf);
    for (const size of [1, 2, 4]) {
      const forward: string[] = [];
      for (let after: string | null = null; ; ) {
        const { nodes, pageInfo } = await read({ first: size, after, oldestFirst });
        forward.push(...nodes.map(nameOf));
        if (!pageInfo.hasNextPage) break;
        after = pageInfo.endCursor ?? null;
      }
      expect(forward).toEqual(whole);
      const backward: string[] = [];
      for (let before: string | null = null; ; ) {
        const { nodes, pageInfo } = await read({ last: size, before, oldestFirst });
        backward.unshift(...nodes.map(nameOf));
        if (!pageInfo.hasPreviousPage) break;
        before = pageInfo.startCursor ?? null;
      }
      expect(backward).toEqual(whole);
    }
  });

  test('shows some kinds, and only what the key may read', async () => {
    const kinds = (nodes: readonly Entry[]) => [...new Set(nodes.map(({ kind }) => kind))].sort();
    expect(kinds((await read({ kinds: ['CLICK', 'MESSAGE'] })).nodes)).toEqual(['CLICK', 'MESSAGE']);
    const other = await story.desk.withScopes('customers:read', 'analytics:read');
    const { customer } = await other.run(journey, { id: story.jane.id });
    expect(kinds(customer?.journey.nodes ?? [])).toEqual(['CONVERSION', 'PROFILE_CHANGE']);
    expect(await other.fail(journey, { id: story.jane.id, kinds: ['MESSAGE'] })).toMatchObject([
      { extensions: { code: 'FORBIDDEN', requiredScope: 'conversations:read' } },
    ]);
  });

  test('refuses the cursor of another order, and pages that are too large', async () => {
    const { pageInfo } = await read({ first: 1 });
    for (const variables of [
      { after: pageInfo.endCursor ?? null, oldestFirst: true },
      { first: 101 },
      { after: 'x' },
    ]) {
      const errors = await story.desk.fail(journey, { id: story.jane.id, ...variables });
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    }
  });

  test('costs as many statements for two customers as for a hundred', async () => {
    const counts: number[] = [];
    for (const customers of [2, 100]) {
      const desk = await testApp.createDesk();
      await fillDesk(testApp, desk, { customers, conversationsEach: 2, messagesEach: 2 });
      const document =
        '{ customers(first: 100) { nodes { journey(first: 5) { totalCount nodes { kind message { text } conversation { subject } } } attribution { revenue { amountMinor } } } } }';
      await ask(testApp, desk, document);
      // What was computed does not count any more.
      await testApp.services.customers.upsert(desk.operator, { externalId: 'new', name: 'New' });
      for (const _run of ['cold', 'kept']) {
        counts.push((await statementsOf(() => ask(testApp, desk, document))).length);
      }
    }
    expect(counts.slice(0, 2)).toEqual(counts.slice(2));
    expect(counts[1]).toBeLessThan(counts[0] as number);
  });
});

describe('recalculateCustomerLtv', () => {
  test('finds no drift, and mends one that came by other ways', async () => {
    const { desk, jane } = story;
    const run = async () => (await desk.run(recalculate, { input: { id: jane.id } })).recalculateCustomerLtv;
    expect(await run()).toMatchObject({
      before: { amountMinor: 5 },
      after: { amountMinor: 5 },
      drift: { amountMinor: 0 },
    });
    await testApp.database.prisma.customer.updateMany({
      where: { workspaceId: desk.workspaceId, id: jane.id },
      data: { ltvMinor: 7, salesCount: 9 },
    });
    expect(await run()).toMatchObject({
      before: { amountMinor: 7 },
      after: { amountMinor: 5 },
      drift: { amountMinor: -2, currency: 'USD' },
      customer: { salesCount: 1 },
    });
    expect(await run()).toMatchObject({ drift: { amountMinor: 0 } });
  });
});
