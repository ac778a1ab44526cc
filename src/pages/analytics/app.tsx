import { Provider, useQuery } from '@urql/preact';
import { useMemo, useState } from 'preact/hooks';
import { PageViewerDocument } from '../../generated/pages/graphql.js';
import { useDays } from './address.js';
import { clientWith } from './client.js';
import { CohortSection } from './cohorts/cohorts.js';
import { Headlines } from './cohorts/headlines.js';
import { LtvSection } from './cohorts/ltv.js';
import { JourneySection } from './journey/journey.js';
import { rememberedKey, rememberKey } from './key.js';
import { KeyForm } from './key-form.js';
import { Trouble, Waiting } from './parts.js';
import { problemOf } from './problems.js';
import { RangeForm } from './range/range.js';

/** The page. Without a key it asks for one; with a key it shows what the key may read. */
export function App() {
  const [key, setKey] = useState(rememberedKey);
  const [reading, setReading] = useState(0);
  const client = useMemo(() => ({ of: clientWith(key), reading }), [key, reading]);
  const use = (next: string) => {
    rememberKey(next);
    setKey(next);
    setReading(reading + 1);
  };
  return (
    <Provider value={client.of}>
      <a class="skip" href="#figures">
        Skip to the figures
      </a>
      <header>
        <h1>Revenue analytics</h1>
        <nav aria-label="Other pages">
          <a href="graphql">GraphiQL</a>
          <a href="./">Deskgraph</a>
          <a href="docs/revenue">Documentation</a>
        </nav>
        <KeyForm key={key} current={key} onUse={use} />
      </header>
      <main id="figures" key={client.reading}>
        {key === '' ? <Welcome /> : <Figures onRefresh={() => setReading(reading + 1)} />}
      </main>
    </Provider>
  );
}

const Welcome = () => (
  <div class="welcome">
    <h2>Which key?</h2>
    <p>
      Paste an API key above. The gateway prints two for its demo when it first starts;{' '}
      <code>npm run -s cli -- keys create --workspace wrk_demo --kind api_user</code> makes another. The key stays in
      this tab and is forgotten when you close it.
    </p>
    <p>
      The page needs the scopes <code>analytics:read</code> and <code>customers:read</code>; <code>links:read</code> and{' '}
      <code>conversations:read</code> show more of the journeys.
    </p>
  </div>
);

function Figures({ onRefresh }: { onRefresh(): void }) {
  const [{ data, error }] = useQuery({ query: PageViewerDocument });
  const [range, setRange] = useDays('start', 'end');
  if (problemOf(error)) return <Trouble error={error} />;
  if (!data) return <Waiting />;
  const { workspace } = data.viewer;
  return (
    <>
      <div class="bar">
        <p class="workspace">
          <strong>{workspace.name}</strong>
          <span>
            {workspace.currency} · days begin in {workspace.timezone}
          </span>
        </p>
        <RangeForm range={range} timeZone={workspace.timezone} onChange={setRange} />
        <button type="button" onClick={onRefresh}>
          Refresh
        </button>
      </div>
      <Headlines range={range} currency={workspace.currency} />
      <CohortSection range={range} workspace={workspace} />
      <LtvSection range={range} workspace={workspace} />
      <JourneySection workspace={workspace} />
    </>
  );
}
