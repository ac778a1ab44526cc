import { useQuery } from '@urql/preact';
import { useState } from 'preact/hooks';
import {
  PageBestCustomersDocument,
  PageCustomerDocument,
  type PageCustomerQueryVariables,
} from '../../../generated/pages/graphql.js';
import { count, money, shortDayOf } from '../format.js';
import { Field, Section, Trouble, Waiting } from '../parts.js';
import type { Workspace } from '../workspace.js';
import { AttributionPanel } from './attribution.js';
import { Timeline } from './timeline.js';

type Name = 'externalId' | 'email' | 'id';

const names = [
  ['externalId', 'externalId'],
  ['email', 'E-mail'],
  ['id', 'Id'],
] as const satisfies readonly (readonly [Name, string])[];

interface Sought {
  by: Name;
  value: string;
}

/** Finds one customer and shows the journey. */
export function JourneySection({ workspace }: { workspace: Workspace }) {
  const [sought, setSought] = useState<Sought | null>(null);
  return (
    <Section
      id="journey"
      title="Journey of a customer"
      about="Everything that happened to one customer in one line, and which clicks get the credit for what they bought."
    >
      <Finder sought={sought} onFind={setSought} />
      {sought && <Found key={JSON.stringify(sought)} variables={{ [sought.by]: sought.value }} workspace={workspace} />}
    </Section>
  );
}

interface FinderProps {
  sought: Sought | null;
  onFind(sought: Sought): void;
}

function Finder({ sought, onFind }: FinderProps) {
  const [by, setBy] = useState<Name>('externalId');
  const [value, setValue] = useState('');
  return (
    <>
      <form
        class="finder"
        onSubmit={(event) => {
          event.preventDefault();
          if (value.trim() !== '') onFind({ by, value: value.trim() });
        }}
      >
        <Field label="Find by">
          {(id) => (
            <select id={id} value={by} onChange={(event) => setBy(event.currentTarget.value as Name)}>
              {names.map(([name, text]) => (
                <option key={name} value={name}>
                  {text}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label="Customer">
          {(id) => (
            <input
              id={id}
              type="text"
              spellcheck={false}
              autocomplete="off"
              required
              value={value}
              onInput={(event) => setValue(event.currentTarget.value)}
            />
          )}
        </Field>
        <button type="submit" class="primary">
          Show
        </button>
      </form>
      <Best sought={sought} onFind={onFind} />
    </>
  );
}

/** Suggests a few customers to start with: those with the highest value. */
function Best({ sought, onFind }: FinderProps) {
  const [{ data }] = useQuery({ query: PageBestCustomersDocument });
  const customers = data?.customers.nodes ?? [];
  if (customers.length === 0) return null;
  return (
    <ul class="best" aria-label="Customers who brought most">
      {customers.map(({ databaseId, name, email, externalId }) => (
        <li key={databaseId}>
          <button
            type="button"
            aria-pressed={sought?.value === databaseId}
            onClick={() => onFind({ by: 'id', value: databaseId })}
          >
            {name ?? email ?? externalId ?? databaseId}
          </button>
        </li>
      ))}
    </ul>
  );
}

interface FoundProps {
  variables: PageCustomerQueryVariables;
  workspace: Workspace;
}

function Found({ variables, workspace }: FoundProps) {
  const [{ data, error, fetching }] = useQuery({ query: PageCustomerDocument, variables });
  if (fetching) return <Waiting />;
  if (error) return <Trouble error={error} />;
  const customer = data?.customer;
  if (!customer) {
    return (
      <p class="nothing" role="status">
        This workspace has no such customer.
      </p>
    );
  }
  const { databaseId, externalId, email, name, ltv, salesCount, firstSaleAt, createdAt } = customer;
  const facts = [
    ['Lifetime value', money(ltv)],
    ['Sales', count(salesCount)],
    ['First sale', firstSaleAt ? shortDayOf(firstSaleAt, workspace.timezone) : 'none yet'],
    ['Created', shortDayOf(createdAt, workspace.timezone)],
    ['E-mail', email ?? 'unknown'],
    ['externalId', externalId ?? 'none'],
    ['Id', databaseId],
  ] as const;
  return (
    <article class="customer" aria-labelledby="customer">
      <h3 id="customer">{name ?? email ?? externalId ?? databaseId}</h3>
      <dl class="facts">
        {facts.map(([term, fact]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{fact}</dd>
          </div>
        ))}
      </dl>
      <div class="pair">
        <Timeline id={databaseId} timezone={workspace.timezone} />
        <AttributionPanel id={databaseId} timezone={workspace.timezone} />
      </div>
    </article>
  );
}
