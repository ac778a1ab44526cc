import type { Dialect } from '../dialect.js';
import { customerRoutes } from './customers.js';
import { errorBody, refusalOf } from './errors.js';

/** cStar: its Customers API. */
export const cstar: Dialect = {
  name: 'cstar',
  prefix: '/api/v1',
  routes: customerRoutes,
  refusalOf,
  errorBody,
};
