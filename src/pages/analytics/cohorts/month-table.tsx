import type { PageLtvCohortsQuery } from '../../../generated/pages/graphql.js';
import { count, majorUnits, money, percent } from '../format.js';
import { Table } from '../tables/table.js';
import { heatOf } from './heat.js';

export type LtvCohort = PageLtvCohortsQuery['ltvCohorts'][number];
type Month = LtvCohort['months'][number];

export type Measure = 'retention' | 'ltv' | 'revenue';

export const measures = [
  ['retention', 'Retention'],
  ['ltv', 'LTV per customer'],
  ['revenue', 'Revenue of the month'],
] as const satisfies readonly (readonly [Measure, string])[];

interface Shown {
  value: number;
  text: string;
}

/** The content of a cell; null for a month that has not begun. */
const readers: Record<Measure, (month: Month) => Shown | null> = {
  retention: ({ retention }) => (retention == null ? null : { value: retention, text: percent(retention) }),
  ltv: ({ cumulativeLtv: amount }) => (amount ? { value: majorUnits(amount), text: money(amount) } : null),
  revenue: ({ revenue: amount }) => (amount ? { value: majorUnits(amount), text: money(amount) } : null),
};

const captions: Record<Measure, string> = {
  retention: 'Share of the customers who bought something in the month.',
  ltv: 'What a customer had brought by the end of the month, on average.',
  revenue: 'What all of them brought in the month, less refunds.',
};

interface MonthTableProps {
  cohorts: readonly LtvCohort[];
  measure: Measure;
}

/** Cohorts by month since acquisition: a triangle of coloured cells. */
export function MonthTable({ cohorts, measure }: MonthTableProps) {
  const cells = cohorts.map(({ months }) => months.map(readers[measure]));
  const most = Math.max(0, ...cells.flat().map((cell) => cell?.value ?? 0));
  // Months that no cohort has reached would be empty columns.
  const lived = Math.max(...cells.map((row) => row.findLastIndex((cell) => cell !== null) + 1));
  return (
    <>
      <p class="details" id="months">
        {captions[measure]}
      </p>
      <Table
        class="heat compact"
        data-testid="months"
        aria-labelledby="months"
        file={`lifetime-value-${measure}`}
        label="Table by months"
      >
        <thead>
          <tr>
            <th scope="col">Won in</th>
            <th scope="col">Customers</th>
            {cohorts[0]?.months.slice(0, lived).map(({ index }) => (
              <th key={index} scope="col">
                <abbr title={`Month ${index}`}>{index}</abbr>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {cohorts.map(({ startsOn, label, customers, months }, row) => {
            const values = cells[row] ?? [];
            const heat = heatOf(
              values.map((cell) => cell?.value ?? null),
              most,
            );
            return (
              <tr key={startsOn}>
                <th scope="row">{label}</th>
                <td data-value={customers}>{count(customers)}</td>
                {months.slice(0, lived).map(({ index }) => (
                  <td key={index} data-value={values[index]?.value ?? ''} data-heat={heat[index]}>
                    {values[index]?.text}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </Table>
    </>
  );
}
