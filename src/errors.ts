/**
 * Application errors. They carry a stable code and say what the caller can do about it; they know no GraphQL and
 * no HTTP. Whatever is not an AppError is a defect and reaches no client in words.
 */

/** What went wrong, as clients switch on it. */
export type ErrorCode =
  | 'BAD_USER_INPUT'
  | 'COST_LIMIT'
  | 'NOT_FOUND'
  | 'RATE_LIMITED'
  | 'CONFLICT'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'ENTITLEMENT_REQUIRED'
  | 'IDEMPOTENCY_KEY_IN_USE'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'SLOW_CONSUMER'
  | 'SERVICE_UNAVAILABLE'
  | 'ANALYTICS_ERROR'
  | 'UNAVAILABLE';

export interface ErrorDetails {
  /** Where in the input the reason lies, outermost name first, such as ["input", "email"]. */
  path?: readonly (string | number)[];
  /** The id of the row that is in the way. */
  conflictingId?: string;
  /** True when the same call may succeed later without a change. */
  retryable?: boolean;
  /** The scope that the key lacks. */
  requiredScope?: string;
  /** What the workspace's plan lacks. */
  requiredEntitlement?: string;
  /** What was asked for in points, and what is allowed. */
  cost?: { requested: number; allowed: number };
  /** In how many whole seconds the same call may succeed. */
  retryAfter?: number;
}

/** One thing that is wrong with the input. */
export interface InputIssue {
  path: readonly (string | number)[];
  message: string;
}

export class AppError extends Error {
  override readonly name = 'AppError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: ErrorDetails = {},
    /** With the reason that is for the log alone, if there is one. */
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The value at `path` cannot be used as it is. */
export const badInput = (path: readonly (string | number)[], message: string): AppError =>
  new AppError('BAD_USER_INPUT', message, { path });

/** No such thing in the caller's workspace; the same answer for one that lies in another workspace. */
export const notFound = (what: string, path: readonly (string | number)[]): AppError =>
  new AppError('NOT_FOUND', `${what} not found.`, { path });

/** The input breaks one or more rules; all of them are told at once. */
export class InvalidInput extends AppError {
  constructor(readonly issues: readonly [InputIssue, ...InputIssue[]]) {
    super('BAD_USER_INPUT', issues[0].message, { path: issues[0].path });
  }
}

/** The change collides with what is stored. */
export const conflict = (path: readonly (string | number)[], message: string, conflictingId?: string): AppError =>
  new AppError('CONFLICT', message, { path, ...(conflictingId !== undefined && { conflictingId }) });

/** Several things are wrong, each of a kind of its own. */
export class SeveralErrors extends AppError {
  constructor(readonly errors: readonly [AppError, ...AppError[]]) {
    super(errors[0].code, errors[0].message, errors[0].details);
  }
}

/** The error of a part of the input, with the way to that part before its path. */
export function at(path: readonly (string | number)[], error: AppError): AppError {
  if (error instanceof InvalidInput) {
    const [first, ...rest] = error.issues;
    const moved = (issue: InputIssue): InputIssue => ({ ...issue, path: [...path, ...issue.path] });
    return new InvalidInput([moved(first), ...rest.map(moved)]);
  }
  return new AppError(error.code, error.message, { ...error.details, path: [...path, ...(error.details.path ?? [])] });
}

/** What a caller can be told of one thing that is wrong, as plain data. */
export interface ErrorDescription extends InputIssue {
  code: ErrorCode;
  conflictingId: string | null;
  retryable: boolean;
}

/** Everything that an error tells of. */
export function describeError(error: AppError): ErrorDescription[] {
  if (error instanceof SeveralErrors) return error.errors.flatMap(describeError);
  const { path = [], conflictingId = null, retryable = false } = error.details;
  const issues = error instanceof InvalidInput ? error.issues : [{ path, message: error.message }];
  return issues.map((issue) => ({ ...issue, code: error.code, conflictingId, retryable }));
}
