import type { ErrorBody } from './generated/things.js';

/** The errors of the SDK. */

/** Every error of a request, except the reason of an aborted signal. */
export class TidySupportError extends Error {
  override name = 'TidySupportError';
}

/**
 * No complete response was received, even after retries; `cause` is the reason. It is unknown whether the request was
 * executed.
 */
export class ConnectionError extends TidySupportError {
  override name = 'ConnectionError';
}

/** The server answered that it did not execute the request. */
export class ApiError extends TidySupportError {
  override name = 'ApiError';
  readonly statusCode: number;
  /** The name of the status, such as "Not Found". */
  readonly error: string;
  /** The delay after which the server asks to retry, in milliseconds, if it said so. */
  readonly retryAfterMs: number | undefined;

  constructor({ statusCode, error, message }: ErrorBody, retryAfterMs?: number) {
    super(message);
    this.statusCode = statusCode;
    this.error = error;
    this.retryAfterMs = retryAfterMs;
  }
}

/** 400 and similar: the message names the invalid field. */
export class InvalidRequestError extends ApiError {
  override name = 'InvalidRequestError';
}

/** 401: the key is missing, mistyped, revoked or expired. */
export class AuthenticationError extends ApiError {
  override name = 'AuthenticationError';
}

/** 403: the key may not do this. */
export class PermissionError extends ApiError {
  override name = 'PermissionError';
}

/** 404: the workspace has no such customer. */
export class NotFoundError extends ApiError {
  override name = 'NotFoundError';
}

/** 409: another customer has this externalId or e-mail address, or the same request is still under way. */
export class ConflictError extends ApiError {
  override name = 'ConflictError';
}

/** 429: the key has exceeded its rate limit. */
export class RateLimitError extends ApiError {
  override name = 'RateLimitError';
}

/** 500 and above: the server failed. */
export class ServerError extends ApiError {
  override name = 'ServerError';
}

const kinds: Readonly<Record<number, typeof ApiError>> = {
  401: AuthenticationError,
  403: PermissionError,
  404: NotFoundError,
  409: ConflictError,
  429: RateLimitError,
};

export function apiErrorOf(body: ErrorBody, retryAfterMs: number | undefined): ApiError {
  const Kind = kinds[body.statusCode] ?? (body.statusCode >= 500 ? ServerError : InvalidRequestError);
  return new Kind(body, retryAfterMs);
}
