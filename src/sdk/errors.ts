import type { ErrorBody } from './generated/things.js';

/** What goes wrong when a program asks the API. */

/** Whatever this client throws for a request, but for what aborted its signal. */
export class TidySupportError extends Error {
  override name = 'TidySupportError';
}

/** No whole answer came, also when it was asked for again; `cause` says why. Whether it was done is not known. */
export class ConnectionError extends TidySupportError {
  override name = 'ConnectionError';
}

/** The server answered that it did not do what was asked. */
export class ApiError extends TidySupportError {
  override name = 'ApiError';
  readonly statusCode: number;
  /** The name of the status, such as "Not Found". */
  readonly error: string;
  /** After how many milliseconds the server wants to be asked again, if it said. */
  readonly retryAfterMs: number | undefined;

  constructor({ statusCode, error, message }: ErrorBody, retryAfterMs?: number) {
    super(message);
    this.statusCode = statusCode;
    this.error = error;
    this.retryAfterMs = retryAfterMs;
  }
}

/** 400 and what is like it: the message names the field that cannot be used. */
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

/** 429: the key asks too much at once. */
export class RateLimitError extends ApiError {
  override name = 'RateLimitError';
}

/** 500 and above: the server could not do it. */
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
