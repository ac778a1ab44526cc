import type { ErrorCode } from '../errors.js';
import { type GraphError, headersOf, type UserError } from './graph.js';
import { HttpError } from './http-error.js';
import { inWords } from './input.js';

/** Turns errors of the graph into refusals of a dialect. */

/** The status for each code of the graph. A code that is not listed is an internal error. */
const statuses: Partial<Record<string, number>> = {
  BAD_USER_INPUT: 400,
  COST_LIMIT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  ENTITLEMENT_REQUIRED: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  IDEMPOTENCY_KEY_IN_USE: 409,
  IDEMPOTENCY_KEY_REUSED: 422,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
  SERVICE_UNAVAILABLE: 503,
  ANALYTICS_ERROR: 500,
} satisfies Partial<Record<ErrorCode, number>>;

export interface Wording {
  /** The names of the dialect for arguments and fields of the graph. */
  names: Readonly<Record<string, string>>;
  /** Messages of the graph for which the dialect has others. */
  messages?: Readonly<Record<string, string>>;
}

/** Messages of the graph that every dialect words differently. */
const byAll: Readonly<Record<string, string>> = {
  'This is not an id.': 'Must be an ID.',
  'This is not a cursor.': 'Invalid cursor.',
  'This cursor comes from another connection or from another order.': 'Invalid cursor.',
};

export function wordedAs({ names, messages = {} }: Wording) {
  /** A path of the graph begins with the name of an argument. */
  const refusal = (code: string, path: readonly string[], message: string, headers = {}): HttpError => {
    const [first, ...rest] = path.slice(path[0] === 'input' || path[0] === 'filter' ? 1 : 0);
    const field = first === undefined ? [] : [names[first] ?? first, ...rest];
    const told = inWords(field, messages[message] ?? byAll[message] ?? message);
    const about = { code, ...(field.length > 0 && { param: field.join('.') }) };
    return new HttpError(statuses[code] ?? 500, told, headers, about);
  };

  return {
    /** Converts the first error of the graph to a refusal. */
    httpErrorOf([error]: readonly GraphError[]): HttpError {
      const { message = 'Something went wrong on our side.', extensions = {} } = error ?? {};
      const { code, argument } = extensions;
      const path = typeof argument === 'string' ? argument.split('.') : [];
      return refusal(String(code), path, message, headersOf({ extensions }));
    },

    /** The result of a mutation. @throws HttpError for an error in its input. */
    done<Payload extends { userErrors: readonly UserError[] }, Key extends keyof Payload>(
      { userErrors, ...payload }: Payload,
      key: Key & keyof typeof payload,
    ): NonNullable<Payload[Key]> {
      const [mistake] = userErrors;
      if (mistake) throw refusal(mistake.code, mistake.path, mistake.message);
      const result = (payload as Payload)[key];
      if (result == null) throw new Error(`The graph wrote, and answered no ${String(key)}.`);
      return result;
    },
  };
}

const descriptions: Readonly<Record<number, string>> = {
  400: 'The request is invalid.',
  401: 'The API key is missing or wrong.',
  403: 'The API key may not do this.',
  404: 'The workspace has no such object.',
  409: 'The request conflicts with stored data, or the same request is in progress.',
  413: 'The body is too large.',
  415: 'The body is not JSON.',
  422: 'The Idempotency-Key was used for another request.',
  429: 'The rate limit of the key is exceeded; Retry-After says when to retry.',
  500: 'An internal error.',
  503: 'Temporarily unavailable; Retry-After says when to retry.',
};

/** The error responses that every route may return; a route with a body has additional ones. */
export const httpErrorsOf = (withBody: boolean): { status: number; description: string }[] =>
  [400, 401, 403, 404, 409, ...(withBody ? [413, 415] : []), 422, 429, 500, 503].map((status) => ({
    status,
    description: descriptions[status] ?? '',
  }));
