import { z } from 'zod';
import { LinquidJourneyDocument, type LinquidJourneyQuery } from '../../generated/documents/graphql.js';
import type { ReadScope } from '../graph.js';
import { integer, oneOf } from '../input.js';
import { defineRoute, type Route } from '../route.js';
import {
  answer,
  answerSpec,
  common,
  day,
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

/** The journey of one customer. */

const named = z.strictObject({ id: z.string(), name: z.string().nullable() }).nullable();
const entry = <Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  z.strictObject({ type: z.literal(type), occurredAt: timeSchema, ...shape });

const entrySchema = z
  .discriminatedUnion('type', [
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
        amount: moneySchema.describe('The amount in the currency of the payment; negative for a refund.'),
        refundOfId: z.string().nullable().describe('The refunded conversion; null when this is no refund.'),
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
      change: z.string().describe('The type of the change, such as "customer.updated".'),
      changedFields: z.array(z.string()),
    }),
  ])
  .meta({ id: 'LinquidJourneyEntry' });

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

const countSchema = z.int().min(0).nullable();
const summarySchema = z
  .strictObject({
    clicks: countSchema,
    conversions: countSchema,
    conversations: countSchema,
    messages: countSchema,
    profileChanges: countSchema,
    firstAt: timeSchema.nullable(),
    lastAt: timeSchema.nullable(),
  })
  .nullable()
  .describe(
    'The number of entries of each kind, null for kinds that the key may not read; null unless summary is true.',
  );

/** The number of entries of each kind; null where the document did not ask for it. */
const summaryOf = (sums: Omit<LinquidJourneyQuery, 'trackedCustomerJourney'>) => ({
  clicks: sums.clicks?.totalCount ?? null,
  conversions: sums.conversions?.totalCount ?? null,
  conversations: sums.conversations?.totalCount ?? null,
  messages: sums.messages?.totalCount ?? null,
  profileChanges: sums.profileChanges?.totalCount ?? null,
  firstAt: sums.earliest?.nodes[0]?.occurredAt ?? null,
  lastAt: sums.latest?.nodes[0]?.occurredAt ?? null,
});

const journeyNeeds = needs('analytics:read', 'links:read');

export const journeyRoutes = ({ prefix, suffix }: Mount): readonly Route[] => [
  defineRoute({
    ...common,
    method: 'GET',
    path: `${prefix}/{id}/journey`,
    id: `getCustomerJourney${suffix}`,
    summary: 'Lists the journey of a customer, the oldest entry first.',
    ...journeyNeeds,
    access: `${journeyNeeds.access} Clicks need links:read, changes of the profile customers:read, conversations and messages conversations:read; other entries are left out. The fields of \`summary\` are inferred.`,
    shows: ['analytics:read'],
    pathParameters: one,
    queryParameters: z.object({
      limit: integer('limit', 1, 100, 20).describe('The maximum number of entries on a page.'),
      cursor: z.string().optional().describe('The cursor from the previous page.'),
      start: day('start').describe('Only entries on or after this day, in the time zone of the workspace.'),
      end: day('end').describe('Only entries on or before this day, in the time zone of the workspace.'),
      summary: oneOf('summary', ['true', 'false']).default('false').describe('Whether the response has a summary.'),
    }),
    responses: [
      answerSpec(
        'A page of the journey.',
        z.strictObject({
          entries: z.array(entrySchema),
          cursor: z.string().nullable().describe('The cursor of the next page; null on the last page.'),
          hasMore: z.boolean(),
          summary: summarySchema,
        }),
        {
          entries: [
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
          ],
          cursor: null,
          hasMore: false,
          summary: null,
        },
      ),
      ...refusals({ ...missing, 400: { message: 'Invalid cursor.' } }),
    ],
    document: LinquidJourneyDocument,
    variables({ path, query: { limit, cursor, start, end, summary } }, { holds }) {
      const sums = (scope: ReadScope): boolean => summary === 'true' && holds(scope);
      return {
        ...path.id,
        ...{ first: limit, after: cursor, start, end },
        sums: summary === 'true',
        sumsClicks: sums('links:read'),
        sumsInbox: sums('conversations:read'),
        sumsChanges: sums('customers:read'),
      };
    },
    reply({ trackedCustomerJourney, ...sums }) {
      const { nodes, pageInfo } = found(trackedCustomerJourney);
      const { hasNextPage: hasMore, endCursor = null } = pageInfo;
      const summary = sums.latest ? summaryOf(sums) : null;
      return answer({ entries: nodes.map(entryOf), cursor: hasMore ? endCursor : null, hasMore, summary });
    },
  }),
];
