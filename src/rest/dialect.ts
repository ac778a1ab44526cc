import type { GraphError } from './graph.js';
import type { HttpError } from './http-error.js';
import type { Route } from './route.js';

/** The endpoints of one vendor, and its format of errors. */
export interface Dialect {
  name: string;
  /** The prefix of its paths, such as "/v1". Every path below it belongs to the dialect. */
  prefix: string;
  routes: readonly Route[];
  /** The header that may hold the key instead of Authorization. */
  keyHeader?: string;
  /** Whether responses have headers with the rate limit. */
  hasRateHeaders?: boolean;
  /** The HTTP error for errors of the graph. */
  httpErrorOf(errors: readonly GraphError[]): HttpError;
  /** The response body for a refused request. */
  errorBody(refusal: HttpError): object;
}
