import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import type { GraphError } from '../graph.js';
import { HttpError } from '../http-error.js';
import { httpErrorsOf, wordedAs } from '../mistakes.js';

/** Error responses in the format of TidySupport. */

const invalidKey = 'Invalid API key. Please double-check and try again.';

const { httpErrorOf: inItsWords, done } = wordedAs({
  names: {
    after: 'cursor',
    first: 'limit',
    query: 'q',
    text: 'contentText',
    assigneeId: 'agentId',
    eventTypes: 'events',
    description: 'displayName',
    start: 'from',
    end: 'to',
  },
  messages: {
    'Webhook endpoint not found.': 'Webhook not found.',
    'Must not lie before start.': 'to must not lie before from.',
    'Must lie at most 3660 days before end.': 'from must lie at most 3660 days before to.',
  },
});

export { done };

/** Every invalid key gets the same message, whatever the reason. */
export function httpErrorOf(errors: readonly GraphError[]): HttpError {
  const refusal = inItsWords(errors);
  return refusal.status === 401 ? new HttpError(401, invalidKey, refusal.headers) : refusal;
}

export const errorBody = ({ status, message }: HttpError): object => ({
  statusCode: status,
  error: STATUS_CODES[status] ?? 'Error',
  message,
});

/** The error bodies of all routes. */
const errorSchema = z
  .strictObject({ statusCode: z.int(), error: z.string(), message: z.string() })
  .meta({ id: 'TidySupportError' });

const documented: Record<number, string> = { 401: invalidKey };

/** The error responses of a route, with the documented messages, including those that every route may return. */
export const refusals = (messages: Record<number, string>, withBody = false) =>
  httpErrorsOf(withBody).map((response) => {
    const message = messages[response.status] ?? documented[response.status];
    const example = message === undefined ? undefined : errorBody(new HttpError(response.status, message));
    return { ...response, schema: errorSchema, example };
  });
