import type { Dialect } from '../dialect.js';
import { customerRoutes } from './customers.js';
import { errorBody, httpErrorOf } from './errors.js';

/** cStar: its Customers API. */
export const cstar: Dialect = {
  name: 'cstar',
  prefix: '/api/v1',
  routes: customerRoutes,
  hasRateHeaders: true,
  httpErrorOf,
  errorBody,
};
