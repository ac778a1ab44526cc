import { useQuery } from '@urql/preact';
import { useState } from 'preact/hooks';
import { type CohortGrouping, PageCohortsDocument } from '../../generated/pages/graphql.js';
import { CohortTable } from './cohort-table.js';
import { Choice, Section, Trouble, Waiting } from './parts.js';
import type { DayRange } from './range.js';
import type { Workspace } from './workspace.js';

const groupings = [
  ['WEEK', 'Week'],
  ['MONTH', 'Month'],
  ['CAMPAIGN', 'Campaign'],
  ['SOURCE', 'Source'],
] as const satisfies readonly (readonly [CohortGrouping, string])[];

const about: Record<CohortGrouping, string> = {
  WEEK: 'Customers by the ISO week in which they were won, and what became of them since.',
  MONTH: 'Customers by the month in which they were won, and what became of them since.',
  CAMPAIGN: 'Customers by the campaign of their first click, and what became of them since.',
  SOURCE: 'Customers by where their first click came from, and what became of them since.',
};

interface CohortSectionProps {
  range: DayRange;
  workspace: Workspace;
}

export function CohortSection({ range, workspace }: CohortSectionProps) {
  const [groupBy, setGroupBy] = useState<CohortGrouping>('MONTH');
  const [{ data, error, fetching }] = useQuery({ query: PageCohortsDocument, variables: { groupBy, ...range } });
  return (
    <Section id="cohorts" title="Cohorts" about={about[groupBy]}>
      <Choice label="Group by" name="group-by" options={groupings} value={groupBy} onChange={setGroupBy} />
      <Trouble error={error} />
      {fetching && <Waiting />}
      {data && !fetching && !error && (
        <CohortTable cohorts={data.customerCohorts} groupBy={groupBy} currency={workspace.currency} />
      )}
    </Section>
  );
}
