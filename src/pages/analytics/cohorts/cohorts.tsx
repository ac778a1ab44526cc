import { useQuery } from '@urql/preact';
import { type CohortGrouping, PageCohortsDocument } from '../../../generated/pages/graphql.js';
import { useChoice } from '../address.js';
import { Choice, Section, Trouble, Waiting } from '../parts.js';
import type { DayRange } from '../range/days.js';
import type { Workspace } from '../workspace.js';
import { CohortTable } from './cohort-table.js';

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
  const [groupBy, setGroupBy] = useChoice('group', groupings, 'MONTH');
  const asked = { groupBy, ...range };
  return (
    <Section id="cohorts" title="Cohorts" about={about[groupBy]}>
      <Choice label="Group by" name="group-by" options={groupings} value={groupBy} onChange={setGroupBy} />
      <Cohorts key={JSON.stringify(asked)} asked={asked} currency={workspace.currency} />
    </Section>
  );
}

interface CohortsProps {
  asked: DayRange & { groupBy: CohortGrouping };
  currency: string;
}

/** The result of one query. It is created again for another one, so that no figure is shown under a wrong heading. */
function Cohorts({ asked, currency }: CohortsProps) {
  const [{ data, error, fetching }] = useQuery({ query: PageCohortsDocument, variables: asked });
  if (fetching) return <Waiting />;
  if (error || !data) return <Trouble error={error} />;
  return <CohortTable cohorts={data.customerCohorts} groupBy={asked.groupBy} currency={currency} />;
}
