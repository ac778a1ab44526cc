import { expect, test } from 'vitest';
import { sdkCalls } from '../../src/pages/reference/sdk-calls.js';
import type { Method } from '../../src/rest/route.js';
import { createRouter } from '../../src/rest/router.js';
import { tidysupport } from '../../src/rest/tidysupport/dialect.js';
import { init } from '../../src/sdk/index.js';

/** The SDK has a call for each route of TidySupport. */

const page = { items: [], cursor: null, hasMore: false };
/** What each call finds what it looks for in. */
const answer = { ...page, customers: page, conversations: page, thread: { messages: page }, webhooks: page };

/** A client that sends nothing, and the ids of the routes that it would have called. */
function openUnsent() {
  const find = createRouter(tidysupport.routes);
  const called = new Set<string | undefined>();
  const client = init('ts_sk_live_1', {
    workspaceId: 'wrk_1',
    fetch: async (input, options) => {
      const { pathname, searchParams } = new URL(String(input));
      const route = find(pathname)?.methods.get(options?.method as Method);
      called.add(route?.id);
      expect(route?.queryParameters.safeParse(Object.fromEntries(searchParams))).toMatchObject({ success: true });
      if (route?.body) expect(route.body.safeParse(JSON.parse(String(options?.body)))).toMatchObject({ success: true });
      return Response.json(answer);
    },
  });
  return { client, called };
}

async function take(items: AsyncIterable<unknown>): Promise<void> {
  for await (const item of items) expect(item).toBeUndefined();
}

const ids = tidysupport.routes.map(({ id }) => id).toSorted();

test('each route is called, and with what it takes', async () => {
  const { client, called } = openUnsent();
  const { customers, contacts, conversations, messages, webhooks, analytics, search } = client;

  await customers.create({ externalId: 'usr_1' });
  await customers.get('ctc_1');
  await customers.getByExternalId('usr_1');
  await customers.update('ctc_1', { name: null });
  await customers.delete('ctc_1');
  await take(customers.list({ status: 'ACTIVE', limit: 1 }));
  await contacts.create({ email: 'jane@example.com' });
  await contacts.get('ctc_1');
  await take(contacts.list({ limit: 1 }));
  await take(contacts.conversations('ctc_1', { limit: 1 }));
  await search('jane', { limit: 1 });
  await conversations.create({ email: 'jane@example.com', contentText: 'Hi' });
  await conversations.get('thd_1');
  await take(conversations.list({ status: 'CLOSED', limit: 1 }));
  await conversations.setStatus('thd_1', 'CLOSED');
  await conversations.assign('thd_1', null);
  await messages.create('thd_1', { contentText: 'Hi' });
  await take(messages.list('thd_1', { limit: 1 }));
  await webhooks.create({ url: 'https://example.com/hook', events: ['CONTACT_CREATED'] });
  await webhooks.list();
  await webhooks.update('wh_1', { status: 'PAUSED' });
  await webhooks.delete('wh_1');
  await analytics.overview({ from: '2026-03-01', to: '2026-03-13' });
  await analytics.timeseries({ from: '2026-03-01' });
  await analytics.topCountries();

  expect([...called].toSorted()).toEqual(ids);
});

test('the reference shows the call of each route', async () => {
  expect(Object.keys(sdkCalls).toSorted()).toEqual(ids);
  for (const [id, call] of Object.entries(sdkCalls)) {
    const { client, called } = openUnsent();
    const result: Promise<unknown> | AsyncIterable<unknown> = new Function('client', `return client.${call}`)(client);
    await (Symbol.asyncIterator in result ? take(result) : result);
    expect([id, [...called]]).toEqual([id, [id]]);
  }
});
