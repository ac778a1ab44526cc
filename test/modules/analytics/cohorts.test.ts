import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importPurchases } from '../../cli/import/import.js';
import { purchases, purchasesCsv } from '../../cli/import/purchases.js';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { statementsOf } from '../../kit/statements.js';
import { cohorts, ltvCohorts } from './analytics-documents.js';

let testApp: TestApp;

beforeAll(async () => {
  testApp = await openTestApp();
});
afterAll(() => testApp.close());

/** Rounded to the nearest whole number, halves away from zero; the sums of the file are far below 2^53. */
const rounded = (value: number): number => Math.floor(value + 0.5);

describe('6,919 real purchases', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await testApp.createDesk('Shop');
    expect((await importPurchases(desk.workspaceId, purchasesCsv())).summary).toMatchObject({
      purchasesCreated: 6_919,
    });
  });

  /** Whole months since the year 0, of a time in UTC, the time zone of the workspace. */
  const monthOf = (time: Date): number => time.getUTCFullYear() * 12 + time.getUTCMonth();

  /** The file, customer by customer, worked out apart from the code under test. */
  const people = (() => {
    const byName = new Map<string, { day: string; month: number; amounts: number[]; months: number[] }>();
    for (const { customer, occurredAt, amountMinor } of purchases()) {
      const month = monthOf(occurredAt);
      const day = occurredAt.toISOString().slice(0, 10);
      const person = byName.get(customer) ?? { day, month, amounts: [], months: [] };
      if (day < person.day) person.day = day;
      person.month = Math.min(person.month, month);
      person.amounts.push(amountMinor);
      person.months.push(month);
      byName.set(customer, person);
    }
    return [...byName.values()];
  })();
  const months = [...new Set(people.map(({ month }) => month))].sort((one, other) => one - other);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const labelOf = (month: number): string => `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`;

  test('make cohorts with the customers, buyers, repeaters and revenue of the file', async () => {
    const { customerCohorts, customersCount } = await desk.run(cohorts, { groupBy: 'MONTH' });
    expect(customersCount).toBe(2_357);
    expect(people.length).toBe(2_357);
    const expected = months.map((month) => {
      const members = people.filter((person) => person.month === month);
      const revenue = sum(members.flatMap(({ amounts }) => amounts));
      const repeaters = members.filter(({ amounts }) => amounts.length > 1).length;
      return {
        key: `${labelOf(month)}-01`,
        label: labelOf(month),
        startsOn: `${labelOf(month)}-01`,
        campaign: null,
        customers: members.length,
        converters: members.length,
        repeaters,
        conversionRate: 1,
        repeatRate: repeaters / members.length,
        revenue: { amountMinor: revenue, currency: 'USD' },
        averageLtv: { amountMinor: rounded(revenue / members.length) },
        averageRevenuePerConverter: { amountMinor: rounded(revenue / members.length) },
      };
    });
    expect(customerCohorts).toEqual(expected);
    const total = sum(purchases().map(({ amountMinor }) => amountMinor));
    expect(sum(customerCohorts.map(({ revenue }) => Number(revenue.amountMinor)))).toBe(total);
  });

  test('make the weeks of the same customers', async () => {
    const { customerCohorts } = await desk.run(cohorts, {});
    expect(sum(customerCohorts.map(({ customers }) => customers))).toBe(2_357);
    expect(customerCohorts[0]).toMatchObject({ key: '1996-12-30', label: '1997-W01' });
    for (const { startsOn } of customerCohorts) expect(new Date(startsOn ?? '').getUTCDay()).toBe(1);
  });

  const expectedLtv = (count: number, { start = '0001-01-01', end = '9999-12-31' } = {}) => {
    const asked = people.filter(({ day }) => day >= start && day <= end);
    return months.flatMap((month) => {
      const members = asked.filter((person) => person.month === month);
      if (members.length === 0) return [];
      const ofMonths = Array.from({ length: count }, (_, index) => {
        const upTo = (last: number) =>
          sum(members.flatMap((one) => one.amounts.filter((_amount, place) => (one.months[place] ?? 0) <= last)));
        const cumulative = upTo(month + index);
        const active = members.filter((one) => one.months.includes(month + index)).length;
        return {
          index,
          activeCustomers: active,
          retention: active / members.length,
          revenue: { amountMinor: cumulative - (index === 0 ? 0 : upTo(month + index - 1)) },
          cumulativeRevenue: { amountMinor: cumulative },
          cumulativeLtv: { amountMinor: rounded(cumulative / members.length) },
        };
      });
      const label = labelOf(month);
      return [{ startsOn: `${label}-01`, label, customers: members.length, months: ofMonths }];
    });
  };

  test.each([1, 12, 18, 24])('bring by %i months what the file says, and retention', async (count) => {
    expect((await desk.run(ltvCohorts, { months: count })).ltvCohorts).toEqual(expectedLtv(count));
  });

  test.each([
    { start: '1997-02-01' },
    { start: '1997-02-02' },
    { start: '1960-05-05' },
    { end: '1997-02-28' },
    { end: '1997-02-27' },
    { end: '1960-05-05' },
    { start: '1997-01-01', end: '1997-03-31' },
    { start: '1997-01-31', end: '1997-03-01' },
    { start: '1997-02-05', end: '1997-02-20' },
    { start: '1997-02-07', end: '1997-02-07' },
  ])('bring those of a range of days: %j', async (range) => {
    const expected = expectedLtv(18, range);
    expect(expected.length > 0).toBe(range.end !== '1960-05-05');
    expect((await desk.run(ltvCohorts, { months: 18, ...range })).ltvCohorts).toEqual(expected);
  });

  test('are read in one statement each, beside the workspace and a look at the outbox', async () => {
    for (const months of [3, 4]) {
      const statements = await statementsOf(() => desk.run(ltvCohorts, { months }));
      if (months === 4) expect(statements.length).toBe(3);
    }
    expect((await statementsOf(() => desk.run(ltvCohorts, { months: 4 }))).length).toBe(2);
  });

  test('are refused beyond 24 months, and with an end before the start', async () => {
    for (const variables of [
      { months: 0 },
      { months: 25 },
      { start: '0000-12-31' },
      { start: '2024-02-01', end: '2024-01-31' },
    ]) {
      expect(await desk.fail(ltvCohorts, variables)).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    }
  });
});

