import { beforeAll, describe, expect, test } from 'vitest';
import type { Desk } from '../kit/app.js';
import { fillDesk } from '../kit/story.js';
import { watchGateway } from './watched.js';

/** The largest answers that a key can ask for: others are answered while they are made. */

const gateway = watchGateway();
let desk: Desk;

beforeAll(async () => {
  desk = await gateway.testApp.createDesk();
  await fillDesk(gateway.testApp, desk, { customers: 10, conversationsEach: 10, messagesEach: 100 });
});

const ask = (query: string) =>
  gateway.post('/graphql', JSON.stringify({ query }), { authorization: `Bearer ${desk.key}` });

const pages = (inner: string) => `{ conversations(first: 100) { nodes { messages(first: 100) { ${inner} } } } }`;

describe('nobody waits while a page of pages is made', () => {
  test.each([
    ['of nodes', pages('nodes { id text direction }')],
    ['of edges', pages('edges { cursor node { id text sentAt } } pageInfo { endCursor }')],
    ['of nodes that cost more', pages('nodes { id databaseId text direction isInternal sentAt }')],
  ])('%s', async (_what, query) => {
    // Compiled by the second time.
    for (let time = 0; time < 2; time += 1) expect((await ask(query)).status).toBe(200);
    const { status, text } = await gateway.unblocked(() => ask(query));
    expect(status).toBe(200);
    expect(text.match(/"text"/g)).toHaveLength(10_000);
  });

  test('that was never asked for before', async () => {
    let time = 0;
    const { status } = await gateway.unblocked(() => {
      time += 1;
      return ask(pages(`nodes { time${time}: id text direction }`));
    });
    expect(status).toBe(200);
  });
});

const types = (fields: string) => (count: number) =>
  `{ ${Array.from({ length: count }, (_, place) => `a${place}: __schema { types { ${fields} } }`).join(' ')} }`;
const typeOf = 'type { name ofType { name ofType { name } } }';

test.each([
  ['by names', types('name description fields { name description }')],
  [
    'with arguments',
    types('name fields { name description args { name description defaultValue type { kind name } } }'),
  ],
  [
    'with all but their types',
    types('name fields { name } inputFields { name } enumValues { name } possibleTypes { name }'),
  ],
  ['as tools do', types(`name fields { name ${typeOf} args { name ${typeOf} } } inputFields { name ${typeOf} }`)],
])('nobody waits for the largest answer about the schema, %s', async (_what, make) => {
  const largest = await largestAllowed(make);
  expect(largest).toBeGreaterThan(0);
  const { status, text } = await gateway.unblocked(() => ask(make(largest)));
  expect({ status, isAnswer: text.startsWith('{"data"') }).toEqual({ status: 200, isAnswer: true });
});

/** How often a key may ask for it in one operation. */
async function largestAllowed(make: (count: number) => string): Promise<number> {
  let count = 0;
  while ((await ask(make(count + 1))).status === 200) count += 1;
  return count;
}
