import type { Dialect } from '../dialect.js';
import { analyticsRoutes } from './analytics.js';
import { customerRoutes } from './customers.js';
import { errorBody, httpErrorOf } from './errors.js';

const under = (prefix: string, suffix: string): Dialect => ({
  name: 'linquid',
  prefix,
  routes: [...customerRoutes({ prefix, suffix }), ...analyticsRoutes({ prefix, suffix })],
  keyHeader: 'x-api-key',
  hasRateHeaders: true,
  httpErrorOf,
  errorBody,
});

/** Linquid: its Customers API, which lies in two places. */
export const linquid: readonly Dialect[] = [under('/customers', ''), under('/api/customers', 'UnderApi')];
