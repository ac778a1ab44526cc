import { z } from 'zod';
import type { UserError } from '../graph.js';
import { HttpError } from '../http-error.js';
import { httpErrorsOf, wordedAs } from '../mistakes.js';

/** Error responses in the format of Linquid. */

const names = { first: 'limit', after: 'cursor', offset: 'page', identity: 'search', groupBy: 'group_by' };

/** The error functions of a route. `others` are its additional names for fields of the graph. */
export function wordsOf(others: Readonly<Record<string, string>> = {}) {
  const words = wordedAs({ names: { ...names, ...others } });

  /** The result of a mutation. @throws HttpError for an error in its input. */
  function done<Payload extends { userErrors: readonly UserError[] }, Key extends keyof Payload>(
    payload: Payload,
    key: Key & keyof Omit<Payload, 'userErrors'>,
  ): NonNullable<Payload[Key]> {
    const [mistake] = payload.userErrors;
    const named = referents[mistake?.path.at(-1) ?? ''];
    // NOT_FOUND refers to the object in the path. For a click or a campaign, it refers to a field of the request.
    if (mistake?.code === 'NOT_FOUND' && named) {
      const param = others[named.field] ?? named.field;
      throw new HttpError(400, `${param} names no ${named.what}.`, {}, { param });
    }
    return words.done(payload, key);
  }

  return { httpErrorOf: words.httpErrorOf, done };
}

const referents: Readonly<Record<string, { field: string; what: string }>> = {
  clickId: { field: 'clickId', what: 'click' },
  campaignId: { field: 'campaignId', what: 'campaign' },
};

export const { httpErrorOf, done } = wordsOf();

/** The error code for each status. */
const byStatus: Readonly<Record<number, string>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  409: 'CONFLICT',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  422: 'IDEMPOTENCY_KEY_REUSED',
  429: 'RATE_LIMITED',
  503: 'SERVICE_UNAVAILABLE',
};

/** The codes of the graph that are more specific than the status. */
const exact = new Set(['ENTITLEMENT_REQUIRED', 'IDEMPOTENCY_KEY_IN_USE', 'COST_LIMIT', 'ANALYTICS_ERROR']);

/** The codes of conflicts, by the field whose value already exists. */
const conflicts: Readonly<Record<string, string>> = {
  externalId: 'DUPLICATE_EXTERNAL_ID',
  orderId: 'DUPLICATE_ORDER_ID',
  order_id: 'DUPLICATE_ORDER_ID',
  shortCode: 'SHORT_CODE_EXISTS',
};

function codeOf({ status, about: { code = '', param } }: HttpError): string {
  if (exact.has(code)) return code;
  if (code === 'CONFLICT' && param !== undefined && param in conflicts) return conflicts[param] ?? code;
  return byStatus[status] ?? 'INTERNAL_ERROR';
}

export function errorBody(refusal: HttpError): object {
  const code = codeOf(refusal);
  return { success: false, error: code, code, message: refusal.message, statusCode: refusal.status };
}

/** The error bodies of all routes. */
const errorSchema = z
  .strictObject({
    success: z.literal(false),
    error: z.string().describe('The error code, for programs.'),
    code: z.string().describe('The same as error.'),
    message: z.string().describe('The error message, for people.'),
    statusCode: z.int(),
  })
  .meta({ id: 'LinquidError' });

const notEntitled = {
  message: 'This needs REVENUE_TRACKING, which the plan of the workspace does not include.',
  code: 'ENTITLEMENT_REQUIRED',
};

export interface Example {
  message: string;
  code?: string;
  param?: string;
}

/** The error responses of a route, with an example of each. */
export const refusals = (examples: Readonly<Record<number, Example>>, withBody = false) =>
  httpErrorsOf(withBody).map((response) => {
    const { message, ...about } = { 403: notEntitled, ...examples }[response.status] ?? {};
    const example = message && errorBody(new HttpError(response.status, message, {}, about));
    return { ...response, schema: errorSchema, ...(example && { example }) };
  });
