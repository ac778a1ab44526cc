import { z } from 'zod';
import {
  LinquidRecordConversionDocument,
  type LinquidRecordConversionMutation,
} from '../../generated/documents/graphql.js';
import { name } from '../../lib/values/validation.js';
import type { Session } from '../graph.js';
import { HttpError } from '../http-error.js';
import { keyed, nameOrNone, nameOrNoneInQuery } from '../input.js';
import { defineRoute, none, type Route } from '../route.js';
import { instant } from '../time.js';
import { answer, answerSpec, common, needs, timeSchema } from './common.js';
import { type Conversion, classOf, decimal, decimalText, inMinorUnits } from './conversion-values.js';
import { refusals, wordsOf } from './errors.js';

/** Conversions that other systems report, with the click that led to them. */

const ofConversions = {
  ...common,
  ...needs('links:create'),
  tag: 'Linquid Conversions',
  pathParameters: none,
  shows: ['links:read', 'analytics:read'] as const,
  document: LinquidRecordConversionDocument,
};

const words = wordsOf({ amountMinor: 'value' });
const ofPostback = wordsOf({ amountMinor: 'amount', clickId: 'lw_cid' });
const ofServer = wordsOf({
  ...{ amountMinor: 'value', clickId: 'click_id', orderId: 'order_id', occurredAt: 'timestamp' },
  exchangeRate: 'exchange_rate',
});

const clickId = name(255).describe('The clickId of the click that led to the conversion.');
const event = name(255)
  .default('conversion')
  .describe(
    '"purchase" is a sale; "lead" and "signup" are leads; any other value is a custom conversion of that name.',
  );
/** The payment fields of a conversion, in a body or in a query. */
const paid = (textOrNone: typeof nameOrNone | typeof nameOrNoneInQuery) => ({
  currency: textOrNone(3).describe('The ISO 4217 code; the currency of the workspace if omitted.'),
  exchangeRate: textOrNone(30).describe('The value of one unit of the currency in the currency of the workspace.'),
  orderId: textOrNone(255).describe('Your own id of the order. An order is recorded once.'),
});
const inBody = paid(nameOrNone);
const inQuery = paid(nameOrNoneInQuery);

/** `amount` is the name of the value in the route. */
const inputOf = (
  { event, value, payout, ...fields }: Conversion,
  { workspaceCurrency }: Pick<Session, 'workspaceCurrency'>,
  amount = 'value',
) => {
  const currency = fields.currency ?? workspaceCurrency ?? 'USD';
  const minor = (name: string, given: number | undefined) =>
    given === undefined ? undefined : inMinorUnits(name, given, currency);
  return {
    ...fields,
    ...classOf(event),
    amountMinor: minor(amount, value),
    payoutMinor: minor('payout', payout),
  };
};

type Payload = LinquidRecordConversionMutation['recordConversion'];

/** The new conversion. @throws HttpError 409 if the order already exists. */
function recorded(payload: Payload, { done }: typeof words, param = 'orderId') {
  const conversion = done(payload, 'conversion');
  if (payload.result !== 'DUPLICATE') return conversion;
  const message = `The order is there already: ${conversion.databaseId}.`;
  throw new HttpError(409, message, {}, { code: 'CONFLICT', param });
}

const examples = {
  400: { message: 'clickId is required.' },
  409: { message: 'The order is there already: cnv_def456.', code: 'CONFLICT', param: 'orderId' },
};

