import { costs } from '../../../graphql/limits/cost.js';
import { builder } from '../../../graphql/schema/builder.js';
import { inBaseCurrency, Money } from '../../../graphql/schema/money.js';
import { scoped } from '../../../graphql/schema/scopes.js';
import { divideRounded } from '../../../lib/values/money.js';
import { Campaign } from '../../campaign/campaign.types.js';
import { type CustomerCohort as CohortShape, type CohortGrouping as Grouping, maxGroups } from './cohorts.service.js';
import {
  defaultMonths,
  type LtvCohort as LtvCohortShape,
  type LtvCohortMonth as MonthShape,
  maxMonths,
} from './ltv-cohorts.service.js';

/** The points of a scan of all customers or all sales. */
const heavyPoints = 500;

const CohortGrouping = builder.enumType('CohortGrouping', {
  description: 'How customers are grouped into cohorts.',
  values: {
    WEEK: { description: "By the week in which they were acquired, from Monday, in the workspace's time zone." },
    MONTH: { description: "By the month in which they were acquired, in the workspace's time zone." },
    CAMPAIGN: { description: 'By the campaign of their first click.' },
    SOURCE: { description: 'By the source of their first click.' },
  } satisfies Record<Grouping, object>,
});

const CustomerCohort = builder.objectRef<CohortShape>('CustomerCohort').implement({
  description: 'Customers who were acquired together, and their purchases.',
  ...scoped('analytics:read'),
  fields: (t) => ({
    key: t.exposeString('key', {
      description: 'The first day of the week or month, the plain id of the campaign or "(none)", or the source.',
    }),
    label: t.exposeString('label', {
      description:
        'A label for display: the ISO 8601 week such as "2026-W05", the month such as "2026-01", the name of the campaign, or the source.',
    }),
    startsOn: t.expose('startsOn', {
      type: 'LocalDate',
      nullable: true,
      description: 'The first day of the week or month; null for campaigns and sources.',
    }),
    campaign: t.field({
      type: Campaign,
      nullable: true,
      description:
        'The campaign when cohorts are grouped by it; null for customers without one and for other groupings. Needs links:read.',
      resolve: ({ campaignId }, _args, { loaders }) =>
        campaignId === null ? null : loaders.byId('Campaign').load(campaignId),
    }),
    customers: t.exposeInt('customers', {
      description: 'The number of customers. Those deleted since then count; merged ones count once.',
    }),
    converters: t.exposeInt('converters', { description: 'How many of them have at least one sale.' }),
    repeaters: t.exposeInt('repeaters', { description: 'How many of them have more than one sale.' }),
    revenue: t.field({
      type: Money,
      description: 'The sum of their lifetime values.',
      resolve: ({ revenueMinor }, _args, context) => inBaseCurrency(context, revenueMinor),
    }),
    conversionRate: t.float({
      description: 'Converters divided by customers, from 0 to 1.',
      resolve: ({ converters, customers }) => converters / customers,
    }),
    averageLtv: t.field({
      type: Money,
      description: 'Revenue divided by customers, rounded to the nearest minor unit.',
      resolve: ({ revenueMinor, customers }, _args, context) =>
        inBaseCurrency(context, divideRounded(revenueMinor, BigInt(customers))),
    }),
    averageRevenuePerConverter: t.field({
      type: Money,
      nullable: true,
      description: 'Revenue divided by converters, rounded to the nearest minor unit; null without converters.',
      resolve: ({ revenueMinor, converters }, _args, context) =>
        converters === 0 ? null : inBaseCurrency(context, divideRounded(revenueMinor, BigInt(converters))),
    }),
    repeatRate: t.float({
      nullable: true,
      description: 'Repeaters divided by converters, from 0 to 1; null without converters.',
      resolve: ({ repeaters, converters }) => (converters === 0 ? null : repeaters / converters),
    }),
  }),
});

