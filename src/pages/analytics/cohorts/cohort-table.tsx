import type { CohortGrouping } from '../../../generated/pages/graphql.js';
import { count, majorUnits, money, percent } from '../format.js';
import { Table } from '../tables/table.js';
import { heatOf } from './heat.js';
import { type Cohort, type Figures, together } from './together.js';

interface Column {
  name: string;
  meaning: string;
  /** The value that determines the depth of the colour; null for none. */
  weigh(figures: Figures): number | null;
  show(figures: Figures): string;
}

const none = '–';

const columns: readonly Column[] = [
  {
    name: 'Customers',
    meaning: 'How many were won',
    weigh: ({ customers }) => customers,
    show: ({ customers }) => count(customers),
  },
  {
    name: 'Buyers',
    meaning: 'How many of them have bought something',
    weigh: ({ converters }) => converters,
    show: ({ converters }) => count(converters),
  },
  {
    name: 'Conversion',
    meaning: 'Buyers by customers',
    weigh: ({ conversionRate }) => conversionRate,
    show: ({ conversionRate }) => percent(conversionRate),
  },
  {
    name: 'Revenue',
    meaning: 'The sum of their lifetime values',
    weigh: ({ revenue }) => majorUnits(revenue),
    show: ({ revenue }) => money(revenue),
  },
  {
    name: 'Average LTV',
    meaning: 'Revenue by customer',
    weigh: ({ averageLtv }) => majorUnits(averageLtv),
    show: ({ averageLtv }) => money(averageLtv),
  },
  {
    name: 'Per buyer',
    meaning: 'Revenue by buyer',
    weigh: ({ averageRevenuePerConverter: amount }) => (amount ? majorUnits(amount) : null),
    show: ({ averageRevenuePerConverter: amount }) => (amount ? money(amount) : none),
  },
  {
    name: 'Repeat',
    meaning: 'Buyers who have bought more than once',
    weigh: ({ repeatRate }) => repeatRate ?? null,
    show: ({ repeatRate }) => (repeatRate == null ? none : percent(repeatRate)),
  },
];

const rowNames: Record<CohortGrouping, string> = {
  WEEK: 'Week',
  MONTH: 'Month',
  CAMPAIGN: 'Campaign',
  SOURCE: 'Source',
};

interface CohortTableProps {
  cohorts: readonly Cohort[];
  groupBy: CohortGrouping;
  currency: string;
}

/** A table as a heat map. The colours of each column are relative to its largest value. */
export function CohortTable({ cohorts, groupBy, currency }: CohortTableProps) {
  if (cohorts.length === 0) return <p class="nothing">Nobody was won in these days.</p>;
  const heat = columns.map(({ weigh }) => heatOf(cohorts.map(weigh)));
  const total = together(cohorts, currency);
  return (
    <Table class="heat" data-testid="cohorts" aria-labelledby="cohorts" file="cohorts" label="Table of cohorts">
      <thead>
        <tr>
          <th scope="col">{rowNames[groupBy]}</th>
          {columns.map(({ name, meaning }) => (
            <th key={name} scope="col" title={meaning}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {cohorts.map((cohort, row) => (
          <tr key={cohort.key}>
            <th scope="row" title={cohort.startsOn ? `Began on ${cohort.startsOn}` : undefined}>
              {cohort.label}
            </th>
            {columns.map(({ name, weigh, show }, column) => (
              <td key={name} data-value={weigh(cohort) ?? ''} data-heat={heat[column]?.[row]}>
                {show(cohort)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">All {count(cohorts.length)}</th>
          {columns.map(({ name, weigh, show }) => (
            <td key={name} data-value={weigh(total) ?? ''}>
              {show(total)}
            </td>
          ))}
        </tr>
      </tfoot>
    </Table>
  );
}
