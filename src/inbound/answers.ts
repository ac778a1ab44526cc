import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from '../auth/caller.js';
import { requireScope, type Scope } from '../auth/scopes.js';
import { faultOf, logFailure, toldOf } from '../db/faults/faults.js';
import { AppError, type ErrorCode } from '../errors.js';
import { ClientGone } from '../lib/http/body.js';
import { bearerToken, type SenderOf } from '../lib/http/sender.js';
import type { Log } from '../lib/process/log.js';
import type { Services } from '../services.js';

/** The responses of the HTTP endpoints beside the graph: JSON, and errors as `{ "error": { "code", "message" } }`. */

/** The reason why a request was refused. */
export interface HttpError {
  status: number;
  code: string;
  message: string;
  headers?: Record<string, string>;
  /** Further properties of the error. */
  details?: Record<string, string>;
}

/** The key in `Authorization: Bearer KEY`, or in the password of a URL: `https://any:KEY@…`. */
export function keyOf({ headers }: IncomingMessage): string | undefined {
  const { authorization = '' } = headers;
  const [, basic] = /^Basic +([\w+/=-]+) *$/i.exec(authorization) ?? [];
  if (basic === undefined) return bearerToken(authorization);
  return /^[^:]*:(.+)$/s.exec(Buffer.from(basic, 'base64').toString())?.[1];
}

/** How many bodies of the maximum size are held in memory at once. */
export const largestUnderWay = 8;

/** The caller of a request, checked before the body is read. @throws UNAUTHENTICATED, FORBIDDEN without the scope */
export async function callerWith(
  scope: Scope,
  request: IncomingMessage,
  { services, senderOf }: { services: Pick<Services, 'authentication'>; senderOf: SenderOf },
): Promise<Caller> {
  const caller = await services.authentication.authenticate(keyOf(request), senderOf(request));
  requireScope(caller.scopes, scope);
  return caller;
}

/**
 * Answers a request with the result of `receive`. For an unexpected error, `failure` is the message of the response and
 * `event` that of the log.
 */
export async function answerWith(
  response: ServerResponse,
  receive: () => Promise<{ status: number; body: object } | HttpError>,
  { log, failure, event }: { log: Log; failure: string; event: string },
): Promise<void> {
  try {
    const answer = await receive();
    if ('body' in answer) send(response, answer.status, answer.body);
    else refuse(response, answer);
  } catch (error) {
    refuse(response, httpErrorOf(error, failure));
    if ((error instanceof AppError && error.cause === undefined) || error instanceof ClientGone) return;
    logFailure(log, error, event);
  }
}

/** The error for an HTTP method that is not allowed. */
export const onlyBy = (allow: string, message: string): HttpError => ({
  status: 405,
  code: 'METHOD_NOT_ALLOWED',
  message,
  headers: { allow },
});

/** The error for a large body when too many are already in memory. */
export const tooMany = (what: string): HttpError => ({
  status: 503,
  code: 'UNAVAILABLE',
  message: `Too many large ${what} are being taken in; try again.`,
  headers: { 'retry-after': '10' },
});

export const tooLarge = (maxBytes: number): HttpError => ({
  status: 413,
  code: 'REQUEST_ENTITY_TOO_LARGE',
  message: `A request has at most ${maxBytes} bytes.`,
});

const statuses: Partial<Record<ErrorCode, number>> = {
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
};

/** The response to a thrown error. `failure` is the message for an unexpected one. */
export function httpErrorOf(thrown: unknown, failure: string): HttpError {
  const fault = faultOf(thrown);
  const error = (fault && toldOf(fault)) ?? thrown;
  const status = error instanceof AppError ? statuses[error.code] : undefined;
  if (!(error instanceof AppError) || status === undefined) {
    return { status: 500, code: 'INTERNAL_SERVER_ERROR', message: failure };
  }
  const { code, message } = error;
  const { requiredScope, retryAfter } = error.details;
  return {
    status,
    code,
    message,
    ...(retryAfter !== undefined && { headers: { 'retry-after': String(retryAfter) } }),
    ...(status === 401 && { headers: { 'www-authenticate': 'Bearer, Basic realm="Deskgraph"' } }),
    ...(requiredScope !== undefined && { details: { requiredScope } }),
  };
}

export function refuse(response: ServerResponse, { status, code, message, headers, details }: HttpError): void {
  send(response, status, { error: { code, message, ...details } }, headers);
}

export function send(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  if (response.destroyed) return;
  const fixed = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
  response.writeHead(status, { ...fixed, ...headers }).end(JSON.stringify(body));
}
