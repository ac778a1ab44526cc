import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { init, NotFoundError, type TidySupport } from '../../src/sdk/index.js';
import { startTestServer, type TestServer } from '../kit/http.js';
import { type Story, tellStory } from '../kit/story.js';

/** The inbox and the webhooks by the client for Node.js, against the gateway over the network. */

let server: TestServer;
let story: Story;
let tidysupport: TidySupport;

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  story = await tellStory(server);
  const { key, workspaceId } = story.desk;
  tidysupport = init(key, { baseUrl: server.origin, workspaceId });
});
afterAll(() => server.close());

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test('a conversation is started, read, answered, assigned and closed', async () => {
  const { conversations, messages, contacts } = tidysupport;
  const started = await conversations.create({ email: 'zoe@example.com', name: 'Zoë', contentText: 'Hi Zoë' });
  const { id } = started.conversation;
  expect(await contacts.get(started.contact.id)).toMatchObject({ email: 'zoe@example.com', name: 'Zoë' });
  expect(await contacts.create({ email: 'zoe@example.com' })).toMatchObject({ id: started.contact.id });
  await messages.create(id, { contentText: 'Are you there?' });
  const note = await messages.create(id, { contentText: 'She is not.', isInternal: true });
  const all = await collect(messages.list(id, { limit: 1 }));
  expect(all.map(({ contentText }) => contentText)).toEqual(['Hi Zoë', 'Are you there?', 'She is not.']);
  expect(all.at(-1)).toMatchObject({ id: note.id, isInternal: true });
  await conversations.assign(id, story.ada.id);
  await conversations.setStatus(id, 'CLOSED');
  expect(await conversations.get(id)).toMatchObject({ id, status: 'CLOSED', assignedToId: story.ada.id });
  const open = await collect(conversations.list({ status: 'OPEN', limit: 1 }));
  expect(open.map((one) => one.id)).toEqual([story.billing.id]);
  await expect(conversations.get('thd_nothing')).rejects.toThrow(NotFoundError);
  await expect(collect(messages.list('thd_nothing'))).rejects.toThrow(NotFoundError);
});

test('contacts are listed with their conversations, and found', async () => {
  const { contacts, search } = tidysupport;
  const listed = await collect(contacts.list({ limit: 1 }));
  const shown = listed.find(({ contact }) => contact.id === story.jane.id);
  expect(shown).toMatchObject({ latestThread: { id: story.billing.id } });
  const threads = await collect(contacts.conversations(story.jane.id, { limit: 1 }));
  expect(threads.map(({ id }) => id)).toContain(story.billing.id);
  const { contacts: found } = await search('jane', { limit: 5 });
  expect(found.map(({ id }) => id)).toEqual([story.jane.id]);
});

test('what came in during a period is counted', async () => {
  const { analytics } = tidysupport;
  const { totalEvents, totalRevenue } = await analytics.overview();
  expect(totalEvents).toBeGreaterThan(0);
  expect(totalRevenue).toBe(0);
  const days = await analytics.timeseries();
  expect(days.reduce((sum, { count }) => sum + count, 0)).toBe(totalEvents);
  expect(await analytics.topCountries({ from: '2020-01-01', to: '2020-01-02' })).toEqual([]);
  await expect(analytics.overview({ from: '2020-01-02', to: '2020-01-01' })).rejects.toThrow('to must not lie before');
});

test('webhooks are made, listed, changed and deleted', async () => {
  const { webhooks } = tidysupport;
  const { secret, ...made } = await webhooks.create({ url: 'https://example.com/hook', events: ['CONTACT_CREATED'] });
  expect(secret).toMatch(/^whsec_/);
  expect(await webhooks.list()).toEqual([made]);
  expect(await webhooks.update(made.id, { status: 'PAUSED' })).toMatchObject({ id: made.id, status: 'PAUSED' });
  await webhooks.delete(made.id);
  await expect(webhooks.delete(made.id)).rejects.toThrow(NotFoundError);
});

test('the inbox needs to know its workspace, and paths name something', async () => {
  const without = init(story.desk.key, { baseUrl: server.origin });
  await expect(without.conversations.get('thd_1')).rejects.toThrow('init needs a workspaceId to use the inbox.');
  for (const id of JSON.parse('["", ".", "..", null]') as string[]) {
    await expect(tidysupport.conversations.get(id)).rejects.toThrow('id must name something.');
  }
});
