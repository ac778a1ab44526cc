import { useQuery } from '@urql/preact';
import { PageCohortsDocument, type PageCohortsQuery } from '../../../generated/pages/graphql.js';
import { count, majorUnits, money, percent } from '../format.js';
import { type DayRange, periodBefore } from '../range/days.js';
import { type Figures, together } from './together.js';

interface Headline {
  name: string;
  weigh(figures: Figures): number;
  show(figures: Figures): string;
}

const headlines: readonly Headline[] = [
  { name: 'Customers won', weigh: ({ customers }) => customers, show: ({ customers }) => count(customers) },
  { name: 'Buyers', weigh: ({ converters }) => converters, show: ({ converters }) => count(converters) },
  { name: 'Revenue', weigh: ({ revenue }) => majorUnits(revenue), show: ({ revenue }) => money(revenue) },
  {
    name: 'Average LTV',
    weigh: ({ averageLtv }) => majorUnits(averageLtv),
    show: ({ averageLtv }) => money(averageLtv),
  },
];

interface HeadlinesProps {
  range: DayRange;
  currency: string;
}

/** The figures of the chosen period, compared with the period of the same length before it if it has both bounds. */
export function Headlines({ range, currency }: HeadlinesProps) {
  const before = periodBefore(range);
  const [now] = useQuery({ query: PageCohortsDocument, variables: { groupBy: 'MONTH' as const, ...range } });
  const [past] = useQuery({
    query: PageCohortsDocument,
    variables: { groupBy: 'MONTH' as const, ...(before ?? range) },
    pause: before === null,
  });
  const figures = figuresOf(now.data, currency);
  if (!figures || now.fetching) return null;
  const earlier = before && !past.fetching ? figuresOf(past.data, currency) : undefined;
  return (
    <dl class="headlines" data-testid="headlines">
      {headlines.map(({ name, weigh, show }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{show(figures)}</dd>
          {earlier && (
            <dd class="before">
              {changeOf(weigh(earlier), weigh(figures))}, {show(earlier)} in the period before
            </dd>
          )}
        </div>
      ))}
    </dl>
  );
}

function figuresOf(data: PageCohortsQuery | undefined, currency: string): Figures | undefined {
  return data && together(data.customerCohorts, currency);
}

function changeOf(before: number, now: number): string {
  if (before === 0) return now === 0 ? 'as before' : 'new';
  const share = (now - before) / before;
  return `${share > 0 ? '+' : ''}${percent(share)}`;
}
