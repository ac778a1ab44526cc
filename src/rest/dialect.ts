import type { GraphError } from './graph.js';
import type { HttpError } from './http-error.js';
import type { Route } from './route.js';

/** The endpoints of one vendor, and its form of errors. */
export interface Dialect {
  name: string;
  /** What the paths of its endpoints begin with, such as "/v1". Every path below belongs to the dialect. */
  prefix: string;
  routes: readonly Route[];
  /** The header that may hold the key instead of Authorization. */
  keyHeader?: string;
  /** Whether responses have headers with the rate limit. */
  hasRateHeaders?: boolean;
  /** The HTTP error for errors of the graph. */
  httpErrorOf(errors: readonly GraphError[]): HttpError;
  /** The body of the answer to a request that is refused. */
  errorBody(refusal: HttpError): object;
}