describe('the time zone of the workspace', () => {
  test.each(['CET', 'eet', 'MET', 'WET'])('is not %s, in which the database knows no summer', async (timezone) => {
    await expect(testApp.createDesk('Zone', { timezone })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining('summer'),
    });
  });

  const shopIn = async (timezone: string, times: readonly string[]): Promise<Desk> => {
    const desk = await testApp.createDesk('Zone', { timezone });
    const lines = times.map((time, place) => `c${place},o${place},${time},${100 * (place + 1)}`);
    const text = ['customerExternalId,orderId,occurredAt,amountMinor', ...lines].join('\n');
    expect((await importPurchases(desk.workspaceId, text)).summary).toMatchObject({ purchasesCreated: times.length });
    return desk;
  };
  const labels = async (desk: Desk, groupBy: 'WEEK' | 'MONTH', range: { start?: string; end?: string } = {}) =>
    (await desk.run(cohorts, { groupBy, ...range })).customerCohorts.map(({ label, customers }) => [label, customers]);

  /** The cohorts whose sums are kept. */
  const keptLabels = async (desk: Desk) =>
    (await desk.run(ltvCohorts, {})).ltvCohorts.map(({ label, customers }) => [label, customers]);

  test.each([
    // The last minutes of a month there, and the first ones of the next.
    ['Europe/Berlin', '2024-03-31T21:30:00Z', '2024-03-31T22:00:00Z'],
    ['America/New_York', '2024-04-01T03:30:00Z', '2024-04-01T04:00:00Z'],
    ['Asia/Kolkata', '2024-03-31T18:00:00Z', '2024-03-31T18:30:00Z'],
    ['Pacific/Kiritimati', '2024-03-31T09:30:00Z', '2024-03-31T10:00:00Z'],
  ])('%s: 23:30 belongs to that day, its week and its month', async (timezone, late, next) => {
    const desk = await shopIn(timezone, [late, next]);
    expect(await labels(desk, 'MONTH')).toEqual([
      ['2024-03', 1],
      ['2024-04', 1],
    ]);
    expect(await keptLabels(desk)).toEqual(await labels(desk, 'MONTH'));
    expect(await labels(desk, 'WEEK')).toEqual([
      ['2024-W13', 1],
      ['2024-W14', 1],
    ]);
    expect(await labels(desk, 'MONTH', { end: '2024-03-31' })).toEqual([['2024-03', 1]]);
    expect(await labels(desk, 'MONTH', { start: '2024-04-01' })).toEqual([['2024-04', 1]]);
    expect(await labels(desk, 'MONTH', { start: '2024-03-31', end: '2024-04-01' })).toHaveLength(2);
  });

  test.each([
    // Clocks go back at 01:00: there are two midnights, and the day begins with the first.
    ['America/Havana', '2020-10-31', '2020-11-01T03:30:00Z', '2020-11-01', '2020-11-01T04:30:00Z'],
    ['Atlantic/Azores', '2020-10-24', '2020-10-24T23:30:00Z', '2020-10-25', '2020-10-25T00:30:00Z'],
    // They go forward at midnight, which is left out.
    ['America/Sao_Paulo', '2018-11-03', '2018-11-04T02:30:00Z', '2018-11-04', '2018-11-04T03:30:00Z'],
    // They go back at midnight, which comes after the second 23:30.
    ['America/Sao_Paulo', '2019-02-16', '2019-02-17T02:30:00Z', '2019-02-17', '2019-02-17T03:30:00Z'],
    ['Asia/Pyongyang', '2015-08-14', '2015-08-14T15:15:00Z', '2015-08-15', '2015-08-14T15:45:00Z'],
    // They go forward by a day, over the end of a month.
    ['Pacific/Apia', '2011-12-29', '2011-12-30T09:30:00Z', '2011-12-31', '2011-12-30T10:30:00Z'],
  ])('%s: %s ends and the next day begins when clocks say so', async (timezone, day, late, nextDay, early) => {
    const desk = await shopIn(timezone, [late, early]);
    const days = (time: string) => new Intl.DateTimeFormat('sv-SE', { timeZone: timezone }).format(new Date(time));
    expect([days(late), days(early)]).toEqual([day, nextDay]);
    for (const one of [day, nextDay]) {
      expect(await labels(desk, 'MONTH', { start: one, end: one })).toEqual([[one.slice(0, 7), 1]]);
    }
    expect(await keptLabels(desk)).toEqual(await labels(desk, 'MONTH'));
  });

  test('goes on with a month that has begun when clocks are put back over its midnight', async () => {
    // At 00:01 of the first of November they went back to 23:01 of October.
    const desk = await shopIn('America/St_Johns', [
      '2009-11-01T02:29:00Z',
      '2009-11-01T02:30:30Z',
      '2009-11-01T03:00:00Z',
    ]);
    const both = [
      ['2009-10', 1],
      ['2009-11', 2],
    ];
    expect(await labels(desk, 'MONTH')).toEqual(both);
    expect(await keptLabels(desk)).toEqual(both);
  });

  test('puts the turn of the year into week 53 where there is one', async () => {
    const desk = await shopIn('Europe/Berlin', [
      '2020-12-31T12:00:00Z',
      '2021-01-03T22:30:00Z',
      '2021-01-03T23:00:00Z',
      '2015-12-31T12:00:00Z',
      '2022-01-02T12:00:00Z',
    ]);
    expect(await labels(desk, 'WEEK')).toEqual([
      ['2015-W53', 1],
      ['2020-W53', 2],
      ['2021-W01', 1],
      ['2021-W52', 1],
    ]);
  });

  test('has months that have not begun: they are null, and those without sales are 0', async () => {
    const now = new Date();
    const twoMonthsAgo = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 2, 15, 12));
    const desk = await shopIn('UTC', [twoMonthsAgo.toISOString()]);
    const { ltvCohorts: found } = await desk.run(ltvCohorts, { months: 5 });
    expect(found).toHaveLength(1);
    const nothing = {
      revenue: { amountMinor: 0 },
      cumulativeRevenue: { amountMinor: 100 },
      activeCustomers: 0,
      retention: 0,
    };
    const notYet = {
      revenue: null,
      cumulativeRevenue: null,
      cumulativeLtv: null,
      activeCustomers: null,
      retention: null,
    };
    expect(found[0]?.months).toEqual([
      expect.objectContaining({ index: 0, revenue: { amountMinor: 100 }, activeCustomers: 1, retention: 1 }),
      expect.objectContaining({ index: 1, ...nothing }),
      expect.objectContaining({ index: 2, ...nothing }),
      { index: 3, ...notYet },
      { index: 4, ...notYet },
    ]);
  });
});

