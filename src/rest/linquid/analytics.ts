import { z } from 'zod';
import {
  LinquidCohortsDocument,
  LinquidLtvCohortsDocument,
  LinquidRecalculateLtvDocument,
} from '../../generated/documents/graphql.js';
import { integer, oneOf } from '../input.js';
import { defineRoute, none, type Route } from '../route.js';
import { answer, answerSpec, common, day, type Mount, missing, moneySchema, needs, one, usd } from './common.js';
import { done, refusals } from './errors.js';

/** Analytics of customers: cohorts and lifetime value. */

const groupings = { week: 'WEEK', month: 'MONTH', campaign: 'CAMPAIGN', source: 'SOURCE' } as const;
const groupBy = oneOf('group_by', ['week', 'month', 'campaign', 'source']);

const customers = z.int().describe('The number of acquired customers, including those deleted since.');

const cohortSchema = z
  .strictObject({
    key: z.string().describe('The first day of the week or month, the id of the campaign or "(none)", or the source.'),
    label: z.string().describe('The key as a label: "2026-W05", "2026-01", the name of the campaign, or the source.'),
    startsOn: z.iso.date().nullable().describe('The first day; null for campaigns and sources.'),
    customers,
    converters: z.int().describe('The number of customers with at least one sale.'),
    repeaters: z.int().describe('The number of customers with more than one sale.'),
    revenue: moneySchema,
    conversionRate: z.number().describe('Converters divided by customers, from 0 to 1.'),
    averageLtv: moneySchema.describe('Revenue per customer.'),
    averageRevenuePerConverter: moneySchema.nullable().describe('Revenue per converter; null without converters.'),
    repeatRate: z.number().nullable().describe('Repeaters divided by converters; null without converters.'),
  })
  .meta({ id: 'LinquidCohort' });

const ltvMonthSchema = z
  .strictObject({
    index: z.int().describe('The number of months since the customers were acquired, from 0.'),
    revenue: moneySchema.nullable(),
    cumulativeRevenue: moneySchema.nullable(),
    cumulativeLtv: moneySchema.nullable().describe('Cumulative revenue per customer.'),
    activeCustomers: z.int().nullable().describe('The number of customers with a sale in the month.'),
    retention: z.number().nullable().describe('Active customers divided by customers, from 0 to 1.'),
  })
  .meta({ id: 'LinquidLtvMonth' });

const notYet = {
  revenue: null,
  cumulativeRevenue: null,
  cumulativeLtv: null,
  activeCustomers: null,
  retention: null,
};

const months = integer('months', 1, 24, 12).describe('The number of months of each cohort.');

