import { costs } from '../../../graphql/limits/cost.js';
import { builder } from '../../../graphql/schema/builder.js';
import { inBaseCurrency, Money } from '../../../graphql/schema/money.js';
import { divideRounded } from '../../../lib/values/money.js';
import { Campaign } from '../../campaign/campaign.types.js';
import type { CustomerCohort as CohortShape, CohortGrouping as Grouping } from './cohorts.service.js';
import type { LtvCohort as LtvCohortShape, LtvCohortMonth as MonthShape } from './ltv-cohorts.service.js';

/** What it costs to go through all customers, or all sales. */
const heavyPoints = 500;

const CohortGrouping = builder.enumType('CohortGrouping', {
  description: 'What customers of a cohort have in common.',
  values: {
    WEEK: { description: "The week in which they were won, from Monday, in the workspace's time zone." },
    MONTH: { description: "The month in which they were won, in the workspace's time zone." },
    CAMPAIGN: { description: 'The campaign of their first click.' },
    SOURCE: { description: 'The source of their first click.' },
  } satisfies Record<Grouping, object>,
});

const CustomerCohort = builder.objectRef<CohortShape>('CustomerCohort').implement({
  description: 'Customers who were won together, and what became of them.',
  fields: (t) => ({
    key: t.exposeString('key', {
      description: 'The first day of the week or month, the plain id of the campaign or "(none)", or the source.',
    }),
    label: t.exposeString('label', {
      description: 'The same for people: "2026-W05" as ISO 8601 counts weeks, "2026-01", the name of the campaign.',
    }),
    startsOn: t.expose('startsOn', {
      type: 'LocalDate',
      nullable: true,
      description: 'The first day of the week or month; null for campaigns and sources.',
    }),
    campaign: t.field({
      type: Campaign,
      nullable: true,
      description: 'The campaign, when that is what they have in common; null for those without. Needs links:read.',
      authScopes: { scope: 'links:read' },
      resolve: ({ campaignId }, _args, { loaders }) =>
        campaignId === null ? null : loaders.byId('Campaign').load(campaignId),
    }),
    customers: t.exposeInt('customers', {
      description: 'How many were won; those who were deleted since count, those who were merged count once.',
    }),
    converters: t.exposeInt('converters', { description: 'How many of them have bought something.' }),
    repeaters: t.exposeInt('repeaters', { description: 'How many of them have bought more than once.' }),
    revenue: t.field({
      type: Money,
      description: 'What they have brought so far: the sum of their lifetime values.',
      resolve: ({ revenueMinor }, _args, context) => inBaseCurrency(context, revenueMinor),
    }),
    conversionRate: t.float({
      description: 'Converters by customers, from 0 to 1.',
      resolve: ({ converters, customers }) => converters / customers,
    }),
    averageLtv: t.field({
      type: Money,
      description: 'Revenue by customer, rounded to the nearest minor unit.',
      resolve: ({ revenueMinor, customers }, _args, context) =>
        inBaseCurrency(context, divideRounded(revenueMinor, BigInt(customers))),
    }),
    averageRevenuePerConverter: t.field({
      type: Money,
      nullable: true,
      description: 'Revenue by converter, rounded to the nearest minor unit; null when nobody has bought anything.',
      resolve: ({ revenueMinor, converters }, _args, context) =>
        converters === 0 ? null : inBaseCurrency(context, divideRounded(revenueMinor, BigInt(converters))),
    }),
    repeatRate: t.float({
      nullable: true,
      description: 'Repeaters by converters, from 0 to 1; null when nobody has bought anything.',
      resolve: ({ repeaters, converters }) => (converters === 0 ? null : repeaters / converters),
    }),
  }),
});

const LtvCohortMonth = builder.objectRef<MonthShape>('LtvCohortMonth').implement({
  description: 'One month in the life of a cohort. All but its index is null while the month has not begun.',
  fields: (t) => ({
    index: t.exposeInt('index', {
      description: 'How many months after the one in which the customers were won, from 0.',
    }),
    revenue: t.field({
      type: Money,
      nullable: true,
      description: 'What they brought in the month, less refunds; in month 0 also what they had brought before.',
      resolve: ({ revenueMinor }, _args, context) =>
        revenueMinor === null ? null : inBaseCurrency(context, revenueMinor),
    }),
    cumulativeRevenue: t.field({
      type: Money,
      nullable: true,
      description: 'What they had brought by the end of the month.',
      resolve: ({ cumulativeRevenueMinor: sum }, _args, context) =>
        sum === null ? null : inBaseCurrency(context, sum),
    }),
    cumulativeLtv: t.field({
      type: Money,
      nullable: true,
      description: 'The same by customer of the cohort, rounded to the nearest minor unit.',
      resolve: ({ cumulativeLtvMinor: sum }, _args, context) => (sum === null ? null : inBaseCurrency(context, sum)),
    }),
    activeCustomers: t.exposeInt('activeCustomers', {
      nullable: true,
      description: 'How many of them bought something in the month.',
    }),
    retention: t.exposeFloat('retention', {
      nullable: true,
      description: 'Active customers by customers of the cohort, from 0 to 1.',
    }),
  }),
});

const LtvCohort = builder.objectRef<LtvCohortShape>('LtvCohort').implement({
  description: 'The customers who were won in one month, and what they brought month by month.',
  fields: (t) => ({
    startsOn: t.expose('startsOn', { type: 'LocalDate', description: 'The first day of the month.' }),
    label: t.exposeString('label', { description: 'The month, such as "2026-01".' }),
    customers: t.exposeInt('customers', { description: 'How many were won; those who were deleted since count.' }),
    months: t.field({
      type: [LtvCohortMonth],
      description: 'The months from that one on, as many as were asked for.',
      ...costs(0),
      resolve: ({ months }) => months,
    }),
  }),
});

const range = () =>
  builder.args((t) => ({
    start: t.field({ type: 'LocalDate', description: 'Only customers who were won on this day or after it.' }),
    end: t.field({ type: 'LocalDate', description: 'Only customers who were won on this day or before it.' }),
  }));

builder.queryFields((t) => ({
  customerCohorts: t.field({
    type: [CustomerCohort],
    description:
      'Customers by when or how they were won: with their first click, else when they were created, or with the first sale of an imported history. Weeks and months in their order; campaigns and sources by size, at most 1,000. Part of revenue tracking. Needs analytics:read.',
    ...costs(heavyPoints),
    authScopes: { analytics: 'analytics:read' },
    args: {
      groupBy: t.arg({ type: CohortGrouping, description: 'What they have in common; WEEK when left out.' }),
      ...range(),
    },
    resolve: async (_root, args, { services, loaders, cacheUse }) =>
      cacheUse.note(await services.analytics.cohorts(await loaders.workspaces.own(), args)),
  }),
  ltvCohorts: t.field({
    type: [LtvCohort],
    description:
      'What the customers who were won in one month brought in it and in the months after it, in the order of the months. Part of revenue tracking. Needs analytics:read.',
    ...costs(heavyPoints),
    authScopes: { analytics: 'analytics:read' },
    args: { months: t.arg.int({ description: 'How many months of each, 1 to 24; 12 when left out.' }), ...range() },
    resolve: async (_root, args, { services, loaders, cacheUse }) =>
      cacheUse.note(await services.analytics.ltvCohorts(await loaders.workspaces.own(), args)),
  }),
}));
