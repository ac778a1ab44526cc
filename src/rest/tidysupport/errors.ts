import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import type { ErrorCode } from '../../errors.js';
import { type GraphError, headersOf, type UserError } from '../graph.js';
import { inWords } from '../input.js';
import { Refusal } from '../refusal.js';

/** What went wrong, in the words of TidySupport. */

const invalidKey = 'Invalid API key. Please double-check and try again.';

/** The status for each code of the graph; what is not here is our fault. */
const statuses: Partial<Record<string, number>> = {
  BAD_USER_INPUT: 400,
  COST_LIMIT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  IDEMPOTENCY_KEY_IN_USE: 409,
  IDEMPOTENCY_KEY_REUSED: 422,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
} satisfies Partial<Record<ErrorCode, number>>;

/** What the graph calls otherwise than the callers of this dialect do. */
const names: Record<string, string> = {
  after: 'cursor',
  first: 'limit',
  query: 'q',
  text: 'contentText',
  assigneeId: 'agentId',
};

const nameOf = (name: string): string => names[name] ?? name;

export function refusalOf([error]: readonly GraphError[]): Refusal {
  const { message = 'Something went wrong on our side.', extensions = {} } = error ?? {};
  const status = statuses[String(extensions.code)] ?? 500;
  if (status === 401) return new Refusal(401, invalidKey, headersOf({ extensions }));
  const { argument } = extensions;
  const told = typeof argument === 'string' ? aboutField(argument.split('.'), message) : message;
  return new Refusal(status, told, headersOf({ extensions }));
}

/** The result of a mutation. @throws Refusal for what is wrong with its input. */
export function done<Payload extends { userErrors: readonly UserError[] }, Key extends keyof Payload>(
  { userErrors, ...payload }: Payload,
  key: Key & keyof typeof payload,
): NonNullable<Payload[Key]> {
  const [mistake] = userErrors;
  if (mistake) throw new Refusal(statuses[mistake.code] ?? 400, aboutField(mistake.path, mistake.message));
  const result = (payload as Payload)[key];
  if (result == null) throw new Error(`The graph wrote, and answered no ${String(key)}.`);
  return result;
}

/** The message with the field's name in this dialect; a path of the graph begins with the name of an argument. */
function aboutField(path: readonly string[], message: string): string {
  const field = path.slice(path[0] === 'input' ? 1 : 0).map(nameOf);
  if (message === 'This is not a cursor.') return 'Invalid cursor.';
  return inWords(field, message);
}

export const errorBody = ({ status, message }: Refusal): object => ({
  statusCode: status,
  error: STATUS_CODES[status] ?? 'Error',
  message,
});

/** The error bodies of all routes. */
const errorSchema = z.strictObject({ statusCode: z.int(), error: z.string(), message: z.string() });

const described: Record<number, string> = {
  400: 'Something in the request cannot be used.',
  401: 'The API key is missing or wrong.',
  403: 'The API key may not do this.',
  404: 'There is no such thing in the workspace.',
  409: 'Another customer is in the way, or the same request is under way.',
  413: 'The body is too large.',
  415: 'The body is not JSON.',
  422: 'The Idempotency-Key was used for another request.',
  429: 'The key asks too much at once; Retry-After says when to ask again.',
  500: 'Our fault.',
  503: 'Not available for the moment; Retry-After says when to ask again.',
};

const documented: Record<number, string> = { 401: invalidKey };

/** How a route may refuse, with the documented messages; what every route may answer is among them. */
export const refusals = (messages: Record<number, string>, withBody = false) =>
  [400, 401, 403, 404, 409, ...(withBody ? [413, 415] : []), 422, 429, 500, 503].map((status) => {
    const message = messages[status] ?? documented[status];
    const example = message === undefined ? undefined : errorBody(new Refusal(status, message));
    return { status, description: described[status] ?? '', schema: errorSchema, example };
  });
