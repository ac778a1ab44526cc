import { GraphQLError } from 'graphql';
import { faultOf, logFailure, toldOf } from '../../db/faults/faults.js';
import { AppError, type ErrorCode } from '../../errors.js';
import { ClientGone } from '../../lib/http/body.js';
import type { Log } from '../../lib/process/log.js';

/** Errors as clients see them: each has `extensions.code`. Internal details go only to the log. */

const unexpectedMessage = 'Something went wrong on our side.';

const maxMessageLength = 400;

/** Turns any thrown value into an error for clients. Long messages are cut, so that long input is not sent back. */
export function createMaskError(log: Log): (error: unknown) => GraphQLError {
  const mask = createMask(log);
  return (error) => {
    const masked = mask(error);
    const { message, extensions } = masked;
    if (message.length <= maxMessageLength) return masked;
    return new GraphQLError(`${message.slice(0, maxMessageLength)}…`, { ...placeOf(masked), extensions });
  };
}

function createMask(log: Log): (error: unknown) => GraphQLError {
  return (error) => {
    const original = unavailable(log, originalOf(error)) ?? originalOf(error);
    // Executors wrap the errors of fields. An error that is not wrapped ended the whole request.
    const ofField = error instanceof GraphQLError;
    const place = ofField ? placeOf(error) : {};
    if (original instanceof AppError) {
      if (original.cause !== undefined) logFailure(log, original.cause, original.message, 'warn');
      const http = !ofField && original.code === 'BAD_USER_INPUT' && { http: { status: 400 } };
      return new GraphQLError(original.message, { ...place, extensions: { ...extensionsOf(original), ...http } });
    }
    if (original instanceof GraphQLError) {
      const { extensions } = original;
      if (extensions.code !== undefined) return original;
      const argument = argumentOf(original);
      // An error at a field that is not about an argument is a defect, although the executor worded it.
      if (!('path' in place && place.path) || argument !== undefined) {
        return new GraphQLError(original.message, {
          ...placeOf(original),
          ...place,
          extensions: { code: 'BAD_USER_INPUT' satisfies ErrorCode, ...(argument && { argument }), ...extensions },
        });
      }
    }
    if (original instanceof ClientGone) {
      log.debug(original.message);
      return new GraphQLError(original.message, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } });
    }
    logFailure(log, original, 'A request failed unexpectedly.');
    const extensions = { code: 'INTERNAL_SERVER_ERROR', ...(!ofField && { http: { status: 500 } }) };
    return new GraphQLError(unexpectedMessage, { ...place, extensions });
  };
}

/** If the database has a transient fault, logs the reason and returns the error for clients; else returns undefined. */
function unavailable(log: Log, reason: unknown): AppError | undefined {
  const fault = faultOf(reason);
  const told = fault && toldOf(fault);
  if (told) log[fault.level]({ err: reason }, fault.words);
  return told;
}

/** The original error within the wrappers of executors: an AppError, a GraphQLError, or a defect. */
export function originalOf(error: unknown): unknown {
  let original = error;
  while (original instanceof GraphQLError && original.originalError) original = original.originalError;
  return original;
}

/** The argument that an executor rejected, for example a null variable where a value is required. */
const argumentOf = ({ message }: GraphQLError): string | undefined =>
  /^Argument "(\w+)" (?:of|has) /.exec(message)?.[1];

/** The place of an error in the document and in the response. */
export const placeOf = ({ nodes, source, positions, path }: GraphQLError) => ({
  nodes: nodes ?? null,
  source: source ?? null,
  positions: positions ?? null,
  path: path ?? null,
});

function extensionsOf({ code, details }: AppError): Record<string, unknown> {
  const { path, requiredScope, requiredEntitlement, conflictingId, retryable, cost, retryAfter } = details;
  return {
    code,
    ...(path && path.length > 0 && { argument: path.join('.') }),
    ...(requiredScope !== undefined && { requiredScope }),
    ...(requiredEntitlement !== undefined && { requiredEntitlement }),
    ...(conflictingId !== undefined && { conflictingId }),
    ...(retryable && { retryable }),
    ...(cost && { cost }),
    ...(code === 'UNAUTHENTICATED' && { http: { status: 401, headers: { 'WWW-Authenticate': 'Bearer' } } }),
    ...((code === 'UNAVAILABLE' || code === 'SERVICE_UNAVAILABLE') && {
      http: { status: 503, headers: retryHeaders(retryAfter) },
    }),
    ...(code === 'COST_LIMIT' && { http: { status: 400 } }),
    ...(code === 'IDEMPOTENCY_KEY_REUSED' && { http: { status: 422 } }),
    ...(code === 'IDEMPOTENCY_KEY_IN_USE' && { http: { status: 409, headers: retryHeaders(retryAfter) } }),
    ...(code === 'RATE_LIMITED' && { http: { status: 429, headers: retryHeaders(retryAfter) } }),
  };
}

const retryHeaders = (seconds = 1): Record<string, string> => ({ 'Retry-After': String(seconds) });
