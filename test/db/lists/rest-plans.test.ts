import { print } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type ConversationFilter,
  CstarWebhooksDocument,
  TidyWebhooksDocument,
} from '../../../src/generated/documents/graphql.js';
import { type BigDesk, openBigDesk } from '../../kit/big-desk.js';
import { fillCrowd } from '../../kit/crowd.js';
import { costsOf, expectBounded } from '../../kit/plans.js';

/** What the lists of the shim cost, as its documents ask for them: the plans of their statements. */

const size = { customers: 1_000, conversations: 16_000, messages: 0 };
const links = 10_000;
const endpoints = 50;
const deliveriesEach = 200;
const page = 20;
const smallMultiple = 5 * (page + 1);

let big: BigDesk;

beforeAll(async () => {
  big = await openBigDesk(async (client, { workspaceId }) => {
    const run = (text: string, ...values: unknown[]) => client.query(text, [workspaceId, ...values]);
    await fillCrowd(client, workspaceId, size);
    await run(
      `UPDATE "Conversation" SET "firstResponseAt" = "createdAt" WHERE "workspaceId" = $1 AND substr("id", 5)::int % 40 = 1`,
    );
    await run(
      `UPDATE "Conversation" SET "snoozedUntil" = now() + interval '1 day'
     WHERE "workspaceId" = $1 AND "status" = 'OPEN' AND substr("id", 5)::int % 200 = 1`,
    );
    await run(
      `INSERT INTO "Link" ("workspaceId", "id", "url", "campaignId", "createdAt", "deletedAt")
     SELECT $1, 'lnk_' || n, 'https://x.test/' || n, CASE WHEN n % 100 = 3 THEN 'cmp_rare' ELSE 'cmp_' || n % 7 END,
       timestamptz '2026-01-01' + n * interval '1 minute', CASE WHEN n % 10 = 1 THEN now() END
     FROM generate_series(0, $2::int - 1) AS n`,
      links,
    );
    await run(
      `INSERT INTO "WebhookEndpoint" ("workspaceId", "id", "url", "eventTypes", "format", "afterSeq", "createdAt")
     SELECT $1, 'whe_' || n, 'https://x.test/', ARRAY['*'], (CASE WHEN n % 2 = 0 THEN 'CSTAR' ELSE 'TIDYSUPPORT' END)::"WebhookFormat",
       0, timestamptz '2026-01-01' + n * interval '1 minute' FROM generate_series(0, $2::int - 1) AS n`,
      endpoints,
    );
    await run(
      `INSERT INTO "WebhookDelivery" ("workspaceId", "id", "endpointId", "eventId", "type", "status", "createdAt")
     SELECT $1, 'whd_' || n, 'whe_' || n % $2::int, 'evt_' || n, 'customer.created', 'SUCCEEDED',
       timestamptz '2026-01-01' + n * interval '1 minute' FROM generate_series(0, $2::int * $3::int - 1) AS n`,
      endpoints,
      deliveriesEach,
    );
    await run(
      `INSERT INTO "WebhookAttempt" ("workspaceId", "id", "deliveryId", "result", "startedAt", "durationMs")
     SELECT $1, 'wha_' || n, 'whd_' || n / 2, 'SUCCEEDED', timestamptz '2026-01-01' + n * interval '1 minute', 5
     FROM generate_series(0, $2::int - 1) AS n`,
      2 * endpoints * deliveriesEach,
    );
  });
});
afterAll(() => big?.close());

/** The statements that a document sends to read this table, beside those that only count. */
async function statementsOf(document: string, variables: object, table: string) {
  const sent = await big.sentFor(document, variables);
  const found = sent.filter(({ text }) => text.includes(`FROM "${table}" AS `) && !/SELECT count\(/i.test(text));
  expect(found.length, sent.map(({ text }) => text).join('\n')).toBeGreaterThan(0);
  return found;
}

/** A list of a document alone, without what is joined to each of its rows. */
const tickets = `query ($filter: ConversationFilter!) { conversations(
  first: ${page}, offset: 0, filter: $filter, orderBy: { field: CREATED_AT, direction: DESC }
) { nodes { databaseId } } }`;
const listedLinks = `query ($filter: LinkFilter!) { links(first: ${page}, offset: 0, filter: $filter) { nodes { databaseId } } }`;

describe('tickets by their status, the newest first, read little more than the page:', () => {
  const isSnoozed = false;
  test.each<[string, ConversationFilter, number]>([
    ['resolved', { status: { eq: 'CLOSED' } }, smallMultiple],
    ['closed', { status: { eq: 'ARCHIVED' } }, smallMultiple],
    ['new', { status: { eq: 'OPEN' }, isSnoozed, firstResponseAt: { isNull: true } }, smallMultiple],
    ['open', { status: { eq: 'OPEN' }, isSnoozed, firstResponseAt: { isNull: false } }, smallMultiple],
    // Those that are snoozed are few, and an index names them.
    ['pending', { status: { eq: 'OPEN' }, isSnoozed: true }, size.conversations / 200 + smallMultiple],
  ])('%s', async (status, filter, most) => {
    for (const statement of await statementsOf(tickets, { filter }, 'Conversation'))
      for (const cost of await costsOf(big.client, statement)) expectBounded(status, cost, most);
  });
});

describe('links, the newest first, read little more than the page:', () => {
  test.each([undefined, { eq: 'cmp_1' }, { eq: 'cmp_rare' }])('of campaign %o', async (campaignId) => {
    for (const statement of await statementsOf(listedLinks, { filter: { campaignId } }, 'Link'))
      for (const cost of await costsOf(big.client, statement)) expectBounded('links', cost, smallMultiple);
  });
});

describe('webhooks read those of the workspace, and of their deliveries the latest alone:', () => {
  test.each([
    ['TidySupport', print(TidyWebhooksDocument), ['WebhookEndpoint', 'WebhookDelivery', 'WebhookAttempt']],
    ['cStar', print(CstarWebhooksDocument), ['WebhookEndpoint']],
  ])('%s', async (_name, document, tables) => {
    for (const table of tables)
      for (const statement of await statementsOf(document, {}, table))
        for (const cost of await costsOf(big.client, statement)) expectBounded(table, cost, 3 * endpoints);
  });
});
