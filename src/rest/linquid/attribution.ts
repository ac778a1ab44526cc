import { z } from 'zod';
import { LinquidAttributionDocument, type LinquidCreditFragment } from '../../generated/documents/graphql.js';
import { defineRoute, none, type Route } from '../route.js';
import { answer, answerSpec, common, found, type Mount, missing, moneySchema, needs, one, usd } from './common.js';
import { refusals } from './errors.js';

/** Attribution: which clicks led to a customer's purchases. */

const credited = moneySchema.describe('The part of the revenue credited to it; 0 before a sale.');
const touched = { firstTouchAt: z.iso.datetime(), lastTouchAt: z.iso.datetime() };

/** The credit of a link or campaign. Its id and name are null for revenue that no link or campaign led to. */
const creditOf = ({ key = null, label = null, amount, firstTouchAt, lastTouchAt }: LinquidCreditFragment) => ({
  id: key,
  name: label,
  credit: amount,
  firstTouchAt,
  lastTouchAt,
});
const creditSchema = z
  .strictObject({
    id: z.string().nullable(),
    name: z.string().nullable(),
    credit: credited,
    ...touched,
  })
  .meta({ id: 'LinquidCredit' });

/** The first or the last click of a customer; null without any. */
const touchOf = (click: LinquidCreditFragment | undefined) =>
  click ? { id: click.key, clickId: click.label, occurredAt: click.firstTouchAt } : null;
const touchSchema = z.strictObject({ id: z.string(), clickId: z.string(), occurredAt: z.iso.datetime() }).nullable();
const touch = { id: 'clk_abc123', clickId: 'k_8f3a', occurredAt: '2026-01-06T12:00:00.000Z' };
const touchedOnce = { firstTouchAt: touch.occurredAt, lastTouchAt: touch.occurredAt };

export const attributionRoutes = ({ prefix, suffix }: Mount): readonly Route[] => [
  defineRoute({
    ...common,
    method: 'GET',
    path: `${prefix}/{id}/attribution`,
    id: `getCustomerAttribution${suffix}`,
    summary: 'Shows the clicks, links and campaigns of a customer, and their credits for its purchases.',
    ...needs('analytics:read', 'links:read'),
    shows: ['analytics:read'],
    pathParameters: one,
    queryParameters: none,
    responses: [
      answerSpec(
        'The credits by the attribution model of the workspace. Each list and the unattributed amount add up to the revenue exactly.',
        z.strictObject({
          model: z.enum(['LAST', 'FIRST', 'LINEAR', 'POSITION', 'DECAY']),
          windowDays: z.int().describe('The number of days before a sale in which a click counts.'),
          revenue: moneySchema,
          unattributed: moneySchema.describe('The revenue of sales without a click in the days before them.'),
          firstTouch: touchSchema.describe('The first click.'),
          lastTouch: touchSchema.describe('The last click.'),
          clicks: z
            .array(
              z.strictObject({ id: z.string(), clickId: z.string(), credit: credited, occurredAt: z.iso.datetime() }),
            )
            .describe('The clicks in order of time. Of those without a credit, only the first and the latest 200.'),
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