export const analyticsRoutes = ({ prefix, suffix }: Mount): readonly Route[] => [
  defineRoute({
    ...common,
    method: 'GET',
    path: `${prefix}/cohorts`,
    id: `getCustomerCohorts${suffix}`,
    summary: 'Groups customers into cohorts by when or how they were acquired.',
    ...needs('analytics:read', 'links:read'),
    shows: ['analytics:read'],
    pathParameters: none,
    queryParameters: z.object({
      group_by: groupBy.default('week').describe('Weeks and months are in the time zone of the workspace.'),
      start: day('start').describe('Only customers who were acquired on this day or later.'),
      end: day('end').describe('Only customers who were acquired on this day or earlier.'),
    }),
    responses: [
      answerSpec(
        'The cohorts: weeks and months in their order, campaigns and sources by size.',
        z.strictObject({
          groupBy,
          start: z.iso.date().nullable(),
          end: z.iso.date().nullable(),
          cohorts: z.array(cohortSchema),
        }),
        {
          groupBy: 'month',
          start: '2026-01-01',
          end: null,
          cohorts: [
            {
              key: '2026-01-01',
              label: '2026-01',
              startsOn: '2026-01-01',
              customers: 40,
              converters: 10,
              repeaters: 4,
              revenue: usd(250_000),
              conversionRate: 0.25,
              averageLtv: usd(6_250),
              averageRevenuePerConverter: usd(25_000),
              repeatRate: 0.4,
            },
          ],
        },
      ),
      ...refusals({
        400: { message: 'Invalid group_by. Must be one of: week, month, campaign, source.' },
        500: { message: 'The figures could not be computed.', code: 'ANALYTICS_ERROR' },
        503: { message: 'Analytics are not available right now; try again in a few seconds.' },
      }),
    ],
    document: LinquidCohortsDocument,
    variables: ({ query: { group_by, start, end } }) => ({ groupBy: groupings[group_by], start, end }),
    reply: ({ customerCohorts }, _session, { query: { group_by, start = null, end = null } }) =>
      answer({
        groupBy: group_by,
        start,
        end,
        cohorts: customerCohorts.map(({ startsOn, averageRevenuePerConverter, repeatRate, ...cohort }) => ({
          key: cohort.key,
          label: cohort.label,
          startsOn: startsOn ?? null,
          customers: cohort.customers,
          converters: cohort.converters,
          repeaters: cohort.repeaters,
          revenue: cohort.revenue,
          conversionRate: cohort.conversionRate,
          averageLtv: cohort.averageLtv,
          averageRevenuePerConverter: averageRevenuePerConverter ?? null,
          repeatRate: repeatRate ?? null,
        })),
      }),
  }),

  defineRoute({
    ...common,
    method: 'GET',
    path: `${prefix}/ltv-cohorts`,
    id: `getLtvCohorts${suffix}`,
    summary: 'Shows the cohort of each month and its revenue in the following months.',
    ...needs('analytics:read'),
    pathParameters: none,
    queryParameters: z.object({ months }),
    responses: [
      answerSpec(
        'The cohorts in the order of their months. What has not begun yet is null.',
        z.strictObject({
          months: z.int(),
          cohorts: z.array(
            z.strictObject({ label: z.string(), startsOn: z.iso.date(), customers, months: z.array(ltvMonthSchema) }),
          ),
        }),
        {
          months: 2,
          cohorts: [
            {
              label: '2026-01',
              startsOn: '2026-01-01',
              customers: 40,
              months: [
                {
                  index: 0,
                  revenue: usd(200_000),
                  cumulativeRevenue: usd(200_000),
                  cumulativeLtv: usd(5_000),
                  activeCustomers: 10,
                  retention: 0.25,
                },
                { index: 1, ...notYet },
              ],
            },
          ],
        },
      ),
      ...refusals({ 400: { message: 'months must be an integer from 1 to 24.' } }),
    ],
    document: LinquidLtvCohortsDocument,
    variables: ({ query }) => query,
    reply: ({ ltvCohorts }, _session, { query: { months } }) =>
      answer({
        months,
        cohorts: ltvCohorts.map(({ label, startsOn, customers, months }) => ({
          label,
          startsOn,
          customers,
          months: months.map(({ index, ...month }) => ({ index, ...notYet, ...month })),
        })),
      }),
  }),

  defineRoute({
    ...common,
    method: 'POST',
    path: `${prefix}/{id}/recalculate-ltv`,
    id: `recalculateLtv${suffix}`,
    summary: 'Recalculates the lifetime value of a customer from its conversions.',
    ...needs('links:update', 'links:create'),
    pathParameters: one,
    queryParameters: none,
    responses: [
      answerSpec(
        'What was found.',
        z.strictObject({
          id: z.string(),
          externalId: z.string(),
          before: moneySchema.describe('The stored lifetime value before.'),
          after: moneySchema.describe('The recalculated lifetime value, which is now stored.'),
          drift: moneySchema.describe('The correction: after minus before.'),
        }),
        {
          id: 'ctc_B7OSYsnTUVwBPOGrgYTjvSGS',
          externalId: 'usr_01J8X3Y',
          before: usd(12_900),
          after: usd(12_900),
          drift: usd(0),
        },
      ),
      ...refusals(missing),
    ],
    shows: ['links:read', 'analytics:read'],
    document: LinquidRecalculateLtvDocument,
    variables: ({ path }) => ({ input: { ...path.id, onlyIdentified: true } }),
    reply: ({ recalculateCustomerLtv: payload }) => {
      const { databaseId: id, externalId } = done(payload, 'trackedCustomer');
      return answer({ id, externalId, before: payload.before, after: payload.after, drift: payload.drift });
    },
  }),
];
