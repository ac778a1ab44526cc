import { GraphQLError } from 'graphql';
import type { ErrorCode } from '../../../errors.js';
import type { Log } from '../../../lib/process/log.js';
import { createMaskError, placeOf } from '../../execution/errors.js';
import { closeCodes } from './socket.js';

/** Converts an error to the form that WebSocket clients get. */
export type Mask = (error: unknown) => GraphQLError;

export function createMask(log: Log): Mask {
  const maskError = createMaskError(log);
  return (error) => withoutHttp(maskError(error));
}

/** The error without its HTTP extensions. */
export function withoutHttp(error: Error): GraphQLError {
  if (!(error instanceof GraphQLError)) return new GraphQLError(error.message);
  const { http: _http, ...extensions } = error.extensions;
  return new GraphQLError(error.message, { ...placeOf(error), extensions });
}

/** The close code for a connection that is refused with this error code. */
export function closeCodeOf(code: unknown): number {
  if (refusing.includes(code)) return closeCodes.forbidden;
  return passing.includes(code) ? closeCodes.tryAgainLater : closeCodes.defect;
}

const refusing: readonly unknown[] = ['UNAUTHENTICATED', 'FORBIDDEN'] satisfies ErrorCode[];
const passing: readonly unknown[] = ['UNAVAILABLE', 'RATE_LIMITED'] satisfies ErrorCode[];
