import { z } from 'zod';
import { HttpError } from '../http-error.js';
import { httpErrorsOf, wordedAs } from '../mistakes.js';
import { type Meta, metaExample, metaNow, metaSchema, requestId } from './meta.js';

/** Error responses in the format of cStar. */

/** The error functions of routes whose path parameter is `id`. */
export const wordsOf = (id: 'customerId' | 'webhookId' | 'ticketId') =>
  wordedAs({
    names: {
      id,
      endpointId: 'webhookId',
      eventTypes: 'events',
      first: 'pageSize',
      offset: 'page',
      nameOrEmail: 'search',
      ...(id === 'customerId' && { metadata: 'customFields' }),
      subject: 'title',
      assigneeId: 'assignedTo',
      contactId: 'customerId',
      conversationId: 'ticketId',
      text: 'content',
      query: 'search',
    },
    messages: {
      'Webhook endpoint not found.': 'Webhook not found.',
      'Conversation not found.': 'Ticket not found.',
      'Contact not found.': 'Customer not found.',
    },
  });

export const { httpErrorOf } = wordsOf('customerId');

const types = [
  'authentication_error',
  'invalid_request_error',
  'not_found_error',
  'rate_limit_error',
  'api_error',
] as const;
type ErrorType = (typeof types)[number];

/** The error type and code for each status. */
const byStatus: Readonly<Record<number, readonly [type: ErrorType, code: string]>> = {
  400: ['invalid_request_error', 'parameter_invalid'],
  401: ['authentication_error', 'invalid_api_key'],
  403: ['authentication_error', 'insufficient_permissions'],
  404: ['not_found_error', 'resource_not_found'],
  405: ['invalid_request_error', 'method_not_allowed'],
  409: ['invalid_request_error', 'resource_already_exists'],
  413: ['invalid_request_error', 'request_too_large'],
  415: ['invalid_request_error', 'unsupported_media_type'],
  422: ['invalid_request_error', 'idempotency_key_reused'],
  429: ['rate_limit_error', 'rate_limit_exceeded'],
  503: ['api_error', 'service_unavailable'],
};
const ours = ['api_error', 'internal_error'] as const;

/** The codes for a missing parameter or key. */
const ofMissing: Readonly<Record<number, string>> = { 400: 'parameter_missing', 401: 'authentication_required' };

/** The codes of the graph that are more specific than the status. */
const byCode: Readonly<Record<string, string>> = {
  IDEMPOTENCY_KEY_IN_USE: 'idempotency_key_in_use',
  COST_LIMIT: 'request_too_costly',
};

/** The documentation of cStar's error codes. */
const explained = 'https://www.cstar.help/developers/errors';

function bodyOf({ status, message, about }: HttpError, meta: Meta): object {
  const { code = '', param = null, isMissing } = about;
  const [type, usual] = byStatus[status] ?? ours;
  const told = (isMissing ? ofMissing[status] : byCode[code]) ?? usual;
  return {
    success: false,
    error: { type, code: told, message, param, doc_url: `${explained}#${told}`, request_id: meta.requestId },
    meta,
  };
}

export const errorBody = (refusal: HttpError): object => bodyOf(refusal, metaNow());

/** The error bodies of all routes. */
const errorSchema = z
  .strictObject({
    success: z.literal(false),
    error: z.strictObject({
      type: z.enum(types),
      code: z.string().describe('The error code, for programs.'),
      message: z.string().describe('The error message, for people.'),
      param: z
        .string()
        .nullable()
        .describe('The parameter or field with the error; null if the error has no single one.'),
      doc_url: z.url().describe('The URL of the explanation of the code by cStar.'),
      request_id: requestId,
    }),
    meta: metaSchema,
  })
  .meta({ id: 'CstarError' });

/** An example of an error response. */
export interface Example {
  message: string;
  param?: string;
  isMissing?: boolean;
}

/** The error responses of a route, with an example of each. */
export const refusals = (examples: Record<number, Example>, withBody = false) =>
  httpErrorsOf(withBody).map((response) => {
    const { message, ...about } = examples[response.status] ?? {};
    const example = message && bodyOf(new HttpError(response.status, message, {}, about), metaExample);
    return { ...response, schema: errorSchema, ...(example && { example }) };
  });
