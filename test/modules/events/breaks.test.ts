import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { graphql } from '../../generated/gql.js';
import { addMessage } from '../../graphql/mutations.js';
import { openTestApp, type TestApp } from '../../kit/app.js';
import { testConnection } from '../../kit/connection.js';
import { type Subscribed, subscribe, transports } from '../../kit/followers.js';
import { startTestServer, type TestServer } from '../../kit/http.js';
import { type DatabaseProxy, openProxy } from '../../kit/proxy.js';
import { type Story, tellStory } from '../../kit/story.js';

/** Subscriptions of a gateway that loses its database; another gateway, which has it all the time, writes. */

let writing: TestApp;
let story: Story;
let proxy: DatabaseProxy;
let server: TestServer;

beforeAll(async () => {
  writing = await openTestApp();
  proxy = await openProxy(testConnection());
  server = await startTestServer({ connection: proxy.connection });
});
beforeEach(async () => {
  story = await tellStory(writing);
});
afterAll(async () => {
  await server.close();
  await proxy.close();
  await writing.close();
});

const conversationChanged = graphql(`
  subscription ChangedBeforeBreak($after: BigInt, $filter: ConversationFilter) {
    conversationChanged(after: $after, filter: $filter) { seq conversation { lastMessagePreview } }
  }
`);

type Variables = Parameters<typeof subscribe<unknown, { after?: string | number; filter?: object }>>[2];

const say = (text: string) =>
  story.desk.run(addMessage, { input: { conversationId: story.billing.id, text, direction: 'INBOUND' } });

const previews = ({ told }: Subscribed<unknown>) =>
  (told as { conversationChanged: { conversation: { lastMessagePreview: string } | null } }[]).map(
    (data) => data.conversationChanged.conversation?.lastMessagePreview,
  );

async function openSubscriptions(): Promise<string | undefined> {
  const metrics = await (await fetch(`${server.origin}/metrics`)).text();
  return /^deskgraph_subscriptions (\d+)$/m.exec(metrics)?.[1];
}

test.each(transports)('over %s, a subscription outlives its database going away and coming back', async (transport) => {
  const following = subscribe({ endpoint: server.endpoint, key: story.desk.key, transport }, conversationChanged, {
    after: '0',
  });
  await following.until(1);
  const known = following.told.length;
  await say('Before');
  await following.until(known + 1);
  for (const text of ['While it was away', 'While it was away again']) {
    await proxy.close();
    await say(text);
    // The gateway has noticed by then.
    await expect.poll(async () => (await fetch(`${server.origin}/ready`)).status).toBe(503);
    await proxy.open();
    await expect.poll(() => previews(following).at(-1)).toBe(text);
  }
  expect(following.failed).toEqual([]);
  following.leave();
  await expect.poll(openSubscriptions).toBe('0');
});

test.each<[string, Variables]>([
  ['its object', {}],
  ['whether it meets the filter', { filter: { status: { eq: 'OPEN' } } }],
])(
  'when the database is lost while %s is looked up, an event is told to whoever comes back',
  async (_what, variables) => {
    const options = { endpoint: server.endpoint, key: story.desk.key, transport: 'SSE' } as const;
    const following = subscribe(options, conversationChanged, { after: '0', ...variables });
    await following.until(1);
    const broken = proxy.breakAfter(story.billing.id);
    await say('Lost on the way');
    await broken;
    await expect(following.ended).resolves.toBe('complete');
    expect(following.failed).toMatchObject([{ errors: [{ extensions: { code: 'UNAVAILABLE', retryable: true } }] }]);
    expect(previews(following)).not.toContain('Lost on the way');
    expect(await openSubscriptions()).toBe('0');
    const seq = following.told.at(-1)?.conversationChanged.seq;
    const again = subscribe(options, conversationChanged, { ...variables, after: seq });
    await again.until(1);
    expect(previews(again)).toContain('Lost on the way');
    again.leave();
  },
);

test('a WebSocket that comes while the database is away is told to try again', async () => {
  await proxy.close();
  const options = { endpoint: server.endpoint, key: story.desk.key, transport: 'WebSocket' } as const;
  const refused = subscribe(options, conversationChanged, {});
  expect(await refused.ended).toMatchObject({ code: 1013 });
  await proxy.open();
  const following = subscribe(options, conversationChanged, { after: '0' });
  await following.until(1);
  following.leave();
});
