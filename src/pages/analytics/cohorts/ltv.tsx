import { useQuery } from '@urql/preact';
import { PageLtvCohortsDocument } from '../../../generated/pages/graphql.js';
import { useChoice } from '../address.js';
import { Choice, Section, Trouble, Waiting } from '../parts.js';
import type { DayRange } from '../range/days.js';
import type { Workspace } from '../workspace.js';
import { LtvChart } from './ltv-chart.js';
import { type Measure, MonthTable, measures } from './month-table.js';

const spans = [
  ['6', '6 months'],
  ['12', '12 months'],
  ['24', '24 months'],
] as const;

interface LtvSectionProps {
  range: DayRange;
  workspace: Workspace;
}

/** The lifetime value of each month's cohort: the curves, and their figures. */
export function LtvSection({ range, workspace }: LtvSectionProps) {
  const [span, setSpan] = useChoice('span', spans, '12');
  const [measure, setMeasure] = useChoice('measure', measures, 'retention');
  const asked = { months: Number(span), ...range };
  return (
    <Section
      id="lifetime-value"
      title="Lifetime value"
      about="Customers by the month in which they were won, followed month by month. Month 0 is that one; a month that has not begun has no figure."
    >
      <Choice label="Follow for" name="span" options={spans} value={span} onChange={setSpan} />
      <Months
        key={JSON.stringify(asked)}
        asked={asked}
        currency={workspace.currency}
        measure={measure}
        onMeasure={setMeasure}
      />
    </Section>
  );
}

interface MonthsProps {
  asked: DayRange & { months: number };
  currency: string;
  measure: Measure;
  onMeasure(measure: Measure): void;
}

function Months({ asked, currency, measure, onMeasure }: MonthsProps) {
  const [{ data, error, fetching }] = useQuery({ query: PageLtvCohortsDocument, variables: asked });
  if (fetching) return <Waiting />;
  if (error || !data) return <Trouble error={error} />;
  const cohorts = data.ltvCohorts;
  if (cohorts.length === 0) return <p class="nothing">Nobody was won in these days.</p>;
  return (
    <div class="pair">
      <LtvChart cohorts={cohorts} currency={currency} />
      <div class="months">
        <Choice label="Show" name="measure" options={measures} value={measure} onChange={onMeasure} />
        <MonthTable cohorts={cohorts} measure={measure} />
      </div>
    </div>
  );
}
