import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Scope } from '../../../src/auth/scopes.js';
import type { Desk } from '../../kit/app.js';
import { startTestServer, type TestServer } from '../../kit/http.js';
import { aMoment, badRequest, prefixes, succeeded, usd } from '../../kit/linquid.js';
import { anId, call, expectAnswer, type RestRequest } from '../../kit/rest.js';

/** What Linquid's document calls heavy reads, over a story of two customers, and the recalculation. */

let server: TestServer;
let desk: Desk;
/** Won by a click in January, who bought in January and in March. */
let jane: string;
/** Came by himself in February, and bought nothing. */
let omar: string;
let campaignId: string;
let linkId: string;

const at = (day: string) => new Date(`${day}T12:00:00Z`);

beforeAll(async () => {
  server = await startTestServer();
  desk = await server.createDesk();
  const { operator, workspaceId } = desk;
  const { campaigns, links, clicks, conversions, customers } = server.services;
  campaignId = (await campaigns.create(operator, { name: 'Spring' })).id;
  linkId = (await links.create(operator, { url: 'https://example.com/pricing', campaignId })).id;
  jane = (await customers.upsert(operator, { externalId: 'usr_jane' })).customer.id;
  omar = (await customers.upsert(operator, { externalId: 'usr_omar' })).customer.id;
  await server.database.prisma.customer.updateMany({ where: { workspaceId }, data: { createdAt: at('2025-02-10') } });
  const of = { customerId: jane };
  await clicks.record(operator, { ...of, clickId: 'k1', linkId, utmSource: 'news', occurredAt: at('2025-01-06') });
  const sale = { ...of, class: 'SALE' as const };
  await conversions.record(operator, { ...sale, orderId: 'o1', amountMinor: 1_000, occurredAt: at('2025-01-08') });
  await conversions.record(operator, { ...sale, orderId: 'o2', amountMinor: 300, occurredAt: at('2025-03-20') });
  await conversions.refund(operator, { orderId: 'o1', amountMinor: 100 });
});
afterAll(() => server.close());

const send = (path: string, request?: RestRequest) => call(server, desk, path, request);

const nothing = {
  customers: 1,
  converters: 0,
  repeaters: 0,
  revenue: usd(0),
  conversionRate: 0,
  averageLtv: usd(0),
  averageRevenuePerConverter: null,
  repeatRate: null,
};
const twice = {
  customers: 1,
  converters: 1,
  repeaters: 1,
  revenue: usd(1_200),
  conversionRate: 1,
  averageLtv: usd(1_200),
  averageRevenuePerConverter: usd(1_200),
  repeatRate: 1,
};

