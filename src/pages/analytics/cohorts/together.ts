import type { PageCohortsQuery } from '../../../generated/pages/graphql.js';
import { perHead, sumOf } from '../format.js';

export type Cohort = PageCohortsQuery['customerCohorts'][number];
/** The figures of a cohort, or of all of them together. */
export type Figures = Pick<
  Cohort,
  | 'customers'
  | 'converters'
  | 'repeaters'
  | 'revenue'
  | 'conversionRate'
  | 'averageLtv'
  | 'averageRevenuePerConverter'
  | 'repeatRate'
>;

/** The figures of all cohorts as if they were one. */
export function together(cohorts: readonly Cohort[], currency: string): Figures {
  const sum = (of: (cohort: Cohort) => number) => cohorts.reduce((all, cohort) => all + of(cohort), 0);
  const customers = sum((cohort) => cohort.customers);
  const converters = sum((cohort) => cohort.converters);
  const repeaters = sum((cohort) => cohort.repeaters);
  const revenue = sumOf(
    cohorts.map((cohort) => cohort.revenue),
    currency,
  );
  return {
    customers,
    converters,
    repeaters,
    revenue,
    conversionRate: converters / customers,
    averageLtv: perHead(revenue, customers) ?? revenue,
    averageRevenuePerConverter: perHead(revenue, converters),
    repeatRate: converters === 0 ? null : repeaters / converters,
  };
}
