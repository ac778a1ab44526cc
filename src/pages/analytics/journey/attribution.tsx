import { useQuery } from '@urql/preact';
import { useState } from 'preact/hooks';
import {
  type AttributionModel,
  PageAttributionDocument,
  type PageAttributionQuery,
  type PageMoneyFragment,
} from '../../../generated/pages/graphql.js';
import { majorUnits, money, shortDayOf } from '../format.js';
import { Field, Trouble, Waiting } from '../parts.js';
import { Table } from '../tables/table.js';

type Attribution = NonNullable<PageAttributionQuery['customer']>['attribution'];

const models = [
  ['LAST', 'Last click'],
  ['FIRST', 'First click'],
  ['LINEAR', 'Linear'],
  ['POSITION', 'By position, 40/20/40'],
  ['DECAY', 'Decaying, by halves in 7 days'],
] as const satisfies readonly (readonly [AttributionModel, string])[];

const modelNames: ReadonlyMap<AttributionModel, string> = new Map(models);

interface Credit {
  key: string;
  name: string;
  amount: PageMoneyFragment;
}

interface AttributionPanelProps {
  /** The id of the customer. */
  id: string;
  timezone: string;
}

/** Shows which clicks get the credit for a customer's purchases, by a selectable model. */
export function AttributionPanel({ id, timezone }: AttributionPanelProps) {
  const [model, setModel] = useState<AttributionModel | null>(null);
  return (
    <div class="attribution">
      <h4>Attribution</h4>
      <Field label="Model">
        {(id) => (
          <select
            id={id}
            value={model ?? ''}
            onChange={(event) => setModel((event.currentTarget.value || null) as AttributionModel | null)}
          >
            <option value="">As the workspace has it</option>
            {models.map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Answer key={model} id={id} model={model} timezone={timezone} />
    </div>
  );
}

/** Shows the result. Names may be missing if the key may not read them. */
function Answer({ id, model, timezone }: AttributionPanelProps & { model: AttributionModel | null }) {
  const [{ data, error, fetching }] = useQuery({ query: PageAttributionDocument, variables: { id, model } });
  if (fetching) return <Waiting />;
  const attribution = data?.customer?.attribution;
  if (!attribution) return <Trouble error={error} />;
  return <Credits attribution={attribution} timezone={timezone} isPartial={error !== undefined} />;
}

interface CreditsProps {
  attribution: Attribution;
  timezone: string;
  /** Whether the key may not read the names of clicks, links and campaigns. */
  isPartial: boolean;
}

function Credits({ attribution, timezone, isPartial }: CreditsProps) {
  const { model, windowDays, revenue, unattributed, campaigns, sources, links, clicks } = attribution;
  const lists: readonly (readonly [string, readonly Credit[]])[] = [
    ['Campaigns', campaigns.map(({ amount, campaign }) => named(campaign?.id, campaign?.name ?? '(none)', amount))],
    ['Sources', sources.map(({ amount, source }) => named(source, source ?? 'direct', amount))],
    ['Links', links.map(({ amount, link }) => named(link?.id, link?.name ?? link?.url ?? '(none)', amount))],
    [
      'Clicks',
      clicks.map(({ amount, click }) =>
        named(click?.id, click ? `${shortDayOf(click.occurredAt, timezone)}, ${click.source}` : 'a click', amount),
      ),
    ],
  ];
  return (
    <>
      <p class="details">
        {modelNames.get(model)}: clicks of the {windowDays} days before each sale count. Of {money(revenue)},{' '}
        {money(unattributed)} came without one.
      </p>
      {isPartial && <p class="details">The names are hidden: the key lacks the scope links:read.</p>}
      {lists
        .filter(([, credits]) => credits.length > 0)
        .map(([title, credits]) => (
          <CreditTable key={title} title={title} credits={credits} />
        ))}
    </>
  );
}

const named = (key: string | null | undefined, name: string, amount: PageMoneyFragment): Credit => ({
  key: key ?? '',
  name,
  amount,
});

function CreditTable({ title, credits }: { title: string; credits: readonly Credit[] }) {
  const most = Math.max(...credits.map(({ amount }) => majorUnits(amount)), 0);
  return (
    <Table
      class="credits"
      data-testid={`credits-${title.toLowerCase()}`}
      label={`Table of credits: ${title}`}
      file={`attribution-${title.toLowerCase()}`}
    >
      <caption>{title}</caption>
      <tbody>
        {credits.map(({ key, name, amount }, place) => (
          <tr key={key || place}>
            <th scope="row">{name}</th>
            <td>
              <span class="bar" style={{ width: `${most > 0 ? Math.max(0, majorUnits(amount) / most) * 100 : 0}%` }} />
            </td>
            <td data-value={majorUnits(amount)}>{money(amount)}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
