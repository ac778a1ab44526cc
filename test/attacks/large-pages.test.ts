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
