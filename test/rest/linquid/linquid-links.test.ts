import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { graphql } from '../../generated/gql.js';
import type { Desk } from '../../kit/app.js';
import { startTestServer, type TestServer } from '../../kit/http.js';
import { aMoment, badRequest, refusedWith, succeeded } from '../../kit/linquid.js';
import { anId, call, expectAnswer, type RestRequest } from '../../kit/rest.js';

/** Linquid's links and conversions, by the examples of its pages. */

const keptDetails = graphql(`
  query LinquidKeptDetails {
    conversions { nodes { orderId pixelId metadata payout { amountMinor currency } } }
  }
`);

let server: TestServer;
let desk: Desk;

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  desk = await server.createDesk();
});
afterAll(() => server.close());

const send = (path: string, request?: RestRequest) => call(server, desk, path, request);
const post = (path: string, body: unknown, key = desk.key) => send(path, { method: 'POST', body, key });

describe('links', () => {
  const summer = {
    destinationUrl: 'https://example.com/landing-page',
    title: 'Summer Campaign Link',
    tags: ['summer', 'promo'],
  };
  const shown = (others: object = {}) => ({
    id: anId('lnk'),
    shortCode: expect.stringMatching(/^[0-9A-Za-z]{7}$/),
    shortUrl: null,
    ...summer,
    campaignId: null,
    enabled: true,
    passwordProtected: false,
    expiresAt: null,
    clicksLimit: null,
    createdAt: aMoment,
    updatedAt: aMoment,
    ...others,
  });

  test('are created, and listed by campaign in numbered pages', async () => {
    const { id: campaignId } = await server.services.campaigns.create(desk.operator, { name: 'Summer' });
    expectAnswer(await post('/api/links', summer), succeeded(shown(), 201));
    const named = await post('/api/links', { ...summer, campaignId, shortCode: 'summer-sale' });
    expectAnswer(named, succeeded(shown({ campaignId, shortCode: 'summer-sale' }), 201));
    const pagination = { page: 1, limit: 20, total: 1, totalPages: 1, hasMore: false };
    expectAnswer(await send(`/api/links?campaignId=${campaignId}`), {
      status: 200,
      body: { success: true, data: [shown({ campaignId, shortCode: 'summer-sale' })], pagination },
    });
    const second = await send('/api/links?page=2&limit=1');
    expect(second.body).toMatchObject({
      data: [{ campaignId: null }],
      pagination: { page: 2, limit: 1, total: 2, totalPages: 2, hasMore: false },
    });
  });

  test('are refused with what cannot be used', async () => {
    for (const [body, message] of [
      [{}, 'destinationUrl is required.'],
      [{ destinationUrl: 'example.com' }, 'destinationUrl must be an http or https URL.'],
      [{ ...summer, shortCode: 'a b' }, 'shortCode must be 1 to 64 letters, digits, hyphens and underscores.'],
      [{ ...summer, campaignId: 'cmp_nothing' }, 'campaignId names no campaign.'],
      [{ ...summer, campaignId: 'nothing' }, 'campaignId must be an ID.'],
      [{ ...summer, tags: 'summer' }, 'tags must be a list.'],
    ] as const) {
      expectAnswer(await post('/api/links', body), badRequest(message));
    }
    expectAnswer(await send('/api/links?campaignId=nothing'), badRequest('campaignId must be the ID of a campaign.'));
    const other = await server.createDesk();
    const { id } = await server.services.campaigns.create(other.operator, { name: 'Theirs' });
    expectAnswer(await post('/api/links', { ...summer, campaignId: id }), badRequest('campaignId names no campaign.'));
    const first = await post('/api/links', { ...summer, shortCode: 'taken' });
    const holder = (first.body as { data: { id: string } }).data.id;
    expectAnswer(
      await post('/api/links', { ...summer, shortCode: 'taken' }),
      refusedWith(409, 'SHORT_CODE_EXISTS', `A link has this short code: ${holder}.`),
    );
    expect((await call(server, other, '/api/links')).body).toMatchObject({ data: [] });
  });
});

