import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RecordClickInput } from '../../generated/graphql.js';
import { type Desk, openTestApp, type TestApp } from '../../kit/app.js';
import { expectRefusals } from '../../kit/ask.js';
import { newEvents } from '../../kit/records.js';
import { statementsOf } from '../../kit/statements.js';
import {
  claimClick,
  clickList,
  createCampaign,
  createLink,
  deleteLink,
  recordClick,
  recordClicks,
  recordConversion,
  updateCampaign,
  updateLink,
} from '../conversion/documents.js';
import { expectSettled } from '../conversion/ledger-kit.js';

let testApp: TestApp;
let desk: Desk;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  desk = await testApp.createDesk();
});
afterAll(() => testApp.close());

const campaign = async (name: string) => (await desk.run(createCampaign, { input: { name } })).createCampaign;
const link = async (campaignId?: string) => {
  const input = { url: 'https://shop.example.com/', name: 'Banner', campaignId: campaignId ?? null };
  return (await desk.run(createLink, { input })).createLink.link?.databaseId ?? '';
};
const click = async (input: RecordClickInput) => (await desk.run(recordClick, { input })).recordClick;

test('a click is refused by a name that no text can hold', async () => {
  const document = 'query ($clickId: String) { click(clickId: $clickId) { id } }';
  const expected = [{ code: 'BAD_USER_INPUT', argument: 'clickId' }];
  await expectRefusals(testApp, desk, document, { clickId: 'a\0b' }, expected);
});

describe('campaigns', () => {
  test('are created, renamed and listed; a name is taken once', async () => {
    const { campaign: spring } = await campaign('Spring');
    expect(spring).toMatchObject({ name: 'Spring', version: 1 });
    const id = spring?.databaseId ?? '';
    expect((await campaign(' Spring ')).userErrors).toEqual([
      { code: 'CONFLICT', path: ['input', 'name'], conflictingId: id },
    ]);
    const { campaign: summer } = await campaign('Summer');
    const rename = async (input: { id: string; name: string; ifVersion?: number }) =>
      (await desk.run(updateCampaign, { input })).updateCampaign;
    expect((await rename({ id: summer?.id ?? '', name: 'Spring' })).userErrors).toMatchObject([
      { code: 'CONFLICT', path: ['input', 'name'], conflictingId: id },
    ]);
    const events = await newEvents(testApp, desk, async () => {
      expect(await rename({ id, name: 'Spring sale' })).toMatchObject({ result: 'UPDATED', campaign: { version: 2 } });
      expect(await rename({ id, name: 'Spring sale' })).toMatchObject({ result: 'UNCHANGED' });
    });
    expect(events).toMatchObject([
      { type: 'campaign.updated', entityId: id, data: { before: { name: 'Spring' }, after: { name: 'Spring sale' } } },
    ]);
    expect((await rename({ id, name: 'X', ifVersion: 1 })).userErrors).toMatchObject([{ retryable: true }]);
  });
});

describe('links', () => {
  test('are changed and deleted, and leave their clicks', async () => {
    const { campaign: spring } = await campaign('Spring');
    const id = await link(spring?.databaseId);
    await click({ clickId: 'k1', linkId: id });
    const { updateLink: changed } = await desk.run(updateLink, { input: { id, campaignId: null, name: 'Footer' } });
    expect(changed).toMatchObject({ result: 'UPDATED', link: { name: 'Footer', campaign: null, version: 2 } });
    expect((await click({ clickId: 'k2', linkId: id })).click).toMatchObject({
      campaign: null,
      link: { isDeleted: false },
    });
    expect((await desk.run(clickList, {})).links.nodes).toEqual([{ databaseId: id, clicks: { totalCount: 2 } }]);

    expect((await desk.run(deleteLink, { input: { id } })).deleteLink).toEqual({ deletedId: id, userErrors: [] });
    expect((await desk.run(deleteLink, { input: { id } })).deleteLink.userErrors).toEqual([
      { code: 'NOT_FOUND', path: ['input', 'id'] },
    ]);
    const { clicks, links } = await desk.run(clickList, { filter: { campaignId: { eq: spring?.databaseId ?? '' } } });
    expect({ clicks, links }).toEqual({
      clicks: { totalCount: 1, nodes: [{ externalId: 'k1', link: { url: 'https://shop.example.com/' } }] },
      links: { nodes: [] },
    });
    expect((await click({ linkId: id })).userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'linkId'] }]);
  });

  test('refuse a campaign that there is not, and a URL of another kind', async () => {
    const create = async (input: { url: string; campaignId?: string }) =>
      (await desk.run(createLink, { input })).createLink.userErrors.map(({ code, path }) => [code, path.join('.')]);
    expect(await create({ url: 'https://a.example/', campaignId: 'cmp_none' })).toEqual([
      ['NOT_FOUND', 'input.campaignId'],
    ]);
    expect(await create({ url: 'javascript:alert(1)' })).toEqual([['BAD_USER_INPUT', 'input.url']]);
  });
});