describe.each(prefixes)('%s', (prefix) => {
  const ofJane = () => ['ext_usr_jane', jane].map((id) => `${prefix}/${id}`);

  test('breaks customers down by week, unless group_by says otherwise', async () => {
    const weeks = {
      groupBy: 'week',
      start: null,
      end: null,
      cohorts: [
        { key: '2025-01-06', label: '2025-W02', startsOn: '2025-01-06', ...twice },
        { key: '2025-02-10', label: '2025-W07', startsOn: '2025-02-10', ...nothing },
      ],
    };
    expectAnswer(await send(`${prefix}/cohorts`), succeeded(weeks));
    expectAnswer(await send(`${prefix}/cohorts?group_by=week`), succeeded(weeks));
    expectAnswer(
      await send(`${prefix}/cohorts?group_by=month`),
      succeeded({
        ...weeks,
        groupBy: 'month',
        cohorts: [
          { key: '2025-01-01', label: '2025-01', startsOn: '2025-01-01', ...twice },
          { key: '2025-02-01', label: '2025-02', startsOn: '2025-02-01', ...nothing },
        ],
      }),
    );
    const groups = async (groupBy: string) => {
      const { body } = await send(`${prefix}/cohorts?group_by=${groupBy}`);
      return (body as { data: { cohorts: { key: string }[] } }).data.cohorts.sort((a, b) => (a.key < b.key ? -1 : 1));
    };
    expect(await groups('campaign')).toEqual([
      { key: '(none)', label: '(none)', startsOn: null, ...nothing },
      { key: campaignId, label: 'Spring', startsOn: null, ...twice },
    ]);
    expect(await groups('source')).toEqual([
      { key: 'direct', label: 'direct', startsOn: null, ...nothing },
      { key: 'news', label: 'news', startsOn: null, ...twice },
    ]);
  });

  test('shows the cohorts of a period, its last day included', async () => {
    const weeksOf = async (query: string) => {
      const { data } = (await send(`${prefix}/cohorts?${query}`)).body as {
        data: { start: string | null; end: string | null; cohorts: { key: string }[] };
      };
      return [data.start, data.end, ...data.cohorts.map(({ key }) => key)];
    };
    expect(await weeksOf('start=2025-01-07')).toEqual(['2025-01-07', null, '2025-02-10']);
    expect(await weeksOf('end=2025-01-06')).toEqual([null, '2025-01-06', '2025-01-06']);
    expect(await weeksOf('end=2025-01-05')).toEqual([null, '2025-01-05']);
    expect(await weeksOf('start=2025-01-06&end=2025-01-06')).toEqual(['2025-01-06', '2025-01-06', '2025-01-06']);
  });

  test('follows the customers of a month through 12 months, unless months says otherwise', async () => {
    const month = (index: number, revenue: number, cumulative: number, active: number) => ({
      index,
      revenue: usd(revenue),
      cumulativeRevenue: usd(cumulative),
      cumulativeLtv: usd(cumulative),
      activeCustomers: active,
      retention: active,
    });
    const cohort = (label: string, months: object[]) => ({ label, startsOn: `${label}-01`, customers: 1, months });
    expectAnswer(
      await send(`${prefix}/ltv-cohorts?months=3`),
      succeeded({
        months: 3,
        cohorts: [
          cohort('2025-01', [month(0, 1_000, 1_000, 1), month(1, 0, 1_000, 0), month(2, 300, 1_300, 1)]),
          cohort('2025-02', [month(0, 0, 0, 0), month(1, 0, 0, 0), month(2, 0, 0, 0)]),
        ],
      }),
    );
    for (const [query, length] of [
      ['', 12],
      ['?months=1', 1],
      ['?months=24', 24],
    ] as const) {
      const { body } = await send(`${prefix}/ltv-cohorts${query}`);
      const { data } = body as { data: { months: number; cohorts: { months: unknown[] }[] } };
      expect([data.months, ...data.cohorts.map(({ months }) => months.length)]).toEqual([length, length, length]);
    }
  });

  test('shows months that have not begun as null', async () => {
    const later = await server.createDesk();
    await server.services.customers.upsert(later.operator, { externalId: 'usr_new' });
    const { body } = await call(server, later, `${prefix}/ltv-cohorts?months=2`);
    expect(body).toMatchObject({
      data: {
        cohorts: [
          {
            months: [
              { index: 0, revenue: usd(0) },
              {
                index: 1,
                revenue: null,
                cumulativeRevenue: null,
                cumulativeLtv: null,
                activeCustomers: null,
                retention: null,
              },
            ],
          },
        ],
      },
    });
  });

  test('counts whom the list shows, and those of them who were deleted since', async () => {
    const other = await server.createDesk();
    const { customers, conversations, conversions } = server.services;
    for (const name of ['ann', 'ben', 'cleo']) {
      const text = 'Hello';
      await conversations.start(other.operator, { email: `${name}@example.com`, text, direction: 'INBOUND' });
    }
    const { customer } = await customers.upsert(other.operator, { externalId: 'usr_dora' });
    const sale = { customerId: customer.id, class: 'SALE' as const, orderId: 'o1', amountMinor: 500 };
    await conversions.record(other.operator, sale);

    const sizes = async (path: string): Promise<unknown[]> => {
      const { body } = await call(server, other, `${prefix}${path}`);
      const { data } = body as { data: { cohorts: { customers: number; conversionRate?: number }[] } };
      return data.cohorts.map((cohort) => [cohort.customers, cohort.conversionRate]);
    };
    const lists = ['week', 'month', 'campaign', 'source'].map((groupBy) => `/cohorts?group_by=${groupBy}`);
    const expectOne = async () => {
      for (const path of lists) expect([path, ...(await sizes(path))]).toEqual([path, [1, 1]]);
      expect(await sizes('/ltv-cohorts')).toEqual([[1, undefined]]);
    };
    await expectOne();
    expectAnswer(await call(server, other, `${prefix}/count`), succeeded({ count: 1 }));
    await call(server, other, `${prefix}/${customer.id}`, { method: 'DELETE' });
    await expectOne();
  });

  test('recalculates a lifetime value', async () => {
    for (const path of ofJane()) {
      const where = { workspaceId_id: { workspaceId: desk.workspaceId, id: jane } };
      await server.database.prisma.customer.update({ where, data: { ltvMinor: 1_207 } });
      const recalculate = () => send(`${path}/recalculate-ltv`, { method: 'POST' });
      const found = { id: jane, externalId: 'usr_jane', after: usd(1_200) };
      expectAnswer(await recalculate(), succeeded({ ...found, before: usd(1_207), drift: usd(-7) }));
      expectAnswer(await recalculate(), succeeded({ ...found, before: usd(1_200), drift: usd(0) }));
    }
  });

  test('tells the journey of a customer to a key of revenue tracking', async () => {
    const { key } = await desk.withScopes('analytics:read', 'links:read');
    const conversion = (orderId: string | null, amountMinor: number, refundOfId: string | null = null) => ({
      id: anId('cnv'),
      class: 'SALE',
      status: 'APPROVED',
      name: null,
      orderId,
      amount: usd(amountMinor),
      refundOfId,
    });
    const entries = [
      {
        type: 'CLICK',
        occurredAt: '2025-01-06T12:00:00.000Z',
        click: {
          id: anId('clk'),
          clickId: 'k1',
          source: 'news',
          link: { id: linkId, name: null, url: 'https://example.com/pricing' },
          campaign: { id: campaignId, name: 'Spring' },
        },
      },
      { type: 'CONVERSION', occurredAt: '2025-01-08T12:00:00.000Z', conversion: conversion('o1', 1_000) },
      { type: 'CONVERSION', occurredAt: '2025-03-20T12:00:00.000Z', conversion: conversion('o2', 300) },
      { type: 'CONVERSION', occurredAt: aMoment, conversion: conversion(null, -100, anId('cnv')) },
    ];
    for (const path of ofJane()) {
      expectAnswer(
        await send(`${path}/journey`, { key }),
        succeeded({ entries, cursor: null, hasMore: false, summary: null }),
      );
      const told: unknown[] = [];
      for (let cursor = ''; ; ) {
        const { body } = await send(`${path}/journey?limit=1${cursor}`, { key });
        const { data } = body as { data: { entries: unknown[]; cursor: string | null; hasMore: boolean } };
        told.push(...data.entries);
        expect(data.hasMore).toBe(data.cursor !== null);
        if (data.cursor === null) break;
        cursor = `&cursor=${data.cursor}`;
      }
      expect(told).toEqual(entries);
    }
  });

  test('sums the journey up, and tells of some days alone', async () => {
    const summaryOf = async (query: string, ...scopes: Scope[]) => {
      const { key } = await desk.withScopes(...scopes);
      const { status, body } = await send(`${ofJane()[0]}/journey?${query}`, { key });
      expect(status).toBe(200);
      const { entries, summary } = (body as { data: { entries: { type: string }[]; summary: object } }).data;
      return { types: entries.map(({ type }) => type), summary };
    };
    const january = await summaryOf('start=2025-01-06&end=2025-01-31&summary=true', 'links:read');
    expect(january).toEqual({
      types: ['CLICK', 'CONVERSION'],
      summary: {
        clicks: 1,
        conversions: 1,
        conversations: null,
        messages: null,
        profileChanges: null,
        firstAt: '2025-01-06T12:00:00.000Z',
        lastAt: '2025-01-08T12:00:00.000Z',
      },
    });
    const other = await summaryOf(
      'end=2025-01-06&summary=true',
      'analytics:read',
      'customers:read',
      'conversations:read',
    );
    expect(other.summary).toMatchObject({ clicks: null, conversions: 0, conversations: 0, messages: 0, firstAt: null });
    expect((await summaryOf('start=2025-01-07&end=2025-01-08', 'links:read')).types).toEqual(['CONVERSION']);
    for (const [query, message] of [
      ['start=2025-01-07&end=2025-01-06', 'end must not lie before start.'],
      ['start=yesterday', 'start must be a date such as 2026-03-13.'],
      ['summary=yes', 'Invalid summary. Must be one of: true, false.'],
    ] as const) {
      expectAnswer(await send(`${ofJane()[0]}/journey?${query}`), badRequest(message));
    }
  });

  test('credits clicks, links, campaigns and sources', async () => {
    const { key } = await desk.withScopes('analytics:read');
    const credit = usd(900);
    const occurredAt = '2025-01-06T12:00:00.000Z';
    const touched = { firstTouchAt: occurredAt, lastTouchAt: occurredAt };
    const record = {
      model: 'LAST',
      windowDays: 30,
      revenue: usd(1_200),
      unattributed: usd(300),
      firstTouch: { id: anId('clk'), clickId: 'k1', occurredAt },
      lastTouch: { id: anId('clk'), clickId: 'k1', occurredAt },
      clicks: [{ id: anId('clk'), clickId: 'k1', credit, occurredAt }],
      links: [{ id: linkId, name: 'https://example.com/pricing', credit, ...touched }],
      campaigns: [{ id: campaignId, name: 'Spring', credit, ...touched }],
      sources: [{ source: 'news', credit, ...touched }],
    };
    for (const path of ofJane()) expectAnswer(await send(`${path}/attribution`, { key }), succeeded(record));
    const none = {
      ...record,
      revenue: usd(0),
      unattributed: usd(0),
      firstTouch: null,
      lastTouch: null,
      clicks: [],
      links: [],
      campaigns: [],
      sources: [],
    };
    expectAnswer(await send(`${prefix}/${omar}/attribution`), succeeded(none));
  });

  test('shows the clicks of a customer before there is a sale', async () => {
    const other = await server.createDesk();
    const { campaigns, links, clicks, customers } = server.services;
    const { id: campaign } = await campaigns.create(other.operator, { name: 'Autumn' });
    const link = await links.create(other.operator, { url: 'https://example.com/a', campaignId: campaign });
    const { customer } = await customers.upsert(other.operator, { externalId: 'usr_eve' });
    const click = { customerId: customer.id, linkId: link.id, utmSource: 'news' };
    for (const [clickId, day] of [
      ['e1', '2025-01-01'],
      ['e2', '2025-02-01'],
    ] as const) {
      await clicks.record(other.operator, { ...click, clickId, occurredAt: at(day) });
    }
    const { body } = await call(server, other, `${prefix}/ext_usr_eve/attribution`);
    const credit = usd(0);
    const touched = { firstTouchAt: '2025-01-01T12:00:00.000Z', lastTouchAt: '2025-02-01T12:00:00.000Z' };
    expect(body).toMatchObject({
      data: {
        revenue: credit,
        unattributed: credit,
        firstTouch: { clickId: 'e1', occurredAt: touched.firstTouchAt },
        lastTouch: { clickId: 'e2', occurredAt: touched.lastTouchAt },
        clicks: [
          { clickId: 'e1', credit },
          { clickId: 'e2', credit },
        ],
        links: [{ id: link.id, credit, ...touched }],
        campaigns: [{ id: campaign, name: 'Autumn', credit, ...touched }],
        sources: [{ source: 'news', credit, ...touched }],
      },
    });
  });

  test('says of heavy reads whether they were computed, and names their GraphQL operations', async () => {
    const other = await server.createDesk();
    await server.services.customers.upsert(other.operator, { externalId: 'usr_1' });
    for (const [path, operation] of [
      ['/cohorts', 'customerCohorts'],
      ['/ltv-cohorts', 'ltvCohorts'],
      ['/ext_usr_1/journey', 'trackedCustomerJourney'],
      ['/ext_usr_1/attribution', 'trackedCustomerAttribution'],
    ]) {
      const read = async () => {
        const { headers } = await call(server, other, `${prefix}${path}`);
        return [headers.get('x-cache'), headers.get('x-deskgraph-operation')];
      };
      expect(await read()).toEqual(['miss', `query ${operation}`]);
      // What is kept is found by a name that moves on now and then with what other workspaces do.
      await expect.poll(read).toEqual(['hit', `query ${operation}`]);
    }
    expect((await call(server, other, prefix)).headers.get('x-cache')).toBeNull();
    const recalculated = await call(server, other, `${prefix}/ext_usr_1/recalculate-ltv`, { method: 'POST' });
    expect(recalculated.headers.get('x-deskgraph-operation')).toBe('mutation recalculateCustomerLtv');
  });
});