describe('conversions', () => {
  const purchase = { clickId: 'abc123xyz789', event: 'purchase', value: 99.99, currency: 'USD', orderId: 'ORD-12345' };
  let linkId: string;
  beforeEach(async () => {
    const link = await server.services.links.create(desk.operator, { url: 'https://example.com' });
    linkId = link.id;
    await server.services.clicks.record(desk.operator, { clickId: purchase.clickId, linkId });
  });
  const track = (body: object, key?: string) => post('/api/conversions/track', body, key);
  const count = () => server.database.prisma.conversion.count({ where: { workspaceId: desk.workspaceId } });

  test('are tracked once for each order', async () => {
    const tracked = await track(purchase);
    expectAnswer(tracked, succeeded({ conversionId: anId('cnv'), ...purchase, tracked: true, timestamp: aMoment }));
    const { conversionId } = (tracked.body as { data: { conversionId: string } }).data;
    const duplicate = refusedWith(409, 'DUPLICATE_ORDER_ID', `The order is there already: ${conversionId}.`);
    expectAnswer(await track(purchase), duplicate);
    const stored = await server.services.conversions.get(desk.operator, { id: conversionId });
    expect(stored).toMatchObject({ class: 'SALE', amountMinor: 9_999n, currency: 'USD', orderId: 'ORD-12345' });
    expect((await track({ clickId: purchase.clickId, event: 'signup' })).status).toBe(200);
    expect((await track({ clickId: purchase.clickId, event: 'install', metadata: { os: 'ios' } })).status).toBe(200);
    const classes = await server.database.prisma.conversion.findMany({
      where: { workspaceId: desk.workspaceId },
      orderBy: { id: 'asc' },
      select: { class: true, name: true },
    });
    expect(classes).toEqual([
      { class: 'SALE', name: null },
      { class: 'LEAD', name: null },
      { class: 'CUSTOM', name: 'install' },
    ]);
  });

  test('keep what they come with: pixel, metadata and payout', async () => {
    const details = { pixelId: 'px_1', metadata: { plan: 'team', seats: [1, { at: 'window' }] } };
    const tracked = await track({ ...purchase, ...details });
    expect(tracked).toMatchObject({ status: 200, body: { data: details } });
    const postback = 'lw_cid=abc123xyz789&event=purchase&amount=20&orderId=ORD-2&payout=1.5';
    expect((await send(`/api/conversions/postback?${postback}`)).body).toMatchObject({ data: { payout: 1.5 } });
    const { conversions } = await desk.run(keptDetails);
    expect(conversions.nodes).toEqual([
      { orderId: 'ORD-2', pixelId: null, metadata: {}, payout: { amountMinor: 150, currency: 'USD' } },
      { orderId: 'ORD-12345', ...details, payout: null },
    ]);
    expectAnswer(
      await send('/api/conversions/postback?lw_cid=abc123xyz789&payout=0.001'),
      badRequest('payout must have at most 2 decimal places.'),
    );
    expect(await track({ ...purchase, orderId: 'ORD-3', metadata: { text: 'x'.repeat(17_000) } })).toMatchObject({
      status: 400,
      body: { message: 'metadata must have at most 16384 bytes as JSON.' },
    });
  });

  test('are recorded by a postback, and by a server that is told of duplicates', async () => {
    const query = 'lw_cid=abc123xyz789&amount=99.99&currency=USD&event=purchase&orderId=ORD-1';
    expect((await send(`/api/conversions/postback?${query}`, { method: 'HEAD' })).status).toBe(405);
    expect(await count()).toBe(0);
    expectAnswer(
      await send(`/api/conversions/postback?${query}`),
      succeeded({ conversionId: anId('cnv'), clickId: 'abc123xyz789', tracked: true }),
    );
    expect((await send(`/api/conversions/postback?${query}`)).status).toBe(409);
    const body = { click_id: 'abc123xyz789', event: 'purchase', value: 99.99, currency: 'USD', order_id: 'ORD-2' };
    const answer = { conversionId: anId('cnv'), attributed: true, linkId, campaignId: null };
    const s2s = (others: object = {}) => post('/conversions/s2s', { ...body, ...others });
    expectAnswer(await s2s({ timestamp: '2026-01-02T04:04:05+01:00' }), succeeded(answer));
    expectAnswer(await s2s(), succeeded({ ...answer, duplicate: true }));
    expect(await s2s({ value: 1 })).toMatchObject({ status: 409, body: { code: 'DUPLICATE_ORDER_ID' } });
    expect(await count()).toBe(2);
  });

  test.each([
    ['JPY', 100, 100n, 100.5, 0],
    ['KWD', 1.234, 1_234n, 1.2345, 3],
  ])('without a currency are in %s, that of the workspace, with its decimal places', async (...told) => {
    const [currency, value, amountMinor, finer, places] = told;
    const there = await server.createDesk('There', { currency });
    await server.services.clicks.record(there.operator, { clickId: 'abc', externalId: 'usr_1' });
    const track = (given: number, orderId: string) =>
      call(server, there, '/api/conversions/track', {
        method: 'POST',
        body: { clickId: 'abc', event: 'purchase', value: given, orderId },
      });
    expect(await track(value, 'ORD-1')).toMatchObject({ status: 200, body: { data: { value, currency } } });
    expectAnswer(await track(finer, 'ORD-2'), badRequest(`value must have at most ${places} decimal places.`));
    const postback = `/api/conversions/postback?lw_cid=abc&event=purchase&amount=${value}&payout=${value}`;
    expect((await call(server, there, postback)).status).toBe(200);
    const body = { click_id: 'abc', event: 'purchase', value };
    expect((await call(server, there, '/conversions/s2s', { method: 'POST', body })).status).toBe(200);
    expect(await call(server, there, '/customers/ext_usr_1')).toMatchObject({
      body: { data: { ltv: { amountMinor: Number(amountMinor * 3n), currency } } },
    });
  });

  test('are refused with what cannot be used, and to keys that may not', async () => {
    for (const [body, message] of [
      [{ event: 'purchase' }, 'clickId is required.'],
      [{ ...purchase, clickId: 'nothing' }, 'clickId names no click.'],
      [{ ...purchase, value: '99.99' }, 'value must be a number from 0 to 1000000000000.'],
      [{ ...purchase, value: -1 }, 'value must be a number from 0 to 1000000000000.'],
      [{ ...purchase, value: 1e10 + 1 }, 'value must be at most 10000000000 USD.'],
      [{ ...purchase, value: 0.001 }, 'value must have at most 2 decimal places.'],
      [{ ...purchase, currency: 'usd' }, 'currency must be an ISO 4217 code such as USD.'],
      [{ ...purchase, currency: 'EUR' }, 'exchangeRate must say what 1 EUR is worth in USD.'],
      [{ clickId: purchase.clickId, event: 'purchase' }, 'value must be given for a sale.'],
    ] as const) {
      expectAnswer(await track(body), badRequest(message));
    }
    expectAnswer(await send('/api/conversions/postback?amount=1'), badRequest('lw_cid is required.'));
    expectAnswer(await send('/api/conversions/postback?lw_cid=nothing'), badRequest('lw_cid names no click.'));
    expectAnswer(await post('/conversions/s2s', { click_id: 'nothing' }), badRequest('click_id names no click.'));
    for (const timestamp of [
      'today',
      '0000-01-01T00:00:00Z',
      '0001-01-01T00:00:00+01:00',
      '9999-12-31T23:59:59-01:00',
    ]) {
      expectAnswer(
        await post('/conversions/s2s', { click_id: 'abc123xyz789', timestamp }),
        badRequest('timestamp must be a time such as 2026-03-13T10:00:00Z.'),
      );
    }
    expectAnswer(
      await post('/conversions/s2s', { click_id: 'abc123xyz789', value: 1, currency: 'EUR', exchange_rate: '0' }),
      badRequest('exchange_rate must be greater than 0.'),
    );
    expectAnswer(
      await post('/conversions/s2s', { click_id: 'abc123xyz789', value: '1' }),
      badRequest('value must be a number from 0 to 1000000000000.'),
    );
    const { key } = await desk.withScopes('links:read');
    expectAnswer(await track(purchase, key), refusedWith(403, 'FORBIDDEN', 'This key lacks the scope links:create.'));
    const other = await server.createDesk();
    const ofOther = await call(server, other, '/api/conversions/track', { method: 'POST', body: purchase });
    expectAnswer(ofOther, badRequest('clickId names no click.'));
    const without = await server.createDesk('No plan', { entitlements: [] });
    for (const path of ['/api/links', '/api/conversions/postback']) {
      expect((await call(server, without, path)).body).toMatchObject({ code: 'ENTITLEMENT_REQUIRED' });
    }
    expect(await count()).toBe(0);
  });
});