describe('clicks', () => {
  test('say where they came from: utm_source, else the referrer’s host, else direct', async () => {
    const referrer = 'https://News.Example.com/today?x=1';
    expect((await click({ utmSource: 'mail', referrer })).click?.source).toBe('mail');
    expect((await click({ referrer })).click?.source).toBe('news.example.com');
    expect((await click({})).click?.source).toBe('direct');
  });

  test('take the campaign of their link, unless they name their own', async () => {
    const [spring, summer] = [(await campaign('Spring')).campaign, (await campaign('Summer')).campaign];
    const linkId = await link(spring?.databaseId);
    expect((await click({ linkId })).click?.campaign?.name).toBe('Spring');
    expect((await click({ linkId, campaignId: summer?.id ?? '' })).click?.campaign?.name).toBe('Summer');
    expect((await click({ linkId: 'lnk_none', campaignId: summer?.id ?? '' })).userErrors).toHaveLength(1);
    expect((await click({ linkId, campaignId: 'cmp_none' })).userErrors).toHaveLength(1);
  });

  test('are recorded once; who comes to be known later is their customer', async () => {
    const first = await click({ clickId: 'k', utmSource: 'mail', occurredAt: '2026-01-01T00:00:00Z' });
    expect(first).toMatchObject({ result: 'RECORDED', click: { customer: null } });
    const again = await click({ clickId: 'k', externalId: 'jane', utmSource: 'other' });
    expect(again).toMatchObject({
      result: 'DUPLICATE',
      click: { databaseId: first.click?.databaseId, utmSource: 'mail', customer: { externalId: 'jane' } },
    });
    expect(await click({ clickId: 'k', externalId: 'omar' })).toMatchObject({
      click: { customer: { externalId: 'jane' } },
    });
    await expectSettled(testApp, desk);
  });

  test('are claimed by one customer', async () => {
    await click({ clickId: 'k', occurredAt: '2026-01-01T00:00:00Z' });
    const [jane, omar] = await Promise.all(
      ['jane', 'omar'].map(async (externalId) => {
        const input = { class: 'LEAD' as const, externalId };
        return (await desk.run(recordConversion, { input })).recordConversion.conversion?.customer?.databaseId ?? '';
      }),
    );
    const claim = async (customerId = '') =>
      (await desk.run(claimClick, { input: { clickId: 'k', customerId } })).claimClick;
    expect(await claim(jane)).toMatchObject({ result: 'UPDATED', click: { customer: { databaseId: jane } } });
    expect(await claim(jane)).toMatchObject({ result: 'UNCHANGED' });
    expect((await claim(omar)).userErrors).toEqual([
      { code: 'CONFLICT', path: ['input', 'clickId'], conflictingId: jane },
    ]);
    await expectSettled(testApp, desk);
  });

  test('are recorded by the thousand in as many statements as three', async () => {
    const many = (count: number, offset: number) =>
      Array.from({ length: count }, (_, place) => ({
        clickId: `k${offset + place}`,
        externalId: place % 2 === 0 ? `c${place % 90}` : null,
      }));
    const send = (count: number, offset: number) =>
      desk.run(recordClicks, { input: { clicks: many(count, offset), errorPolicy: 'ALL_OR_NOTHING' } });
    await send(90, 0);
    const few = await statementsOf(() => send(3, 100));
    expect((await statementsOf(() => send(1_000, 200))).length).toBe(few.length);
    const { recordClicks: again } = await send(1_000, 200);
    expect(new Set(again.results?.map(({ result }) => result))).toEqual(new Set(['DUPLICATE']));
    await expectSettled(testApp, desk);
  });

  test('are refused one by one', async () => {
    const clicks = [{ clickId: 'a' }, { clickId: 'b', linkId: 'lnk_none' }, { clickId: 'c', referrer: 'nowhere' }];
    const { recordClicks: answer } = await desk.run(recordClicks, { input: { clicks, errorPolicy: 'PER_ITEM' } });
    expect(
      answer.results?.map(({ click: one, userErrors }) => [
        one?.externalId,
        userErrors.map(({ path }) => path.join('.')),
      ]),
    ).toEqual([
      ['a', []],
      [undefined, ['input.clicks.1.linkId']],
      [undefined, ['input.clicks.2.referrer']],
    ]);
  });
});