test('a journey without click, link or campaign, and one with the desk in it', async () => {
  const { operator } = desk;
  await server.services.clicks.record(operator, { customerId: omar, clickId: 'k2', referrer: 'https://a.example/x' });
  await server.services.conversations.start(operator, {
    contactId: omar,
    subject: 'Seats',
    text: 'Why twelve?',
    direction: 'INBOUND',
  });
  const { body } = await send(`/customers/${omar}/journey`);
  const { entries } = (body as { data: { entries: { type: string }[] } }).data;
  const ofType = (type: string) => entries.find((entry) => entry.type === type);
  expect(ofType('CLICK')).toMatchObject({
    click: { id: anId('clk'), clickId: 'k2', source: 'a.example', link: null, campaign: null },
  });
  expect(ofType('CONVERSATION')).toEqual({
    type: 'CONVERSATION',
    occurredAt: aMoment,
    conversation: { id: anId('thd'), subject: 'Seats', status: 'OPEN' },
  });
  expect(ofType('MESSAGE')).toEqual({
    type: 'MESSAGE',
    occurredAt: aMoment,
    message: { id: anId('msg'), direction: 'INBOUND', preview: 'Why twelve?' },
  });
  expect(ofType('PROFILE_CHANGE')).toEqual({
    type: 'PROFILE_CHANGE',
    occurredAt: aMoment,
    change: 'customer.created',
    changedFields: ['externalId', 'metadata'],
  });
  await server.services.conversions.record(operator, { class: 'SALE', customerId: omar, amountMinor: 50 });
  expect((await send(`/customers/${omar}/attribution`)).body).toMatchObject({
    data: {
      links: [{ id: null, name: null, credit: usd(50) }],
      campaigns: [{ id: null, name: null, credit: usd(50) }],
      sources: [{ source: 'a.example', credit: usd(50) }],
    },
  });
});

test('a page of a journey has 20 entries, at most 100', async () => {
  const other = await server.createDesk();
  const { customer } = await server.services.customers.upsert(other.operator, { externalId: 'usr_1' });
  const clicks = Array.from({ length: 105 }, () => ({ customerId: customer.id }));
  await server.services.clicks.recordMany(other.operator, { clicks, errorPolicy: 'ALL_OR_NOTHING' });
  const { key } = await other.withScopes('analytics:read', 'links:read');
  for (const [query, length] of [
    ['', 20],
    ['?limit=100', 100],
  ] as const) {
    const { body } = await call(server, other, `/customers/ext_usr_1/journey${query}`, { key });
    const { data } = body as { data: { entries: unknown[]; hasMore: boolean } };
    expect([data.entries.length, data.hasMore]).toEqual([length, true]);
  }
});
