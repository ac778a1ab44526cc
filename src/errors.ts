/**
 * Application errors. They have a stable code and tell what the caller can do. They do not depend on GraphQL or HTTP.
 * Any other error is a defect, and its message is never sent to clients.
 */

/** The kind of error, for clients to handle. */
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
  /** The path of the faulty input, outermost name first, such as ["input", "email"]. */
  path?: readonly (string | number)[];
  /** The id of the row with which the change conflicts. */
  conflictingId?: string;
  /** True when the same call may succeed later without a change. */
  retryable?: boolean;
  /** The scope that the key lacks. */
  requiredScope?: string;
  /** The feature that the workspace's plan lacks. */
  requiredEntitlement?: string;
  /** The cost of the operation and the allowed maximum, in points. */
  cost?: { requested: number; allowed: number };
  /** The whole seconds after which the same call may succeed. */
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
    /** May contain a cause, which is only logged. */
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The value at `path` is invalid. */
export const badInput = (path: readonly (string | number)[], message: string): AppError =>
  new AppError('BAD_USER_INPUT', message, { path });

/** There is no such object in the caller's workspace. The error is the same for an object in another workspace. */
export const notFound = (what: string, path: readonly (string | number)[]): AppError =>
  new AppError('NOT_FOUND', `${what} not found.`, { path });

/** The input breaks one or more rules. All of them are reported together. */
export class InvalidInput extends AppError {
  constructor(readonly issues: readonly [InputIssue, ...InputIssue[]]) {
    super('BAD_USER_INPUT', issues[0].message, { path: issues[0].path });
  }
}

/** The change conflicts with stored data. */
export const conflict = (path: readonly (string | number)[], message: string, conflictingId?: string): AppError =>
  new AppError('CONFLICT', message, { path, ...(conflictingId !== undefined && { conflictingId }) });

/** Several errors of different kinds. */
export class SeveralErrors extends AppError {
  constructor(readonly errors: readonly [AppError, ...AppError[]]) {
    super(errors[0].code, errors[0].message, errors[0].details);
  }
}

/** The error of a part of the input, with the path of that part put before its own. */
export function at(path: readonly (string | number)[], error: AppError): AppError {
  if (error instanceof InvalidInput) {
    const [first, ...rest] = error.issues;
    const moved = (issue: InputIssue): InputIssue => ({ ...issue, path: [...path, ...issue.path] });
    return new InvalidInput([moved(first), ...rest.map(moved)]);
  }
  return new AppError(error.code, error.message, { ...error.details, path: [...path, ...(error.details.path ?? [])] });
}

/** One error in a form for callers, as plain data. */
export interface ErrorDescription extends InputIssue {
  code: ErrorCode;
  conflictingId: string | null;
  retryable: boolean;
}

/** All errors that an error stands for. */
export function describeError(error: AppError): ErrorDescription[] {
  if (error instanceof SeveralErrors) return error.errors.flatMap(describeError);
  const { path = [], conflictingId = null, retryable = false } = error.details;
  const issues = error instanceof InvalidInput ? error.issues : [{ path, message: error.message }];
  return issues.map((issue) => ({ ...issue, code: error.code, conflictingId, retryable }));
}
