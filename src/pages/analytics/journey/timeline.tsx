import { useQuery } from '@urql/preact';
import { useState } from 'preact/hooks';
import { type JourneyKind, type PageEntryFragment, PageJourneyDocument } from '../../../generated/pages/graphql.js';
import { dayOf } from '../format.js';
import { Choice, Trouble, Waiting } from '../parts.js';
import { EntryLine } from './entry.js';

const kindNames = [
  ['CLICK', 'Clicks'],
  ['CONVERSION', 'Conversions'],
  ['CONVERSATION', 'Conversations'],
  ['MESSAGE', 'Messages'],
  ['PROFILE_CHANGE', 'Profile'],
] as const satisfies readonly (readonly [JourneyKind, string])[];

const orders = [
  ['latest', 'Latest first'],
  ['oldest', 'Oldest first'],
] as const;

interface TimelineProps {
  /** The id of the customer. */
  id: string;
  timezone: string;
}

/** The events of a customer, grouped by day. Further pages are loaded on request. */
export function Timeline({ id, timezone }: TimelineProps) {
  const [order, setOrder] = useState<(typeof orders)[number][0]>('latest');
  const [kinds, setKinds] = useState<readonly JourneyKind[]>([]);
  const [cursors, setCursors] = useState<readonly (string | null)[]>([null]);
  const toggle = (kind: JourneyKind) => {
    setKinds(kinds.includes(kind) ? kinds.filter((other) => other !== kind) : [...kinds, kind]);
    setCursors([null]);
  };
  const shown = { id, oldestFirst: order === 'oldest', kinds: kinds.length === 0 ? null : [...kinds] };
  return (
    <div class="timeline">
      <h4>Time line</h4>
      <Choice
        label="Order"
        name="order"
        options={orders}
        value={order}
        onChange={(next) => {
          setOrder(next);
          setCursors([null]);
        }}
      />
      <fieldset class="kinds">
        <legend>Only</legend>
        {kindNames.map(([kind, name]) => (
          <label key={kind}>
            <input type="checkbox" checked={kinds.includes(kind)} onChange={() => toggle(kind)} />
            <span>{name}</span>
          </label>
        ))}
      </fieldset>
      {cursors.map((after, place) => (
        <Page
          key={`${order} ${kinds.join()} ${after}`}
          variables={{ ...shown, after }}
          timezone={timezone}
          isLast={place === cursors.length - 1}
          onMore={(cursor) => setCursors([...cursors, cursor])}
        />
      ))}
    </div>
  );
}

interface PageProps {
  variables: { id: string; oldestFirst: boolean; kinds: JourneyKind[] | null; after: string | null };
  timezone: string;
  isLast: boolean;
  onMore(cursor: string): void;
}

function Page({ variables, timezone, isLast, onMore }: PageProps) {
  const [{ data, error, fetching }] = useQuery({ query: PageJourneyDocument, variables });
  if (fetching) return <Waiting />;
  if (error) return <Trouble error={error} />;
  const journey = data?.customer?.journey;
  if (!journey) return null;
  const { endCursor, hasNextPage } = journey.pageInfo;
  return (
    <>
      {journey.nodes.length === 0 && <p class="nothing">Nothing of this kind has happened.</p>}
      {byDay(journey.nodes, timezone).map(({ day, entries }) => (
        <section key={day} class="day" aria-label={day}>
          <h5>{day}</h5>
          <ol>
            {entries.map((entry) => (
              <EntryLine key={keyOf(entry)} entry={entry} timezone={timezone} />
            ))}
          </ol>
        </section>
      ))}
      {isLast && hasNextPage && endCursor && (
        <button type="button" onClick={() => onMore(endCursor)}>
          Show more
        </button>
      )}
    </>
  );
}

function byDay(entries: readonly PageEntryFragment[], timezone: string) {
  const days: { day: string; entries: PageEntryFragment[] }[] = [];
  for (const entry of entries) {
    const day = dayOf(entry.occurredAt, timezone);
    const last = days.at(-1);
    if (last?.day === day) last.entries.push(entry);
    else days.push({ day, entries: [entry] });
  }
  return days;
}

const keyOf = ({ kind, occurredAt, click, conversion, conversation, message, change }: PageEntryFragment): string =>
  `${kind} ${(click ?? conversion ?? conversation ?? message)?.id ?? `${change} ${occurredAt}`}`;
