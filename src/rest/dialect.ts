import type { GraphError } from './graph.js';
import type { Refusal } from './http-error.js';
import type { Route } from './route.js';

/** The endpoints of one vendor, and how it tells of what went wrong. */
export interface Dialect {
  name: string;
  /** What the paths of its endpoints begin with, such as "/v1". Every path below belongs to the dialect. */
  prefix: string;
  routes: readonly Route[];
  /** The refusal for what kept the graph from answering. */
  refusalOf(errors: readonly GraphError[]): Refusal;
  /** The body of the answer to a request that is refused. */
  errorBody(refusal: Refusal): object;
}