const LtvCohortMonth = builder.objectRef<MonthShape>('LtvCohortMonth').implement({
  description: 'One month of a cohort. All fields but index are null while the month has not begun.',
  ...scoped('analytics:read'),
  fields: (t) => ({
    index: t.exposeInt('index', {
      description: 'The number of months since the customers were acquired, from 0.',
    }),
    revenue: t.field({
      type: Money,
      nullable: true,
      description: 'Their sales in the month minus refunds; month 0 also includes earlier sales.',
      resolve: ({ revenueMinor }, _args, context) =>
        revenueMinor === null ? null : inBaseCurrency(context, revenueMinor),
    }),
    cumulativeRevenue: t.field({
      type: Money,
      nullable: true,
      description: 'Their revenue up to the end of the month.',
      resolve: ({ cumulativeRevenueMinor: sum }, _args, context) =>
        sum === null ? null : inBaseCurrency(context, sum),
    }),
    cumulativeLtv: t.field({
      type: Money,
      nullable: true,
      description: 'Cumulative revenue divided by customers of the cohort, rounded to the nearest minor unit.',
      resolve: ({ cumulativeLtvMinor: sum }, _args, context) => (sum === null ? null : inBaseCurrency(context, sum)),
    }),
    activeCustomers: t.exposeInt('activeCustomers', {
      nullable: true,
      description: 'How many of them have a sale in the month.',
    }),
    retention: t.exposeFloat('retention', {
      nullable: true,
      description: 'Active customers divided by customers of the cohort, from 0 to 1.',
    }),
  }),
});

const LtvCohort = builder.objectRef<LtvCohortShape>('LtvCohort').implement({
  description: 'The customers who were acquired in one month, and their revenue by month.',
  ...scoped('analytics:read'),
  fields: (t) => ({
    startsOn: t.expose('startsOn', { type: 'LocalDate', description: 'The first day of the month.' }),
    label: t.exposeString('label', { description: 'The month, such as "2026-01".' }),
    customers: t.exposeInt('customers', { description: 'The number of customers. Those deleted since then count.' }),
    months: t.field({
      type: [LtvCohortMonth],
      description: 'The months from that one on, as many as requested.',
      ...costs(0),
      resolve: ({ months }) => months,
    }),
  }),
});

const members = () =>
  builder.args((t) => ({
    start: t.field({ type: 'LocalDate', description: 'Only customers who were acquired on this day or later.' }),
    end: t.field({ type: 'LocalDate', description: 'Only customers who were acquired on this day or earlier.' }),
    onlyIdentified: t.boolean({
      description: 'Only customers with an externalId, and deleted ones who had one; false when left out.',
    }),
  }));

builder.queryFields((t) => ({
  customerCohorts: t.field({
    type: [CustomerCohort],
    description: `Customers by when or how they were acquired. The time is that of the first click; without a click, of the creation, or of the first sale if an imported one is earlier. Weeks and months are in order of time; campaigns and sources are in order of size, at most ${maxGroups.toLocaleString('en')}. Part of revenue tracking. Needs analytics:read.`,
    ...costs(heavyPoints),
    authScopes: { analytics: 'analytics:read' },
    args: {
      groupBy: t.arg({ type: CohortGrouping, description: 'How to group customers; WEEK when left out.' }),
      ...members(),
    },
    resolve: async (_root, args, { services, loaders, cacheUse }) =>
      cacheUse.note(await services.analytics.cohorts(await loaders.workspaces.own(), args)),
  }),
  ltvCohorts: t.field({
    type: [LtvCohort],
    description:
      'The customers by the month in which they were acquired, with their revenue in that month and the following ones, in order of time. Part of revenue tracking. Needs analytics:read.',
    ...costs(heavyPoints),
    authScopes: { analytics: 'analytics:read' },
    args: {
      months: t.arg.int({
        description: `The number of months of each cohort, 1 to ${maxMonths}; ${defaultMonths} when left out.`,
      }),
      ...members(),
    },
    resolve: async (_root, args, { services, loaders, cacheUse }) =>
      cacheUse.note(await services.analytics.ltvCohorts(await loaders.workspaces.own(), args)),
  }),
}));
