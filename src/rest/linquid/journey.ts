import { z } from 'zod';
import {
  LinquidAttributionDocument,
  type LinquidCreditFragment,
  LinquidJourneyDocument,
  type LinquidJourneyQuery,
} from '../../generated/documents/graphql.js';
import { integer } from '../input.js';
import { defineRoute, none, type Route } from '../route.js';
import {
  answer,
  answerSpec,
  common,
  found,
  type Mount,
  missing,
  moneySchema,
  needs,
  one,
  timeSchema,
  usd,
} from './common.js';
import { refusals } from './errors.js';

/** What happened to one customer, and which clicks brought what was sold. */

const named = z.strictObject({ id: z.string(), name: z.string().nullable() }).nullable();
const entry = <Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  z.strictObject({ type: z.literal(type), occurredAt: timeSchema, ...shape });

const entrySchema = z.discriminatedUnion('type', [
  entry('CLICK', {
    click: z.strictObject({
      id: z.string(),
      clickId: z.string(),
      source: z.string(),
      link: z.strictObject({ id: z.string(), name: z.string().nullable(), url: z.string() }).nullable(),
      campaign: named,
    }),
  }),
  entry('CONVERSION', {
    conversion: z.strictObject({
      id: z.string(),
      class: z.enum(['LEAD', 'SALE', 'CUSTOM']),
      status: z.enum(['PENDING', 'APPROVED', 'REFUNDED', 'REJECTED', 'FRAUD']),
      name: z.string().nullable(),
      orderId: z.string().nullable(),
      amount: moneySchema.describe('As it was paid; negative for a refund.'),
      refundOfId: z.string().nullable().describe('The conversion that it refunds; null when it is no refund.'),
    }),
  }),
  entry('CONVERSATION', {
    conversation: z.strictObject({
      id: z.string(),
      subject: z.string().nullable(),
      status: z.enum(['OPEN', 'CLOSED', 'ARCHIVED']),
    }),
  }),
  entry('MESSAGE', {
    message: z.strictObject({
      id: z.string(),
      direction: z.enum(['INBOUND', 'OUTBOUND', 'SYSTEM']),
      preview: z.string(),
    }),
  }),
  entry('PROFILE_CHANGE', {
    change: z.string().describe('What became of the customer, such as "customer.updated".'),
    changedFields: z.array(z.string()),
  }),
]);

type Journey = NonNullable<LinquidJourneyQuery['trackedCustomerJourney']>;

function entryOf({ kind, occurredAt, click, conversion, conversation, message, ...change }: Journey['nodes'][number]) {
  const when = { type: kind, occurredAt };
  if (click) {
    const { databaseId: id, externalId: clickId, source, link, campaign } = click;
    const ofLink = link ? { id: link.databaseId, name: link.name ?? null, url: link.url } : null;
    const ofCampaign = campaign ? { id: campaign.databaseId, name: campaign.name } : null;
    return { ...when, click: { id, clickId, source, link: ofLink, campaign: ofCampaign } };
  }
  if (conversion) {
    const { databaseId: id, class: kind, status, name = null, orderId = null, amount, refundOf } = conversion;
    const refundOfId = refundOf?.databaseId ?? null;
    return { ...when, conversion: { id, class: kind, status, name, orderId, amount, refundOfId } };
  }
  if (conversation) {
    const { databaseId: id, subject = null, status } = conversation;
    return { ...when, conversation: { id, subject, status } };
  }
  if (message)
    return { ...when, message: { id: message.databaseId, direction: message.direction, preview: message.preview } };
  return { ...when, change: change.change, changedFields: change.changedFields ?? [] };
}

const credited = moneySchema.describe('The part of the revenue that it gets the credit for; 0 before a sale.');
const touched = { firstTouchAt: z.iso.datetime(), lastTouchAt: z.iso.datetime() };

/** What a link or campaign brought; null for what came without one. */
const creditOf = ({ key = null, label = null, amount, firstTouchAt, lastTouchAt }: LinquidCreditFragment) => ({
  id: key,
  name: label,
  credit: amount,
  firstTouchAt,
  lastTouchAt,
});
const creditSchema = z.strictObject({
  id: z.string().nullable(),
  name: z.string().nullable(),
  credit: credited,
  ...touched,
});

/** The first or the last click of a customer; null without any. */
const touchOf = (click: LinquidCreditFragment | undefined) =>
  click ? { id: click.key, clickId: click.label, occurredAt: click.firstTouchAt } : null;
const touchSchema = z.strictObject({ id: z.string(), clickId: z.string(), occurredAt: z.iso.datetime() }).nullable();
const touch = { id: 'clk_abc123', clickId: 'k_8f3a', occurredAt: '2026-01-06T12:00:00.000Z' };
const touchedOnce = { firstTouchAt: touch.occurredAt, lastTouchAt: touch.occurredAt };

