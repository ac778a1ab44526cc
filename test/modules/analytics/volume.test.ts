import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { graphql } from '../../generated/gql.js';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { ask } from '../../kit/ask.js';

/** How much came in during a period. */

const volume = graphql(`
  query Volume($start: DateTime, $end: DateTime, $first: Int) {
    supportVolume(start: $start, end: $end) {
      start end conversations customers
      days { date conversations }
      countries(first: $first) { country visits }
    }
  }
`);

let testApp: TestApp;
let desk: Desk;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  desk = await testApp.createDesk();
});
afterAll(() => testApp.close());

/** A conversation with a customer of its own, who came at that time as well. */
async function begin(at: string, of: Desk = desk): Promise<string> {
  const { prisma } = testApp.database;
  const { workspaceId } = of;
  const { contact, conversation } = await testApp.services.conversations.start(of.operator, {
    email: `${crypto.randomUUID()}@example.com`,
    text: 'Hello',
    direction: 'INBOUND',
  });
  const createdAt = new Date(at);
  await prisma.customer.update({ where: { workspaceId_id: { workspaceId, id: contact.id } }, data: { createdAt } });
  const where = { workspaceId_id: { workspaceId, id: conversation.id } };
  await prisma.conversation.update({ where, data: { createdAt } });
  return contact.id;
}

const visit = (country: string | null, at: string) =>
  testApp.services.clicks.record(desk.operator, { country, occurredAt: new Date(at) });

const march = { start: '2026-03-01T00:00:00.000Z', end: '2026-03-04T00:00:00.000Z' };

test('what came in from the start up to the end is counted, by day and by country', async () => {
  const other = await testApp.createDesk();
  await begin('2026-03-02T10:00:00Z', other);
  for (const at of [
    '2026-02-28T23:59:59.999Z',
    '2026-03-01T00:00:00Z',
    '2026-03-03T09:00:00Z',
    '2026-03-03T23:59:59.999Z',
  ]) {
    await begin(at);
  }
  await begin(march.end);
  for (const country of ['DE', 'US', 'US', null]) await visit(country, '2026-03-02T10:00:00Z');
  await visit('FR', march.end);
  expect((await desk.run(volume, march)).supportVolume).toEqual({
    ...march,
    conversations: 3,
    customers: 3,
    days: [
      { date: '2026-03-01', conversations: 1 },
      { date: '2026-03-02', conversations: 0 },
      { date: '2026-03-03', conversations: 2 },
    ],
    countries: [
      { country: 'US', visits: 2 },
      { country: 'DE', visits: 1 },
    ],
  });
  expect((await desk.run(volume, { ...march, first: 1 })).supportVolume.countries).toEqual([
    { country: 'US', visits: 2 },
  ]);
});

test('deleted and merged customers are left out, archived conversations are not', async () => {
  const { services } = testApp;
  const [gone, away, stays] = [
    await begin('2026-03-01T10:00:00Z'),
    await begin('2026-03-01T11:00:00Z'),
    await begin('2026-03-01T12:00:00Z'),
  ];
  await services.customers.delete(desk.operator, { id: gone, mode: 'SCRUB' });
  await services.customers.merge(desk.operator, { sourceId: away, targetId: stays });
  await testApp.database.prisma.conversation.updateMany({
    where: { workspaceId: desk.workspaceId },
    data: { status: 'ARCHIVED' },
  });
  expect((await desk.run(volume, march)).supportVolume).toMatchObject({ conversations: 3, customers: 1 });
});

test('days are those of the time zone of the workspace, also where clocks are changed', async () => {
  const { workspaceId } = desk;
  await testApp.database.prisma.workspace.update({
    where: { id: workspaceId },
    data: { timezone: 'America/New_York' },
  });
  await begin('2026-03-08T04:59:00Z');
  await begin('2026-03-08T05:00:00Z');
  await begin('2026-03-09T03:59:00Z');
  const period = { start: '2026-03-08T00:00:00.000Z', end: '2026-03-09T04:00:00.000Z' };
  expect((await desk.run(volume, period)).supportVolume.days).toEqual([
    { date: '2026-03-07', conversations: 1 },
    { date: '2026-03-08', conversations: 2 },
  ]);
});

test('without a period it is the last 30 days, with what has just happened', async () => {
  await begin(new Date().toISOString());
  await begin(new Date(Date.now() - 31 * 86_400_000).toISOString());
  const { supportVolume } = await desk.run(volume, {});
  expect(supportVolume).toMatchObject({ conversations: 1, customers: 1 });
  expect(Date.parse(supportVolume.end) - Date.parse(supportVolume.start)).toBe(30 * 86_400_000);
  expect(supportVolume.days.length).toBe(31);
  expect((await desk.run(volume, { start: march.start, end: march.start })).supportVolume).toMatchObject({
    conversations: 0,
    days: [{ date: '2026-03-01', conversations: 0 }],
  });
});

test('what cannot be used is refused by name, and what the key may not see', async () => {
  for (const [variables, argument, message] of [
    [{ start: march.end, end: march.start }, 'end', 'Must not lie before start.'],
    [{ start: '2000-01-01T00:00:00Z', end: march.end }, 'start', 'Must lie at most 3660 days before end.'],
    [{ first: 0 }, 'first', 'Must be a whole number from 1 to 250.'],
  ] as const) {
    const { errors } = await ask(testApp, desk, volumeText, variables);
    expect(errors).toMatchObject([{ message, extensions: { code: 'BAD_USER_INPUT', argument } }]);
  }
  const without = await desk.withScopes('conversations:read', 'customers:read');
  const { errors } = await ask(testApp, without, volumeText);
  expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  await expect(visit('de', march.start)).rejects.toThrow(
    'Must be an ISO 3166 code of two capital letters, such as DE.',
  );
  await expect(visit('ZZ', march.start)).rejects.toThrow(
    'Must be an ISO 3166 code of two capital letters, such as DE.',
  );
});

const volumeText =
  'query ($start: DateTime, $end: DateTime, $first: Int) { supportVolume(start: $start, end: $end) { conversations countries(first: $first) { visits } } }';