describe('the first click', () => {
  test('says when, by which campaign and from where a customer was won', async () => {
    const desk = await testApp.createDesk();
    const { campaigns, clicks, conversions, customers } = testApp.services;
    const { operator } = desk;
    const spring = await campaigns.create(operator, { name: 'Spring' });
    const at = (day: string) => new Date(`${day}T12:00:00Z`);
    await clicks.record(operator, {
      externalId: 'a',
      campaignId: spring.id,
      utmSource: 'mail',
      occurredAt: at('2024-02-10'),
    });
    await clicks.record(operator, { externalId: 'a', utmSource: 'search', occurredAt: at('2024-03-10') });
    await clicks.record(operator, {
      externalId: 'b',
      campaignId: spring.id,
      referrer: 'https://News.test/x',
      occurredAt: at('2024-03-01'),
    });
    await conversions.record(operator, {
      class: 'SALE',
      externalId: 'a',
      amountMinor: 500,
      occurredAt: at('2024-05-01'),
    });
    await conversions.record(operator, {
      class: 'SALE',
      externalId: 'a',
      amountMinor: 501,
      occurredAt: at('2024-01-01'),
    });
    await customers.upsert(operator, { externalId: 'c' });

    const by = async (groupBy: 'MONTH' | 'CAMPAIGN' | 'SOURCE') =>
      (await desk.run(cohorts, { groupBy, end: '2025-12-31' })).customerCohorts.map(
        ({ label, customers: size, revenue, campaign }) => [label, size, revenue.amountMinor, campaign?.name],
      );
    expect(await by('MONTH')).toEqual([
      ['2024-02', 1, 1_001, undefined],
      ['2024-03', 1, 0, undefined],
    ]);
    expect(await by('CAMPAIGN')).toEqual([['Spring', 2, 1_001, 'Spring']]);
    expect(await by('SOURCE')).toEqual([
      ['mail', 1, 1_001, undefined],
      ['news.test', 1, 0, undefined],
    ]);
    const { customerCohorts } = await desk.run(cohorts, { groupBy: 'CAMPAIGN', start: '2026-01-01' });
    expect(customerCohorts).toMatchObject([
      {
        key: '(none)',
        label: '(none)',
        customers: 1,
        converters: 0,
        conversionRate: 0,
        repeatRate: null,
        averageRevenuePerConverter: null,
      },
    ]);
    const { customerCohorts: direct } = await desk.run(cohorts, { groupBy: 'SOURCE', start: '2026-01-01' });
    expect(direct).toMatchObject([{ key: 'direct', customers: 1 }]);
    // What was sold before the month in which the customer was won counts to its first month.
    const { ltvCohorts: found } = await desk.run(ltvCohorts, { months: 4, end: '2025-12-31' });
    expect(found[0]?.months.map(({ revenue, activeCustomers }) => [revenue?.amountMinor, activeCustomers])).toEqual([
      [501, 0],
      [0, 0],
      [0, 0],
      [500, 1],
    ]);
  });
});