export const journeyRoutes = ({ prefix, suffix }: Mount): readonly Route[] => [
  defineRoute({
    ...common,
    method: 'GET',
    path: `${prefix}/{id}/journey`,
    id: `getCustomerJourney${suffix}`,
    summary: 'Shows what happened to a customer, the latest first.',
    access: `${needs('analytics:read')} Clicks show to keys with links:read, changes of the profile with customers:read, conversations and messages with conversations:read.`,
    pathParameters: one,
    queryParameters: z.object({
      limit: integer('limit', 1, 100, 20).describe('How many entries at most.'),
      cursor: z.string().optional().describe('Where to go on: the cursor of the page before.'),
    }),
    responses: [
      answerSpec(
        'A page of the journey.',
        z.strictObject({
          entries: z.array(entrySchema),
          cursor: z.string().nullable().describe('Where the next page begins; null on the last one.'),
          hasMore: z.boolean(),
        }),
        {
          entries: [
            {
              type: 'CONVERSION',
              occurredAt: '2026-03-14T09:30:00.000Z',
              conversion: {
                id: 'cnv_xyz789',
                class: 'SALE',
                status: 'APPROVED',
                name: null,
                orderId: 'ord_1',
                amount: usd(12_900),
                refundOfId: null,
              },
            },
            {
              type: 'CLICK',
              occurredAt: '2026-03-13T10:00:00.000Z',
              click: {
                id: 'clk_abc123',
                clickId: 'k_8f3a',
                source: 'newsletter',
                link: { id: 'lnk_abc123', name: null, url: 'https://example.com/pricing' },
                campaign: { id: 'cmp_abc123', name: 'Spring' },
              },
            },
          ],
          cursor: null,
          hasMore: false,
        },
      ),
      ...refusals({ ...missing, 400: { message: 'Invalid cursor.' } }),
    ],
    document: LinquidJourneyDocument,
    variables: ({ path, query: { limit, cursor } }) => ({ ...path.id, first: limit, after: cursor }),
    reply({ trackedCustomerJourney }) {
      const { nodes, pageInfo } = found(trackedCustomerJourney);
      const { hasNextPage: hasMore, endCursor = null } = pageInfo;
      return answer({ entries: nodes.map(entryOf), cursor: hasMore ? endCursor : null, hasMore });
    },
  }),

  defineRoute({
    ...common,
    method: 'GET',
    path: `${prefix}/{id}/attribution`,
    id: `getCustomerAttribution${suffix}`,
    summary: 'Shows the clicks, links and campaigns of a customer, and their credit for what it has bought.',
    access: needs('analytics:read'),
    pathParameters: one,
    queryParameters: none,
    responses: [
      answerSpec(
        'The credits, by the model of the workspace. Each list and what is not attributed come to the revenue exactly.',
        z.strictObject({
          model: z.enum(['LAST', 'FIRST', 'LINEAR', 'POSITION', 'DECAY']),
          windowDays: z.int().describe('How many days before a sale a click counts.'),
          revenue: moneySchema,
          unattributed: moneySchema.describe('What was bought without a click in the days before it.'),
          firstTouch: touchSchema.describe('The first click.'),
          lastTouch: touchSchema.describe('The last click.'),
          clicks: z
            .array(
              z.strictObject({ id: z.string(), clickId: z.string(), credit: credited, occurredAt: z.iso.datetime() }),
            )
            .describe('In their order. Of those without a credit, the first one and the latest 200.'),
          links: z.array(creditSchema),
          campaigns: z.array(creditSchema),
          sources: z.array(z.strictObject({ source: z.string(), credit: credited, ...touched })),
        }),
        {
          model: 'LAST',
          windowDays: 30,
          revenue: usd(12_900),
          unattributed: usd(2_900),
          firstTouch: touch,
          lastTouch: touch,
          clicks: [{ ...touch, credit: usd(10_000) }],
          links: [{ id: 'lnk_abc123', name: 'https://example.com/pricing', credit: usd(10_000), ...touchedOnce }],
          campaigns: [{ id: 'cmp_abc123', name: 'Spring', credit: usd(10_000), ...touchedOnce }],
          sources: [{ source: 'newsletter', credit: usd(10_000), ...touchedOnce }],
        },
      ),
      ...refusals(missing),
    ],
    document: LinquidAttributionDocument,
    variables: ({ path }) => path.id,
    reply({ trackedCustomerAttribution }) {
      const { model, windowDays, revenue, unattributed, ...credits } = found(trackedCustomerAttribution);
      return answer({
        model,
        windowDays,
        revenue,
        unattributed,
        firstTouch: touchOf(credits.clicks[0]),
        lastTouch: touchOf(credits.clicks.at(-1)),
        clicks: credits.clicks.map(({ key, label, amount, firstTouchAt }) => ({
          id: key,
          clickId: label,
          credit: amount,
          occurredAt: firstTouchAt,
        })),
        links: credits.links.map(creditOf),
        campaigns: credits.campaigns.map(creditOf),
        sources: credits.sources.map(({ key, amount, firstTouchAt, lastTouchAt }) => ({
          source: key,
          credit: amount,
          firstTouchAt,
          lastTouchAt,
        })),
      });
    },
  }),
];