export const conversionRoutes: readonly Route[] = [
  defineRoute({
    ...ofConversions,
    method: 'POST',
    path: '/api/conversions/track',
    id: 'trackConversion',
    summary: 'Records a conversion that a click led to. An existing orderId is refused.',
    access: `${ofConversions.access} A currency other than that of the workspace needs an exchangeRate. Inferred: the response repeats pixelId and metadata if they were given.`,
    refuse: words.httpErrorOf,
    queryParameters: none,
    body: z.object({
      clickId,
      event,
      value: decimal('value').optional().describe('The amount, as a decimal number.'),
      ...inBody,
      metadata: keyed.optional().describe('Your own data about the conversion.'),
      pixelId: nameOrNone(255).describe('The id of the pixel that reported the conversion.'),
    }),
    bodyExample: { clickId: 'abc123xyz789', event: 'purchase', value: 99.99, currency: 'USD', orderId: 'ORD-12345' },
    responses: [
      answerSpec(
        'The conversion.',
        z.strictObject({
          conversionId: z.string(),
          clickId: z.string(),
          event: z.string(),
          value: z.number(),
          currency: z.string(),
          orderId: z.string().nullable(),
          tracked: z.literal(true),
          timestamp: timeSchema,
          pixelId: z.string().optional(),
          metadata: z.record(z.string(), z.unknown()).optional(),
        }),
        {
          conversionId: 'cnv_def456',
          clickId: 'abc123xyz789',
          event: 'purchase',
          value: 99.99,
          currency: 'USD',
          orderId: 'ORD-12345',
          tracked: true,
          timestamp: '2024-01-15T14:30:00.000Z',
        },
      ),
      ...refusals(examples, true),
    ],
    variables: ({ body }, session) => ({ input: inputOf(body, session) }),
    reply({ recordConversion }, _session, { body: { clickId, event, value = 0, orderId = null, ...body } }) {
      const { databaseId, amount, occurredAt, pixelId, metadata } = recorded(recordConversion, words);
      return answer({
        conversionId: databaseId,
        clickId,
        event,
        value,
        currency: amount.currency,
        orderId,
        tracked: true,
        timestamp: occurredAt,
        ...(pixelId != null && { pixelId }),
        ...(body.metadata && { metadata }),
      });
    },
  }),

  defineRoute({
    ...ofConversions,
    method: 'GET',
    path: '/api/conversions/postback',
    id: 'postbackConversion',
    summary: 'Records a conversion with a GET request, for systems that call a URL. An existing orderId is refused.',
    access: `${ofConversions.access} Inferred: the response repeats the payout if it was given.`,
    refuse: ofPostback.httpErrorOf,
    queryParameters: z.object({
      lw_cid: clickId.meta({ examples: ['abc123xyz789'] }),
      amount: decimalText('amount')
        .optional()
        .describe('The amount, as a decimal number.')
        .meta({ examples: ['99.99'] }),
      ...inQuery,
      currency: inQuery.currency.meta({ examples: ['USD'] }),
      event,
      payout: decimalText('payout')
        .optional()
        .describe('What was paid for the conversion, as a decimal number in its currency.')
        .meta({ examples: ['1.50'] }),
    }),
    responses: [
      answerSpec(
        'The conversion.',
        z.strictObject({
          conversionId: z.string(),
          clickId: z.string(),
          tracked: z.literal(true),
          payout: z.number().optional(),
        }),
        { conversionId: 'cnv_def456', clickId: 'abc123xyz789', tracked: true },
      ),
      ...refusals({ ...examples, 400: { message: 'lw_cid is required.' } }),
    ],
    variables: ({ query: { lw_cid, amount, ...query } }, session) => ({
      input: inputOf({ ...query, clickId: lw_cid, value: amount }, session, 'amount'),
    }),
    reply({ recordConversion }, _session, { query }) {
      const { databaseId } = recorded(recordConversion, ofPostback);
      const { lw_cid: clickId, payout } = query;
      return answer({ conversionId: databaseId, clickId, tracked: true, ...(payout !== undefined && { payout }) });
    },
  }),

  defineRoute({
    ...ofConversions,
    method: 'POST',
    path: '/conversions/s2s',
    id: 'recordServerConversion',
    summary: 'Records a conversion from a server. For an existing order_id, returns its conversion.',
    access: `${ofConversions.access} Here it needs a key, as every route does.`,
    refuse: ofServer.httpErrorOf,
    queryParameters: none,
    body: z.object({
      click_id: clickId,
      event,
      value: decimal('value').optional().describe('The amount, as a decimal number.'),
      currency: inBody.currency,
      exchange_rate: inBody.exchangeRate,
      order_id: inBody.orderId,
      timestamp: instant('Must be a time such as 2026-03-13T10:00:00Z.')
        .optional()
        .describe('When it happened; now if omitted.'),
    }),
    bodyExample: { click_id: 'lw_ck_abc123', event: 'purchase', value: 99.99, currency: 'USD', order_id: 'ORD-12345' },
    responses: [
      answerSpec(
        'The conversion with its link and campaign.',
        z.strictObject({
          conversionId: z.string(),
          attributed: z.literal(true),
          linkId: z.string().nullable(),
          campaignId: z.string().nullable(),
          duplicate: z.literal(true).optional(),
        }),
        { conversionId: 'cnv_xyz789', attributed: true, linkId: 'lnk_abc123', campaignId: 'cmp_def456' },
      ),
      ...refusals(
        {
          400: { message: 'click_id is required.' },
          409: {
            message: 'The order is there with another amount: 9999 USD (cnv_def456).',
            code: 'CONFLICT',
            param: 'order_id',
          },
        },
        true,
      ),
    ],
    variables: ({ body: { click_id, order_id, exchange_rate, timestamp, ...body } }, session) => ({
      input: {
        ...inputOf({ ...body, clickId: click_id, orderId: order_id, exchangeRate: exchange_rate }, session),
        occurredAt: timestamp,
      },
    }),
    reply({ recordConversion: payload }) {
      const { databaseId, click } = ofServer.done(payload, 'conversion');
      return answer({
        conversionId: databaseId,
        attributed: true,
        linkId: click?.link?.databaseId ?? null,
        campaignId: click?.campaign?.databaseId ?? null,
        ...(payload.result === 'DUPLICATE' && { duplicate: true }),
      });
    },
  }),
];
