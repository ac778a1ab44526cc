import { z } from 'zod';
import {
  TidyOverviewDocument,
  TidyTimeseriesDocument,
  TidyTopCountriesDocument,
} from '../../generated/documents/graphql.js';
import { countryName } from '../../lib/values/country.js';
import { defineRoute, none, type Route } from '../route.js';
import { instant } from '../time.js';
import { accessBySecretKey, bySecretKey } from './common.js';
import { httpErrorOf, refusals } from './errors.js';

/** The Analytics API: counts for a period. */

const isDay = (value: string): boolean => /^\d{4}-\d\d-\d\d$/.test(value);

/** A day in UTC, as in the vendor's document, or a point in time. */
const timeOf = (name: string) => {
  const error = `${name} must be a date such as 2026-03-01, or a time such as 2026-03-01T10:00:00Z.`;
  return z
    .string()
    .transform((value) => (isDay(value) ? `${value}T00:00:00.000Z` : value))
    .pipe(instant(error))
    .optional();
};

const common = {
  method: 'GET',
  tag: 'TidySupport Analytics',
  access: `${accessBySecretKey} Needs analytics:read. Inferred: a date stands for its start in UTC; \`to\` is exclusive and defaults to now; \`from\` defaults to 30 days before \`to\`.`,
  refuse: httpErrorOf,
  authorise: bySecretKey,
  pathParameters: none,
  queryParameters: z.object({
    from: timeOf('from').describe('When the period begins; 30 days before its end if omitted.'),
    to: timeOf('to').describe('When the period ends; now if omitted.'),
  }),
} as const;

interface Period {
  from?: string | undefined;
  to?: string | undefined;
}
const variables = ({ query: { from, to } }: { query: Period }) => ({ start: from, end: to });

const count = z.int().min(0);
const badPeriod = { 400: 'to must not lie before from.' };

export const analyticsRoutes: readonly Route[] = [
  defineRoute({
    ...common,
    path: '/v1/analytics/overview',
    id: 'getAnalyticsOverview',
    summary: 'Counts the conversations and customers of a period.',
    responses: [
      {
        status: 200,
        description: 'The totals.',
        schema: z.strictObject({
          totalEvents: count.describe('How many conversations began.'),
          totalCustomers: count.describe('How many customers were created.'),
          totalRevenue: z.literal(0).describe('Always 0; TidySupport reserves this field.'),
          periodStart: z.iso.datetime(),
          periodEnd: z.iso.datetime(),
        }),
        example: {
          totalEvents: 148,
          totalCustomers: 92,
          totalRevenue: 0,
          periodStart: '2026-03-01T00:00:00.000Z',
          periodEnd: '2026-03-13T00:00:00.000Z',
        },
      },
      ...refusals(badPeriod),
    ],
    document: TidyOverviewDocument,
    variables,
    reply: ({ supportVolume: { conversations, customers, start, end } }) => ({
      status: 200,
      body: {
        totalEvents: conversations,
        totalCustomers: customers,
        totalRevenue: 0,
        periodStart: start,
        periodEnd: end,
      },
    }),
  }),

  defineRoute({
    ...common,
    path: '/v1/analytics/events/timeseries',
    id: 'getAnalyticsTimeseries',
    summary: 'Counts the conversations that began on each day of a period.',
    access: `${common.access} Inferred: days are in the workspace's time zone, and days without conversations are included.`,
    responses: [
      {
        status: 200,
        description: 'The days in order of time.',
        schema: z.array(z.strictObject({ date: z.iso.date(), count })),
        example: [
          { date: '2026-03-01', count: 12 },
          { date: '2026-03-02', count: 9 },
          { date: '2026-03-03', count: 15 },
          { date: '2026-03-04', count: 7 },
        ],
      },
      ...refusals(badPeriod),
    ],
    document: TidyTimeseriesDocument,
    variables,
    reply: ({ supportVolume: { days } }) => ({
      status: 200,
      body: days.map(({ date, conversations }) => ({ date, count: conversations })),
    }),
  }),

  defineRoute({
    ...common,
    path: '/v1/analytics/top-countries',
    id: 'getTopCountries',
    summary: 'Counts the visits of a period by country: at most 20 countries, the most visits first.',
    access: `${common.access} A visit is a click that was recorded with a country.`,
    responses: [
      {
        status: 200,
        description: 'The countries.',
        schema: z.array(z.strictObject({ country: z.string().describe('The English name.'), count })),
        example: [
          { country: 'United States', count: 54 },
          { country: 'United Kingdom', count: 23 },
          { country: 'Germany', count: 11 },
          { country: 'France', count: 8 },
        ],
      },
      ...refusals(badPeriod),
    ],
    document: TidyTopCountriesDocument,
    variables,
    reply: ({ supportVolume: { countries } }) => ({
      status: 200,
      body: countries.map(({ country, visits }) => ({ country: countryName(country), count: visits })),
    }),
  }),
];
